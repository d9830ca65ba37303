"""Graphs for tests of the search alone: streets between lettered junctions, costs in plain ticks."""

import numpy as np

from gis.graph import BLOCKED, Graph, build_graph
from gis.links import Links

NO_WAY = BLOCKED


def streets(*rows: tuple[str, int] | tuple[str, int, int]) -> Graph:
    """Make a graph of rows ("AB", ticks) or ("AB", ticks there, ticks back); junctions are A, B ..., edges 0, 1 ..."""
    start, end = ([ord(row[0][side]) - ord("A") for row in rows] for side in (0, 1))
    count = max([*start, *end], default=-1) + 1
    return build_graph(count, start, end, [row[1] for row in rows], [row[-1] for row in rows])


def points(*rows: tuple[int, float] | tuple[int, float, int]) -> Links:
    """Make points of rows (edge, fraction) or (edge, fraction, ticks to the door)."""
    doors = [row[2] if len(row) == 3 else 0 for row in rows]
    return Links(
        np.array([row[0] for row in rows], np.int32), np.array([row[1] for row in rows]), np.array(doors, np.int32)
    )


def junctions(graph: Graph, letters: str) -> Links:
    """Make points that stand on junctions, each on the first edge that begins or ends there."""
    rows = []
    for letter in letters:
        at = ord(letter) - ord("A")
        edge = int(np.flatnonzero((graph.edge_from == at) | (graph.edge_to == at))[0])
        rows.append((edge, 0.0 if graph.edge_from[edge] == at else 1.0))
    return points(*rows)
