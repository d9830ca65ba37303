"""Special care: categories with their visit intervals, records, the team of each record, visits.

Who reads what: the staff of the household's grid, records of sealed categories by their own team alone (`shown_to`).
Visits and events are read by whoever may read their record; a visit without a record by the staff of the grid.
"""

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
    """A kind of special care; `visit_every_days` by default, `visit_days_by_level` where the level decides.

    `team_duties` must be filled by a record's team. A closed record is deleted after `keep_closed_days`; whatever is
    done, not before `keep_by_law_days`, whose `keep_by_law_ground` names the law.
    """

    __tablename__ = "care_categories"

    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.Text)
    name_en: Mapped[str] = mapped_column(sa.Text)
    visit_every_days: Mapped[int]
    visit_days_by_level: Mapped[dict[str, int]] = mapped_column(JSONB, default=dict)
    sensitivity: Mapped[Sensitivity] = mapped_column(names(Sensitivity))
    skills: Mapped[list[str]] = mapped_column(sa.ARRAY(sa.Text), default=list)
    team_duties: Mapped[list[str]] = mapped_column(sa.ARRAY(sa.Text), default=list, server_default="{}")
    keep_closed_days: Mapped[int] = mapped_column(default=1095, server_default="1095")
    keep_by_law_days: Mapped[int] = mapped_column(default=0, server_default="0")
    keep_by_law_ground: Mapped[str | None] = mapped_column(sa.Text)


class CareRecord(Identified):
    """One person's record in one category. Notes and diagnosis are sealed; without consent it is not shown.

    `visit_by` is an earlier visit that a change calls for; `version` counts the changes, visits apart. `home_id` and
    `grid_id` (null while the person or the home is restricted) are the person's, by a trigger, so that row-level
    security judges the row by itself.
    """

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
        sa.Index("ix_care_records_resident_id", "resident_id"),
    )

    resident_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("residents.id"))
    category_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("care_categories.id"))
    level: Mapped[str | None] = mapped_column(sa.String(20))
    data_key: Mapped[bytes | None]
    notes_sealed: Mapped[bytes | None]
    diagnosis_sealed: Mapped[bytes | None]
    consent_at: Mapped[date | None]
    consent_by: Mapped[str | None] = mapped_column(sa.String(40))
    review_due_at: Mapped[date | None]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_reason: Mapped[str | None] = mapped_column(sa.String(40))
    last_visit_at: Mapped[datetime | None]
    visit_by: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    home_id: Mapped[uuid.UUID | None]
    grid_id: Mapped[uuid.UUID | None]


class CareEventKind(enum.StrEnum):
    """What can happen to a care record."""

    OPENED = "OPENED"
    CHANGED = "CHANGED"
    TEAM_CHANGED = "TEAM_CHANGED"
    CONSENTED = "CONSENTED"
    CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN"
    CLOSED = "CLOSED"
    PERSON_MERGED = "PERSON_MERGED"


class CareEvent(Identified):
    """One line of a record's history; `detail` holds codes, ids and days, never a word on the person."""

    __tablename__ = "care_events"
    __table_args__ = (sa.Index("ix_care_events_care_record_id", "care_record_id", "id"),)

    care_record_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("care_records.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    kind: Mapped[CareEventKind] = mapped_column(names(CareEventKind))
    actor_id: Mapped[uuid.UUID | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)


class CareTeamMember(Base):
    """Who stands together for one record (S11: grid worker, cadre, social worker, volunteer, police officer)."""

    __tablename__ = "care_team_members"

    care_record_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("care_records.id"), primary_key=True)
    worker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("workers.id"), primary_key=True)
    duty: Mapped[str] = mapped_column(sa.String(40))


class VisitPurpose(enum.StrEnum):
    """What a visit was for."""

    ROUTINE = "ROUTINE"
    AFTER_CHANGE = "AFTER_CHANGE"
    COMPANY = "COMPANY"
    HOUSEWORK = "HOUSEWORK"
    HEALTH = "HEALTH"
    TEST = "TEST"
    COLLECTING = "COLLECTING"
    RETURN_VISIT = "RETURN_VISIT"
    OTHER = "OTHER"


class CareDuty(enum.StrEnum):
    """What somebody does in the team of a record; the first five stand together in community detox."""

    GRID_WORKER = "GRID_WORKER"
    ANTI_DRUG_CADRE = "ANTI_DRUG_CADRE"
    SOCIAL_WORKER = "SOCIAL_WORKER"
    VOLUNTEER = "VOLUNTEER"
    POLICE_OFFICER = "POLICE_OFFICER"
    COMMUNITY_STAFF = "COMMUNITY_STAFF"
    DOCTOR = "DOCTOR"
    VISITS = "VISITS"
    COORDINATION = "COORDINATION"


class CloseReason(enum.StrEnum):
    """Why the care ends."""

    NO_LONGER_NEEDED = "NO_LONGER_NEEDED"
    MOVED_AWAY = "MOVED_AWAY"
    IN_AN_INSTITUTION = "IN_AN_INSTITUTION"
    DIED = "DIED"
    OPENED_IN_ERROR = "OPENED_IN_ERROR"


class VisitConflict(enum.StrEnum):
    """What a visit that was sent later did not know of; both sides are kept until somebody has settled it."""

    SAME_DAY = "SAME_DAY"
    SENT_TWICE = "SENT_TWICE"
    RECORD_CHANGED = "RECORD_CHANGED"
    RECORD_CLOSED = "RECORD_CLOSED"


class Visit(Identified):
    """A visit that took place; `details` holds what a later form asks, never free text on a person.

    Written on a phone at `written_at`, against version `based_on` of the record; `conflicts` names what stood against
    it when it came, `conflict_ids` the visits concerned.
    """

    __tablename__ = "visits"
    __table_args__ = (
        sa.Index("ix_visits_household_id_visited_at", "household_id", "visited_at"),
        sa.Index("ix_visits_care_record_id_visited_at", "care_record_id", "visited_at"),
        sa.Index(
            "ix_visits_unsettled",
            "household_id",
            postgresql_where=sa.text("settled_at IS NULL AND conflicts <> '{}'"),
        ),
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
    written_at: Mapped[datetime | None]
    based_on: Mapped[int | None]
    conflicts: Mapped[list[str]] = mapped_column(sa.ARRAY(sa.Text), default=list, server_default="{}")
    conflict_ids: Mapped[list[uuid.UUID]] = mapped_column(sa.ARRAY(sa.Uuid), default=list, server_default="{}")
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[uuid.UUID | None]


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
