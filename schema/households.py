"""Households: the home, its file's outline, and the acts by which it moves, is split and joins another."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import sqlalchemy as sa
import strawberry
from geoalchemy2.shape import from_shape, to_shape
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import Parent
from strawberry.scalars import JSON

from gis.coordinates import CoordinateSystem
from schema import areas, care
from schema.areas import Crs, Grid, Version
from schema.care import CareCategory
from schema.context import Context, Info, id_of
from schema.lens import field, lens, listing, mutation, shown, words
from schema.loading import first_of_each, many_each, one_each
from schema.pages import After, Connection, First, Order, Page, child_pages
from schema.places import PointInput
from schema.scalars import GeoJSON, geojson
from services import household_merging, households, masking, visits
from services.access import Actor, counted, unrestricted, visible
from services.areas import boundary
from services.call_rights import visible_calls
from services.models import Area, HouseholdEventKind, Residence, Resident, Terminal
from services.models import Call as CallRow
from services.models import CareCategory as CategoryRow
from services.models import Household as HouseholdRow
from services.models import HouseholdEvent as EventRow
from services.models import Visit as VisitRow
from services.models.base import SRID
from services.models.residents import living_in
from services.policy import FieldClass, Right, Thing

if TYPE_CHECKING:
    from schema.calls import Call
    from schema.visits import Visit

words(HouseholdEventKind)

LATEST_VISIT_FIRST = Order("visits of a household", VisitRow.visited_at, VisitRow.id, descending=True)
ASKED_TO = "asked_to"
"""Marks a home shown to somebody who is asked to go there, though it lies outside the own areas."""
LATEST_CALL_FIRST = Order("calls of a household", CallRow.opened_at, CallRow.id, descending=True)
MOST_RESIDENTS = 40
MOST_TERMINALS = 10
MOST_EVENTS = 100

ResidentLens = Annotated["Resident", strawberry.lazy("schema.residents")]
TerminalLens = Annotated["Terminal", strawberry.lazy("schema.terminals")]
CallLens = Annotated["Call", strawberry.lazy("schema.calls")]
VisitLens = Annotated["Visit", strawberry.lazy("schema.visits")]


@lens
class HouseholdEvent:
    """Something that happened to a household."""

    id: strawberry.ID = shown("Opaque.")
    at: datetime = shown("When it happened.")
    kind: HouseholdEventKind = shown("What happened.")

    @field(graphql_type=JSON)
    def detail(self, row: Parent[EventRow]) -> dict[str, Any]:
        """What changed: `before` and `after`, only the parts that differ. Never a name or a note."""
        before, after = row.before or {}, row.after or {}
        changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        return {
            "before": {name: before[name] for name in changed if name in before},
            "after": {name: after[name] for name in changed if name in after},
        }


@lens
class Household:
    """A home with its file."""

    id: strawberry.ID = shown("Opaque; stays the same when the household moves.")
    code: str = shown("The number of the file.")
    has_lift: bool = shown("True when a lift reaches it.")
    version: int = shown("Counts the changes; send it with the next one.")
    closed_at: datetime | None = shown("When the file was closed; null while it is open.")

    @field()
    def address(self, info: Info, row: Parent[HouseholdRow]) -> str:
        """Address as written; without its numbers where your role masks it."""
        return row.address if told(info, row) else masking.address(row.address)

    @field()
    def building(self, info: Info, row: Parent[HouseholdRow]) -> str | None:
        """Building, as written on the door; null where your role masks it."""
        return row.building if told(info, row) else None

    @field()
    def unit(self, info: Info, row: Parent[HouseholdRow]) -> str | None:
        """Unit or staircase; null where your role masks it."""
        return row.unit if told(info, row) else None

    @field()
    def floor(self, info: Info, row: Parent[HouseholdRow]) -> int | None:
        """Floor, counted from 1, negative below ground; null where your role masks it."""
        return row.floor if told(info, row) else None

    @field()
    def room(self, info: Info, row: Parent[HouseholdRow]) -> str | None:
        """Room or flat; null where your role masks it."""
        return row.room if told(info, row) else None

    @field(graphql_type=GeoJSON)
    async def location(self, info: Info, row: Parent[HouseholdRow], crs: Crs = CoordinateSystem.WGS84) -> Any:
        """Where it is, a Point; where your role masks it, another point of the grid, the same at each reading."""
        if told(info, row):
            return geojson(row.location, crs)
        grid = await info.context.load(areas.by_id, row.grid_id)
        assert grid is not None
        key = info.context.api.keyring.lasting_key  # a second point, under another key, would tell more than the first
        moved = masking.place(to_shape(row.location), boundary(grid), row.id, key)
        return geojson(from_shape(moved, srid=SRID), crs)

    @field(graphql_type=Grid)
    async def grid(self, info: Info, row: Parent[HouseholdRow]) -> Area | None:
        """The grid in which it lies: it follows from the place."""
        return await info.context.load(areas.by_id, row.grid_id)

    @field()
    async def resident_count(self, info: Info, row: Parent[HouseholdRow]) -> int | None:
        """How many people belong to it today; null where you may not look them up: a home's number is always small."""
        finds = info.context.actor.right(Thing.RESIDENT, FieldClass.PUBLIC, row.grid_id, row.id) >= Right.MASK
        return (await info.context.load(sizes, row.id) or 0) if finds else None

    @listing(graphql_type=list[ResidentLens], at_most=MOST_RESIDENTS)
    async def residents(self, info: Info, row: Parent[HouseholdRow]) -> list[Resident]:
        """Who belongs to it today, in the order of joining."""
        return await info.context.load(residents_of, row.id) or []

    @listing(graphql_type=list[CareCategory], at_most=areas.MOST_CATEGORIES)
    async def care_categories(self, info: Info, row: Parent[HouseholdRow]) -> list[CategoryRow]:
        """The categories of special care under which somebody here falls, as far as you may know."""
        return await info.context.load(care.of_households, row.id) or []

    @field()
    async def has_terminal(self, info: Info, row: Parent[HouseholdRow]) -> bool:
        """True when a terminal in use stands here."""
        return bool(await info.context.load(terminals_of, row.id))

    @listing(graphql_type=list[TerminalLens], at_most=MOST_TERMINALS)
    async def terminals(self, info: Info, row: Parent[HouseholdRow]) -> list[Terminal]:
        """The terminals in use here, by serial."""
        return await info.context.load(terminals_of, row.id) or []

    @field(graphql_type=Connection[CallLens])
    async def calls(
        self, info: Info, row: Parent[HouseholdRow], first: First = 10, after: After = None
    ) -> Page[CallRow] | None:
        """Calls for help from here that are yours to see, the latest first."""
        return await info.context.load(calls_of, row.id, info.context, first, after)

    @field(graphql_type=Connection[VisitLens])
    async def visits(
        self, info: Info, row: Parent[HouseholdRow], first: First = 10, after: After = None
    ) -> Page[VisitRow] | None:
        """Visits to this home that are yours to read, the latest first."""
        return await info.context.load(visits_of, row.id, info.context, first, after)

    @listing(graphql_type=list[HouseholdEvent], at_most=MOST_EVENTS)
    async def history(self, info: Info, row: Parent[HouseholdRow]) -> list[EventRow]:
        """What happened to it, the latest first; nothing where your role masks the address."""
        return (await info.context.load(events_of, row.id) or []) if told(info, row) else []


