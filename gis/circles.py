"""The straight-line circle, computed beside the streets because the difference is what planners need to see."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.compiled import compiled


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Points by square cell, so that a circle looks only at those near it.

    `order` int32[n] lists points cell after cell (row by row), `first` int32[columns * rows + 1] where each begins;
    `west`, `south` and `size` in metres; `x`, `y` float64[n] in that order.
    """

    order: NDArray[np.int32]
    first: NDArray[np.int32]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    west: float
    south: float
    size: float
    columns: int
    rows: int

    @classmethod
    def of(cls, points: NDArray[np.float64], size: float = 200.0) -> "Cells":
        """Sort points (float64[n, 2], metres) into cells of `size` metres, larger ones where the area is vast."""
        if not len(points):
            empty = np.zeros(0)
            return cls(np.zeros(0, np.int32), np.zeros(2, np.int32), empty, empty, 0.0, 0.0, size, 1, 1)
        (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
        size = max(size, float(np.sqrt((east - west + 1) * (north - south + 1) / 1e6)))
        columns, rows = int((east - west) // size) + 1, int((north - south) // size) + 1
        cell = ((points[:, 1] - south) // size).astype(np.int64) * columns
        cell += ((points[:, 0] - west) // size).astype(np.int64)
        order = np.argsort(cell, kind="stable").astype(np.int32)
        first = np.searchsorted(cell[order], np.arange(columns * rows + 1)).astype(np.int32)
        x, y = points[order, 0].copy(), points[order, 1].copy()
        return cls(order, first, x, y, float(west), float(south), size, columns, rows)


def within_circles(cells: Cells, centres: NDArray[np.float64], radius_meters: float) -> NDArray[np.bool_]:
    """Which points lie within `radius_meters` of any centre (float64[m, 2], metres): bool[n], in the caller's order."""
    inside = np.zeros(len(cells.order), np.bool_)
    frame = (cells.west, cells.south, cells.size, cells.columns, cells.rows)
    _mark(cells.order, cells.first, cells.x, cells.y, frame, np.ascontiguousarray(centres), radius_meters, inside)
    return inside


@compiled
def _mark(order: Any, first: Any, x: Any, y: Any, frame: Any, centres: Any, radius: float, inside: Any) -> None:
    west, south, size, columns, rows = frame
    for centre in range(len(centres)):
        east_of, north_of = centres[centre, 0], centres[centre, 1]
        left = max(0, int((east_of - radius - west) // size))
        right = min(columns - 1, int((east_of + radius - west) // size))
        low = max(0, int((north_of - radius - south) // size))
        high = min(rows - 1, int((north_of + radius - south) // size))
        for row in range(low, high + 1):
            if left <= right:
                for at in range(first[row * columns + left], first[row * columns + right + 1]):
                    apart = (x[at] - east_of) ** 2 + (y[at] - north_of) ** 2
                    if apart <= radius * radius:
                        inside[order[at]] = True
