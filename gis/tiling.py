"""Grids tile their community: whether they do, and how to split, merge and move a border so that they still do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely import Geometry, LineString, MultiPolygon, Polygon, STRtree

from gis.borders import merge, move_border, split
from gis.coordinates import LocalProjection, checked
from gis.shapes import area_square_meters
from gis.slivers import TOLERANCE_METERS, Slivers

__all__ = ["GridIndex", "Violation", "ViolationKind", "check_tiling", "merge", "move_border", "split"]
_METERS_PER_DEGREE = 110_000.0  # of latitude, at least; only to widen a search


class ViolationKind(StrEnum):
    """In which way grids fail to tile their community."""

    OVERLAP = "OVERLAP"
    GAP = "GAP"
    OUTSIDE = "OUTSIDE"
    INVALID = "INVALID"
    NOT_CLOSED = "NOT_CLOSED"


@dataclass(frozen=True, slots=True)
class Violation:
    """One fault of a tiling: which grids, where (degrees) and how much of it."""

    kind: ViolationKind
    codes: tuple[str, ...]
    area: Geometry
    square_meters: float


def check_tiling(
    parent: MultiPolygon, grids: Mapping[str, Geometry], tolerance_meters: float = TOLERANCE_METERS
) -> list[Violation]:
    """List every fault of grids (code -> shape in degrees) that shall tile their parent; none means they do.

    Slivers thinner than the tolerance pass: an area counts when something is left of it after it was shrunk by half
    the tolerance all round. Overlays are made in degrees, for a border that is straight there stays the same border
    when one side has a vertex more. The order is by kind of check and then by code, always the same.
    """
    broken = list(_unusable(grids))
    if broken:
        return broken
    meters = Slivers(parent, tolerance_meters)
    shapes = {code: grids[code] for code in sorted(grids)}
    return [*_overlaps(meters, shapes), *_outside(meters, parent, shapes), *_gaps(meters, parent, shapes)]


class GridIndex:
    """Which grid a point belongs to: one rule for all, fast for millions of points at once.

    On a border the lower code wins, and a point in a sliver between grids, not wider than the tolerance, belongs to
    the nearest of them. Read-only after it is made; may be shared between threads.
    """

    def __init__(self, grids: Mapping[str, Geometry], tolerance_meters: float = TOLERANCE_METERS) -> None:
        """Index grids (code -> shape in degrees)."""
        self.codes = tuple(sorted(grids))
        self._shapes = np.array([grids[code] for code in self.codes], dtype=object)
        shapely.prepare(self._shapes)
        self._tree = STRtree(self._shapes)
        self._tolerance_meters = tolerance_meters

    def codes_at(self, lon: ArrayLike, lat: ArrayLike) -> list[str | None]:
        """Give the code of the grid at each point (degrees), None where there is none. Raises as `checked`."""
        return [self.codes[number] if number >= 0 else None for number in self.numbers_at(lon, lat)]

    def numbers_at(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.int32]:
        """Give the position in `codes` for each point (degrees), -1 where there is no grid."""
        lons, lats = (np.atleast_1d(values) for values in checked(lon, lat))
        found = np.full(len(lons), len(self.codes), np.int32)
        self._fill_within(found, lons, lats)
        missed = np.flatnonzero(found == len(self.codes))
        found[missed] = self._nearest(lons[missed], lats[missed])
        return found

    def _fill_within(self, found: NDArray[np.int32], lons: Any, lats: Any) -> None:
        points, candidates = self._tree.query(shapely.points(lons, lats))
        order = np.argsort(candidates, kind="stable")
        numbers, starts = np.unique(candidates[order], return_index=True)
        groups = np.split(points[order], starts[1:])
        # From the highest code to the lowest, so that the lowest is written last and wins on a border.
        for number, near in zip(numbers[::-1], groups[::-1] if len(numbers) else [], strict=True):
            found[near[shapely.intersects_xy(self._shapes[number], lons[near], lats[near])]] = number

    def _nearest(self, lons: Any, lats: Any) -> NDArray[np.int32]:
        numbers = np.full(len(lons), -1, np.int32)
        if not len(lons):
            return numbers
        reach = self._tolerance_meters / _METERS_PER_DEGREE / max(float(np.cos(np.radians(np.abs(lats).max()))), 0.01)
        points, candidates = self._tree.query(shapely.points(lons, lats), predicate="dwithin", distance=reach)
        for point in np.unique(points):
            near = np.sort(candidates[points == point])
            meters = LocalProjection(float(lons[point]), float(lats[point]))
            distances = shapely.distance(meters.geometry_to_meters(self._shapes[near]), shapely.Point(0, 0))
            if distances.min() <= self._tolerance_meters:
                numbers[point] = near[int(np.argmin(distances))]
        return numbers


def _violations(meters: Slivers, kind: ViolationKind, codes: tuple[str, ...], area: Geometry) -> Iterator[Violation]:
    thick = meters.thick_degrees(area)
    if thick:
        shape = MultiPolygon(thick)
        yield Violation(kind, codes, shape, area_square_meters(shape))


def _unusable(grids: Mapping[str, Geometry]) -> Iterator[Violation]:
    for code in sorted(grids):
        shape = grids[code]
        if isinstance(shape, (Polygon, MultiPolygon)) and shape.is_valid and not shape.is_empty:
            continue
        is_open = isinstance(shape, LineString) and not shape.is_closed
        kind = ViolationKind.NOT_CLOSED if is_open else ViolationKind.INVALID
        yield Violation(kind, (code,), shape, area_square_meters(shape))


def _overlaps(meters: Slivers, shapes: Mapping[str, Geometry]) -> Iterator[Violation]:
    codes, values = list(shapes), np.array(list(shapes.values()), dtype=object)
    pairs = STRtree(values).query(values, predicate="intersects").T
    for one, other in sorted((int(a), int(b)) for a, b in pairs if a < b):
        both = shapely.intersection(values[one], values[other])
        yield from _violations(meters, ViolationKind.OVERLAP, (codes[one], codes[other]), both)


def _outside(meters: Slivers, outer: Geometry, shapes: Mapping[str, Geometry]) -> Iterator[Violation]:
    for code, shape in shapes.items():
        yield from _violations(meters, ViolationKind.OUTSIDE, (code,), shapely.difference(shape, outer))


def _gaps(meters: Slivers, outer: Geometry, shapes: Mapping[str, Geometry]) -> Iterator[Violation]:
    left = shapely.difference(outer, shapely.union_all(list(shapes.values())))
    for gap in meters.thick_degrees(left):
        beside = tuple(code for code, shape in shapes.items() if meters.touch(shape, gap))
        yield from _violations(meters, ViolationKind.GAP, beside, gap)
