"""Areas and grids: what they are, where they lie, how many live there, and the acts by which their borders change."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import Parent

from gis import shapes
from gis.coordinates import CoordinateSystem, geometry_to_wgs84
from schema.area_counts import households_in, residents_in
from schema.care import CareCount, CareNumber, numbers_by_grid
from schema.context import Context, Info, id_of
from schema.lens import field, given, lens, listing, mutation, shown, words
from schema.loading import many_each, one_each
from schema.pages import After, Connection, First, Order, Page, page
from schema.places import BoundingBoxInput, PointInput, WithinInput, holds
from schema.scalars import GeoJSON, geojson
from services import areas, boundaries
from services.access import Actor
from services.errors import Invalid, NotFound
from services.models import Area as AreaRow
from services.models import AreaLevel, Worker
from services.models.areas import grids_within, standing
from services.models.workers import serving

words(AreaLevel)

IN_ORDER = Order("areas", AreaRow.code, AreaRow.id)
MOST_WORKERS = 30
MOST_CATEGORIES = 20

WorkerLens = Annotated["Worker", strawberry.lazy("schema.workers")]
Version = Annotated[
    int | None, strawberry.argument(description="The version that the change was made on; a stale one is refused.")
]
Crs = Annotated[CoordinateSystem, strawberry.argument(description="The system to write the coordinates in.")]


@lens
class Area:
    """An area of the administration: district, street, community or grid."""

    id: strawberry.ID = shown("Opaque; stays the same when the border changes.")
    code: str = shown("Statistical code: 12 digits, a grid 15.")
    name: str = shown("Name as the administration writes it.")
    name_en: str | None = shown("Name in English or pinyin.")
    level: AreaLevel = shown("District, street, community or grid.")
    area_square_meters: float = shown("Size on the ellipsoid.")
    version: int = shown("Counts the changes of the border; send it with the next change.")
    valid_from: datetime = shown("Since when the border is as it is.")
    retired_at: datetime | None = shown("When the area ceased to be; null while it stands.")

    @field(graphql_type=GeoJSON)
    def boundary(self, row: Parent[AreaRow], crs: Crs = CoordinateSystem.WGS84) -> Any:
        """Its border, a MultiPolygon."""
        return geojson(row.boundary, crs)

    @field(graphql_type=GeoJSON)
    def label_point(self, row: Parent[AreaRow], crs: Crs = CoordinateSystem.WGS84) -> Any:
        """Where a label sits best; always inside."""
        return geojson(row.label_point, crs)

    @field(graphql_type=Annotated["Area", strawberry.lazy("schema.areas")] | None)
    async def parent(self, info: Info, row: Parent[AreaRow]) -> AreaRow | None:
        """The area one level up; null for a district."""
        return await info.context.load(by_id, row.parent_id)


@lens
class Grid(Area):
    """The smallest area, some hundred homes, served by its grid worker."""

    @field(graphql_type=Area)
    async def community(self, info: Info, row: Parent[AreaRow]) -> AreaRow | None:
        """The community that it is part of."""
        return await info.context.load(by_id, row.parent_id)

    @field()
    async def household_count(self, info: Info, row: Parent[AreaRow]) -> int:
        """How many homes it has."""
        return await info.context.load(households_in, row.id) or 0

    @field()
    async def resident_count(self, info: Info, row: Parent[AreaRow]) -> int | None:
        """How many people live in its homes; null where you may only count them and they, or others beside, are few."""
        return await info.context.load(residents_in, row.id)

    @listing(graphql_type=list[CareCount], at_most=MOST_CATEGORIES)
    async def care_counts(self, info: Info, row: Parent[AreaRow]) -> list[CareNumber]:
        """How many people in each category of special care; small numbers are withheld."""
        return await info.context.load(numbers_by_grid, row.id) or []

    @listing(graphql_type=list[WorkerLens], at_most=MOST_WORKERS)
    async def workers(self, info: Info, row: Parent[AreaRow]) -> list[Worker]:
        """Who serves this grid today, by code."""
        return await info.context.load(workers_of, row.id) or []


@given
class AreaFilter:
    """Which areas; all that is given must hold."""

    level: AreaLevel | None = strawberry.field(default=None, description="Of this level.")
    parent_id: strawberry.ID | None = strawberry.field(default=None, description="Directly inside this area.")
    intersects: BoundingBoxInput | None = strawberry.field(default=None, description="Touching this box.")
    within: WithinInput | None = strawberry.field(default=None, description="No farther from a point than this.")
    contains: PointInput | None = strawberry.field(default=None, description="Containing this point.")
    text: str | None = strawberry.field(default=None, description="Whose code begins with, or whose name has, this.")


@given
class GridFilter:
    """Which grids; all that is given must hold."""

    area_id: strawberry.ID | None = strawberry.field(default=None, description="Inside this area of any level.")
    intersects: BoundingBoxInput | None = strawberry.field(default=None, description="Touching this box.")
    within: WithinInput | None = strawberry.field(default=None, description="No farther from a point than this.")
    contains: PointInput | None = strawberry.field(default=None, description="Containing this point.")
    text: str | None = strawberry.field(default=None, description="Whose code begins with, or whose name has, this.")


@lens
class AreaQuery:
    """What can be asked of areas."""

    @field(graphql_type=Area | None)
    async def area(self, info: Info, id: strawberry.ID) -> AreaRow:
        """The area with this id, of any level."""
        return await info.context.find(by_id, id)

    @field(graphql_type=Connection[Area] | None)
    async def areas(
        self, info: Info, filter: AreaFilter | None = None, first: First = 50, after: After = None
    ) -> Page[AreaRow]:
        """Areas by code."""
        chosen = standing().where(*_conditions(filter))
        if filter and filter.level:
            chosen = chosen.where(AreaRow.level == filter.level)
        if filter and filter.parent_id:
            chosen = chosen.where(AreaRow.parent_id == id_of(filter.parent_id))
        return await page(info.context, chosen, IN_ORDER, first, after)

    @field(graphql_type=Grid | None)
    async def grid(self, info: Info, id: strawberry.ID) -> AreaRow:
        """The grid with this id, also when it has been retired."""
        found = await info.context.find(by_id, id)
        if found.level is not AreaLevel.GRID:
            raise NotFound(id)
        return found

    @field(graphql_type=Connection[Grid] | None)
    async def grids(
        self, info: Info, filter: GridFilter | None = None, first: First = 50, after: After = None
    ) -> Page[AreaRow]:
        """Grids by code."""
        chosen = standing().where(AreaRow.level == AreaLevel.GRID, *_conditions(filter))
        if filter and filter.area_id:
            chosen = chosen.where(await inside(info.context, filter.area_id))
        return await page(info.context, chosen, IN_ORDER, first, after)

    @field(graphql_type=Grid | None)
    async def grid_at(self, info: Info, point: PointInput) -> AreaRow | None:
        """The grid at a place; on a border the one with the lower code; null outside every grid."""
        async with info.context.read() as session:
            return await areas.grid_at(session, *point.to_wgs84())


@lens
class AreaMutation:
    """The acts by which borders change; each is dated, and what happened before keeps the grid in which it happened."""

    @mutation(graphql_type=list[Grid])
    async def split_grid(
        self,
        info: Info,
        id: strawberry.ID,
        line: GeoJSON,
        code: str,
        name: str,
        crs: CoordinateSystem = CoordinateSystem.WGS84,
        version: Version = None,
    ) -> list[AreaRow]:
        """Cut a grid along a LineString; the larger part keeps id and code, the other is the new grid. Gives both."""
        cut = geometry_to_wgs84(shapes.from_geojson(line, ["LineString"]), crs)
        async with info.context.write("boundaries") as session:
            both = await boundaries.split_grid(session, info.context.actor, id_of(id), cut, code, name, version)
        await info.context.renew()
        return both

    @mutation(graphql_type=Grid)
    async def merge_grids(
        self, info: Info, ids: list[strawberry.ID], code: str, name: str, versions: list[int] | None = None
    ) -> AreaRow:
        """Make one grid of neighbours in one community; `versions`, when sent, are those of `ids` in their order."""
        grids = [id_of(one) for one in ids]
        if versions is not None and len(versions) != len(grids):
            raise VersionsMismatched(grids=len(grids), versions=len(versions))
        known = dict(zip(grids, versions, strict=True)) if versions is not None else None
        async with info.context.write("boundaries") as session:
            merged = await boundaries.merge_grids(session, info.context.actor, grids, code, name, known)
        await info.context.renew()
        return merged

    @mutation(graphql_type=list[Grid])
    async def move_border(
        self,
        info: Info,
        id: strawberry.ID,
        boundary: GeoJSON,
        crs: CoordinateSystem = CoordinateSystem.WGS84,
        version: Version = None,
    ) -> list[AreaRow]:
        """Give a grid a new border, a Polygon or MultiPolygon; its neighbours give or take. Gives all that changed."""
        shape = geometry_to_wgs84(shapes.from_geojson(boundary, ["Polygon", "MultiPolygon"]), crs)
        async with info.context.write("boundaries") as session:
            changed = await boundaries.move_border(
                session, info.context.actor, id_of(id), shapes.to_multipolygon(shape), version
            )
        await info.context.renew()
        return changed


class VersionsMismatched(Invalid):
    """There are {grids} ids and {versions} versions. Send one version for each id, in the same order, or none."""


async def by_id(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, AreaRow]:
    """Areas by id, the retired ones too: what happened in them still names them."""
    return await one_each(session, sa.select(AreaRow.id, AreaRow).where(AreaRow.id.in_(ids)))


async def inside(context: Context, area_id: str) -> sa.ColumnElement[bool]:
    """True for the standing grids inside an area of any level; NotFound when there is no such area."""
    return grids_within((await context.find(by_id, area_id)).code)


async def workers_of(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Worker]]:
    """Who serves each area today."""
    return await many_each(session, serving(ids), ids)


def _conditions(chosen: AreaFilter | GridFilter | None) -> list[sa.ColumnElement[bool]]:
    if chosen is None:
        return []
    found = []
    if chosen.intersects:
        found.append(chosen.intersects.touches(AreaRow.boundary))
    if chosen.within:
        found.append(chosen.within.reaches(AreaRow.boundary))
    if chosen.contains:
        found.append(holds(AreaRow.boundary, chosen.contains))
    if chosen.text:
        name = AreaRow.name.icontains(chosen.text, autoescape=True)
        found.append(sa.or_(AreaRow.code.startswith(chosen.text, autoescape=True), name))
    return found
