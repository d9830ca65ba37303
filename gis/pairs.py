"""Who reaches whom: every supplier's own search, hence the homes that are covered twice."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.arrivals import LATEST, UNREACHED, reaches
from gis.buckets import bucket_shift
from gis.compiled import compiled, inlined
from gis.field import start
from gis.graph import Graph
from gis.homes import HomesByEdge, direct_to_home, homes_by_edge
from gis.links import Links
from gis.profiles import check_limit
from gis.spread import spread
from gis.ways import points, ways
from gis.workspace import workspace


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """The suppliers of home h are `supplier[first[h]:first[h + 1]]`, ascending, with the `ticks` of each.

    `first`: int64[homes + 1]; `supplier`, `ticks`: int32[pairs].
    """

    first: NDArray[np.int64]
    supplier: NDArray[np.int32]
    ticks: NDArray[np.int32]

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many suppliers reach each home in time, int64[homes]."""
        return np.diff(self.first)


def pairs(graph: Graph, suppliers: Links, homes: Links | HomesByEdge, limit_ticks: int) -> Pairs:
    """Everyone who reaches each home within the limit. Raises `LimitOutOfRange`, `BadLinks`.

    Memory grows with the answer: 24 bytes a pair while it is made, 8 in the result.
    """
    count, found = _all_pairs(graph, suppliers, homes, limit_ticks)
    return Pairs(*_by_home(count, *found))


def times_covered(graph: Graph, suppliers: Links, homes: Links | HomesByEdge, limit_ticks: int) -> NDArray[np.int64]:
    """How many suppliers reach each home within the limit, int64[homes]: the counts of `pairs`, without who it is."""
    count, (home, _, _) = _all_pairs(graph, suppliers, homes, limit_ticks)
    return np.bincount(home, minlength=count)


def _all_pairs(graph: Graph, suppliers: Links, homes: Links | HomesByEdge, limit_ticks: int) -> tuple[int, Any]:
    limit = check_limit(limit_ticks)
    prepared = homes if isinstance(homes, HomesByEdge) else homes_by_edge(graph, homes)
    starts, shift = points(graph, suppliers, leaving=True), bucket_shift(graph.bucket_shift, limit)
    with workspace(graph, 1) as room:
        memory = (room.words, room.queue, room.scanned)
        return prepared.count, _pairs(ways(graph), starts, prepared.groups, limit, shift, *memory)


@compiled
def _pairs(ways: Any, suppliers: Any, groups: Any, limit: int, shift: int, words: Any, queue: Any, scanned: Any) -> Any:
    seen = np.full(len(groups.start), -1, np.int32)
    waiting = np.empty(len(groups.start), np.int32)
    home, supplier, ticks = np.empty(1024, np.int32), np.empty(1024, np.int32), np.empty(1024, np.int32)
    size = 0
    for number in range(len(suppliers.edge)):
        start(ways, suppliers, number, words, queue, shift, limit)
        count = spread(ways.leaving, words, queue, shift, limit, scanned)
        edges = (np.int64(suppliers.edge[number]), np.int64(-1))
        near = groups_near(ways, groups, scanned[:count], edges, number, seen, waiting)
        most = size + _homes_in(groups, waiting[:near])
        if most > len(home):
            home, supplier, ticks = _grown(home, most), _grown(supplier, most), _grown(ticks, most)
        if near:
            size = _note(ways, groups, waiting[:near], suppliers, number, words, limit, home, supplier, ticks, size)
        for at in range(count):
            words[scanned[at]] = UNREACHED
    return home[:size], supplier[:size], ticks[:size]


@compiled
def groups_near(ways: Any, groups: Any, junctions: Any, edges: Any, stamp: int, seen: Any, near: Any) -> int:
    """The groups of homes at streets that leave `junctions`, and those on two `edges` (-1: none), once each; how many.

    `seen`: int32[groups], the stamp that met the group last. A home depends on an end of its edge only where the
    edge may be entered there, so streets that leave are enough.
    """
    count = 0
    for edge in edges:
        if edge >= 0:
            count = _see(groups, edge, stamp, seen, near, count)
    for at in range(len(junctions)):
        record = np.int64(junctions[at])
        while True:
            for slot in range(4 * record, 4 * record + 4):
                if ways.leaving_edges[slot] < len(groups.of_edge):
                    count = _see(groups, np.int64(ways.leaving_edges[slot]), stamp, seen, near, count)
            if ways.leaving[8 * record + 7]:
                break
            record = np.int64(ways.leaving[8 * record + 3])
    return count


@inlined
def _see(groups: Any, edge: Any, stamp: int, seen: Any, near: Any, count: int) -> int:
    group = groups.of_edge[edge]
    if group >= 0 and seen[group] != stamp:
        seen[group] = stamp
        near[count] = group
        return count + 1
    return count


@compiled
def _homes_in(groups: Any, chosen: Any) -> int:
    homes = 0
    for at in range(len(chosen)):
        homes += groups.first[chosen[at] + 1] - groups.first[chosen[at]]
    return homes


@compiled
def _grown(array: Any, least: int) -> Any:
    larger = np.empty(max(2 * len(array), least), np.int32)
    larger[: len(array)] = array
    return larger


@compiled
def _note(
    ways: Any, groups: Any, chosen: Any, suppliers: Any, number: int, words: Any, limit: int,
    home: Any, supplier: Any, ticks: Any, size: int,
) -> int:  # fmt: skip
    """Write down the homes of the chosen groups that one supplier reaches: by either end of the edge or along it."""
    edge = suppliers.edge[number]
    start, leaving = suppliers.fraction[number], suppliers.ticks[number]
    own = groups.of_edge[edge] if edge >= 0 else -1
    ahead, back = ways.forward[edge], ways.backward[edge]
    for group in chosen:
        near = min(words[groups.start[group]], LATEST) >> 32
        far = min(words[groups.end[group]], LATEST) >> 32
        for at in range(groups.first[group], groups.first[group + 1]):
            best = min(near + groups.near[at], far + groups.far[at])
            if group == own:
                best = min(best, direct_to_home(groups, at, ahead, back, start, leaving))
            if reaches(best, limit):
                home[size], supplier[size], ticks[size] = groups.number[at], number, best
                size += 1
    return size


@compiled
def _by_home(count: int, home: Any, supplier: Any, ticks: Any) -> Any:
    """Sort by home, keeping the order of suppliers (a counting sort)."""
    first = np.zeros(count + 1, np.int64)
    for at in range(len(home)):
        first[home[at] + 1] += 1
    for number in range(count):
        first[number + 1] += first[number]
    place = first[:-1].copy()
    by_home, when = np.empty(len(home), np.int32), np.empty(len(home), np.int32)
    for at in range(len(home)):
        to = place[home[at]]
        by_home[to], when[to] = supplier[at], ticks[at]
        place[home[at]] += 1
    return first, by_home, when
