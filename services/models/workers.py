"""Those who come: grid workers, volunteers, staff, social workers; where they serve, when, and where they are."""

import enum
import uuid
from collections.abc import Sequence
from datetime import date, datetime, time

import sqlalchemy as sa
from geoalchemy2 import WKBElement
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Base, Identified, names, point


class WorkerRole(enum.StrEnum):
    """What a worker is in the neighbourhood."""

    GRID_WORKER = "GRID_WORKER"
    VOLUNTEER = "VOLUNTEER"
    COMMUNITY_STAFF = "COMMUNITY_STAFF"
    SOCIAL_WORKER = "SOCIAL_WORKER"


class WorkerStatus(enum.StrEnum):
    """Nobody is available by default: a worker is off duty until the own word and the shift say otherwise."""

    OFF_DUTY = "OFF_DUTY"
    AVAILABLE = "AVAILABLE"
    OFFERED = "OFFERED"
    COMMITTED = "COMMITTED"


class Worker(Identified):
    """A worker with a home post. The phone number is sealed; the name is known to the neighbourhood."""

    __tablename__ = "workers"

    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.Text)
    role: Mapped[WorkerRole] = mapped_column(names(WorkerRole))
    status: Mapped[WorkerStatus] = mapped_column(names(WorkerStatus), default=WorkerStatus.OFF_DUTY)
    data_key: Mapped[bytes | None]
    phone_sealed: Mapped[bytes | None]
    skills: Mapped[list[str]] = mapped_column(sa.ARRAY(sa.Text), default=list)
    languages: Mapped[list[str]] = mapped_column(sa.ARRAY(sa.Text), default=list)
    post: Mapped[WKBElement] = point()
    disabled_at: Mapped[datetime | None]
    feature_id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), unique=True)


class Assignment(Identified):
    """A worker serves an area (a grid, or a whole community) over a dated span."""

    __tablename__ = "assignments"
    __table_args__ = (
        sa.Index("ix_assignments_area_id", "area_id", postgresql_where=sa.text("until IS NULL")),
        sa.Index("ix_assignments_worker_id", "worker_id"),
    )

    worker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("workers.id"))
    area_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("areas.id"))
    since: Mapped[date]
    until: Mapped[date | None]


class DutyPattern(Identified):
    """A weekly duty in local time: ISO weekdays 1-7; an end at or before the start is on the next day."""

    __tablename__ = "duty_patterns"
    __table_args__ = (sa.Index("ix_duty_patterns_worker_id", "worker_id"),)

    worker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("workers.id"))
    weekdays: Mapped[list[int]] = mapped_column(sa.ARRAY(sa.SmallInteger))
    starts: Mapped[time]
    ends: Mapped[time]


class Shift(Identified):
    """One duty of one worker at a date; the plan (`starts_at`, `ends_at`) and the own word (`began_at`, `left_at`)."""

    __tablename__ = "shifts"
    __table_args__ = (
        sa.UniqueConstraint("worker_id", "starts_at"),
        sa.Index("ix_shifts_span", "starts_at", "ends_at"),
        sa.CheckConstraint("ends_at > starts_at", name="span"),
    )

    worker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("workers.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    began_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]


class Position(Base):
    """Where a worker was last: one row a worker, no track is kept."""

    __tablename__ = "positions"

    worker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("workers.id"), primary_key=True)
    location: Mapped[WKBElement] = point()
    accuracy_meters: Mapped[float | None]
    fixed_at: Mapped[datetime]
    received_at: Mapped[datetime]


def serving(area_ids: Sequence[uuid.UUID]) -> sa.Select[uuid.UUID, Worker]:
    """Who serves which of these areas today, by code."""
    return (
        sa.select(Assignment.area_id, Worker)
        .join(Worker, Worker.id == Assignment.worker_id)
        .where(Assignment.area_id.in_(area_ids), Assignment.until.is_(None), Worker.disabled_at.is_(None))
        .order_by(Worker.code)
    )


def served_by(worker_ids: Sequence[uuid.UUID]) -> sa.Select[uuid.UUID, uuid.UUID]:
    """Which areas these workers serve today."""
    return sa.select(Assignment.worker_id, Assignment.area_id).where(
        Assignment.worker_id.in_(worker_ids), Assignment.until.is_(None)
    )
