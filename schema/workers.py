"""Workers: those who come, what they are, and where they serve."""

import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import Parent

from gis.coordinates import CoordinateSystem
from schema import areas
from schema.areas import Area, Crs
from schema.context import Info
from schema.lens import field, given, lens, listing, shown, words
from schema.loading import many_each, one_each
from schema.pages import After, Connection, First, Order, Page, page
from schema.scalars import GeoJSON, geojson
from services import masking
from services.access import Actor
from services.errors import NotAllowed
from services.models import Area as AreaRow
from services.models import Assignment, WorkerRole, WorkerStatus
from services.models import Worker as WorkerRow
from services.models.workers import served_by
from services.policy import FieldClass, Right, Thing

words(WorkerRole, WorkerStatus)

IN_ORDER = Order("workers", WorkerRow.code, WorkerRow.id)
MOST_AREAS = 30


@lens
class Worker:
    """Somebody who comes: grid worker, volunteer, community staff, social worker."""

    id: strawberry.ID = shown("Opaque.")
    code: str = shown("Number of the worker.")
    name: str = shown("Name, as the neighbourhood knows it.")
    role: WorkerRole = shown("What the worker is in the neighbourhood.")
    status: WorkerStatus = shown("Whether the worker can be sent now.")
    skills: list[str] = shown("What the worker can do, at most a few words.", metadata={"at_most": 20})
    languages: list[str] = shown("Languages and dialects spoken.", metadata={"at_most": 20})

    @field()
    async def phone(self, info: Info, row: Parent[WorkerRow]) -> str | None:
        """Phone number on duty, when there is one; 138****1234 where your role masks it."""
        number = info.context.opened(row, "phone")
        served = await info.context.load(areas_of, row.id) or []
        own = row.id == info.context.actor.worker_id
        right = info.context.actor.right_in(Thing.WORKER, FieldClass.PERSONAL, [area.code for area in served])
        return number if own or right is Right.ALLOW else masking.phone(number)

    @field(graphql_type=GeoJSON)
    def post(self, row: Parent[WorkerRow], crs: Crs = CoordinateSystem.WGS84) -> Any:
        """From where the worker sets out when no position is known, a Point."""
        return geojson(row.post, crs)

    @listing(graphql_type=list[Area], at_most=MOST_AREAS)
    async def areas(self, info: Info, row: Parent[WorkerRow]) -> list[AreaRow]:
        """The grids and communities that the worker serves today, by code."""
        return await info.context.load(areas_of, row.id) or []


@given
class WorkerFilter:
    """Which workers; all that is given must hold."""

    area_id: strawberry.ID | None = strawberry.field(default=None, description="Serving this area or a grid inside it.")
    role: WorkerRole | None = strawberry.field(default=None, description="Of this role.")
    status: WorkerStatus | None = strawberry.field(default=None, description="In this state now.")
    text: str | None = strawberry.field(default=None, description="Whose code begins with, or whose name has, this.")


@lens
class WorkerQuery:
    """What can be asked of workers."""

    @field(graphql_type=Worker | None)
    async def worker(self, info: Info, id: strawberry.ID) -> WorkerRow:
        """The worker with this id; not for devices."""
        _refuse_devices(info.context.actor)
        return await info.context.find(by_id, id)

    @field(graphql_type=Connection[Worker] | None)
    async def workers(
        self, info: Info, filter: WorkerFilter | None = None, first: First = 50, after: After = None
    ) -> Page[WorkerRow]:
        """Workers in service, by code; not for devices."""
        _refuse_devices(info.context.actor)
        chosen = sa.select(WorkerRow).where(WorkerRow.disabled_at.is_(None), *_conditions(filter or WorkerFilter()))
        if filter and filter.area_id:
            inside = sa.or_(await areas.inside(info.context, filter.area_id), AreaRow.id == uuid.UUID(filter.area_id))
            serves = sa.select(Assignment.worker_id).join(AreaRow, AreaRow.id == Assignment.area_id)
            chosen = chosen.where(WorkerRow.id.in_(serves.where(Assignment.until.is_(None), inside)))
        return await page(info.context, chosen, IN_ORDER, first, after)


async def by_id(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, WorkerRow]:
    """Workers by id, those who left too."""
    return await one_each(session, sa.select(WorkerRow.id, WorkerRow).where(WorkerRow.id.in_(ids)))


async def areas_of(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[AreaRow]]:
    """The areas that each worker serves, by code."""
    pairs = served_by(ids).join(AreaRow, AreaRow.id == Assignment.area_id).order_by(AreaRow.code)
    return await many_each(session, pairs.with_only_columns(Assignment.worker_id, AreaRow), ids)


def _refuse_devices(actor: Actor) -> None:
    """A terminal or a gateway has no business with people's names."""
    if actor.right_in(Thing.WORKER, FieldClass.PUBLIC, ()) is not Right.ALLOW:
        raise NotAllowed


def _conditions(chosen: WorkerFilter) -> list[sa.ColumnElement[bool]]:
    found = []
    if chosen.role:
        found.append(WorkerRow.role == chosen.role)
    if chosen.status:
        found.append(WorkerRow.status == chosen.status)
    if chosen.text:
        name = WorkerRow.name.icontains(chosen.text, autoescape=True)
        found.append(sa.or_(WorkerRow.code.startswith(chosen.text, autoescape=True), name))
    return found
