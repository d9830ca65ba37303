"""Service circles: what lies within so many minutes of a place, over the streets and beside it by the straight line."""

import uuid
from collections.abc import Iterator
from typing import Annotated, Any

import numpy as np
import strawberry
from strawberry import Parent

from gis.coordinates import CoordinateSystem
from schema.areas import Crs
from schema.care import CareCount, CareNumber
from schema.context import Info
from schema.lens import field, lens, listing, shown, words
from schema.places import PointInput
from schema.scalars import GeoJSON, drawn
from services import service_circle
from services.models import CoverageSupply, TravelMode
from services.service_circle import ServiceCircle as CircleValue

words(CoverageSupply, TravelMode)

MOST_CATEGORIES = 100

Minutes = Annotated[float, strawberry.argument(description="How long the way may take, door to door.")]
Mode = Annotated[TravelMode, strawberry.argument(description="How one travels; the answer states the speed.")]


@lens
class StraightLine:
    """What a circle on the map would claim; kept beside the streets' answer, since the difference is the point."""

    @field()
    def household_count(self, row: Parent[CircleValue]) -> int:
        """Homes inside the circle."""
        return int(row.straight.sum())

    @field()
    def falsely_covered(self, row: Parent[CircleValue]) -> int:
        """Homes inside the circle that are not reached in time."""
        return int((row.straight & ~row.reached).sum())


@lens
class ServiceCircle:
    """What lies within so many minutes of a place, over the streets."""

    speed_meters_per_second: float | None = strawberry.field(
        resolver=lambda root: root.profile.speed_meters_per_second,
        description="The speed it was computed with; null where it follows the class of road.",
    )
    network_version: str = shown("The street network it was computed on.")
    area_square_meters: float = shown("Size of the area on the ellipsoid.")

    @field(graphql_type=GeoJSON)
    def area(self, row: Parent[CircleValue], crs: Crs = CoordinateSystem.WGS84) -> Any:
        """The area reached, a MultiPolygon: homes inside are reached, homes outside are not."""
        return drawn(row.area, crs)

    @field()
    def household_count(self, row: Parent[CircleValue]) -> int:
        """Homes that are reached."""
        return int(row.reached.sum())

    @field()
    def resident_count(self, info: Info, row: Parent[CircleValue]) -> int | None:
        """People who live in them; null when withheld because they are few, blurred where you may not read them."""
        return info.context.teller(_grids_reached(row)).people(row.resident_count, "circle")

    @listing(graphql_type=list[CareCount], at_most=MOST_CATEGORIES)
    async def care_counts(self, info: Info, row: Parent[CircleValue]) -> list[CareNumber]:
        """How many of them are in each category of special care; small numbers are withheld, the others blurred where
        you may not read the records.
        """
        teller = info.context.teller(_grids_reached(row))
        people = zip(row.homes.category_ids, row.people_by_category().tolist(), strict=True)
        told = [(one, count, teller.people(count, "circle", one)) for one, count in people if count]
        return [CareNumber(one, count if said is None else said, said is None) for one, count, said in told]

    @field(graphql_type=StraightLine)
    def straight_line(self, row: Parent[CircleValue]) -> CircleValue:
        """The same by the straight line."""
        return row


@lens
class ServiceCircleQuery:
    """What can be asked of a place's surroundings."""

    @field(graphql_type=ServiceCircle | None)
    async def service_circle(
        self, info: Info, center: PointInput, minutes: Minutes = 10, travel_mode: Mode = TravelMode.WALK
    ) -> CircleValue:
        """What lies within so many minutes of a place."""
        async with info.context.read() as session:
            return await service_circle.circle(session, info.context.actor, *center.to_wgs84(), minutes, travel_mode)


def _grids_reached(row: CircleValue) -> Iterator[uuid.UUID]:
    return (row.homes.grid_ids[at] for at in np.unique(row.homes.grid[row.reached]))
