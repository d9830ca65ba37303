"""One-touch terminals (一键通) in homes."""

import enum
import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Identified, names


class TerminalStatus(enum.StrEnum):
    """What is known of a terminal; NEVER_SEEN until its first sign of life."""

    NEVER_SEEN = "NEVER_SEEN"
    ONLINE = "ONLINE"
    LOW_BATTERY = "LOW_BATTERY"
    MAINS_LOST = "MAINS_LOST"
    SILENT = "SILENT"
    RETIRED = "RETIRED"


class Terminal(Identified):
    """A terminal, in a household or in the store-room (`household_id` is null)."""

    __tablename__ = "terminals"
    __table_args__ = (sa.Index("ix_terminals_household_id", "household_id"),)

    serial: Mapped[str] = mapped_column(sa.String(64), unique=True)
    household_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("households.id"))
    model: Mapped[str | None] = mapped_column(sa.Text)
    status: Mapped[TerminalStatus] = mapped_column(names(TerminalStatus), default=TerminalStatus.NEVER_SEEN)
    heartbeat_seconds: Mapped[int] = mapped_column(default=3600)
    last_seen_at: Mapped[datetime | None]
    battery_percent: Mapped[int | None] = mapped_column(sa.SmallInteger)
    installed_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
    feature_id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), unique=True)
