"""How long many ways over the streets are, without drawing any: lengths along the edges are laid out once a network."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gis.streetnetwork import ModeNetwork

Points = NDArray[np.float64]
Way = tuple[NDArray[np.int64], NDArray[np.float64]]


def of_ways(mode: ModeNetwork, ways: Sequence[Way], starts: Points, end: Points) -> NDArray[np.float64]:
    """Metres float64[n] of each way: from its start (float64[n, 2], metres) to the street, along it, and to the end.

    A way is the edges int64[m] and the fractions from and to float64[m, 2] along them; without an edge it runs straight
    from its start to the end (float64[2]).
    """
    straight = np.hypot(*(starts - end).T)
    counts = np.array([len(edges) for edges, _ in ways], np.int64)
    some = np.flatnonzero(counts)
    if not len(some):
        return np.asarray(straight)
    edges, ends = (np.concatenate(part) for part in zip(*ways, strict=True))
    last = np.cumsum(counts)[some] - 1
    first = last - counts[some] + 1
    along = np.add.reduceat(np.abs(_at(mode, edges, ends[:, 1]) - _at(mode, edges, ends[:, 0])), first)
    to_street = np.hypot(*(starts[some] - _places(mode, edges[first], ends[first, 0])).T)
    to_end = np.hypot(*(end - _places(mode, edges[last], ends[last, 1])).T)
    straight[some] = along + to_street + to_end
    return np.asarray(straight)


def _places(mode: ModeNetwork, edges: NDArray[np.int64], fractions: NDArray[np.float64]) -> Points:
    return np.column_stack(mode.place(edges.astype(np.int32), np.ascontiguousarray(fractions)))


def _at(mode: ModeNetwork, edges: NDArray[np.int64], fractions: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far along the laid out edges places are, given by edge and fraction."""
    keys, meters = laid_out(mode)
    return np.interp(2.0 * edges + fractions, keys, meters)


@lru_cache(maxsize=4)
def laid_out(mode: ModeNetwork) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each vertex of the edges' shapes twice its edge plus its fraction, and the metres from the first vertex on.

    Twice, so that the end of an edge (fraction 1) is not the beginning of the next.
    """
    edge = np.repeat(np.arange(len(mode.edge_shape_first) - 1), np.diff(mode.edge_shape_first))
    steps = np.hypot(np.diff(mode.shape_x, prepend=mode.shape_x[:1]), np.diff(mode.shape_y, prepend=mode.shape_y[:1]))
    return 2.0 * edge + mode.shape_fraction, np.cumsum(steps)
