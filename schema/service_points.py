"""Service points: where help is given, of which kind, and when."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import sqlalchemy as sa
import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import Parent

from gis.coordinates import CoordinateSystem
from schema import areas
from schema.areas import Crs, Grid
from schema.context import Info
from schema.lens import field, given, lens, listing, shown, words
from schema.loading import one_each
from schema.pages import After, Connection, First, Order, Page, page
from schema.places import BoundingBoxInput, WithinInput
from schema.scalars import GeoJSON, geojson
from services import clock
from services.access import Actor
from services.models import Area, ServiceMode, ServicePointKind
from services.models import ServicePoint as PointRow
from services.opening_hours import open_at

words(ServiceMode, ServicePointKind)

ModeOfService: TypeAlias = ServiceMode

IN_ORDER = Order("service points", PointRow.code, PointRow.id)
MOST_HOURS = 14


@dataclass(frozen=True)
class Span:
    """One span of opening hours as stored."""

    weekdays: list[int]
    opens: str
    closes: str


@lens
class OpeningHours:
    """One span of opening hours, in local time."""

    weekdays: list[int] = shown("Days of the week, Monday 1 to Sunday 7.", metadata={"at_most": 7})
    opens: str = shown("When it opens, HH:MM.")
    closes: str = shown("When it closes, HH:MM; at or before the opening means on the next day.")


@lens
class ServicePoint:
    """A place that serves: clinic, canteen, day care, pharmacy, service centre."""

    id: strawberry.ID = shown("Opaque.")
    code: str = shown("Number of the place.")
    name: str = shown("Name as on the door.")
    name_en: str | None = shown("Name in English or pinyin.")
    kind: ServicePointKind = shown("What kind of place it is.")
    address: str | None = shown("Address as written.")
    service_modes: list[ServiceMode] = shown(
        "By which of the four modes it serves; none when not said.", metadata={"at_most": len(ServiceMode)}
    )

    @field(graphql_type=GeoJSON)
    def location(self, row: Parent[PointRow], crs: Crs = CoordinateSystem.WGS84) -> Any:
        """Where it is, a Point."""
        return geojson(row.location, crs)

    @listing(graphql_type=list[OpeningHours], at_most=MOST_HOURS)
    async def hours(self, row: Parent[PointRow]) -> list[Span]:
        """When it is open; an empty list means always."""
        return [Span(*span) for span in row.hours]

    @field()
    def open_now(self, row: Parent[PointRow]) -> bool:
        """True when it is open at this moment."""
        return open_at(row.hours, clock.now())

    @field(graphql_type=Grid)
    async def grid(self, info: Info, row: Parent[PointRow]) -> Area | None:
        """The grid in which it lies."""
        return await info.context.load(areas.by_id, row.grid_id)


@given
class ServicePointFilter:
    """Which service points; all that is given must hold."""

    area_id: strawberry.ID | None = strawberry.field(default=None, description="Inside this area of any level.")
    kind: ServicePointKind | None = strawberry.field(default=None, description="Of this kind.")
    service_mode: ServiceMode | None = strawberry.field(default=None, description="Serving by this mode.")
    intersects: BoundingBoxInput | None = strawberry.field(default=None, description="Inside this box.")
    within: WithinInput | None = strawberry.field(default=None, description="No farther from a point than this.")


@lens
class ServicePointQuery:
    """What can be asked of service points."""

    @field(graphql_type=ServicePoint | None)
    async def service_point(self, info: Info, id: strawberry.ID) -> PointRow:
        """The service point with this id."""
        return await info.context.find(by_id, id)

    @field(graphql_type=Connection[ServicePoint] | None)
    async def service_points(
        self, info: Info, filter: ServicePointFilter | None = None, first: First = 50, after: After = None
    ) -> Page[PointRow]:
        """Service points by code."""
        chosen = sa.select(PointRow).where(*_conditions(filter or ServicePointFilter()))
        if filter and filter.area_id:
            inside = await areas.inside(info.context, filter.area_id)
            chosen = chosen.where(PointRow.grid_id.in_(sa.select(Area.id).where(inside)))
        return await page(info.context, chosen, IN_ORDER, first, after)


async def by_id(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, PointRow]:
    """Service points by id."""
    return await one_each(session, sa.select(PointRow.id, PointRow).where(PointRow.id.in_(ids)))


def _conditions(chosen: ServicePointFilter) -> list[sa.ColumnElement[bool]]:
    found = []
    if chosen.kind:
        found.append(PointRow.kind == chosen.kind)
    if chosen.service_mode:
        found.append(PointRow.service_modes.contains([chosen.service_mode.value]))
    if chosen.intersects:
        found.append(chosen.intersects.touches(PointRow.location))
    if chosen.within:
        found.append(chosen.within.reaches(PointRow.location))
    return found
