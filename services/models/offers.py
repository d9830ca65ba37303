"""Offers of a call to a worker: at most one live for a call and one for a worker; the store itself refuses more."""

import enum
import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Identified, names


class OfferStatus(enum.StrEnum):
    """OFFERED and ACCEPTED bind call and worker to each other; the others are past. LOST was accepted and not kept."""

    OFFERED = "OFFERED"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"
    WITHDRAWN = "WITHDRAWN"
    LOST = "LOST"
    ENDED = "ENDED"


BINDING = (OfferStatus.OFFERED, OfferStatus.ACCEPTED)
_BINDING_SQL = sa.text("status IN ('OFFERED', 'ACCEPTED')")


class Offer(Identified):
    """A call offered to one worker. `considered` keeps who else was looked at and why not they."""

    __tablename__ = "offers"
    __table_args__ = (
        sa.Index("uq_offers_call_id_binding", "call_id", unique=True, postgresql_where=_BINDING_SQL),
        sa.Index("uq_offers_worker_id_binding", "worker_id", unique=True, postgresql_where=_BINDING_SQL),
        sa.Index("ix_offers_call_id", "call_id"),
    )

    call_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("calls.id"))
    worker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("workers.id"))
    rung: Mapped[str] = mapped_column(sa.String(40))
    round: Mapped[int] = mapped_column(sa.SmallInteger)
    status: Mapped[OfferStatus] = mapped_column(names(OfferStatus))
    eta_seconds: Mapped[float | None]
    distance_meters: Mapped[float | None]
    path: Mapped[list[list[float]] | None] = mapped_column(JSONB)
    reason: Mapped[str] = mapped_column(sa.String(80))
    considered: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    from_longitude: Mapped[float]
    from_latitude: Mapped[float]
    offered_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    decline_reason: Mapped[str | None] = mapped_column(sa.String(40))
    ended_at: Mapped[datetime | None]


def binding() -> sa.ColumnElement[bool]:
    """True for offers that bind a call and a worker now."""
    return Offer.status.in_(BINDING)
