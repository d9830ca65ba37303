"""Slivers: what two people who draw the same border leave between them, and what no grid is made of."""

import shapely
from shapely import Geometry, Polygon

from gis.coordinates import LocalProjection
from gis.shapes import to_multipolygon

TOLERANCE_METERS = 0.5


class Slivers:
    """Metres around a community, and what counts as a sliver there: nowhere wider than the tolerance."""

    def __init__(self, around: Geometry, tolerance_meters: float) -> None:
        """Centre the metres on a geometry in degrees."""
        self.projection = LocalProjection.around(around)
        self.tolerance = tolerance_meters
        self.to = self.projection.geometry_to_meters
        self.back = self.projection.geometry_to_degrees

    def thick(self, area: Geometry) -> list[Polygon]:
        """Give those polygons of an area that are somewhere wider than the tolerance."""
        parts = to_multipolygon(area).geoms
        return [part for part in parts if not part.buffer(-self.tolerance / 2, quad_segs=2).is_empty]

    def thick_degrees(self, area: Geometry) -> list[Polygon]:
        """Do as `thick` for an area in degrees."""
        parts = list(to_multipolygon(area).geoms)
        return [part for part in parts if self.thick(self.to(part))]

    def touch(self, one: Geometry, other: Geometry) -> bool:
        """Say whether two shapes in degrees come nearer than the tolerance."""
        return bool(shapely.distance(self.to(one), self.to(other)) <= self.tolerance)

    def border_length(self, one: Geometry, other: Geometry) -> float:
        """Measure how long the border of one runs along the other, within the tolerance."""
        if shapely.distance(one, other) > self.tolerance:
            return 0.0
        return float(one.boundary.intersection(other.buffer(self.tolerance, quad_segs=2)).length)
