"""Outward from one call until the candidates who can be there first are known, and the way that each of them takes."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis.arrivals import UNREACHED, arrival, reaches
from gis.buckets import BLOCK, bucket_shift, give_back
from gis.compiled import compiled
from gis.graph import Graph
from gis.links import BadLinks, Links
from gis.paths import trace
from gis.prefetch import prefetch
from gis.profiles import BLOCKED, MAXIMUM_TICKS, check_limit
from gis.spread import relax, scan_bucket
from gis.ways import check_edges, direct_trip, points_within, ways
from gis.workspace import workspace


class Stretch(NamedTuple):
    """A piece of a path: along `edge` from one fraction to another, in the order of travel."""

    edge: int
    from_fraction: float
    to_fraction: float


class _Trip(NamedTuple):
    edges: NDArray[np.int64]
    ends: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Candidate:
    """One who can be there in time: number `index` of the candidates, from door to door in `ticks`."""

    index: int
    ticks: int
    _trip: _Trip

    @property
    def pieces(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Edges int64[n] and the fractions from and to float64[n, 2] along them, those of no length included."""
        return self._trip

    @cached_property
    def path(self) -> tuple[Stretch, ...]:
        """The way in the order of travel; pieces of no length are left out."""
        edges, ends = self._trip
        pieces = zip(edges.tolist(), ends.tolist(), strict=True)
        return tuple(Stretch(edge, start, end) for edge, (start, end) in pieces if start != end)


def nearest(
    graph: Graph,
    origin: Links,
    candidates: Links,
    first: int,
    limit_ticks: int = MAXIMUM_TICKS,
    toward_origin: bool = True,
) -> list[Candidate]:
    """The `first` candidates by time, the lower number among equals; fewer when fewer come in time.

    `origin` is one point (the call). `toward_origin`: the candidates travel to it, so one-way streets are searched
    against their direction; otherwise from it. What is not linked is never reached.
    Raises `BadLinks` when `origin` is not one point or `first` is below 1, and `LimitOutOfRange`.
    """
    limit = check_limit(limit_ticks)
    if len(origin) != 1 or first < 1:
        raise BadLinks(f"Asked for the {first} nearest to {len(origin)} points: give one point and at least 1.")
    for links in (origin, candidates):
        check_edges(graph, links)
    call, others = ((links.edge, links.fraction, links.door_ticks) for links in (origin, candidates))
    shift = bucket_shift(graph.bucket_shift, limit)
    with workspace(graph, 1) as room:
        memory = (room.words, room.queue, room.scanned, room.mark)
        ranked, firsts, edges, ends = _nearest(ways(graph), call, others, first, limit, shift, toward_origin, *memory)
    trips = [_Trip(edges[firsts[i] : firsts[i + 1]], ends[firsts[i] : firsts[i + 1]]) for i in range(len(ranked))]
    return [Candidate(word >> 1 & BLOCKED, word >> 32, trip) for word, trip in zip(ranked.tolist(), trips, strict=True)]


@compiled
def _nearest(
    ways: Any, origin: Any, candidates: Any, first: int, limit: int, shift: int, toward: bool,
    words: Any, queue: Any, scanned: Any, mark: Any,
) -> Any:  # fmt: skip
    call = points_within(ways, origin[0], origin[1], origin[2], not toward)
    others = points_within(ways, candidates[0], candidates[1], candidates[2], toward)
    following = np.empty(2 * len(others.edge), np.int32)
    wanted = min(first, _mark_ends(ways, call, others, mark, following))
    best = np.full(len(others.edge), UNREACHED)
    top, found = np.empty(wanted, np.int64), 0
    if wanted:
        found = _rank_direct(ways, call, others, limit, toward, best, top, found)
    count, bucket = 0, 0
    _start(ways, call, words, queue, shift, limit)
    while bucket <= limit >> shift and wanted and not (found == wanted and top[found - 1] >> 32 >> shift < bucket):
        before = count
        count = scan_bucket(
            ways.arriving if toward else ways.leaving, words, queue, bucket, shift, limit, scanned, count
        )
        for at in range(before, count):
            if mark[scanned[at]] >= 0:
                found = _rank_at(scanned[at], others, words, mark, following, limit, best, top, found)
        bucket += 1
    paths = trace(ways, call, others, top[:found], words, toward)
    _clear(ways, others, words, queue, bucket, limit >> shift, scanned, count, mark)
    return top[:found], paths[0], paths[1], paths[2]


