"""Homes laid out by the edge they stand on, so that an audit passes over them once and a refresh finds its few."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis.adjacency import read_only
from gis.arrivals import LATEST, UNREACHED, arrival, later, reaches
from gis.compiled import compiled
from gis.graph import Graph
from gis.links import Links
from gis.ways import direct_ticks, points


class Groups(NamedTuple):
    """The homes of an edge stand together: group g is homes `first[g]` to `first[g + 1]` of the sorted arrays.

    `ends` uint32[groups, 2]: the edge's junctions. `of_edge` int32[E]: an edge's group, -1 without homes.
    `home` int32[n]: the caller's number of a sorted home; `fraction`, `ticks`: see `Points`, arriving.
    """

    first: NDArray[np.int32]
    ends: NDArray[np.uint32]
    of_edge: NDArray[np.int32]
    home: NDArray[np.int32]
    fraction: NDArray[np.float64]
    ticks: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class HomesByEdge:
    """Homes prepared once for any number of audits on one graph; those that are not linked are in no group."""

    count: int
    groups: Groups


def homes_by_edge(graph: Graph, homes: Links) -> HomesByEdge:
    """Sort homes by edge. Raises `BadLinks` for an edge that the graph does not have."""
    order = np.argsort(homes.edge, kind="stable")
    order = order[np.searchsorted(homes.edge[order], 0) :].astype(np.int32)
    doors = points(graph, homes, leaving=False)
    edges, first = np.unique(homes.edge[order], return_index=True)
    of_edge = np.full(graph.edge_count, -1, np.int32)
    of_edge[edges] = np.arange(len(edges), dtype=np.int32)
    ends = np.stack((graph.edge_from[edges], graph.edge_to[edges]), axis=1).astype(np.uint32)
    first = np.append(first, len(order)).astype(np.int32)
    arrays = (first, ends, of_edge, order, homes.fraction[order], doors.ticks[order])
    return HomesByEdge(len(homes), Groups(*(read_only(np.ascontiguousarray(array)) for array in arrays)))


@compiled
def arrive_all(groups: Any, words: Any, limit: int, found: Any) -> None:
    """The best arrival over the streets at every home, where some end of its edge is reached; `found` int64[homes]."""
    for group in range(len(groups.ends)):
        if min(words[groups.ends[group, 0]], words[groups.ends[group, 1]]) != UNREACHED:
            arrive(groups, group, words, limit, found)


@compiled
def arrive(groups: Any, group: int, words: Any, limit: int, found: Any) -> None:
    """The best arrival over the streets at the homes of one group: by one end of their edge or by the other."""
    near = min(words[groups.ends[group, 0]], LATEST)
    far = min(words[groups.ends[group, 1]], LATEST)
    for at in range(groups.first[group], groups.first[group + 1]):
        word = min(later(near, groups.ticks[at, 0]), later(far, groups.ticks[at, 1]))
        found[groups.home[at]] = word if reaches(word >> 32, limit) else UNREACHED


@compiled
def arrive_directly(ways: Any, groups: Any, suppliers: Any, supplier: int, limit: int, found: Any) -> None:
    """Better the arrivals at homes on the supplier's own edge by the trip that stays on it."""
    edge = suppliers.edge[supplier]
    if edge < 0 or groups.of_edge[edge] < 0:
        return
    start, leaving, group = suppliers.fraction[supplier], suppliers.ticks[supplier], groups.of_edge[edge]
    for at in range(groups.first[group], groups.first[group + 1]):
        ticks = direct_ticks(ways.forward, ways.backward, edge, start, groups.fraction[at], leaving, groups.ticks[at])
        if reaches(ticks, limit):
            found[groups.home[at]] = min(found[groups.home[at]], arrival(ticks, supplier))
