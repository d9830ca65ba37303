"""Special care: categories with their visit intervals, records, the team of each record, visits."""

import enum
import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Base, Identified, names


class Sensitivity(enum.StrEnum):
    """Who may read records of a category: the area's staff, or the record's own team only."""

    PERSONAL = "PERSONAL"
    SENSITIVE = "SENSITIVE"
    SEALED = "SEALED"


class CareCategory(Identified):
    """A kind of special care; `visit_every_days` by default, `visit_days_by_level` where the level decides."""

    __tablename__ = "care_categories"

    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.Text)
    name_en: Mapped[str] = mapped_column(sa.Text)
    visit_every_days: Mapped[int]
    visit_days_by_level: Mapped[dict[str, int]] = mapped_column(JSONB, default=dict)
    sensitivity: Mapped[Sensitivity] = mapped_column(names(Sensitivity))
    skills: Mapped[list[str]] = mapped_column(sa.ARRAY(sa.Text), default=list)


class CareRecord(Identified):
    """One person's record in one category. Notes are sealed; a record without consent is not shown."""

    __tablename__ = "care_records"
    __table_args__ = (
        sa.Index(
            "uq_care_records_open",
            "resident_id",
            "category_id",
            unique=True,
            postgresql_where=sa.text("closed_at IS NULL"),
        ),
        sa.Index("ix_care_records_category_id", "category_id", postgresql_where=sa.text("closed_at IS NULL")),
    )

    resident_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("residents.id"))
    category_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("care_categories.id"))
    level: Mapped[str | None] = mapped_column(sa.String(20))
    data_key: Mapped[bytes | None]
    notes_sealed: Mapped[bytes | None]
    consent_at: Mapped[date | None]
    consent_by: Mapped[str | None] = mapped_column(sa.String(40))
    review_due_at: Mapped[date | None]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class CareTeamMember(Base):
    """Who stands together for one record (S11: grid worker, cadre, social worker, volunteer, police officer)."""

    __tablename__ = "care_team_members"

    care_record_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("care_records.id"), primary_key=True)
    worker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("workers.id"), primary_key=True)
    duty: Mapped[str] = mapped_column(sa.String(40))


class Visit(Identified):
    """A visit that took place; `details` holds what a later form asks, never free text on a person."""

    __tablename__ = "visits"
    __table_args__ = (
        sa.Index("ix_visits_household_id_visited_at", "household_id", "visited_at"),
        sa.Index("ix_visits_care_record_id_visited_at", "care_record_id", "visited_at"),
    )

    household_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("households.id"))
    care_record_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("care_records.id"))
    worker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("workers.id"))
    visited_at: Mapped[datetime]
    purpose: Mapped[str] = mapped_column(sa.String(40))
    data_key: Mapped[bytes | None]
    note_sealed: Mapped[bytes | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    grid_version_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("area_versions.id"))
    recorded_at: Mapped[datetime]


def shown_to(worker_id: uuid.UUID | None) -> sa.ColumnElement[bool]:
    """True for open records with consent that this worker may know of: the sealed ones only in the record's own team.

    For selects that join CareRecord and CareCategory.
    """
    own = sa.select(CareTeamMember.care_record_id).where(CareTeamMember.worker_id == worker_id)
    return sa.and_(
        CareRecord.closed_at.is_(None),
        CareRecord.consent_at.is_not(None),
        sa.or_(CareCategory.sensitivity != Sensitivity.SEALED, CareRecord.id.in_(own)),
    )
