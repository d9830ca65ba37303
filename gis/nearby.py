"""The streets of a neighbourhood with the times at which they are reached, laid out for one question."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis.compiled import compiled
from gis.field import Field
from gis.links import Links
from gis.profiles import BLOCKED
from gis.streetnetwork import ModeNetwork, WallLines

NEVER_TICKS = 2.0**40
CELL_METERS = 32.0
Floats = NDArray[np.float64]


class Trips(NamedTuple):
    """The streets with the field of the suppliers, as compiled code takes them; see `ModeNetwork` and `Field`.

    start_edge int32[s], start_fraction float64[s], start_door int32[s]: the suppliers, sorted by edge.
    """

    x: Floats
    y: Floats
    fraction: Floats
    edge_first: NDArray[np.int64]
    edge_from: NDArray[np.int32]
    edge_to: NDArray[np.int32]
    forward: NDArray[np.int32]
    backward: NDArray[np.int32]
    records: NDArray[np.uint32]
    record_edges: NDArray[np.uint32]
    words: NDArray[np.int64]
    start_edge: NDArray[np.int32]
    start_fraction: Floats
    start_door: NDArray[np.int32]


class Nearby(NamedTuple):
    """n street segments and what it costs to be there.

    course float64[n, 5]: x, y of the begin, from there to the end, 1 / length squared (0 for no length).
    ticks float64[n, 4]: the arrival by the edge's from-end at begin and end, then by its to-end.
    bounds float64[n, 2]: nothing on the segment is before the first, all by the second.
    start int32[n, 2]: the suppliers on the segment's edge, first and behind the last.
    along float64[n, 4]: the share of the edge at begin and end, the edge's cost forward and backward.
    frame float64[5], walled bool[cells]: whether a wall touches a cell, as in `SegmentGrid`; no cells without walls.
    """

    course: Floats
    ticks: Floats
    bounds: Floats
    start: NDArray[np.int32]
    along: Floats
    frame: Floats
    walled: NDArray[np.bool_]


def trips(mode: ModeNetwork, suppliers: Links, field: Field) -> Trips:
    """Put the streets, the field and its suppliers together."""
    graph = mode.graph
    order = np.argsort(suppliers.edge, kind="stable")
    order = order[suppliers.edge[order] >= 0]
    starts = (suppliers.edge[order], suppliers.fraction[order], suppliers.door_ticks[order])
    course = (mode.shape_x, mode.shape_y, mode.shape_fraction, mode.edge_shape_first)
    costs = (graph.edge_from, graph.edge_to, graph.forward_ticks, graph.backward_ticks)
    return Trips(*course, *costs, graph.leaving.records, graph.leaving.edges, field.words, *starts)


def reached_boxes(streets: Trips, limit: float, ticks_per_meter: float, link_limit: float) -> tuple[Floats, Floats]:
    """Give west, south, east, north (metres) of all doors in time, and of all streets that may be nearest to one.

    float64[4] each; west > east when there are none. A door in time lies within what is left of the limit from a
    reached street, and so does the street that is nearest to it: twice that far from the reached one at most.
    """
    doors, about = _reached_boxes(streets, limit, ticks_per_meter, link_limit)
    low, high = np.maximum(about[:2], doors[:2] - link_limit), np.minimum(about[2:], doors[2:] + link_limit)
    return doors, np.concatenate((low, high))


def nearby(mode: ModeNetwork, walls: WallLines, streets: Trips, box: Floats) -> Nearby:
    """Lay out the segments in a box."""
    found = _segments_within(*mode.segments, len(mode.shape_x), box)
    return Nearby(*_times(found, streets), *_walled(box, walls.x, walls.y, *walls.segments))


@compiled
def _walled(box: Any, x: Any, y: Any, wall_frame: Any, wall_first: Any, wall_item: Any) -> Any:
    """Mark the cells that the box of a wall's segment touches; no cells when there are no walls about."""
    found = _segments_within(wall_frame, wall_first, wall_item, len(x), box)
    width, height = box[2] - box[0], box[3] - box[1]
    cell = max(CELL_METERS, np.sqrt(width * height / 1e6))
    columns, rows = int(width // cell) + 1, int(height // cell) + 1
    walled = np.zeros(columns * rows if len(found) else 0, np.bool_)
    for a in found:
        left, right = int((min(x[a], x[a + 1]) - box[0]) // cell), int((max(x[a], x[a + 1]) - box[0]) // cell)
        bottom, top = int((min(y[a], y[a + 1]) - box[1]) // cell), int((max(y[a], y[a + 1]) - box[1]) // cell)
        for row in range(max(0, bottom), min(rows - 1, top) + 1):
            for column in range(max(0, left), min(columns - 1, right) + 1):
                walled[row * columns + column] = True
    return np.array([box[0], box[1], cell, float(columns), float(rows)]), walled


@compiled
def _reached_boxes(streets: Any, limit: float, ticks_per_meter: float, link_limit: float) -> Any:
    boxes = np.empty((2, 4))
    boxes[:, :2], boxes[:, 2:] = np.inf, -np.inf
    words, records, edges, edge_count = streets.words, streets.records, streets.record_edges, len(streets.edge_from)
    for junction in range(len(words)):
        if words[junction] >> 32 > limit:
            continue
        record = np.int64(junction)
        while True:  # the records of a junction, see `gis.adjacency`
            for slot in range(4 * record, 4 * record + 4):
                if edges[slot] < edge_count:
                    _widen(boxes, streets, np.int64(edges[slot]), limit, ticks_per_meter, link_limit)
            if records[8 * record + 7]:
                break
            record = np.int64(records[8 * record + 3])
    for edge in streets.start_edge:
        _widen(boxes, streets, np.int64(edge), limit, ticks_per_meter, link_limit)
    return boxes


@compiled
def _widen(boxes: Any, streets: Any, edge: Any, limit: float, ticks_per_meter: float, link_limit: float) -> None:
    ticks, bounds = np.empty(4), np.empty(2)
    for vertex in range(streets.edge_first[edge], streets.edge_first[edge + 1] - 1):
        segment_times(streets, edge, vertex, ticks, bounds)
        if bounds[0] <= limit:
            left = min(link_limit, (limit - bounds[0]) / ticks_per_meter)
            for end in (vertex, vertex + 1):
                x, y = streets.x[end], streets.y[end]
                for times in range(2):
                    box, reach = boxes[times], left * (times + 1)
                    box[0], box[1] = min(box[0], x - reach), min(box[1], y - reach)
                    box[2], box[3] = max(box[2], x + reach), max(box[3], y + reach)


@compiled
def _segments_within(frame: Any, first: Any, item: Any, vertices: int, box: Any) -> Any:
    """Give the segments, by their first vertex and in that order, that touch a cell of the box."""
    west, south, cell, columns, rows = frame[0], frame[1], frame[2], int(frame[3]), int(frame[4])
    left, right = max(0.0, (box[0] - west) // cell), min(columns - 1.0, (box[2] - west) // cell)
    bottom, top = max(0.0, (box[1] - south) // cell), min(rows - 1.0, (box[3] - south) // cell)
    seen = np.zeros(vertices // 8 + 1, np.uint8)
    found = np.empty(1024, np.int32)
    count = 0
    if left > right:
        return found[:0]
    for row in range(int(bottom), int(top) + 1):
        for at in range(first[row * columns + int(left)], first[row * columns + int(right) + 1]):
            vertex = item[at]
            bit = np.uint8(1 << (vertex & 7))
            if not seen[vertex >> 3] & bit:
                seen[vertex >> 3] |= bit
                if count == len(found):
                    found = np.concatenate((found, np.empty(count, np.int32)))
                found[count] = vertex
                count += 1
    return np.sort(found[:count])


@compiled
def _times(found: Any, streets: Any) -> Any:
    count = len(found)
    course, ticks, along = np.empty((count, 5)), np.empty((count, 4)), np.empty((count, 4))
    bounds, start = np.empty((count, 2)), np.zeros((count, 2), np.int32)
    edge = 0
    for number in range(count):
        a = found[number]
        if a >= streets.edge_first[edge + 1]:
            edge = np.searchsorted(streets.edge_first, a, side="right") - 1
        dx, dy = streets.x[a + 1] - streets.x[a], streets.y[a + 1] - streets.y[a]
        square = dx * dx + dy * dy
        course[number] = streets.x[a], streets.y[a], dx, dy, 1.0 / square if square > 0.0 else 0.0
        along[number, 0], along[number, 1] = streets.fraction[a], streets.fraction[a + 1]
        along[number, 2], along[number, 3] = streets.forward[edge], streets.backward[edge]
        start[number, 0] = np.searchsorted(streets.start_edge, edge)
        start[number, 1] = np.searchsorted(streets.start_edge, edge, side="right")
        segment_times(streets, edge, a, ticks[number], bounds[number])
    return course, ticks, bounds, start, along


@compiled
def segment_times(streets: Any, edge: int, vertex: int, ticks: Any, bounds: Any) -> None:
    """Fill in the four arrivals and the bounds of a segment, see `Nearby`."""
    begin, end = streets.fraction[vertex], streets.fraction[vertex + 1]
    forward, backward = np.int64(streets.forward[edge]), np.int64(streets.backward[edge])
    by_from, by_to = streets.words[streets.edge_from[edge]] >> 32, streets.words[streets.edge_to[edge]] >> 32
    ticks[:] = NEVER_TICKS
    if forward != BLOCKED and by_from < BLOCKED:
        ticks[0], ticks[1] = by_from + begin * forward, by_from + end * forward
    if backward != BLOCKED and by_to < BLOCKED:
        ticks[2], ticks[3] = by_to + (1.0 - begin) * backward, by_to + (1.0 - end) * backward
    # One arrival only rises along the segment, the other only falls: the sooner of both is least at an end.
    bounds[0], bounds[1] = min(min(ticks[0], ticks[1]), min(ticks[2], ticks[3])), min(ticks[1], ticks[2])
    at = np.searchsorted(streets.start_edge, edge)
    if at < len(streets.start_edge) and streets.start_edge[at] == edge:
        bounds[0] = 0.0
