"""How long many ways over the streets are, without drawing any: lengths along the edges are laid out once a network."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gis.nearest import Stretch
from gis.streetnetwork import ModeNetwork

Points = NDArray[np.float64]


def of_ways(mode: ModeNetwork, ways: Sequence[Sequence[Stretch]], starts: Points, end: Points) -> NDArray[np.float64]:
    """Metres float64[n] of each way: from its start (float64[n, 2], metres) to the street, along it, and to the end.

    A way without a stretch runs straight from its start to the end (float64[2]).
    """
    straight = np.hypot(*(starts - end).T)
    counts = np.array([len(way) for way in ways], np.int64)
    pieces = np.array([piece for way in ways for piece in way], np.float64).reshape(-1, 3)
    if not len(pieces):
        return np.asarray(straight)
    some = np.flatnonzero(counts)
    last = np.cumsum(counts)[some] - 1
    first = last - counts[some] + 1
    along = np.add.reduceat(np.abs(_at(mode, pieces[:, [0, 2]]) - _at(mode, pieces[:, [0, 1]])), first)
    to_street = np.hypot(*(starts[some] - _places(mode, pieces[first][:, [0, 1]])).T)
    to_end = np.hypot(*(end - _places(mode, pieces[last][:, [0, 2]])).T)
    straight[some] = along + to_street + to_end
    return np.asarray(straight)


def _places(mode: ModeNetwork, where: NDArray[np.float64]) -> Points:
    return np.column_stack(mode.place(where[:, 0].astype(np.int32), np.ascontiguousarray(where[:, 1])))


def _at(mode: ModeNetwork, where: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far along the laid out edges places are, given by edge and fraction."""
    keys, laid_out = _laid_out(mode)
    return np.interp(2 * where[:, 0] + where[:, 1], keys, laid_out)


@lru_cache(maxsize=4)
def _laid_out(mode: ModeNetwork) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each vertex of the edges' shapes twice its edge plus its fraction, and the metres from the first vertex on.

    Twice, so that the end of an edge (fraction 1) is not the beginning of the next.
    """
    edge = np.repeat(np.arange(len(mode.edge_shape_first) - 1), np.diff(mode.edge_shape_first))
    steps = np.hypot(np.diff(mode.shape_x, prepend=mode.shape_x[:1]), np.diff(mode.shape_y, prepend=mode.shape_y[:1]))
    return 2.0 * edge + mode.shape_fraction, np.cumsum(steps)