@lens
class HouseholdMutation:
    """The acts by which households change."""

    @mutation(graphql_type=Household)
    async def move_household(
        self, info: Info, id: strawberry.ID, address: str, point: PointInput, version: Version = None
    ) -> HouseholdRow:
        """The household has a new address and place; its grid follows, its terminals come along."""
        lon, lat = point.longitude, point.latitude
        async with info.context.write("households") as session:
            return await households.move_household(
                session, info.context.actor, id_of(id), address, lon, lat, point.crs, version
            )

    @mutation(graphql_type=list[Household])
    async def split_household(
        self,
        info: Info,
        id: strawberry.ID,
        resident_ids: list[strawberry.ID],
        code: str,
        address: str,
        point: PointInput,
        version: Version = None,
        terminals: Annotated[
            list[str] | None, strawberry.argument(description="Serials of the terminals that go along.")
        ] = None,
    ) -> list[HouseholdRow]:
        """Some of its people found a household of their own from today on; gives the old one and the new one."""
        lon, lat = point.longitude, point.latitude
        leaving, along = [id_of(one) for one in resident_ids], terminals or []
        async with info.context.write("households") as session:
            return await households.split_household(
                session, info.context.actor, id_of(id), leaving, code, address, lon, lat, point.crs, version, along
            )

    @mutation(graphql_type=Household)
    async def merge_households(
        self, info: Info, into: strawberry.ID, from_: Annotated[strawberry.ID, strawberry.argument(name="from")]
    ) -> HouseholdRow:
        """One household joins another: its people, terminals, contacts and open calls go along; its file is closed."""
        async with info.context.write() as session:
            return await household_merging.merge(session, info.context.actor, id_of(into), id_of(from_))


