"""Whether a wall stands between two places."""

from typing import Any

import numpy as np

from gis.compiled import compiled

ON_WALL_METERS = 0.001


@compiled
def crosses(px: float, py: float, qx: float, qy: float, walls: Any) -> bool:
    """Say whether the straight way p-q (metres) cuts a wall; walls: x, y and the three arrays of their SegmentGrid."""
    wall_x, wall_y, frame, first, item = walls
    cell, columns, rows = frame[2], int(frame[3]), int(frame[4])
    left, right = int(np.floor((min(px, qx) - frame[0]) / cell)), int(np.floor((max(px, qx) - frame[0]) / cell))
    bottom, top = int(np.floor((min(py, qy) - frame[1]) / cell)), int(np.floor((max(py, qy) - frame[1]) / cell))
    for r in range(max(0, bottom), min(rows - 1, top) + 1):
        for c in range(max(0, left), min(columns - 1, right) + 1):
            for at in range(first[r * columns + c], first[r * columns + c + 1]):
                w = item[at]
                if _cuts(px, py, qx, qy, wall_x[w], wall_y[w], wall_x[w + 1], wall_y[w + 1]):
                    return True
    return False


@compiled
def _cuts(px: float, py: float, qx: float, qy: float, ax: float, ay: float, bx: float, by: float) -> bool:
    """Say whether the way p-q goes from one side of the wall a-b to the other; an end on the wall is on no side.

    A way through a wall's own corner counts once: an end of the wall on the line p-q counts as to its left.
    """
    length = np.hypot(bx - ax, by - ay)
    if length == 0.0:
        return False
    p_side = ((bx - ax) * (py - ay) - (by - ay) * (px - ax)) / length
    q_side = ((bx - ax) * (qy - ay) - (by - ay) * (qx - ax)) / length
    if abs(p_side) <= ON_WALL_METERS or abs(q_side) <= ON_WALL_METERS or (p_side > 0) == (q_side > 0):
        return False
    a_left = (qx - px) * (ay - py) - (qy - py) * (ax - px) >= 0
    b_left = (qx - px) * (by - py) - (qy - py) * (bx - px) >= 0
    return a_left != b_left
