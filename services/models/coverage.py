"""Coverage audits: what was asked, with which streets and supply, and what came out for every home."""

import enum
import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Base, Identified, Packed, names


class CoverageSupply(enum.StrEnum):
    """Who or what must be in reach: workers on shift at a time, live positions, posts, volunteers, service points."""

    WORKERS_ON_SHIFT = "WORKERS_ON_SHIFT"
    LIVE_POSITIONS = "LIVE_POSITIONS"
    POSTS = "POSTS"
    VOLUNTEERS = "VOLUNTEERS"
    SERVICE_POINTS = "SERVICE_POINTS"
    SERVICE_CENTRE = "SERVICE_CENTRE"
    CLINIC = "CLINIC"
    CANTEEN = "CANTEEN"
    DAY_CARE = "DAY_CARE"
    PHARMACY = "PHARMACY"
    POLICE_POST = "POLICE_POST"
    MARKET_SERVICE = "MARKET_SERVICE"
    ACTIVITY_ROOM = "ACTIVITY_ROOM"


class TravelMode(enum.StrEnum):
    """How one travels: 1.3 m/s, an elder's 0.83 m/s, 5 m/s, or by road class."""

    WALK = "WALK"
    WALK_SLOW = "WALK_SLOW"
    EBIKE = "EBIKE"
    CAR = "CAR"


class AuditState(enum.StrEnum):
    """RUNNING until its result is stored; CANCELLED by whoever ordered it; FAILED with a reason."""

    RUNNING = "RUNNING"
    DONE = "DONE"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


class CoverageAudit(Identified):
    """One audit: the question, the streets and supply it was answered with, and the figures; it can be repeated.

    `what_if`: places were added to the supply or taken from it, so that it does not tell how things are.
    """

    __tablename__ = "coverage_audits"
    __table_args__ = (sa.Index("ix_coverage_audits_area_id_id", "area_id", "id"),)

    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID | None]
    what_if: Mapped[bool] = mapped_column(server_default=sa.false())
    area_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("areas.id"))
    area_version_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("area_versions.id"))
    minutes: Mapped[float]
    travel_mode: Mapped[TravelMode] = mapped_column(names(TravelMode))
    supply: Mapped[CoverageSupply] = mapped_column(names(CoverageSupply))
    at: Mapped[datetime]
    network_version: Mapped[str] = mapped_column(sa.Text)
    speed_meters_per_second: Mapped[float | None]
    state: Mapped[AuditState] = mapped_column(names(AuditState))
    progress: Mapped[float] = mapped_column(default=0.0)
    failure: Mapped[str | None] = mapped_column(sa.Text)
    beat_at: Mapped[datetime]
    supply_count: Mapped[int] = mapped_column(default=0)
    unlinked_supply_count: Mapped[int] = mapped_column(default=0)
    household_count: Mapped[int] = mapped_column(default=0)
    covered_count: Mapped[int] = mapped_column(default=0)
    twice_covered_count: Mapped[int] = mapped_column(default=0)
    unreachable_count: Mapped[int] = mapped_column(default=0)
    unlinked_count: Mapped[int] = mapped_column(default=0)
    resident_count: Mapped[int] = mapped_column(default=0)
    covered_resident_count: Mapped[int] = mapped_column(default=0)
    median_seconds: Mapped[float | None]
    p90_seconds: Mapped[float | None]
    straight_line: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    by_grid: Mapped[list[dict[str, Any]]] = mapped_column(Packed, default=list)
    by_category: Mapped[list[dict[str, Any]]] = mapped_column(Packed, default=list)
    gaps: Mapped[list[dict[str, Any]]] = mapped_column(Packed, default=list)


class CoverageRoster(Base):
    """The homes that an audit passed over, by feature id (int64, little-endian, rising).

    Audits of the same homes share it: the id is a digest of the content.
    """

    __tablename__ = "coverage_rosters"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    feature_ids: Mapped[bytes]


class CoverageResult(Base):
    """The audit's answer for every home of its roster, little-endian: seconds uint16 (65,535: nobody), times uint8.

    `gap_areas` is the WKB of a GeometryCollection, one area for each gap of the audit, in the same order.
    """

    __tablename__ = "coverage_results"

    audit_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("coverage_audits.id"), primary_key=True)
    roster_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("coverage_rosters.id"))
    seconds: Mapped[bytes]
    times: Mapped[bytes]
    supply: Mapped[list[dict[str, Any]]] = mapped_column(Packed)
    gap_areas: Mapped[bytes]
