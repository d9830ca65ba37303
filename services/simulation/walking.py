"""Walking a way: where somebody is after a share of it."""

from collections.abc import Sequence
from itertools import pairwise
from math import cos, hypot, radians

Course = Sequence[Sequence[float]]


def along(course: Course, share: float) -> tuple[float, float]:
    """Longitude and latitude after `share` (0 to 1) of the length of a course of [longitude, latitude] points.

    Lengths are taken in the plane at the latitude of the start, which is exact enough for a walk.
    """
    squeeze = cos(radians(course[0][1]))
    legs = [hypot((b[0] - a[0]) * squeeze, b[1] - a[1]) for a, b in pairwise(course)]
    left = min(max(share, 0.0), 1.0) * sum(legs)
    for number, leg in enumerate(legs):
        if leg and left <= leg:
            a, b, part = course[number], course[number + 1], left / leg
            return a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part
        left -= leg
    return course[-1][0], course[-1][1]
