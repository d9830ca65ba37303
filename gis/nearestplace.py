"""The nearest place on a street that no wall hides: one compiled loop over many points."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.compiled import compiled
from gis.modenetwork import ModeNetwork, WallLines
from gis.sightline import crosses

SIDESTEP_METERS = 30.0
SIDESTEPS = 6
NUDGE_METERS = 0.01
SAME_METERS = 1e-6

Floats = NDArray[np.float64]
Found = tuple[NDArray[np.int32], Floats, Floats, NDArray[np.int64], Floats, Floats, NDArray[np.uint8]]


def nearest_places(
    x: Floats, y: Floats, limit_meters: float, mode: ModeNetwork, walls: WallLines, street_id: NDArray[np.int64]
) -> Found:
    """Give for n points, x and y float64[n] in metres, the columns of `gis.linking.PointLinks`."""
    course = (mode.shape_x, mode.shape_y, mode.edge_shape_first, mode.graph.forward_ticks, mode.graph.backward_ticks)
    details = (mode.shape_fraction, mode.shape_street, street_id)
    wall = (walls.x, walls.y, *walls.segments)
    found: Found = _nearest_all(x, y, float(limit_meters), course, details, tuple(mode.segments), wall)
    return found


@compiled
def _nearest_all(x: Any, y: Any, limit: float, course: Any, details: Any, streets: Any, walls: Any) -> Any:
    count = len(x)
    edge, street, reason = np.full(count, -1, np.int32), np.full(count, -1, np.int64), np.zeros(count, np.uint8)
    fraction, metres = np.zeros(count), np.full(count, np.nan)
    at_x, at_y = np.full(count, np.nan), np.full(count, np.nan)
    for i in range(count):
        if not (np.isfinite(x[i]) and np.isfinite(y[i])):
            reason[i] = 3
            continue
        a, share, metres[i], hidden = _nearest(x[i], y[i], limit, course, streets, walls)
        if a < 0:
            reason[i] = 2 if hidden else 1
            continue
        edge[i] = _edge(a, course)
        street[i] = details[2][details[1][a]]
        fraction[i] = min(1.0, _between(details[0], a, share))
        at_x[i], at_y[i] = _between(course[0], a, share), _between(course[1], a, share)
    return edge, fraction, metres, street, at_x, at_y, reason


@compiled
def _between(values: Any, a: int, share: float) -> Any:
    return values[a] + share * (values[a + 1] - values[a])


@compiled
def _edge(vertex: int, course: Any) -> Any:
    return np.searchsorted(course[2], vertex, side="right") - 1


@compiled
def _nearest(px: float, py: float, limit: float, course: Any, streets: Any, walls: Any) -> Any:
    """Look at the cells in square rings around the point until no nearer place can come."""
    frame, first, item = streets
    cell, columns, rows = frame[2], int(frame[3]), int(frame[4])
    across, up = (px - frame[0]) / cell, (py - frame[1]) / cell
    best, best_vertex, best_share, hidden = limit, -1, 0.0, False
    # A point far outside must not walk ring by ring to the first cell.
    if (
        across < -limit / cell - 1
        or up < -limit / cell - 1
        or across > columns + limit / cell
        or up > rows + limit / cell
    ):
        return best_vertex, best_share, np.nan, hidden
    column, row = int(np.floor(across)), int(np.floor(up))
    inside = min(min(across - column, column + 1 - across), min(up - row, row + 1 - up)) * cell
    ring = 0
    while ring == 0 or inside + (ring - 1) * cell <= best + SAME_METERS:
        for r in range(max(0, row - ring), min(rows - 1, row + ring) + 1):
            step = 1 if abs(r - row) == ring else 2 * ring
            for c in range(column - ring, column + ring + 1, max(1, step)):
                if 0 <= c < columns:
                    at = r * columns + c
                    best, best_vertex, best_share, behind = _look(
                        px, py, item[first[at] : first[at + 1]], best, best_vertex, best_share, course, walls
                    )
                    hidden |= behind
        ring += 1
    return best_vertex, best_share, best if best_vertex >= 0 else np.nan, hidden


@compiled
def _look(
    px: float, py: float, items: Any, best: float, best_vertex: int, best_share: float, course: Any, walls: Any
) -> Any:
    """Look at the segments of one cell; give the best so far, and whether a wall hides one that were better."""
    hidden = False
    for at in range(len(items)):
        a = int(items[at])
        metres, share, behind = _try(px, py, a, best, best_vertex, course, walls)
        hidden |= behind
        if metres >= 0.0:
            best, best_vertex, best_share = metres, a, share
    return best, best_vertex, best_share, hidden


@compiled
def _try(px: float, py: float, a: int, best: float, best_vertex: int, course: Any, walls: Any) -> Any:
    """Give metres (-1: not better than the best) and share of the nearest visible place, and if a wall hides one."""
    x, y = course[0], course[1]
    share, metres = _foot(px, py, x[a], y[a], x[a + 1], y[a + 1])
    if not _beats(metres, a, best, best_vertex, course):
        return -1.0, 0.0, False
    if not _hidden(px, py, a, share, course, walls):
        return metres, share, False
    length = np.hypot(x[a + 1] - x[a], y[a + 1] - y[a])
    for step in range(1, SIDESTEPS + 1):
        aside = step * SIDESTEP_METERS / SIDESTEPS
        for sign in (-1.0, 1.0):
            at = share + sign * aside / length if length > 0 else -1.0
            if 0.0 <= at <= 1.0:
                metres = np.hypot(x[a] + at * (x[a + 1] - x[a]) - px, y[a] + at * (y[a + 1] - y[a]) - py)
                if _beats(metres, a, best, best_vertex, course) and not _hidden(px, py, a, at, course, walls):
                    return metres, at, True
    return -1.0, 0.0, True


@compiled
def _foot(px: float, py: float, ax: float, ay: float, bx: float, by: float) -> Any:
    """Give where on the segment a-b the point is nearest, 0 to 1, and how far that is."""
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    share = 0.0 if square == 0.0 else min(1.0, max(0.0, ((px - ax) * dx + (py - ay) * dy) / square))
    return share, np.hypot(ax + share * dx - px, ay + share * dy - py)


@compiled
def _beats(metres: float, a: int, best: float, best_vertex: int, course: Any) -> bool:
    if best_vertex < 0:
        return metres <= best
    if abs(metres - best) > SAME_METERS:
        return metres < best
    one_way, other_one_way = _one_way(a, course), _one_way(best_vertex, course)
    if one_way != other_one_way:
        return not one_way
    return a < best_vertex


@compiled
def _one_way(vertex: int, course: Any) -> Any:
    edge = _edge(vertex, course)
    return course[3][edge] != course[4][edge]


@compiled
def _hidden(px: float, py: float, a: int, share: float, course: Any, walls: Any) -> bool:
    """Say whether a wall stands between the point and the place, seen a centimetre into the street from its ends."""
    if len(walls[4]) == 0:
        return False
    x, y = course[0], course[1]
    length = np.hypot(x[a + 1] - x[a], y[a + 1] - y[a])
    nudge = min(0.5, NUDGE_METERS / length) if length > 0 else 0.0
    at = min(1.0 - nudge, max(nudge, share))
    return crosses(px, py, x[a] + at * (x[a + 1] - x[a]), y[a] + at * (y[a + 1] - y[a]), walls)
