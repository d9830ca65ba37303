"""Gaps: homes close together that nobody reaches in time, as polygons with counts."""

from dataclasses import dataclass
from typing import Any

import contourpy
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely import MultiPolygon

from gis.coordinates import LocalProjection

CELL_METERS = 40.0
MOST_CELLS = 4_000_000
_TOUCHING = np.ones((3, 3), np.bool_)


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    """A cluster: its area (degrees), its homes int32[k] (the caller's numbers, rising), how many people they hold.

    `nearest_seconds`: the shortest arrival at any of them, None when nobody comes at all.
    """

    area: MultiPolygon
    homes: NDArray[np.int32]
    resident_count: int
    nearest_seconds: int | None

    @property
    def home_count(self) -> int:
        """How many homes."""
        return len(self.homes)


def find_gaps(
    projection: LocalProjection,
    meters: NDArray[np.float64],
    uncovered: NDArray[np.bool_],
    residents: NDArray[np.int32],
    seconds: NDArray[np.int32],
) -> list[Gap]:
    """Gather the uncovered homes among n: `meters` float64[n, 2] in the projection, `seconds` int32[n] (-1: nobody).

    Homes belong together when their cells of 40 m, widened by one cell, touch; cells that hold covered homes only are
    left out of the area, to half a cell. The gap with most homes comes first, then the one further west and south.
    """
    chosen = np.flatnonzero(uncovered).astype(np.int32)
    if not len(chosen):
        return []
    raster = _Raster.around(meters[chosen])
    label, areas = raster.clusters(meters[chosen], meters[~uncovered])
    # Sixteen bits are sorted by radix, five times as fast.
    order = np.argsort(label.astype(np.uint16) if len(areas) < 65_536 else label, kind="stable")
    groups = np.split(chosen[order], np.cumsum(np.bincount(label, minlength=len(areas)))[:-1])
    degrees, bounds = projection.geometry_to_degrees(areas), shapely.bounds(areas)
    sizes = np.array([len(homes) for homes in groups])
    return [
        Gap(degrees[at], groups[at], int(residents[groups[at]].sum()), _shortest(seconds[groups[at]]))
        for at in np.lexsort((bounds[:, 1], bounds[:, 0], -sizes)).tolist()
    ]


def cluster_areas(projection: LocalProjection, meters: NDArray[np.float64]) -> MultiPolygon:
    """The area (degrees) of homes wherever they are: the same clusters as one MultiPolygon, empty without homes."""
    if not len(meters):
        return MultiPolygon()
    _, areas = _Raster.around(meters).clusters(meters, np.zeros((0, 2)))
    whole: MultiPolygon = projection.geometry_to_degrees(MultiPolygon(shapely.get_parts(areas).tolist()))
    return whole


def _shortest(seconds: NDArray[np.int32]) -> int | None:
    reached = seconds[seconds >= 0]
    return int(reached.min()) if len(reached) else None


def _corners(points: NDArray[np.float64], rings: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Closed rings without the points on straight stretches; a ring's first and last point stay."""
    before, after = np.diff(points[:-1], axis=0), np.diff(points[1:], axis=0)
    turned = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    kept = np.ones(len(points), np.bool_)
    kept[1:-1] = np.abs(turned) > 1e-6
    kept[rings[:-1]] = kept[rings[1:] - 1] = True
    return points[kept], np.concatenate(([0], np.cumsum(kept)))[rings]


@dataclass(frozen=True, slots=True)
class _Raster:
    """Square cells over the homes with a border of two, in metres from the south-western corner."""

    west: float
    south: float
    cell: float
    shape: tuple[int, int]

    @classmethod
    def around(cls, meters: NDArray[np.float64]) -> "_Raster":
        (west, south), (east, north) = meters.min(axis=0), meters.max(axis=0)
        cell = max(CELL_METERS, float(np.sqrt((east - west) * (north - south) / MOST_CELLS)))
        rows, columns = int((north - south) // cell) + 5, int((east - west) // cell) + 5
        return cls(float(west) - 2 * cell, float(south) - 2 * cell, cell, (rows, columns))

    def clusters(
        self, homes: NDArray[np.float64], others: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
        """The cluster of each home, 0 to count - 1, and the area (metres) of each cluster."""
        cells = self._cells(homes)
        occupied = np.zeros(self.shape, np.bool_)
        occupied.flat[cells] = True
        wide = ndimage.binary_dilation(occupied, _TOUCHING)
        other = self._cells(others)
        taken = np.zeros(self.shape, np.bool_)
        taken.flat[other[other >= 0]] = True
        inside = wide & (occupied | ~taken)
        label, count = ndimage.label(inside, _TOUCHING)
        found = label.flat[cells]
        kept = np.flatnonzero(np.bincount(found, minlength=count + 1))
        renumbered = np.zeros(count + 1, np.int64)
        renumbered[kept] = np.arange(len(kept))
        return renumbered[found], self._areas(inside, label, kept, count)

    def _cells(self, meters: NDArray[np.float64]) -> NDArray[np.int64]:
        """Flat cell numbers, -1 outside."""
        column = ((meters[:, 0] - self.west) // self.cell).astype(np.int64)
        row = ((meters[:, 1] - self.south) // self.cell).astype(np.int64)
        within = (row >= 0) & (row < self.shape[0]) & (column >= 0) & (column < self.shape[1])
        return np.where(within, row * self.shape[1] + column, -1)

    def _areas(
        self, inside: NDArray[np.bool_], label: NDArray[np.int32], kept: NDArray[np.int64], count: int
    ) -> NDArray[np.object_]:
        polygons, cells = self._polygons(inside)
        number = np.full(count + 1, -1)
        number[kept] = np.arange(len(kept))
        cluster = number[label[cells]]
        order = np.flatnonzero(cluster >= 0)[np.argsort(cluster[cluster >= 0], kind="stable")]
        return np.asarray(shapely.multipolygons(polygons[order], indices=cluster[order]))

    def _polygons(self, inside: NDArray[np.bool_]) -> tuple[NDArray[np.object_], tuple[Any, Any]]:
        """Contours through the middle between cells inside and outside, and a cell that lies in each."""
        x = self.west + (np.arange(self.shape[1]) + 0.5) * self.cell
        y = self.south + (np.arange(self.shape[0]) + 0.5) * self.cell
        fill = contourpy.FillType.ChunkCombinedOffsetOffset
        generator = contourpy.contour_generator(x, y, inside.astype(np.float64), fill_type=fill, corner_mask=False)
        # A little out from the middle, so that cells that touch by a corner stay joined.
        points, rings, outer = (np.asarray(part[0]) for part in generator.filled(0.45, np.inf))
        cells = self._cells_in(inside, points[rings[outer[:-1]]])
        corners, rings = _corners(points, rings.astype(np.int64))
        kind = shapely.GeometryType.POLYGON
        return shapely.from_ragged_array(kind, corners, (rings, outer.astype(np.int64))), cells

    def _cells_in(self, inside: NDArray[np.bool_], points: NDArray[np.float64]) -> tuple[Any, Any]:
        """A contour's point lies between a cell inside and one outside: find the one inside."""
        column, row = ((points - [self.west, self.south]) / self.cell - 0.5).T
        rows, columns = np.floor(row).astype(np.int64), np.floor(column).astype(np.int64)
        for up, right in (
            (np.ceil(row), np.floor(column)),
            (np.floor(row), np.ceil(column)),
            (np.ceil(row), np.ceil(column)),
        ):
            wrong = ~inside[rows, columns]
            rows[wrong], columns[wrong] = up[wrong], right[wrong]
        return rows, columns
