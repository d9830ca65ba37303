"""Homes laid out by the edge they stand on, so that an audit passes over them once and a refresh finds its few."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis.adjacency import read_only
from gis.arrivals import LATEST, UNREACHED, arrival, later, reaches
from gis.compiled import compiled, inlined
from gis.graph import Graph
from gis.links import Links
from gis.prefetch import prefetch
from gis.ways import direct_ticks, points


class Groups(NamedTuple):
    """The homes of an edge stand together: group g is homes `first[g]` to `first[g + 1]` of the sorted arrays.

    `start`, `end` uint32[groups]: the edge's junctions. `of_edge` int32[E]: an edge's group, -1 without homes.
    `near`, `far` int32[n]: the cost from the edge's start and from its end to the door of each sorted home (`NEVER` or
    more where that way is not allowed). `number` int32[n]: the caller's number of the home; `in_order`: it is the
    place in the sorted arrays, for all homes. `fraction` float64[n]: where along its edge.
    """

    first: NDArray[np.int32]
    start: NDArray[np.uint32]
    end: NDArray[np.uint32]
    of_edge: NDArray[np.int32]
    near: NDArray[np.int32]
    far: NDArray[np.int32]
    number: NDArray[np.int32]
    fraction: NDArray[np.float64]
    in_order: bool


@dataclass(frozen=True, slots=True, eq=False)
class HomesByEdge:
    """Homes prepared once for any number of audits on one graph; those that are not linked are in no group."""

    count: int
    groups: Groups


def homes_by_edge(graph: Graph, homes: Links) -> HomesByEdge:
    """Sort homes by edge. Raises `BadLinks` for an edge that the graph does not have.

    Homes that are given street by street already are audited fastest, since their answers are written in one sweep.
    """
    order = np.argsort(homes.edge, kind="stable")
    order = order[np.searchsorted(homes.edge[order], 0) :].astype(np.int32)
    near, far = points(graph, homes, leaving=False).ticks[order].T
    edges, first = np.unique(homes.edge[order], return_index=True)
    first = np.append(first, len(order)).astype(np.int32)
    start, end = (ends[edges].astype(np.uint32) for ends in (graph.edge_from, graph.edge_to))
    of_edge = np.full(graph.edge_count, -1, np.int32)
    of_edge[edges] = np.arange(len(edges), dtype=np.int32)
    arrays = (first, start, end, of_edge, near, far, order, homes.fraction[order])
    kept = (read_only(np.ascontiguousarray(array)) for array in arrays)
    in_order = np.array_equal(order, np.arange(len(homes)))
    return HomesByEdge(len(homes), Groups._make((*kept, in_order)))


@compiled
def arrive_all(groups: Any, words: Any, limit: int, found: Any) -> None:
    """The best arrival over the streets at every home, where some end of its edge is reached; `found` int64[homes]."""
    for group in range(len(groups.start)):
        if min(words[groups.start[group]], words[groups.end[group]]) != UNREACHED:
            if groups.in_order:
                _arrive_in_order(groups, group, words, limit, found)
            else:
                arrive(groups, group, words, limit, found)


@inlined
def _arrive_in_order(groups: Any, group: int, words: Any, limit: int, found: Any) -> None:
    """`arrive` for homes numbered as they are sorted; unsigned places let the compiler take eight homes at a time."""
    near = min(words[groups.start[group]], LATEST)
    far = min(words[groups.end[group]], LATEST)
    for at in range(np.uintp(groups.first[group]), np.uintp(groups.first[group + 1])):
        word = min(later(near, groups.near[at]), later(far, groups.far[at]))
        found[at] = word if reaches(word >> 32, limit) else UNREACHED


@inlined
def arrive(groups: Any, group: int, words: Any, limit: int, found: Any) -> None:
    """The best arrival over the streets at the homes of one group: by one end of their edge or by the other."""
    near = min(words[groups.start[group]], LATEST)
    far = min(words[groups.end[group]], LATEST)
    for at in range(groups.first[group], groups.first[group + 1]):
        word = min(later(near, groups.near[at]), later(far, groups.far[at]))
        found[groups.number[at]] = word if reaches(word >> 32, limit) else UNREACHED


@inlined
def fetch_own(ways: Any, groups: Any, edges: Any) -> None:
    """Ask for what `arrive_directly` will read of all these edges, many lines of memory at a time."""
    for edge in edges:
        if edge >= 0:
            prefetch(groups.of_edge, edge)
            prefetch(ways.forward, edge)
            prefetch(ways.backward, edge)
    for edge in edges:
        if edge >= 0 and groups.of_edge[edge] >= 0:
            prefetch(groups.first, groups.of_edge[edge])
    for edge in edges:
        if edge >= 0 and groups.of_edge[edge] >= 0:
            home = groups.first[groups.of_edge[edge]]
            prefetch(groups.near, home)
            prefetch(groups.far, home)
            prefetch(groups.number, home)
            prefetch(groups.fraction, home)


@inlined
def arrive_directly(ways: Any, groups: Any, suppliers: Any, supplier: int, limit: int, found: Any) -> None:
    """Better the arrivals at homes on the supplier's own edge by the trip that stays on it."""
    edge = suppliers.edge[supplier]
    group = groups.of_edge[edge] if edge >= 0 else -1
    if group >= 0:
        start, leaving = suppliers.fraction[supplier], suppliers.ticks[supplier]
        ahead, back = ways.forward[edge], ways.backward[edge]
        for at in range(groups.first[group], groups.first[group + 1]):
            ticks = direct_to_home(groups, at, ahead, back, start, leaving)
            if reaches(ticks, limit):
                home = groups.number[at]
                found[home] = min(found[home], arrival(ticks, supplier))


@inlined
def direct_to_home(groups: Any, at: int, ahead: int, back: int, start: float, leaving: Any) -> Any:
    """The trip from a place on an edge, `leaving` int32[2] away from its ends, to the sorted home `at` on that edge."""
    arriving = groups.near[at], groups.far[at]
    return direct_ticks(ahead, back, start, groups.fraction[at], leaving, arriving)
