"""The key of each terminal, sealed, and the conditions (silent, low battery, mains lost) that it is in."""

import enum
import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Base, Identified, names


class TerminalKey(Base):
    """The secret that a terminal signs with; only the sealed form is stored.

    The one before it (`former`) is good until `former_until`, so that a terminal can be given the new one in peace.
    `told_at` is the newest time that a sign of life was signed with, by the terminal's own clock.
    """

    __tablename__ = "terminal_keys"

    terminal_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("terminals.id"), primary_key=True)
    data_key: Mapped[bytes]
    key_sealed: Mapped[bytes]
    made_at: Mapped[datetime]
    former_data_key: Mapped[bytes | None]
    former_sealed: Mapped[bytes | None]
    former_until: Mapped[datetime | None]
    told_at: Mapped[datetime | None]


class TerminalCondition(enum.StrEnum):
    """What can be wrong with a terminal."""

    SILENT = "SILENT"
    LOW_BATTERY = "LOW_BATTERY"
    MAINS_LOST = "MAINS_LOST"


class TerminalTrouble(Identified):
    """A condition from its beginning to its end; `announced` counts how often it was told."""

    __tablename__ = "terminal_troubles"
    __table_args__ = (
        sa.Index(
            "uq_terminal_troubles_standing",
            "terminal_id",
            "condition",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )

    terminal_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("terminals.id"))
    condition: Mapped[TerminalCondition] = mapped_column(names(TerminalCondition))
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    announced: Mapped[int] = mapped_column(default=0)
    announce_at: Mapped[datetime]
