"""Care records: what they say, who stands for one and when the next visit is due; opening, changing, closing one."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import sqlalchemy as sa
import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import Parent
from strawberry.scalars import JSON

from schema import care, consents, workers
from schema.areas import Version
from schema.care import CareCategory
from schema.consents import Consent, ConsentInput
from schema.context import Context, Info, id_of
from schema.lens import field, given, lens, listing, mutation, shown, words
from schema.loading import first_of_each, many_each
from schema.pages import After, Connection, First, Order, Page, child_pages
from schema.workers import Worker
from services import care_records, care_teams, visits
from services.access import Actor
from services.consents import withdraw
from services.models import CareCategory as CategoryRow
from services.models import CareDuty, CareEventKind, CareTeamMember, CloseReason
from services.models import CareEvent as EventRow
from services.models import CareRecord as RecordRow
from services.models import Consent as ConsentRow
from services.models import Visit as VisitRow
from services.models import Worker as WorkerRow

if TYPE_CHECKING:
    from schema.visits import Visit

words(CareDuty, CareEventKind, CloseReason)

MOST_RECORDS = 20
MOST_MEMBERS = 20
MOST_EVENTS = 100
MOST_DUTIES = len(CareDuty)

LATEST_VISIT_FIRST = Order("visits of a record", VisitRow.visited_at, VisitRow.id, descending=True)
VisitLens = Annotated["Visit", strawberry.lazy("schema.visits")]


@lens
class CareTeamPlace:
    """Somebody who stands for a care record, and for what."""

    duty: str = shown("The duty, such as GRID_WORKER or SOCIAL_WORKER.")

    @field(graphql_type=Worker)
    async def worker(self, info: Info, row: Parent[CareTeamMember]) -> WorkerRow | None:
        """Who it is."""
        return await info.context.load(workers.by_id, row.worker_id)


@lens
class CareEvent:
    """Something that happened to a care record."""

    id: strawberry.ID = shown("Opaque.")
    at: datetime = shown("When it happened.")
    kind: CareEventKind = shown("What happened.")

    @field(graphql_type=JSON)
    def detail(self, row: Parent[EventRow]) -> dict[str, Any]:
        """Codes, ids and days; never a word on the person."""
        return row.detail


@lens
class CareRecord:
    """One person's record in one category of special care, open and with consent."""

    id: strawberry.ID = shown("Opaque.")
    level: str | None = shown("How grave, in the words of the category.")
    opened_at: datetime = shown("When it was opened.")
    consent_at: date | None = shown("When the person agreed to it.")
    review_due_at: date | None = shown("By when it is to be looked at again.")
    last_visit_at: datetime | None = shown("When somebody was there last.")
    version: int = shown("Counts the changes; send it with the next one, and with a visit that is sent later.")

    @field(graphql_type=CareCategory)
    async def category(self, info: Info, row: Parent[RecordRow]) -> CategoryRow | None:
        """The category."""
        return await info.context.load(care.by_id, row.category_id)

    @field()
    def notes(self, info: Info, row: Parent[RecordRow]) -> str | None:
        """What those who care wrote down."""
        return info.context.opened(row, "notes")

    @field()
    def diagnosis(self, info: Info, row: Parent[RecordRow]) -> str | None:
        """What a doctor found, as far as it is needed here."""
        return info.context.opened(row, "diagnosis")

    @field()
    async def next_visit_due_at(self, info: Info, row: Parent[RecordRow]) -> datetime | None:
        """By when somebody is to be there again: by category and level, or sooner after a change."""
        category = await info.context.load(care.by_id, row.category_id)
        return visits.due_at(category, row) if category else None

    @listing(graphql_type=list[CareTeamPlace], at_most=MOST_MEMBERS)
    async def team(self, info: Info, row: Parent[RecordRow]) -> list[CareTeamMember]:
        """Who stands together for the person."""
        return await info.context.load(teams, row.id) or []

    @listing(graphql_type=list[str], at_most=MOST_DUTIES)
    async def missing_duties(self, info: Info, row: Parent[RecordRow]) -> list[str]:
        """The duties that this category wants in a team and that nobody has taken."""
        category = await info.context.load(care.by_id, row.category_id)
        members = await info.context.load(teams, row.id) or []
        return care_teams.missing_duties(category, members) if category else []

    @field(graphql_type=Consent | None)
    async def consent(self, info: Info, row: Parent[RecordRow]) -> ConsentRow | None:
        """The consent that holds; null for records from before consents were kept one by one."""
        return await info.context.load(consents.of_records, row.id)

    @field(graphql_type=Connection[VisitLens])
    async def visits(
        self, info: Info, row: Parent[RecordRow], first: First = 10, after: After = None
    ) -> Page[VisitRow] | None:
        """Visits for this record, the latest first."""
        return await info.context.load(visits_of, row.id, info.context, first, after)

    @listing(graphql_type=list[CareEvent], at_most=MOST_EVENTS)
    async def history(self, info: Info, row: Parent[RecordRow]) -> list[EventRow]:
        """What happened to it, the latest first."""
        return await info.context.load(events_of, row.id) or []


@given
class TeamPlaceInput:
    """Somebody who is to stand for a record."""

    worker_id: strawberry.ID = shown("The worker.")
    duty: CareDuty = shown("For what.")