def told(info: Info, row: HouseholdRow) -> bool:
    """Whether the address is told as it is: by the policy, and to who is asked to go there."""
    actor = info.context.actor
    right = actor.right(Thing.HOUSEHOLD, FieldClass.PERSONAL, row.grid_id, row.id)
    return right is Right.ALLOW or getattr(row, ASKED_TO, False)


async def by_id(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, HouseholdRow]:
    """Households by id, those that the actor may find."""
    pairs = sa.select(HouseholdRow.id, HouseholdRow).where(HouseholdRow.id.in_(ids))
    return await one_each(session, visible(pairs, actor))


async def sizes(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How many people belong to each household, the restricted ones only where the file stands open."""
    people = sa.select(Residence.household_id, sa.func.count()).join(Resident, Resident.id == Residence.resident_id)
    here = people.where(Residence.household_id.in_(ids), Residence.until.is_(None), unrestricted(actor))
    return await one_each(session, counted(here.group_by(Residence.household_id), actor))


async def calls_of(
    session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID], context: Context, first: int, after: str | None
) -> dict[uuid.UUID, Page[CallRow]]:
    """A page of the calls from each home."""
    rows, parent = visible_calls(sa.select(CallRow), actor), CallRow.household_id
    return await child_pages(session, ids, context, rows, parent, LATEST_CALL_FIRST, first, after)


async def visits_of(
    session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID], context: Context, first: int, after: str | None
) -> dict[uuid.UUID, Page[VisitRow]]:
    """A page of the visits to each home."""
    rows, parent = visits.readable(actor), VisitRow.household_id
    return await child_pages(session, ids, context, rows, parent, LATEST_VISIT_FIRST, first, after)


async def residents_of(
    session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[Resident]]:
    """Who belongs to each household, those that the actor may find."""
    return await many_each(session, visible(living_in(ids), actor), ids)


async def terminals_of(
    session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[Terminal]]:
    """The terminals in use in each household."""
    home = sa.type_coerce(Terminal.household_id, sa.Uuid())
    pairs = sa.select(home, Terminal).where(Terminal.household_id.in_(ids), Terminal.retired_at.is_(None))
    return await many_each(session, pairs.order_by(Terminal.serial), ids)


async def events_of(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[EventRow]]:
    """What happened to each household, the latest first."""
    latest = sa.select(EventRow).order_by(EventRow.at.desc(), EventRow.id.desc())
    return await first_of_each(session, latest, EventRow.household_id, ids, MOST_EVENTS)
