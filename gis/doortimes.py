"""How long it takes to a door at any place of a neighbourhood: the link of that place, the streets to it, the walk.

This is the rule of homes (`gis.linking`, `gis.homes`) asked for places where no home stands, so that outlines agree
with it.
"""

from typing import Any

import numpy as np

from gis.compiled import compiled, inlined
from gis.nearby import NEVER_TICKS, segment_times
from gis.nearestplace import _nearest
from gis.profiles import BLOCKED

# Small compiled functions take the arrays that they need one by one: to take a tuple apart costs more than their work.
#
# What is gathered about a block: lines float64[5, most], the columns of `Nearby.course`, laid out for the processor's
# vector unit; segment int32[most]; squares float64[most] of the metres from the middle of the block.
#
# A street that is nearest to some place within a radius is at most two radii further from the middle than the street
# nearest to the middle: both ways of measuring differ by a radius at most.


@inlined
def sift(
    px: float,
    py: float,
    radius: float,
    from_lines: Any,
    from_segment: Any,
    gathered: int,
    room: Any,
    lines: Any,
    segment: Any,
    squares: Any,
) -> Any:
    """Keep those segments that can be nearest to some place within a radius; give their number and the metres.

    The metres are those from the middle to the nearest. What is sifted was gathered about a block around this one.
    """
    least, count = squares_to(px, py, from_lines, gathered, room), 0
    metres = np.sqrt(least)
    most = (metres + 2 * radius) ** 2
    for at in range(gathered):
        if room[at] <= most:
            segment[count], squares[count] = from_segment[at], room[at]
            for column in range(5):
                lines[column, count] = from_lines[column, at]
            count += 1
    return count, metres


@inlined
def squares_to(px: float, py: float, lines: Any, count: int, squares: Any) -> Any:
    """Fill in the squares of the distances to segments, give the least. Plain loops, so that they are vectorised."""
    for at in range(count):
        ax, ay = px - lines[0, at], py - lines[1, at]
        share = min(1.0, max(0.0, (ax * lines[2, at] + ay * lines[3, at]) * lines[4, at]))
        ex, ey = share * lines[2, at] - ax, share * lines[3, at] - ay
        squares[at] = ex * ex + ey * ey
    least = np.inf
    for at in range(count):
        least = min(least, squares[at])
    return least


@inlined
def bounds_of(radius: float, rate: float, bounds: Any, segment: Any, squares: Any, count: int) -> Any:
    """Give bounds of the ticks within a radius from what was gathered; to the second, the door walk has to be added.

    `rate`: ticks a metre of door walk.
    """
    least, most = np.inf, 0.0
    for at in range(count):
        soonest = bounds[segment[at], 0]
        if soonest < least:
            least = min(least, soonest + max(0.0, np.sqrt(squares[at]) - radius) * rate)
        most = max(most, bounds[segment[at], 1])
    return least, most


@inlined
def door_ticks(
    px: float,
    py: float,
    rate: float,
    limit: float,
    lines: Any,
    segment: Any,
    count: int,
    ticks: Any,
    start: Any,
    along: Any,
    start_fraction: Any,
    start_door: Any,
) -> Any:
    """Give the ticks to a door at a place whose nearest segment is among those gathered, walls not looked at.

    `NEVER_TICKS` or more: no street within the link limit, or nobody reaches it.
    """
    least, nearest, share, soonest = limit * limit, -1, 0.0, NEVER_TICKS
    for at in range(count):
        ax, ay, dx, dy = px - lines[0, at], py - lines[1, at], lines[2, at], lines[3, at]
        part = min(1.0, max(0.0, (ax * dx + ay * dy) * lines[4, at]))
        square = (part * dx - ax) ** 2 + (part * dy - ay) ** 2
        if square <= least:
            least, nearest, share = square, at, part
    if nearest >= 0:
        number = segment[nearest]
        by_from = ticks[number, 0] + share * (ticks[number, 1] - ticks[number, 0])
        by_to = ticks[number, 2] + share * (ticks[number, 3] - ticks[number, 2])
        soonest = min(by_from, by_to)
        for supplier in range(start[number, 0], start[number, 1]):  # on the same edge: there without leaving it
            ahead = along[number, 0] + share * (along[number, 1] - along[number, 0]) - start_fraction[supplier]
            cost = along[number, 2] if ahead > 0 else along[number, 3]
            if cost < BLOCKED:
                soonest = min(soonest, start_door[supplier] + abs(ahead) * cost)
        soonest += np.sqrt(least) * rate
    return soonest


@compiled
def wall_within(px: float, py: float, metres: float, frame: Any, walled: Any) -> bool:
    """Say whether a wall touches a cell within so many metres; there must be walls."""
    cell, columns, rows = frame[2], int(frame[3]), int(frame[4])
    left, right = int((px - metres - frame[0]) // cell), int((px + metres - frame[0]) // cell)
    bottom, top = int((py - metres - frame[1]) // cell), int((py + metres - frame[1]) // cell)
    for row in range(max(0, bottom), min(rows - 1, top) + 1):
        for column in range(max(0, left), min(columns - 1, right) + 1):
            if walled[row * columns + column]:
                return True
    return False


@compiled
def walled_ticks(
    x: Any, y: Any, course: Any, segments: Any, walls: Any, streets: Any, rate: float, limit: float, out: Any
) -> None:
    """Fill in the ticks to a door at each place (metres), walls minded as a link minds them; see `door_ticks`."""
    ticks, bounds = np.empty(4), np.empty(2)
    for i in range(len(x)):
        out[i] = NEVER_TICKS
        vertex, share, metres, _ = _nearest(x[i], y[i], limit, course, segments, walls)
        if vertex < 0:
            continue
        edge = np.searchsorted(streets.edge_first, vertex, side="right") - 1
        segment_times(streets, edge, vertex, ticks, bounds)
        soonest = min(ticks[0] + share * (ticks[1] - ticks[0]), ticks[2] + share * (ticks[3] - ticks[2]))
        fraction = streets.fraction[vertex] + share * (streets.fraction[vertex + 1] - streets.fraction[vertex])
        at = np.searchsorted(streets.start_edge, edge)
        while at < len(streets.start_edge) and streets.start_edge[at] == edge:
            ahead = fraction - streets.start_fraction[at]
            cost = streets.forward[edge] if ahead > 0 else streets.backward[edge]
            if cost < BLOCKED:
                soonest = min(soonest, streets.start_door[at] + abs(ahead) * cost)
            at += 1
        out[i] = soonest + metres * rate
