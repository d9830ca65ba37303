"""The read log: who read which personal field of whom. It only grows, and each line is chained to the one before.

Who reads what: auditors, and for one household the managers of its area. Lines hold ids, codes and names of fields,
never a value. They refer to nothing by foreign key, since they outlive what was read.
"""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Base, Identified


class Reading(Identified):
    """Somebody read fields of one record in one request. `mac` covers this line and the line before in its chain."""

    __tablename__ = "readings"
    __table_args__ = (
        sa.UniqueConstraint("chain_id", "number"),
        sa.Index("ix_readings_household_id", "household_id", "id"),
        sa.Index("ix_readings_record_id", "record_id", "id"),
        sa.Index("ix_readings_actor_id", "actor_id", "id"),
    )

    chain_id: Mapped[uuid.UUID]
    number: Mapped[int] = mapped_column(sa.BigInteger)
    at: Mapped[datetime]
    actor_id: Mapped[uuid.UUID]
    deputy_for: Mapped[list[uuid.UUID]] = mapped_column(sa.ARRAY(sa.Uuid))
    roles: Mapped[list[str]] = mapped_column(sa.ARRAY(sa.Text))
    operation: Mapped[str] = mapped_column(sa.String(80))
    thing: Mapped[str] = mapped_column(sa.String(40))
    record_id: Mapped[uuid.UUID]
    fields: Mapped[list[str]] = mapped_column(sa.ARRAY(sa.Text))
    household_id: Mapped[uuid.UUID | None]
    grid_id: Mapped[uuid.UUID | None]
    opening_id: Mapped[uuid.UUID | None]
    call_id: Mapped[uuid.UUID | None]
    mac: Mapped[bytes]


class ReadingAnchor(Base):
    """How long each chain was at a moment, so that lines cut off its end are missed; itself a chain."""

    __tablename__ = "reading_anchors"

    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    heads: Mapped[dict[str, Any]] = mapped_column(JSONB)
    mac: Mapped[bytes]


class ReadingHead(Base):
    """How many lines a chain has, raised in the transaction that adds them, so that none is cut off its end unseen.

    The chain of the anchors has its head, too, under the id of zeros. `mac` is under the key of the log.
    """

    __tablename__ = "reading_heads"

    chain_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(sa.BigInteger)
    mac: Mapped[bytes]
