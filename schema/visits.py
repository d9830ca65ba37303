"""Visits: what was done at the door, what stands against one that came late, and which are due."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import sqlalchemy as sa
import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import Parent

from schema import areas, care, care_records, households, workers
from schema.areas import Grid
from schema.care_records import CareRecord
from schema.context import Info, id_of
from schema.lens import field, given, lens, listing, mutation, shown, words
from schema.loading import one_each
from schema.pages import After, Connection, First, Order, Page, page
from schema.workers import Worker
from services import care_records as records
from services import clock, suppression, visits
from services.access import Actor, visible
from services.call_rights import require_area
from services.models import Area, CareCategory, Residence, Role, VisitConflict, VisitPurpose
from services.models import CareRecord as RecordRow
from services.models import Household as HouseholdRow
from services.models import Visit as VisitRow
from services.models import Worker as WorkerRow

if TYPE_CHECKING:
    from schema.households import Household

words(VisitPurpose, VisitConflict)

MOST_URGENT_FIRST = Order("visits due", visits.due_expression(), RecordRow.id)
WAITING = Order("visits in conflict", VisitRow.recorded_at, VisitRow.id)
MOST_CONFLICTS = 20
MOST_GRIDS = 500
COUNTERS = (Role.MANAGER, Role.COMMUNITY_STAFF, Role.SUPERVISOR, Role.PLANNER, Role.AUDITOR, Role.GRID_WORKER)

HouseholdLens = Annotated["Household", strawberry.lazy("schema.households")]


@lens
class Visit:
    """A visit that took place."""

    id: strawberry.ID = shown("Opaque; made by the phone that wrote it down, or here.")
    visited_at: datetime = shown("When it took place.")
    recorded_at: datetime = shown("When it came in here.")

    @field(graphql_type=VisitPurpose)
    def purpose(self, row: Parent[VisitRow]) -> VisitPurpose:
        """What it was for."""
        return VisitPurpose(row.purpose) if row.purpose in VisitPurpose.__members__ else VisitPurpose.OTHER

    @field()
    def note(self, info: Info, row: Parent[VisitRow]) -> str | None:
        """What was seen and done, in own words."""
        return info.context.opened(row, "note")

    @field(graphql_type=Worker)
    async def worker(self, info: Info, row: Parent[VisitRow]) -> WorkerRow | None:
        """Who was there."""
        return await info.context.load(workers.by_id, row.worker_id)

    @field(graphql_type=CareRecord | None)
    async def care_record(self, info: Info, row: Parent[VisitRow]) -> RecordRow | None:
        """The record that it was made for, if it is open and yours to read."""
        return await info.context.load(care_records.by_id, row.care_record_id)

    @field(graphql_type=HouseholdLens | None)
    async def household(self, info: Info, row: Parent[VisitRow]) -> HouseholdRow | None:
        """The home, if it is yours to see."""
        return await info.context.load(households.by_id, row.household_id)

    @listing(graphql_type=list[VisitConflict], at_most=len(VisitConflict))
    async def conflicts(self, row: Parent[VisitRow]) -> list[VisitConflict]:
        """What stood against it when it came: it was kept all the same. Empty once somebody has settled it."""
        return [VisitConflict(one) for one in row.conflicts] if row.settled_at is None else []

    @listing(
        graphql_type=list[Annotated["Visit", strawberry.lazy("schema.visits")]],
        at_most=MOST_CONFLICTS,
    )
    async def conflicting_visits(self, info: Info, row: Parent[VisitRow]) -> list[VisitRow]:
        """The visits that it stands against."""
        found = [await info.context.load(by_id, one) for one in row.conflict_ids if row.settled_at is None]
        return [one for one in found if one is not None]

    @field()
    def struck(self, row: Parent[VisitRow]) -> bool:
        """True when it was taken off its record; it stays to be seen."""
        return "struck" in row.details


@lens
class VisitDue:
    """A visit that is to be made."""

    @field(graphql_type=CareRecord)
    def care_record(self, row: Parent[RecordRow]) -> RecordRow:
        """For whom, and why."""
        return row

    @field(graphql_type=HouseholdLens | None)
    async def household(self, info: Info, row: Parent[RecordRow]) -> HouseholdRow | None:
        """Where."""
        return await info.context.load(homes_of, row.resident_id)

    @field()
    async def due_at(self, info: Info, row: Parent[RecordRow]) -> datetime | None:
        """By when."""
        return await _due(info, row)

    @field()
    async def overdue_days(self, info: Info, row: Parent[RecordRow]) -> int:
        """How many full days it is late; 0 while it is not."""
        due = await _due(info, row)
        return visits.overdue_days(due, clock.now()) if due else 0


@dataclass(frozen=True)
class VisitNumber:
    """How many visits are due in a grid, and how many of them are late; None when withheld."""

    grid_id: uuid.UUID
    due: int | None
    overdue: int | None


@lens
class VisitCount:
    """Visits due and overdue in a grid; small numbers are withheld, since they would point at somebody."""

    @field(graphql_type=Grid)
    async def grid(self, info: Info, number: Parent[VisitNumber]) -> Area | None:
        """Where."""
        return await info.context.load(areas.by_id, number.grid_id)

    @field()
    def due(self, number: Parent[VisitNumber]) -> int | None:
        """How many are due; null when withheld."""
        return number.due

    @field()
    def overdue(self, number: Parent[VisitNumber]) -> int | None:
        """How many of them are late; null when withheld."""
        return number.overdue


@given
class VisitInput:
    """A visit as it was made."""

    care_record_id: strawberry.ID = shown("For which record.")
    visited_at: datetime = shown("When it took place.")
    purpose: VisitPurpose = shown("What it was for.")
    note: str | None = strawberry.field(default=None, description="What was seen and done; sealed.")
    id: strawberry.ID | None = strawberry.field(
        default=None, description="A UUID made by the phone: sent again, it is the same visit."
    )
    written_at: datetime | None = strawberry.field(default=None, description="When it was written down, offline.")
    based_on: int | None = strawberry.field(default=None, description="The record's version that the phone knew.")


@lens
class VisitQuery:
    """What can be asked of visits."""

    @field(graphql_type=Connection[VisitDue] | None)
    async def visits_due(
        self,
        info: Info,
        area_id: strawberry.ID | None = None,
        by: datetime | None = None,
        first: First = 50,
        after: After = None,
    ) -> Page[RecordRow]:
        """Visits to be made by a moment (now if not given), in an area or wherever you may, the latest late first."""
        due = records.readable(info.context.actor).where(visits.due_expression() <= (by or clock.now()))
        if area_id is not None:
            inside = await areas.inside(info.context, area_id)
            due = due.where(HouseholdRow.grid_id.in_(sa.select(Area.id).where(inside)))
        return await page(info.context, due, MOST_URGENT_FIRST, first, after)

    @listing(graphql_type=list[VisitCount] | None, at_most=MOST_GRIDS)
    async def visit_counts(self, info: Info, area_id: strawberry.ID, by: datetime | None = None) -> list[VisitNumber]:
        """Visits due by a moment (now if not given) and overdue in each grid of an area; sealed categories apart."""
        async with info.context.read() as session:
            await require_area(session, info.context.actor, id_of(area_id), *COUNTERS)
            inside = await areas.inside(info.context, area_id)
            grids = (await session.scalars(sa.select(Area.id).where(inside).order_by(Area.code))).all()
            found = await visits.due_by_grid(session, info.context.actor, grids, by or clock.now())
        return _told([(grid, *found.get(grid, (0, 0))) for grid in grids], info.context.actor)

    @field(graphql_type=Connection[Visit] | None)
    async def visits_in_conflict(self, info: Info, first: First = 50, after: After = None) -> Page[VisitRow]:
        """Visits that came late and stand against something, which nobody has settled yet."""
        mine = records.readable(info.context.actor).with_only_columns(RecordRow.id, maintain_column_froms=True)
        waiting = sa.select(VisitRow).where(VisitRow.conflicts != sa.literal([], VisitRow.conflicts.type))
        waiting = waiting.where(VisitRow.settled_at.is_(None), VisitRow.care_record_id.in_(mine))
        return await page(info.context, waiting, WAITING, first, after)


@lens
class VisitMutation:
    """What visitors tell."""

    @mutation(graphql_type=Visit)
    async def record_visit(self, info: Info, input: VisitInput) -> VisitRow:
        """Keep a visit, also one made without a network; what stands against it is shown, and both are kept."""
        told = visits.Told(
            care_record_id=id_of(input.care_record_id),
            visited_at=input.visited_at,
            purpose=input.purpose.value,
            note=input.note,
            id=id_of(input.id) if input.id else None,
            written_at=input.written_at,
            based_on=input.based_on,
        )
        async with info.context.write() as session:
            return await visits.record_visit(session, info.context.actor, info.context.api.keyring, told)

    @mutation(graphql_type=Visit)
    async def settle_visit(self, info: Info, id: strawberry.ID, keep: bool) -> VisitRow:
        """Somebody has looked at what stands against a visit: it stays, or it is taken off the record."""
        async with info.context.write() as session:
            return await visits.settle(session, info.context.actor, id_of(id), keep)


async def by_id(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, VisitRow]:
    """Visits by id, those for records that the actor may read, and those for no record in homes that he may find."""
    rows = await session.scalars(visits.readable(actor).where(VisitRow.id.in_(ids)))
    return {row.id: row for row in rows}


async def homes_of(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, HouseholdRow]:
    """Each person's household of today, those that the actor may find."""
    pairs = sa.select(Residence.resident_id, HouseholdRow).join(HouseholdRow, HouseholdRow.id == Residence.household_id)
    now = pairs.where(Residence.resident_id.in_(ids), Residence.until.is_(None))
    return await one_each(session, visible(now, actor))


def _told(counts: Sequence[tuple[uuid.UUID, int, int]], actor: Actor) -> list[VisitNumber]:
    """Small numbers to nobody; nor, to who may not read the records, the next smallest and what leaves a small rest."""
    due = suppression.withheld([due for _, due, _ in counts])
    late = suppression.withheld([late for _, _, late in counts])
    found = []
    for (grid, of_all, of_late), beside, beside_late in zip(counts, due, late, strict=True):
        reads = actor.cares.holds(grid)
        all_hidden = suppression.is_small(of_all) or (beside and not reads)
        rest_tells = not all_hidden and suppression.is_small(of_all - of_late)
        late_hidden = suppression.is_small(of_late) or ((beside_late or rest_tells) and not reads)
        found.append(VisitNumber(grid, None if all_hidden else of_all, None if late_hidden else of_late))
    return found


async def _due(info: Info, row: RecordRow) -> datetime | None:
    category: CareCategory | None = await info.context.load(care.by_id, row.category_id)
    return visits.due_at(category, row) if category else None
