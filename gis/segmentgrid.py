"""An index of line segments: which of them touch each cell of a square grid. Built once, stored, read by kernels."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis.adjacency import read_only
from gis.compiled import compiled

SMALLEST_CELL_METERS = 40.0


class SegmentGrid(NamedTuple):
    """frame float64[5]: west, south, cell (metres), columns, rows; first int32[cells+1] into item int32, by rows.

    An item is the vertex at which a segment starts; the segment ends at the next vertex.
    """

    frame: NDArray[np.float64]
    first: NDArray[np.int32]
    item: NDArray[np.int32]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Give the arrays by name."""
        return self._asdict()

    @classmethod
    def from_arrays(cls, stored: Mapping[str, NDArray[Any]]) -> "SegmentGrid":
        """Take the arrays back."""
        return cls(*(read_only(stored[name]) for name in cls._fields))


def build_grid(x: NDArray[np.float64], y: NDArray[np.float64], segments: NDArray[np.int64]) -> SegmentGrid:
    """Index the segments from vertex s to s + 1, s in segments; about as many cells as segments."""
    frame = _frame(x, y, segments)
    item = segments.astype(np.int32)
    counts = np.zeros(int(frame[3] * frame[4]) + 1, np.int32)
    _visit(x, y, item, frame, counts[1:], np.zeros(0, np.int32), False)
    first = np.cumsum(counts, dtype=np.int32)
    filled = np.empty(int(first[-1]), np.int32)
    _visit(x, y, item, frame, first[:-1].copy(), filled, True)
    return SegmentGrid(read_only(frame), read_only(first), read_only(filled))


def _frame(x: NDArray[np.float64], y: NDArray[np.float64], segments: NDArray[np.int64]) -> NDArray[np.float64]:
    if not len(segments):
        return np.array([0.0, 0.0, SMALLEST_CELL_METERS, 1.0, 1.0])
    ends = np.concatenate((segments, segments + 1))
    west, south, width, height = x[ends].min(), y[ends].min(), np.ptp(x[ends]), np.ptp(y[ends])
    cell = max(SMALLEST_CELL_METERS, float(np.sqrt(width * height / len(segments))))
    # A town along one line has no area, but must not have a million cells.
    cell = max(cell, float(width + height) / (4 * len(segments) + 64))
    return np.array([west, south, cell, width // cell + 1, height // cell + 1])


@compiled
def _visit(x: Any, y: Any, item: Any, frame: Any, cells: Any, filled: Any, fill: bool) -> None:
    """Count (or fill in, moving the cell's place on) each cell whose row strip the segment crosses in that column."""
    west, south, cell, columns, rows = frame[0], frame[1], frame[2], int(frame[3]), int(frame[4])
    for number in range(len(item)):
        a = item[number]
        low, high = (a, a + 1) if y[a] <= y[a + 1] else (a + 1, a)
        bottom, top = int((y[low] - south) / cell), min(rows - 1, int((y[high] - south) / cell))
        for row in range(bottom, top + 1):
            left, right = _span(x[low], y[low], x[high], y[high], south + row * cell, south + (row + 1) * cell)
            start, stop = max(0, int((left - west) / cell)), min(columns - 1, int((right - west) / cell))
            for at in range(row * columns + start, row * columns + stop + 1):
                if fill:
                    filled[cells[at]] = a
                cells[at] += 1


@compiled
def _span(x0: float, y0: float, x1: float, y1: float, bottom: float, top: float) -> Any:
    """Give the least and greatest x of the part of a segment (y0 <= y1) between two heights, a millimetre more."""
    low, high = x0, x1
    if y1 > y0:
        slope = (x1 - x0) / (y1 - y0)
        low = x0 + slope * (max(bottom, y0) - y0)
        high = x0 + slope * (min(top, y1) - y0)
    return min(low, high) - 1e-3, max(low, high) + 1e-3
