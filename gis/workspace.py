"""Room for a search, kept with the graph and used again: a small search must not pay for a large network."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gis.arrivals import UNREACHED
from gis.buckets import make_queue
from gis.graph import Graph


class Workspace:
    """One search's memory. Between searches the queue is empty, `words` unreached and `mark` -1 everywhere.

    `scanned` uint32: junctions in the order they were looked at. `words` int64[junctions] and `mark` int32[junctions]
    are for searches that give no field away, and are made when the first of these comes.
    """

    def __init__(self, junction_count: int, most_waiting: int) -> None:
        """Room for `most_waiting` junctions ever put into the queue; memory is only taken where it is written."""
        self.most_waiting = most_waiting
        self.queue = make_queue(most_waiting)
        self.scanned: NDArray[np.uint32] = np.empty(most_waiting, np.uint32)
        self._junction_count = junction_count

    @cached_property
    def words(self) -> NDArray[np.int64]:
        """Arrivals, see `gis.arrivals`."""
        return np.full(self._junction_count, UNREACHED)

    @cached_property
    def mark(self) -> NDArray[np.int32]:
        """What is wanted at a junction."""
        return np.full(self._junction_count, -1, np.int32)


@contextmanager
def workspace(graph: Graph, starts: int) -> Iterator[Workspace]:
    """A workspace of this graph for one search from `starts` points; after an error it is thrown away.

    Each half-edge lets a junction wait at most twice (a bucket's junctions lie within one bucket's width), once more
    when it is the border of a refresh, each start at its two ends: so the queue cannot overflow.
    """
    most_waiting = 8 * graph.edge_count + 4 * max(starts, 1024)
    room = _take(graph)
    if room is None or room.most_waiting < most_waiting:
        room = Workspace(graph.junction_count, most_waiting)
    yield room
    graph.workspaces.append(room)


def _take(graph: Graph) -> Workspace | None:
    try:
        room: Workspace = graph.workspaces.pop()  # a deque is safe between threads; the last used is still in cache
    except IndexError:
        return None
    return room
