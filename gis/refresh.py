"""Who covers whom, kept up to date: one supplier moves, comes or goes, and only what that changes is searched again."""

from typing import Any

import numpy as np

from gis.arrivals import UNREACHED, later
from gis.buckets import bucket_shift
from gis.compiled import compiled, inlined
from gis.field import Field, Reach, field, homes_reached, start
from gis.graph import Graph
from gis.homes import HomesByEdge, arrive, arrive_directly, homes_by_edge
from gis.links import BadLinks, Links
from gis.pairs import groups_near
from gis.spread import relax, spread
from gis.ways import Points, points, ways
from gis.workspace import workspace

_NOWHERE = Links(np.array([-1], np.int32), np.zeros(1), np.zeros(1, np.int32))


class Coverage:
    """The field and the homes reached by a changing set of suppliers; always equal to `field` and `homes_reached`.

    Supplier numbers stay: one who goes leaves an unlinked place behind, one who comes gets the next number.
    `field` and `reach` show the present state and change with it; copy their words to keep one. Not for two threads
    at a time.
    """

    def __init__(self, graph: Graph, suppliers: Links, homes: Links | HomesByEdge, limit_ticks: int) -> None:
        """Search once from all suppliers. Raises `LimitOutOfRange`, `BadLinks`."""
        self.graph = graph
        self.homes = homes if isinstance(homes, HomesByEdge) else homes_by_edge(graph, homes)
        self.field: Field = field(graph, suppliers, limit_ticks)
        self.reach: Reach = homes_reached(graph, self.field, suppliers, self.homes)
        self._ways = ways(graph)
        starts = points(graph, suppliers, leaving=True)
        self._edge, self._fraction, self._ticks = starts.edge.copy(), starts.fraction.copy(), starts.ticks
        self._door = suppliers.door_ticks.copy()
        self._seen = np.full(len(self.homes.groups.start), -1, np.int32)
        self._near = np.empty_like(self._seen)
        self._changes = 0

    @property
    def suppliers(self) -> Links:
        """Where everybody is now; who has gone has edge -1."""
        return Links(self._edge.copy(), self._fraction.copy(), self._door.copy())

    def add(self, link: Links) -> int:
        """One more supplier comes, at `link` (one point); the supplier's number. Raises `BadLinks`."""
        goal = self._goal(link)
        self._edge = np.append(self._edge, np.int32(-1))
        self._fraction, self._door = np.append(self._fraction, 0.0), np.append(self._door, np.int32(0))
        self._ticks = np.concatenate((self._ticks, np.zeros((1, 2), np.int32)))
        self._change(len(self._edge) - 1, goal, int(link.door_ticks[0]))
        return len(self._edge) - 1

    def remove(self, supplier: int) -> None:
        """A supplier goes. Raises `BadLinks` when there is no such number."""
        self.move(supplier, _NOWHERE)

    def move(self, supplier: int, link: Links) -> None:
        """A supplier is elsewhere now, at `link` (one point; edge -1: nowhere). Raises `BadLinks`."""
        if not 0 <= supplier < len(self._edge):
            raise BadLinks(f"There is no supplier {supplier} of {len(self._edge)}: give a number that was given out.")
        self._change(supplier, self._goal(link), int(link.door_ticks[0]))

    def _goal(self, link: Links) -> Points:
        if len(link) != 1:
            raise BadLinks(f"A supplier cannot be at {len(link)} points: give one.")
        return points(self.graph, link, leaving=True)

    def _change(self, supplier: int, goal: Points, door_ticks: int) -> None:
        left = int(self._edge[supplier])
        self._edge[supplier], self._fraction[supplier] = goal.edge[0], goal.fraction[0]
        self._ticks[supplier], self._door[supplier] = goal.ticks[0], door_ticks
        self._changes += 1
        limit = self.field.limit_ticks
        shift = bucket_shift(self.graph.bucket_shift, limit)
        now = Points(self._edge, self._fraction, self._ticks)
        known = (self.homes.groups, self.field.words, self.reach.words, self._seen, self._near)
        with workspace(self.graph, len(self._edge)) as room:
            _move(self._ways, now, supplier, left, limit, shift, self._changes, *known, room.queue, room.scanned)


@compiled
def _move(
    ways: Any, suppliers: Any, supplier: int, left: int, limit: int, shift: int, stamp: int,
    groups: Any, words: Any, found: Any, seen: Any, near: Any, queue: Any, scanned: Any,
) -> None:  # fmt: skip
    lost = _forget(ways, words, supplier, left, scanned)
    for at in range(lost):
        _ask_around(ways, words, queue, scanned[at], shift, limit)
    for other in range(len(suppliers.edge)):
        start(ways, suppliers, other, words, queue, shift, limit)
    count = lost + spread(ways.leaving, words, queue, shift, limit, scanned[lost:])
    edges = (np.int64(left), np.int64(suppliers.edge[supplier]))
    count = groups_near(ways, groups, scanned[:count], edges, stamp, seen, near)
    for at in range(count):
        arrive(groups, near[at], words, limit, found)
    for other in range(len(suppliers.edge)):
        edge = suppliers.edge[other]
        if edge >= 0 and groups.of_edge[edge] >= 0 and seen[groups.of_edge[edge]] == stamp:
            arrive_directly(ways, groups, suppliers, other, limit, found)


@compiled
def _forget(ways: Any, words: Any, supplier: int, edge: int, lost: Any) -> int:
    """Clear every junction where this supplier was first; they hang together, from the ends of the edge left."""
    count = 0
    if edge >= 0:
        count = _lose(words, supplier, np.uint32(ways.edge_from[edge]), lost, count)
        count = _lose(words, supplier, np.uint32(ways.edge_to[edge]), lost, count)
    at = 0
    while at < count:
        record = np.int64(lost[at])
        while True:
            for slot in range(8 * record, 8 * record + 3):
                count = _lose(words, supplier, ways.leaving[slot], lost, count)
            if ways.leaving[8 * record + 7]:
                break
            record = np.int64(ways.leaving[8 * record + 3])
        count = _lose(words, supplier, ways.leaving[8 * record + 3], lost, count)
        at += 1
    return count


@inlined
def _lose(words: Any, supplier: int, junction: Any, lost: Any, count: int) -> int:
    word = words[junction]
    if word != UNREACHED and (word & 0xFFFFFFFF) >> 1 == supplier:
        words[junction] = UNREACHED
        lost[count] = junction
        return count + 1
    return count


@inlined
def _ask_around(ways: Any, words: Any, queue: Any, junction: Any, shift: int, limit: int) -> None:
    """The best arrival that a forgotten junction's neighbours can offer."""
    best, record = np.int64(UNREACHED), np.int64(junction)
    while True:
        for slot in range(8 * record, 8 * record + 4):
            if ways.arriving[slot + 4] and words[ways.arriving[slot]] != UNREACHED:
                best = min(best, later(words[ways.arriving[slot]], ways.arriving[slot + 4]))
        if ways.arriving[8 * record + 7]:
            break
        record = np.int64(ways.arriving[8 * record + 3])
    if best != UNREACHED:
        relax(words, queue, junction, best | 1, shift, limit)
