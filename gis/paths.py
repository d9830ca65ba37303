"""The way back through a finished search: from each candidate along streets whose costs add up exactly."""

from typing import Any

import numpy as np

from gis.arrivals import UNREACHED
from gis.compiled import compiled
from gis.profiles import BLOCKED
from gis.ways import direct_trip

_NOWHERE = 2**32 - 1


@compiled
def trace(ways: Any, call: Any, others: Any, ranked: Any, words: Any, toward: bool) -> Any:
    """The paths of the ranked candidates: where each begins, edges int64[m], fractions float64[m, 2], as travelled."""
    firsts = np.zeros(len(ranked) + 1, np.int64)
    no_edges, no_ends = np.empty(0, np.int64), np.empty((0, 2), np.float64)
    for rank in range(len(ranked)):
        firsts[rank + 1] = firsts[rank] + _walk(ways, call, others, ranked[rank], words, toward, no_edges, no_ends)
    edges, ends = np.empty(firsts[-1], np.int64), np.empty((firsts[-1], 2), np.float64)
    for rank in range(len(ranked)):
        begin, end = firsts[rank], firsts[rank + 1]
        _walk(ways, call, others, ranked[rank], words, toward, edges[begin:end], ends[begin:end])
        if not toward:
            edges[begin:end] = edges[begin:end][::-1].copy()
            ends[begin:end] = ends[begin:end][::-1, ::-1].copy()
    return firsts, edges, ends


@compiled
def _walk(ways: Any, call: Any, others: Any, word: int, words: Any, toward: bool, edges: Any, ends: Any) -> int:
    """From the candidate to the call; writes the pieces where there is room, returns how many there are."""
    other, ticks = (word >> 1) & BLOCKED, word >> 32
    edge, fraction = others.edge[other], others.fraction[other]
    if edge == call.edge[0] and direct_trip(ways, call, others, other, toward) == ticks:
        _note(edges, ends, 0, edge, fraction, call.fraction[0])
        return 1
    side = 0
    junction = np.int64(ways.edge_from[edge])
    if words[junction] == UNREACHED or (words[junction] >> 32) + others.ticks[other, 0] != ticks:
        junction, side = np.int64(ways.edge_to[edge]), 1
    _note(edges, ends, 0, edge, fraction, np.float64(side))
    count = 1
    while True:
        side = _call_side(ways, call, junction, words[junction] >> 32)
        if side >= 0:
            _note(edges, ends, count, np.int64(call.edge[0]), np.float64(side), call.fraction[0])
            return count + 1
        junction, edge, side = _next(ways, words, junction, toward)
        _note(edges, ends, count, edge, np.float64(1 - side), np.float64(side))
        count += 1


@compiled
def _note(edges: Any, ends: Any, at: int, edge: Any, start: Any, end: Any) -> None:
    if len(edges):
        edges[at], ends[at, 0], ends[at, 1] = edge, start, end


@compiled
def _call_side(ways: Any, call: Any, junction: Any, ticks: int) -> int:
    """Which end of the call's own edge this junction is, when the search began there; else -1."""
    edge = call.edge[0]
    if ways.edge_from[edge] == junction and call.ticks[0, 0] == ticks:
        return 0
    if ways.edge_to[edge] == junction and call.ticks[0, 1] == ticks:
        return 1
    return -1


@compiled
def _next(ways: Any, words: Any, junction: Any, toward: bool) -> Any:
    """The neighbour one street nearer to the call, by the lowest edge; its edge, and which end of it it is."""
    records, slot_edges = (ways.leaving, ways.leaving_edges) if toward else (ways.arriving, ways.arriving_edges)
    ticks, record = words[junction] >> 32, junction
    edge, head = np.int64(_NOWHERE), junction
    while True:
        for slot in range(4):
            cost, to = np.int64(records[8 * record + 4 + slot]), np.int64(records[8 * record + slot])
            if cost and (words[to] >> 32) + cost == ticks and slot_edges[4 * record + slot] < edge:
                edge, head = np.int64(slot_edges[4 * record + slot]), to
        if records[8 * record + 7]:
            break
        record = np.int64(records[8 * record + 3])
    return head, edge, int(ways.edge_to[edge] == head)
