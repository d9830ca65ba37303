"""Where the edges of a graph run: the parts of each chain laid end to end, and the share of its cost at each vertex."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis.compiled import compiled
from gis.contraction import Chains
from gis.polylines import Polylines


class EdgeCourses(NamedTuple):
    """first int64[E+1] offsets into x, y, fraction float64[V] and street int32[V]; see `ModeNetwork`."""

    first: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    fraction: NDArray[np.float64]
    street: NDArray[np.int32]


def edge_courses(
    chains: Chains,
    rows: NDArray[np.int64],
    ticks: NDArray[np.int64],
    lines: Polylines,
    vertex_metres: NDArray[np.float64],
) -> EdgeCourses:
    """Lay out the chains: part p of a chain is the line rows[p] (metres) and costs ticks[p].

    The fraction grows with the cost, and within a part with the metres (vertex_metres: to the next vertex of a line).
    """
    size = np.diff(lines.first)[rows] - 1
    first = np.zeros(len(chains) + 1, np.int64)
    if len(chains):
        first[1:] = np.cumsum(np.add.reduceat(size[chains.part], chains.first[:-1]) + 1)
    out = (np.empty(first[-1]), np.empty(first[-1]), np.empty(first[-1]), np.empty(first[-1], np.int32))
    line = (lines.first, lines.x, lines.y, vertex_metres)
    _lay_all(chains.first, chains.part, chains.reversed, chains.ticks, rows, ticks, first, line, out)
    return EdgeCourses(first, *out)


@compiled
def _lay_all(
    chain_first: Any, part: Any, turned: Any, total: Any, rows: Any, ticks: Any, first: Any, line: Any, out: Any
) -> None:
    for chain in range(len(total)):
        to, before = first[chain], 0
        for at in range(chain_first[chain], chain_first[chain + 1]):
            to = _lay(rows[part[at]], turned[at], before, ticks[part[at]], total[chain], line, out, to)
            before += ticks[part[at]]


@compiled
def _lay(row: int, turned: bool, before: int, ticks: int, total: int, line: Any, out: Any, to: int) -> Any:
    """Lay one part from where the last one ended; give where its last vertex is."""
    line_first, x, y, metres = line
    start, stop = line_first[row], line_first[row + 1] - 1
    length, walked = metres[start:stop].sum(), 0.0
    for step in range(stop - start + 1):
        vertex = stop - step if turned else start + step
        share = walked / length if length > 0 else step / (stop - start)
        out[0][to + step], out[1][to + step], out[3][to + step] = x[vertex], y[vertex], row
        out[2][to + step] = min(1.0, (before + share * ticks) / total)
        walked += metres[vertex - 1] if turned and vertex > start else metres[vertex]
    out[2][to + stop - start] = (before + ticks) / total
    return to + stop - start
