"""Many lines in flat arrays: one array of offsets, two of coordinates."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

WGS84 = Geod(ellps="WGS84")


@dataclass(frozen=True, slots=True)
class Polylines:
    """n lines: first int64[n+1] offsets into x and y, float64 (longitude and latitude, or metres)."""

    first: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.first) - 1

    @property
    def line_of_vertex(self) -> NDArray[np.int64]:
        """Give for every vertex the line to which it belongs."""
        return np.repeat(np.arange(len(self)), np.diff(self.first))

    def segments(self) -> NDArray[np.int64]:
        """Give the vertices at which a segment starts: all but the last of each line."""
        starts = np.ones(len(self.x), bool)
        starts[self.first[1:] - 1] = False
        return np.flatnonzero(starts)

    def take(self, lines: NDArray[np.int64]) -> "Polylines":
        """Give some of the lines, in the order asked."""
        sizes = np.diff(self.first)[lines]
        first = np.concatenate(([0], np.cumsum(sizes)))
        at = np.repeat(self.first[lines] - first[:-1], sizes) + np.arange(first[-1])
        return Polylines(first, self.x[at], self.y[at])

    def geometries(self) -> NDArray[np.object_]:
        """Give shapely lines."""
        if not len(self):
            return np.empty(0, object)
        points = np.column_stack((self.x, self.y))
        return np.asarray(shapely.linestrings(points, indices=self.line_of_vertex))

    @classmethod
    def from_geometries(cls, lines: NDArray[np.object_]) -> "Polylines":
        """Take shapely lines (single ones, with two vertices at least)."""
        points, line = shapely.get_coordinates(lines, return_index=True)
        first = np.searchsorted(line, np.arange(len(lines) + 1))
        return cls(first.astype(np.int64), points[:, 0].copy(), points[:, 1].copy())


def geodesic_lengths(lines: Polylines) -> NDArray[np.float64]:
    """Give for each vertex the metres to the next on the WGS 84 ellipsoid (Karney's geodesic), 0 at a line's end."""
    metres = np.zeros(len(lines.x))
    at = lines.segments()
    metres[at] = WGS84.inv(lines.x[at], lines.y[at], lines.x[at + 1], lines.y[at + 1])[2]
    return metres
