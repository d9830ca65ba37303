"""Households (one household, one file) and every change of one as an event with before and after."""

import enum
import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from geoalchemy2 import WKBElement
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Base, Identified, names, point


class DeclaredSystem(enum.StrEnum):
    """The coordinate system in which a place was declared; the store itself is WGS 84."""

    WGS84 = "WGS84"
    CGCS2000 = "CGCS2000"
    GCJ02 = "GCJ02"
    BD09 = "BD09"


class Household(Identified):
    """A home with its file. Its grid follows from its point, never from a typed value."""

    __tablename__ = "households"
    __table_args__ = (
        sa.Index("ix_households_grid_id_code", "grid_id", "code"),
        sa.Index(
            "ix_households_address_trigram",
            "address",
            postgresql_using="gin",
            postgresql_ops={"address": "gin_trgm_ops"},
        ),
    )

    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    address: Mapped[str] = mapped_column(sa.Text)
    building: Mapped[str | None] = mapped_column(sa.Text)
    unit: Mapped[str | None] = mapped_column(sa.Text)
    floor: Mapped[int | None]
    room: Mapped[str | None] = mapped_column(sa.Text)
    has_lift: Mapped[bool] = mapped_column(default=False)
    location: Mapped[WKBElement] = point()
    declared_system: Mapped[DeclaredSystem] = mapped_column(names(DeclaredSystem), default=DeclaredSystem.WGS84)
    declared_longitude: Mapped[float]
    declared_latitude: Mapped[float]
    grid_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("areas.id"))
    restricted: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    feature_id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), unique=True)


class StreetLink(Base):
    """Where a home, a post or a service point meets the streets, one row an owner, linked once a network version.

    Per graph: the contracted edge (-1: cannot be linked), the fraction along it, and the metres from street to door.
    """

    __tablename__ = "street_links"

    owner_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    network_version: Mapped[str] = mapped_column(sa.String(40))
    foot_edge: Mapped[int]
    foot_fraction: Mapped[float]
    foot_door_meters: Mapped[float]
    ebike_edge: Mapped[int]
    ebike_fraction: Mapped[float]
    ebike_door_meters: Mapped[float]
    car_edge: Mapped[int]
    car_fraction: Mapped[float]
    car_door_meters: Mapped[float]
    reason: Mapped[str | None] = mapped_column(sa.String(40))


class HouseholdEventKind(enum.StrEnum):
    """What can happen to a household."""

    CREATED = "CREATED"
    CHANGED = "CHANGED"
    JOINED = "JOINED"
    LEFT = "LEFT"
    MOVED = "MOVED"
    SPLIT = "SPLIT"
    MERGED = "MERGED"
    REGRIDDED = "REGRIDDED"
    CLOSED = "CLOSED"


class HouseholdEvent(Identified):
    """One change, with both states; names and notes are never copied here, only ids and the plain columns."""

    __tablename__ = "household_events"
    __table_args__ = (sa.Index("ix_household_events_household_id_at", "household_id", "at"),)

    household_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("households.id"))
    at: Mapped[datetime]
    kind: Mapped[HouseholdEventKind] = mapped_column(names(HouseholdEventKind))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    actor_id: Mapped[uuid.UUID | None]
    grid_version_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("area_versions.id"))


def standing() -> sa.Select[Household]:
    """The households whose file is open."""
    return sa.select(Household).where(Household.closed_at.is_(None))


def linked(owner_id: Any) -> sa.ColumnElement[bool]:
    """True for owners that meet the streets on foot; what was never linked does not."""
    return sa.exists().where(StreetLink.owner_id == owner_id, StreetLink.foot_edge >= 0)
