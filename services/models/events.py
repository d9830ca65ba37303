"""Live events: what happened to calls, numbered without a gap in each area, and read from the table alone."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Base


class LiveEvent(Base):
    """One timeline line as one area sees it. `sequence` is null until the area's stream has been numbered up to it."""

    __tablename__ = "live_events"
    __table_args__ = (
        sa.Index("uq_live_events_area_id_sequence", "area_id", "sequence", unique=True),
        sa.Index("ix_live_events_unnumbered", "area_id", "position", postgresql_where=sa.text("sequence IS NULL")),
    )

    position: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    area_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("areas.id"))
    call_event_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("call_events.id"))
    sequence: Mapped[int | None] = mapped_column(sa.BigInteger)


class LiveStream(Base):
    """How far an area's stream is numbered; locked while numbers are given."""

    __tablename__ = "live_streams"

    area_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("areas.id"), primary_key=True)
    last_sequence: Mapped[int] = mapped_column(sa.BigInteger, default=0)
