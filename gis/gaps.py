"""Gaps: homes close together that nobody reaches in time, as polygons with counts."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import contourpy
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from shapely import MultiPolygon, Polygon

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
    degrees = projection.geometry_to_degrees(np.array(areas, object))
    gaps = [
        Gap(area, homes, int(residents[homes].sum()), _shortest(seconds[homes]))
        for homes, area in zip(groups, degrees, strict=True)
    ]
    return sorted(gaps, key=lambda gap: (-gap.home_count, gap.area.bounds))


def cluster_areas(projection: LocalProjection, meters: NDArray[np.float64]) -> MultiPolygon:
    """The area (degrees) of homes wherever they are: the same clusters as one MultiPolygon, empty without homes."""
    if not len(meters):
        return MultiPolygon()
    _, areas = _Raster.around(meters).clusters(meters, np.zeros((0, 2)))
    whole: MultiPolygon = projection.geometry_to_degrees(MultiPolygon([part for one in areas for part in one.geoms]))
    return whole


def _shortest(seconds: NDArray[np.int32]) -> int | None:
    reached = seconds[seconds >= 0]
    return int(reached.min()) if len(reached) else None


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
    ) -> tuple[NDArray[np.int64], list[MultiPolygon]]:
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
    ) -> list[MultiPolygon]:
        parts: list[list[Polygon]] = [[] for _ in range(count + 1)]
        for polygon, cell in self._polygons(inside):
            parts[label[cell]].append(polygon)
        return [MultiPolygon(parts[number]) for number in kept]

    def _polygons(self, inside: NDArray[np.bool_]) -> list[tuple[Polygon, tuple[int, int]]]:
        """Contours through the middle between cells inside and outside, each with a cell that lies in it."""
        x = self.west + (np.arange(self.shape[1]) + 0.5) * self.cell
        y = self.south + (np.arange(self.shape[0]) + 0.5) * self.cell
        generator = contourpy.contour_generator(
            x, y, inside.astype(np.float64), fill_type=contourpy.FillType.OuterOffset, corner_mask=False
        )
        points, offsets = self._filled(generator)
        found = []
        for ring, offset in zip(points, offsets, strict=True):
            rings = [ring[start:stop] for start, stop in pairwise(offset)]
            found.append((Polygon(rings[0], rings[1:]), self._cell_in(inside, rings[0])))
        return found

    @staticmethod
    def _filled(generator: contourpy.ContourGenerator) -> tuple[list[Any], list[Any]]:
        points, offsets, *_ = generator.filled(0.45, np.inf)  # a little out, so that touching corners stay joined
        return list(points), list(offsets)

    def _cell_in(self, inside: NDArray[np.bool_], ring: NDArray[np.float64]) -> tuple[int, int]:
        """A contour's point lies between a cell inside and one outside: the first is one of its two neighbours."""
        column, row = (ring[0, 0] - self.west) / self.cell - 0.5, (ring[0, 1] - self.south) / self.cell - 0.5
        for at in (
            (int(np.floor(row)), int(np.floor(column))),
            (int(np.ceil(row)), int(np.floor(column))),
            (int(np.floor(row)), int(np.ceil(column))),
            (int(np.ceil(row)), int(np.ceil(column))),
        ):
            if inside[at]:
                return at
        raise AssertionError("a contour without a cell inside")
