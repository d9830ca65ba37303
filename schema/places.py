"""Places as they come in: points, boxes, circles, each with the coordinate system that it is written in."""

from typing import Any

import sqlalchemy as sa
import strawberry

from gis.coordinates import CoordinateSystem, to_wgs84
from schema.lens import given, shown, words
from services.errors import Invalid
from services.models import places

MOST_METERS = 50_000.0

words(CoordinateSystem)


class BoxInsideOut(Invalid):
    """The box has west {west} and east {east}, south {south} and north {north}. West and south are the smaller ones."""


class MetersOutOfRange(Invalid):
    """`meters` is {meters}: ask for more than 0 and at most {most}."""


@given
class PointInput:
    """A place in degrees."""

    longitude: float = shown("Degrees east, -180 to 180.")
    latitude: float = shown("Degrees north, -90 to 90.")
    crs: CoordinateSystem = strawberry.field(
        default=CoordinateSystem.WGS84, description="The system in which the numbers are written."
    )

    def to_wgs84(self) -> tuple[float, float]:
        """Longitude and latitude in WGS 84; raises CoordinatesNotFinite, CoordinatesOutOfRange."""
        if self.crs is CoordinateSystem.WGS84 and abs(self.longitude) <= 180 and abs(self.latitude) <= 90:
            return self.longitude, self.latitude  # most of what comes; arrays take ten microseconds
        lon, lat = to_wgs84(self.longitude, self.latitude, self.crs)
        return float(lon), float(lat)


@given
class BoundingBoxInput:
    """What a map shows: a box in degrees."""

    west: float = shown("Degrees east of its western side.")
    south: float = shown("Degrees north of its southern side.")
    east: float = shown("Degrees east of its eastern side.")
    north: float = shown("Degrees north of its northern side.")
    crs: CoordinateSystem = strawberry.field(
        default=CoordinateSystem.WGS84, description="The system in which the numbers are written."
    )

    def touches(self, geometry: Any) -> sa.ColumnElement[bool]:
        """True for the geometries that share a point with the box. Raises BoxInsideOut and what coordinates raise."""
        lons, lats = to_wgs84(
            [self.west, self.east, self.east, self.west], [self.south, self.south, self.north, self.north], self.crs
        )
        if self.west >= self.east or self.south >= self.north:
            raise BoxInsideOut(west=self.west, east=self.east, south=self.south, north=self.north)
        return places.touches_box(geometry, lons.min(), lats.min(), lons.max(), lats.max())


@given
class WithinInput:
    """A circle on the ground."""

    point: PointInput = shown("Its centre.")
    meters: float = shown("Its radius in metres, measured on the ellipsoid.")

    def reaches(self, geometry: Any) -> sa.ColumnElement[bool]:
        """True for the geometries no farther than `meters`. Raises MetersOutOfRange and what coordinates raise."""
        if not 0 < self.meters <= MOST_METERS:
            raise MetersOutOfRange(meters=self.meters, most=MOST_METERS)
        return places.within_meters(geometry, *self.point.to_wgs84(), self.meters)


def holds(geometry: Any, point: PointInput) -> sa.ColumnElement[bool]:
    """True for the areas that contain the point, their border too."""
    return places.holds_point(geometry, *point.to_wgs84())
