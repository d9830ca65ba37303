"""From all suppliers at once: who is first at every junction and at every home, and after how many ticks."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.arrivals import UNREACHED, arrival, suppliers_of, ticks_of
from gis.buckets import bucket_shift
from gis.compiled import compiled, inlined
from gis.graph import Graph
from gis.homes import HomesByEdge, arrive_all, arrive_directly, fetch_own, homes_by_edge
from gis.links import Links
from gis.prefetch import prefetch
from gis.profiles import LimitOutOfRange, check_limit
from gis.spread import relax, spread
from gis.ways import points, ways
from gis.workspace import workspace


@dataclass(frozen=True, slots=True, eq=False)
class Arrivals:
    """The first arrival at each of n places within `limit_ticks`; `words`: int64[n], see `gis.arrivals`."""

    words: NDArray[np.int64]
    limit_ticks: int

    @property
    def ticks(self) -> NDArray[np.int32]:
        """After how many ticks, int32[n] (a view), `BLOCKED` where nobody comes in time."""
        return ticks_of(self.words)

    @property
    def supplier(self) -> NDArray[np.int32]:
        """Which supplier comes first, int32[n], -1 where nobody comes in time; among equals the lowest number."""
        return suppliers_of(self.words)

    @property
    def reached(self) -> NDArray[np.bool_]:
        """Where somebody comes in time, bool[n]."""
        reached: NDArray[np.bool_] = self.words != UNREACHED
        return reached


class Field(Arrivals):
    """The first arrival at every junction: the trip to the junction, the supplier's own door walk included."""

    __slots__ = ()


class Reach(Arrivals):
    """The first arrival at every home, from door to door."""

    __slots__ = ()


def field(graph: Graph, suppliers: Links, limit_ticks: int) -> Field:
    """Search the streets from all suppliers at once. Raises `LimitOutOfRange`, `BadLinks`; no suppliers is no error."""
    limit = check_limit(limit_ticks)
    words = np.full(graph.junction_count, UNREACHED)
    shift = bucket_shift(graph.bucket_shift, limit)
    starts = points(graph, suppliers, leaving=True)
    with workspace(graph, len(suppliers)) as room:
        _field(ways(graph), starts, words, room.queue, shift, limit, room.scanned)
    return Field(words, limit)


@compiled
def _field(ways: Any, suppliers: Any, words: Any, queue: Any, shift: int, limit: int, scanned: Any) -> None:
    for edge in suppliers.edge:  # 500 misses side by side
        if edge >= 0:
            prefetch(ways.edge_from, edge)
            prefetch(ways.edge_to, edge)
    for supplier in range(len(suppliers.edge)):
        start(ways, suppliers, supplier, words, queue, shift, limit)
    spread(ways.leaving, words, queue, shift, limit, scanned)


@inlined
def start(ways: Any, suppliers: Any, supplier: int, words: Any, queue: Any, shift: int, limit: int) -> None:
    """Let a supplier set out to both ends of the edge; the queue's bit is set, so that the search looks there."""
    edge = suppliers.edge[supplier]
    if edge >= 0:
        near, far = suppliers.ticks[supplier, 0], suppliers.ticks[supplier, 1]
        relax(words, queue, np.uint32(ways.edge_from[edge]), arrival(near, supplier) | 1, shift, limit)
        relax(words, queue, np.uint32(ways.edge_to[edge]), arrival(far, supplier) | 1, shift, limit)


def homes_reached(
    graph: Graph, field: Field, suppliers: Links, homes: Links | HomesByEdge, limit_ticks: int | None = None
) -> Reach:
    """Who is first at every home within the limit, given the field of the same suppliers.

    The limit is the field's unless a shorter one is given; a longer one raises `LimitOutOfRange`. Prepare homes that
    are audited more than once with `homes_by_edge`.
    """
    limit = check_limit(field.limit_ticks if limit_ticks is None else limit_ticks)
    if limit > field.limit_ticks:
        raise LimitOutOfRange(f"The field ends at {field.limit_ticks} ticks: search it again with a limit of {limit}.")
    prepared = homes if isinstance(homes, HomesByEdge) else homes_by_edge(graph, homes)
    found = np.full(prepared.count, UNREACHED)
    starts = points(graph, suppliers, leaving=True)
    _homes_reached(ways(graph), prepared.groups, starts, field.words, limit, found)
    return Reach(found, limit)


@compiled
def _homes_reached(ways: Any, groups: Any, suppliers: Any, words: Any, limit: int, found: Any) -> None:
    arrive_all(groups, words, limit, found)
    fetch_own(ways, groups, suppliers.edge)
    for supplier in range(len(suppliers.edge)):
        arrive_directly(ways, groups, suppliers, supplier, limit, found)
