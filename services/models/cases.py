"""Cases: a matter that somebody raised, its owner on the ladder, its terms, its timeline, and who takes part in it.

Who may read what, row by row: a sealed case (`sealed`) is seen by its own team alone (`case_members`). Any other is
seen by the staff of its areas (`grid_id`, `community_id`, `street_id`, `district_id`), by its opener, agent and
assignee, by the members of the units joined to it, and by its team. Terms, units, links, lines and votes are seen with
their case.
Phone numbers and what people wrote in their own words are sealed under the data key beside them.
"""

import enum
import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from geoalchemy2 import WKBElement
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Base, Identified, names, point

NUMBERS = sa.Sequence("case_numbers", metadata=Base.metadata)


class UnitKind(enum.StrEnum):
    """What an office is, that takes a case in charge or is called to the spot."""

    COMMUNITY_OFFICE = "COMMUNITY_OFFICE"
    STREET_OFFICE = "STREET_OFFICE"
    BUREAU = "BUREAU"
    DISTRICT_CENTRE = "DISTRICT_CENTRE"
    DISTRICT_LEADER = "DISTRICT_LEADER"


class Unit(Identified):
    """An office and the area that it answers for."""

    __tablename__ = "units"
    __table_args__ = (sa.Index("ix_units_area_id", "area_id"),)

    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    kind: Mapped[UnitKind] = mapped_column(names(UnitKind))
    name: Mapped[str] = mapped_column(sa.Text)
    name_en: Mapped[str | None] = mapped_column(sa.Text)
    area_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("areas.id"))


class UnitMember(Base):
    """An account works for an office."""

    __tablename__ = "unit_members"
    __table_args__ = (sa.Index("ix_unit_members_account_id", "account_id"),)

    unit_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("units.id"), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("accounts.id"), primary_key=True)


class CaseRule(Identified):
    """What a jurisdiction has settled for a kind of case; the rule of the smallest area around the case holds."""

    __tablename__ = "case_rules"
    __table_args__ = (sa.UniqueConstraint("area_id", "kind"),)

    area_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("areas.id"))
    kind: Mapped[str] = mapped_column(sa.String(40))
    close_starts: Mapped[str] = mapped_column(sa.String(20))
    changed_at: Mapped[datetime]
    changed_by: Mapped[uuid.UUID | None]


class CaseContact(Identified):
    """The phone of somebody without an account, proven by a one-time code; number and code are sealed."""

    __tablename__ = "case_contacts"
    __table_args__ = (sa.Index("ix_case_contacts_phone_index_created_at", "phone_index", "created_at"),)

    phone_index: Mapped[bytes]
    data_key: Mapped[bytes]
    phone_sealed: Mapped[bytes]
    code_sealed: Mapped[bytes | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(sa.SmallInteger, default=0)
    proven_at: Mapped[datetime | None]


class Case(Identified):
    """A case as it stands: the fold of its timeline, plus what was said at its opening. Every writer locks this row.

    `subject` is a short title without names, found by its words; a sealed case keeps it in `words_sealed` as well.
    """

    __tablename__ = "cases"
    __table_args__ = (
        sa.Index("ix_cases_grid_id_open", "grid_id", "sort_due_at", "id", postgresql_where=sa.text("ended_at IS NULL")),
        sa.Index(
            "ix_cases_community_id_open",
            "community_id",
            "sort_due_at",
            "id",
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index(
            "ix_cases_street_id_open", "street_id", "sort_due_at", "id", postgresql_where=sa.text("ended_at IS NULL")
        ),
        sa.Index(
            "ix_cases_district_id_open",
            "district_id",
            "sort_due_at",
            "id",
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index("ix_cases_assignee_id_open", "assignee_id", postgresql_where=sa.text("ended_at IS NULL")),
        sa.Index("ix_cases_agent_id", "agent_id"),
        sa.Index("ix_cases_opener_id", "opener_id"),
        sa.Index("ix_cases_household_id", "household_id"),
        sa.Index("ix_cases_district_id_opened_at", "district_id", "opened_at"),
        sa.Index("ix_cases_open_plans", "id", postgresql_where=sa.text("kind = 'VISIT_PLAN' AND ended_at IS NULL")),
    )

    number: Mapped[str] = mapped_column(sa.String(24), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    sealed: Mapped[bool]
    subject: Mapped[str] = mapped_column(sa.Text)
    data_key: Mapped[bytes]
    words_sealed: Mapped[bytes | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    location: Mapped[WKBElement | None] = point(nullable=True)
    household_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("households.id"))
    grid_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("areas.id"))
    community_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("areas.id"))
    street_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("areas.id"))
    district_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("areas.id"))
    area_version_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("area_versions.id"))
    opener_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("accounts.id"))
    contact_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("case_contacts.id"))
    tracking_hash: Mapped[bytes | None]
    opened_at: Mapped[datetime]
    sort_due_at: Mapped[datetime]
    feature_id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), unique=True)

    # what the timeline tells; see services.cases.states
    state: Mapped[str] = mapped_column(sa.String(40))
    rung: Mapped[int] = mapped_column(sa.SmallInteger)
    round: Mapped[int] = mapped_column(sa.SmallInteger)
    version: Mapped[int]
    close_starts: Mapped[str] = mapped_column(sa.String(20))
    assignee_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("workers.id"))
    officer_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("accounts.id"))
    agent_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("workers.id"))
    unit_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("units.id"))
    lead_unit_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("units.id"))
    returns: Mapped[int] = mapped_column(sa.SmallInteger)
    is_complex: Mapped[bool]
    pauses: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    reopened_rungs: Mapped[list[int]] = mapped_column(JSONB)
    consent_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    rated_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    satisfied: Mapped[bool | None]