@given
class CareRecordInput:
    """A record to be opened."""

    resident_id: strawberry.ID = shown("For whom.")
    category_code: str = shown("In which category.")
    consent: ConsentInput = shown("The consent without which there is no record.")
    level: str | None = strawberry.field(default=None, description="How grave, in the words of the category.")
    notes: str | None = strawberry.field(default=None, description="What those who care should know; sealed.")
    diagnosis: str | None = strawberry.field(default=None, description="What a doctor found; sealed.")
    review_due_at: date | None = strawberry.field(default=None, description="By when to look at it again.")
    team: list[TeamPlaceInput] = strawberry.field(default_factory=list, description="Who stands for it.")


@given
class CareRecordChange:
    """What is to be written into a record; what is not given stays as it is."""

    level: str | None = strawberry.field(default=None, description="How grave, in the words of the category.")
    notes: str | None = strawberry.field(default=None, description="What those who care should know; sealed.")
    diagnosis: str | None = strawberry.field(default=None, description="What a doctor found; sealed.")
    review_due_at: date | None = strawberry.field(default=None, description="By when to look at it again.")


@lens
class ConsentWithdrawal:
    """A consent was withdrawn."""

    erased_after: datetime = shown("When the record is deleted for good; it is hidden already.")


@lens
class CareRecordQuery:
    """What can be asked of care records."""

    @field(graphql_type=CareRecord | None)
    async def care_record(self, info: Info, id: strawberry.ID) -> RecordRow:
        """The record with this id, if it is yours to read."""
        return await info.context.find(by_id, id)


@lens
class CareRecordMutation:
    """The acts by which care records change."""

    @mutation(graphql_type=CareRecord)
    async def open_care_record(self, info: Info, input: CareRecordInput) -> RecordRow:
        """Somebody comes into special care, with a consent and a team."""
        order = care_records.Order(
            resident_id=id_of(input.resident_id),
            category_code=input.category_code,
            consent=input.consent.told(),
            writing=care_records.Writing(input.level, input.notes, input.diagnosis, input.review_due_at),
            team=_team(input.team),
        )
        async with info.context.write() as session:
            return await care_records.open_record(session, info.context.actor, info.context.api.keyring, order)

    @mutation(graphql_type=CareRecord)
    async def change_care_record(
        self, info: Info, id: strawberry.ID, change: CareRecordChange, version: Version = None
    ) -> RecordRow:
        """Write into a record. Who is to be seen more often than before is to be seen within a day, too."""
        written = care_records.Writing(change.level, change.notes, change.diagnosis, change.review_due_at)
        actor, keyring = info.context.actor, info.context.api.keyring
        async with info.context.write() as session:
            return await care_records.change_record(session, actor, keyring, id_of(id), written, version)

    @mutation(graphql_type=CareRecord)
    async def change_team(
        self, info: Info, care_record_id: strawberry.ID, team: list[TeamPlaceInput], version: Version = None
    ) -> RecordRow:
        """Who stands for a record from now on; its history keeps who stood for it before."""
        async with info.context.write() as session:
            return await care_records.change_team(
                session, info.context.actor, id_of(care_record_id), _team(team), version
            )

    @mutation(graphql_type=CareRecord)
    async def close_care_record(
        self, info: Info, id: strawberry.ID, reason: CloseReason, version: Version = None
    ) -> RecordRow:
        """The care ends; the record is kept as long as its category says, then deleted."""
        async with info.context.write() as session:
            return await care_records.close_record(session, info.context.actor, id_of(id), reason.value, version)

    @mutation(graphql_type=ConsentWithdrawal)
    async def withdraw_consent(self, info: Info, care_record_id: strawberry.ID) -> ConsentWithdrawal:
        """The person no longer agrees: the record is hidden at once and deleted soon."""
        actor = info.context.actor
        actor.require(*care_records.TEAM_KEEPERS)
        async with info.context.write() as session:
            record = await care_records.find(session, actor, id_of(care_record_id), lock=True)
            return ConsentWithdrawal(erased_after=await withdraw(session, actor, record))


async def by_id(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, RecordRow]:
    """Records by id, those that the actor may read."""
    rows = await session.scalars(care_records.readable(actor).where(RecordRow.id.in_(ids)))
    return {row.id: row for row in rows}


async def of_residents(
    session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[RecordRow]]:
    """The open records of people whom the actor may find, as far as he may know of them, by category."""
    rows = care_records.readable(actor).where(RecordRow.resident_id.in_(ids)).order_by(CategoryRow.code)
    pairs = rows.with_only_columns(RecordRow.resident_id, RecordRow, maintain_column_froms=True)
    return await many_each(session, pairs, ids)


async def teams(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[CareTeamMember]]:
    """Who stands for each record, by duty and code."""
    pairs = sa.select(CareTeamMember.care_record_id, CareTeamMember).where(CareTeamMember.care_record_id.in_(ids))
    joined = pairs.join(WorkerRow, WorkerRow.id == CareTeamMember.worker_id)
    return await many_each(session, joined.order_by(CareTeamMember.duty, WorkerRow.code), ids)


async def events_of(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[EventRow]]:
    """What happened to each record, the latest first."""
    latest = sa.select(EventRow).order_by(EventRow.at.desc(), EventRow.id.desc())
    return await first_of_each(session, latest, EventRow.care_record_id, ids, MOST_EVENTS)


async def visits_of(
    session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID], context: Context, first: int, after: str | None
) -> dict[uuid.UUID, Page[VisitRow]]:
    """A page of the visits for each record."""
    rows, parent = sa.select(VisitRow), VisitRow.care_record_id
    return await child_pages(session, ids, context, rows, parent, LATEST_VISIT_FIRST, first, after)


def _team(places: Sequence[TeamPlaceInput]) -> dict[uuid.UUID, str]:
    return {id_of(place.worker_id): place.duty.value for place in places}
