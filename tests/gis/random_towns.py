"""Random graphs and points on them, from a seed, awkward on purpose: loops, parallels, one-ways, islands, no links."""

import numpy as np

from gis.graph import BLOCKED, Graph, build_graph
from gis.links import Links


def random_graph(rng: np.random.Generator, junctions: int, edges: int, longest: int, one_way: bool) -> Graph:
    """Make a graph of random streets, costs 0 to `longest`; `one_way`: some are closed one way or both, or uneven."""
    start, end = rng.integers(0, junctions, (2, edges))
    forward = rng.integers(0, longest + 1, edges)
    if not one_way:
        return build_graph(junctions, start, end, forward, forward)
    backward = np.where(rng.random(edges) < 0.4, rng.integers(0, longest + 1, edges), forward)
    closed, closed_back = rng.random((2, edges)) < 0.2
    return build_graph(
        junctions, start, end, np.where(closed, BLOCKED, forward), np.where(closed_back, BLOCKED, backward)
    )


def random_points(rng: np.random.Generator, graph: Graph, count: int, longest_door: int) -> Links:
    """Put points on random edges, some at the ends, some at the same place, some on none."""
    if not graph.edge_count:
        return Links(np.full(count, -1, np.int32), np.zeros(count), np.zeros(count, np.int32))
    edge = np.where(rng.random(count) < 0.1, -1, rng.integers(0, graph.edge_count, count))
    fraction = np.where(rng.random(count) < 0.3, rng.integers(0, 3, count) / 2, rng.random(count))
    return Links(edge.astype(np.int32), fraction, rng.integers(0, longest_door + 1, count).astype(np.int32))


def made_city(seed: int, side: int, one_way: bool) -> Graph:
    """Make side x side crossings some 90 m apart in random order; a sixth of the streets missing, some doubled."""
    rng = np.random.default_rng(seed)
    number = rng.permutation(side * side).reshape(side, side)
    start = np.concatenate((number[:, :-1].ravel(), number[:-1].ravel()))
    end = np.concatenate((number[:, 1:].ravel(), number[1:].ravel()))
    kept = rng.choice(len(start), 5 * len(start) // 6, replace=False)
    kept = np.concatenate((kept, rng.choice(kept, len(kept) // 50)))
    forward = rng.integers(300_000, 1_500_000, len(kept))
    backward = np.where(one_way & (rng.random(len(kept)) < 0.2), BLOCKED, forward)
    return build_graph(side * side, start[kept], end[kept], forward, backward)
