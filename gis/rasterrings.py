"""Rings around the marked corners of a square grid: marching squares, the crossings named by the grid's lines.

A crossing is a piece of a grid line between a marked corner and an unmarked one. Piece 2k runs from corner k (rows
times columns, row by row) to the next in its row, piece 2k + 1 to the next in its column.
"""

from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon

from gis.compiled import compiled


class Rings(NamedTuple):
    """n rings of crossings, the marked corners to their left: crossing int64, ring i from first[i] to first[i + 1].

    shell int32[n]: the ring around the part that a ring belongs to; its own number when it is no hole.
    """

    crossing: NDArray[np.int64]
    first: NDArray[np.int64]
    shell: NDArray[np.int32]

    def multipolygon(self, points: NDArray[np.float64]) -> MultiPolygon:
        """Draw the rings through points float64[crossings, 2], one for each crossing in the order of `crossing`."""
        order = np.argsort(self.shell, kind="stable")
        sizes = np.diff(self.first)[order]
        # Every ring is closed, so its first crossing is named again at its end.
        ends = np.cumsum(sizes + 1)
        at = np.repeat(self.first[order] - (ends - sizes - 1), sizes + 1) + np.arange(int(ends[-1]) if len(ends) else 0)
        at[ends - 1] = self.first[order]
        polygons = np.flatnonzero(np.diff(self.shell[order], prepend=-1))
        parts = (np.append(0, ends), np.append(polygons, len(order)), np.array([0, len(polygons)]))
        drawn = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, points[at], parts)
        return drawn[0]


def rings(marked: NDArray[np.bool_]) -> Rings:
    """Find the rings around the marked corners bool[rows, columns]; corners that only touch diagonally stay apart.

    No corner of the outermost rows and columns may be marked.
    """
    crossing, first = _rings(np.ascontiguousarray(marked))
    return Rings(crossing, first, _shells(marked, crossing, first))


@compiled
def _rings(marked: Any) -> Any:
    rows, columns = marked.shape
    following = np.full(2 * rows * columns, -1, np.int32)
    count = _follow(marked, following)
    crossing, first = np.empty(count, np.int64), np.empty(count + 1, np.int64)
    done, found = 0, 0
    for start in range(len(following)):
        if following[start] < 0:
            continue
        first[found] = done
        at = start
        while following[at] >= 0:
            crossing[done] = at
            done += 1
            following[at], at = -1, following[at]
        found += 1
    first[found] = done
    return crossing, first[: found + 1].copy()


@compiled
def _follow(marked: Any, following: Any) -> int:
    """Name for each crossing the next one on its ring; give how many crossings there are."""
    rows, columns = marked.shape
    count = 0
    for row in range(rows - 1):
        for column in range(columns - 1):
            here = row * columns + column
            south, west, north, east = 2 * here, 2 * here + 1, 2 * (here + columns), 2 * here + 3
            a, b = marked[row, column], marked[row, column + 1]
            d, c = marked[row + 1, column], marked[row + 1, column + 1]
            if a == b == c == d:
                continue
            corners, sides = (a, b, c, d), (south, east, north, west)
            for last in range(4):
                if corners[last] and not corners[(last + 1) % 4]:
                    side = (last + 3) % 4
                    while corners[side]:
                        side = (side + 3) % 4
                    following[sides[last]] = sides[side]  # cuts off marked corners, which stay to the left
                    count += 1
    return count


@compiled
def _shells(marked: Any, crossing: Any, first: Any) -> Any:
    """Name for each ring the shell around it: left of a hole comes its shell, or another hole of the same shell."""
    columns = marked.shape[1]
    ring_of = np.full(2 * marked.size, -1, np.int32)
    shell = np.full(len(first) - 1, -1, np.int32)
    for ring in range(len(first) - 1):
        for at in range(first[ring], first[ring + 1]):
            ring_of[crossing[at]] = ring
    flat = marked.ravel()
    for ring in range(len(first) - 1):
        current = ring
        while shell[ring] < 0:
            corner = _leftmost(crossing, first, current, columns) // 2
            if flat[corner + 1]:
                shell[ring] = current
            while flat[corner]:
                corner -= 1
            current = ring_of[2 * corner]
    return shell


@compiled
def _leftmost(crossing: Any, first: Any, ring: int, columns: int) -> Any:
    """Give the crossing of a row (an even piece) furthest to the left; every ring has one."""
    best = np.int64(-1)
    for at in range(first[ring], first[ring + 1]):
        piece = crossing[at]
        if piece % 2 == 0 and (best < 0 or piece // 2 % columns < best // 2 % columns):
            best = piece
    return best