class CaseEvent(Identified):
    """One line of a case's timeline.

    `detail` is for readers: ids, codes and numbers, never a name. `changes` is what this line changed in the case, told
    in values, so that the lines alone rebuild it however the kind's rules are changed later. What was written in own
    words, and all that a sealed case's forms held, is in `words_sealed`, under the case's data key.
    """

    __tablename__ = "case_events"
    __table_args__ = (sa.UniqueConstraint("case_id", "number"), sa.Index("ix_case_events_at", "at"))

    case_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cases.id"))
    number: Mapped[int]
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(sa.String(40))
    actor_id: Mapped[uuid.UUID | None]
    worker_id: Mapped[uuid.UUID | None]
    state: Mapped[str] = mapped_column(sa.String(40))
    rung: Mapped[int] = mapped_column(sa.SmallInteger)
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    words_sealed: Mapped[bytes | None]


class CaseTerm(Identified):
    """One running or ended term. `due_at` is stored (null while paused); whether it is late is always computed.

    `next_look_at` is when the sweep has something to do: a reminder, the due time, a multiple of the overrun.
    """

    __tablename__ = "case_terms"
    __table_args__ = (
        sa.Index("ix_case_terms_case_id", "case_id"),
        sa.Index("ix_case_terms_next_look_at", "next_look_at", postgresql_where=sa.text("next_look_at IS NOT NULL")),
        sa.Index("ix_case_terms_provisional", "due_at", postgresql_where=sa.text("provisional")),
    )

    case_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cases.id"))
    name: Mapped[str] = mapped_column(sa.String(40))
    rung: Mapped[int] = mapped_column(sa.SmallInteger)
    round: Mapped[int] = mapped_column(sa.SmallInteger)
    amount: Mapped[int]
    unit: Mapped[str] = mapped_column(sa.String(20))
    starts: Mapped[str] = mapped_column(sa.String(20))
    started_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    provisional: Mapped[bool]
    met_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    paused_working_days: Mapped[int] = mapped_column(default=0)
    looks: Mapped[int] = mapped_column(sa.SmallInteger, default=0)
    next_look_at: Mapped[datetime | None]


class CaseUnit(Identified):
    """An office called to the spot, with its own part; the first in charge stays responsible for the whole."""

    __tablename__ = "case_units"
    __table_args__ = (sa.UniqueConstraint("case_id", "unit_id"), sa.Index("ix_case_units_unit_id", "unit_id"))

    case_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cases.id"))
    unit_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("units.id"))
    part: Mapped[str] = mapped_column(sa.String(200))
    joined_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class CaseMember(Identified):
    """Somebody of the team of a case: of a sealed one, the only people who see it."""

    __tablename__ = "case_members"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "account_id"),
        sa.Index("ix_case_members_account_id", "account_id"),
    )

    case_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cases.id"))
    account_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("accounts.id"))
    part: Mapped[str] = mapped_column(sa.String(40))
    since: Mapped[datetime]
    until: Mapped[datetime | None]


class CaseLink(Identified):
    """Two cases that belong together: SIMILAR (by place, time and words), DUPLICATE, or one that came of another."""

    __tablename__ = "case_links"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "other_id", "relation"),
        sa.Index("ix_case_links_other_id", "other_id"),
    )

    case_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cases.id"))
    other_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cases.id"))
    relation: Mapped[str] = mapped_column(sa.String(40))
    meters: Mapped[float | None]
    at: Mapped[datetime]


def locked(case_id: uuid.UUID, skip: bool = False) -> sa.Select[Case]:
    """The case, held against every other writer until the transaction ends; with `skip`, unless another has it."""
    held = sa.select(Case).where(Case.id == case_id).with_for_update(skip_locked=skip)
    return held.execution_options(populate_existing=True)


def timeline(case_id: uuid.UUID) -> sa.Select[CaseEvent]:
    """A case's lines, first to last."""
    return sa.select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(CaseEvent.number)


def terms_of(case_id: uuid.UUID) -> sa.Select[CaseTerm]:
    """A case's terms in the order in which they began."""
    mine = sa.select(CaseTerm).where(CaseTerm.case_id == case_id)
    return mine.order_by(CaseTerm.started_at, CaseTerm.id).execution_options(populate_existing=True)


def falling_due(now: datetime, limit: int) -> sa.Select[uuid.UUID]:
    """The cases with a term that wants to be looked at by now, longest waiting first; one partial index serves it."""
    due = sa.select(CaseTerm.case_id).where(CaseTerm.next_look_at.is_not(None), CaseTerm.next_look_at <= now)
    return due.order_by(CaseTerm.next_look_at).limit(limit)


def is_open() -> sa.ColumnElement[bool]:
    """True for cases that have not ended; written so that the partial indexes serve it."""
    return Case.ended_at.is_(None)


def in_area(area_ids: Any) -> sa.ColumnElement[bool]:
    """True for cases from any of these areas, of whatever level."""
    levels = (Case.grid_id, Case.community_id, Case.street_id, Case.district_id)
    return sa.or_(*(level.in_(area_ids) for level in levels))
