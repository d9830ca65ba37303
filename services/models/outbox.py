"""The outbox: what leaves the house, written with the change that causes it, delivered after the commit."""

import enum
import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Identified, names


class Recipient(enum.StrEnum):
    """To whom a message goes."""

    WORKER = "WORKER"
    DUTY_DESK = "DUTY_DESK"
    CONTACT = "CONTACT"
    AREA_STAFF = "AREA_STAFF"
    RESIDENT = "RESIDENT"


class Message(Identified):
    """One message: whom, which template, which codes. The same `key` is never put twice, and goes to the provider."""

    __tablename__ = "outbox"
    __table_args__ = (
        sa.Index("ix_outbox_waiting", "due_at", postgresql_where=sa.text("delivered_at IS NULL AND dead_at IS NULL")),
    )

    key: Mapped[str] = mapped_column(sa.String(160), unique=True)
    recipient: Mapped[Recipient] = mapped_column(names(Recipient))
    recipient_id: Mapped[uuid.UUID | None]
    template: Mapped[str] = mapped_column(sa.String(40))
    body: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    delivered_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]
    problem: Mapped[str | None] = mapped_column(sa.String(80))