@compiled
def _start(ways: Any, call: Any, words: Any, queue: Any, shift: int, limit: int) -> None:
    edge = call.edge[0]
    if edge >= 0:
        relax(words, queue, np.uint32(ways.edge_from[edge]), arrival(call.ticks[0, 0], 0) | 1, shift, limit)
        relax(words, queue, np.uint32(ways.edge_to[edge]), arrival(call.ticks[0, 1], 0) | 1, shift, limit)


@compiled
def _mark_ends(ways: Any, call: Any, others: Any, mark: Any, following: Any) -> int:
    """Chain the candidates to the junctions at their edges' ends; how many hang together with the call."""
    near = 0
    for edge in others.edge:
        if edge >= 0:
            prefetch(ways.edge_from, edge)
            prefetch(ways.edge_to, edge)
    for other in range(len(others.edge)):
        edge = others.edge[other]
        if edge >= 0 and call.edge[0] >= 0:
            near += ways.component[ways.edge_from[edge]] == ways.component[ways.edge_from[call.edge[0]]]
            for side in range(2):
                junction = ways.edge_to[edge] if side else ways.edge_from[edge]
                following[2 * other + side] = mark[junction]
                mark[junction] = 2 * other + side
    return near


@compiled
def _rank_direct(ways: Any, call: Any, others: Any, limit: int, toward: bool, best: Any, top: Any, found: int) -> int:
    for other in range(len(others.edge)):
        if others.edge[other] == call.edge[0]:
            ticks = direct_trip(ways, call, others, other, toward)
            found = _rank(other, ticks, limit, best, top, found)
    return found


@compiled
def _rank_at(
    junction: Any, others: Any, words: Any, mark: Any, following: Any, limit: int, best: Any, top: Any, found: int
) -> int:
    at = mark[junction]
    while at >= 0:
        ticks = (words[junction] >> 32) + others.ticks[at >> 1, at & 1]
        found = _rank(at >> 1, ticks, limit, best, top, found)
        at = following[at]
    return found


@compiled
def _rank(other: int, ticks: int, limit: int, best: Any, top: Any, found: int) -> int:
    """Put a candidate's arrival in its place among the best; how many are ranked."""
    word = arrival(ticks, other)
    if word >= best[other] or not reaches(ticks, limit):
        return found
    place = found
    for at in range(found):
        if top[at] == best[other]:
            place = at
    if place == len(top):
        place -= 1
        if word >= top[place]:
            best[other] = word
            return found
    elif place == found:
        found += 1
    best[other] = word
    while place > 0 and top[place - 1] > word:
        top[place] = top[place - 1]
        place -= 1
    top[place] = word
    return found


@compiled
def _clear(
    ways: Any, others: Any, words: Any, queue: Any, bucket: int, last: int, scanned: Any, count: int, mark: Any
) -> None:
    """Leave the workspace as it was found: only what was touched is written."""
    for at in range(count):
        words[scanned[at]] = UNREACHED
    for waiting in range(bucket, last + 1):
        if queue.ends[waiting]:
            _clear_bucket(words, queue, waiting)
    for other in range(len(others.edge)):
        edge = others.edge[other]
        if edge >= 0:
            mark[ways.edge_from[edge]] = -1
            mark[ways.edge_to[edge]] = -1


@compiled
def _clear_bucket(words: Any, queue: Any, bucket: int) -> None:
    end = queue.ends[bucket]
    queue.ends[bucket] = 0
    while end:
        first = (end - 1) // BLOCK * BLOCK
        for at in range(first + 1, end):
            words[queue.pool[at]] = UNREACHED
        end = queue.pool[first]
        give_back(queue, first // BLOCK)
