"""Room for a search, kept with the graph and used again: a small search must not pay for a large network."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.arrivals import UNREACHED
from gis.buckets import Queue, make_queue
from gis.graph import Graph


@dataclass(slots=True)
class Workspace:
    """One search's memory. Between searches the queue is empty, `words` unreached and `mark` -1 everywhere.

    `scanned` uint32: junctions in the order they were looked at. `stamp` int32: which search saw a group of homes.
    """

    most_waiting: int
    queue: Queue
    scanned: NDArray[np.uint32]
    words: NDArray[np.int64]
    mark: NDArray[np.int32]


@contextmanager
def workspace(graph: Graph, starts: int) -> Iterator[Workspace]:
    """A workspace of this graph for one search from `starts` points; after an error it is thrown away.

    Each half-edge lets a junction wait at most twice (a bucket's junctions lie within one bucket's width), once more
    when it is the border of a refresh, each start at its two ends: so the queue cannot overflow.
    """
    most_waiting = 8 * graph.edge_count + 4 * max(starts, 1024)
    room = _take(graph)
    if room is None or room.most_waiting < most_waiting:
        room = _make(graph, most_waiting)
    yield room
    graph.workspaces.append(room)


def _take(graph: Graph) -> Workspace | None:
    try:
        room: Workspace = graph.workspaces.pop()  # a deque is safe between threads; the last used is still in cache
    except IndexError:
        return None
    return room


def _make(graph: Graph, most_waiting: int) -> Workspace:
    words = np.full(graph.junction_count, UNREACHED)
    mark = np.full(graph.junction_count, -1, np.int32)
    return Workspace(most_waiting, make_queue(most_waiting), np.empty(most_waiting, np.uint32), words, mark)
