"""The shortest walk from a place through all homes of a plan, not back again: over the streets, else straight.

Exact up to eight homes; beyond that the nearest comes next, improved until turning no stretch round shortens the walk
(2-opt, Croes 1958).
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gis.coordinates import LocalProjection
from gis.profiles import WALK
from gis.streetnetwork import StreetNetwork
from services import reach
from services.reach import Door, Measured, Place

EXACT_UP_TO = 8
LONGEST_SECONDS = 3600.0

Point = tuple[float, float]
Legs = Sequence[Sequence[float]]
"""Metres from each place to each other: the start is number 0, home i is number i + 1."""


@dataclass(frozen=True, slots=True)
class Walk:
    """In which order to visit the homes (by their numbers), the metres of the way, and how these were measured."""

    order: tuple[int, ...]
    meters: float
    measured: Measured


def walk(network: StreetNetwork | None, start: Point, homes: Sequence[Point]) -> Walk:
    """The walk from a start through homes (degrees); straight lines where no streets tell of all of them."""
    streets = street_legs(network, start, homes) if network is not None and homes else None
    order, meters = shortest(streets if streets is not None else straight_legs(start, homes))
    return Walk(tuple(order), meters, Measured.ESTIMATE if streets is None else Measured.STREETS)


def street_legs(network: StreetNetwork, start: Point, homes: Sequence[Point]) -> Legs | None:
    """Metres on foot over the streets; None when some home is more than an hour away, or no street leads there.

    A home without a street nearby is reached by the straight line and its usual detour (`reach.seconds_between`).
    """
    doors, places = [Door(*each) for each in homes], [Place(*each) for each in (start, *homes)]
    seconds = reach.seconds_between(network, doors, places, LONGEST_SECONDS)
    if not np.isfinite(seconds).all():
        return None
    meters = seconds.T * (WALK.speed_meters_per_second or 0.0)
    return [[0.0, *row] for row in meters.tolist()]


def straight_legs(start: Point, homes: Sequence[Point]) -> Legs:
    """Metres by straight lines."""
    projection = LocalProjection(*start)
    places = [projection.point_to_meters(*each) for each in (start, *homes)]
    return [[((x - u) ** 2 + (y - v) ** 2) ** 0.5 for u, v in places] for x, y in places]


def shortest(legs: Legs) -> tuple[list[int], float]:
    """The order of the homes (from 0) on the shortest way from the start through all of them, and its metres."""
    homes = range(1, len(legs))
    if len(homes) <= EXACT_UP_TO:
        order = min(map(list, itertools.permutations(homes)), key=lambda way: _length(way, legs))
    else:
        order = _improved(_nearest_first(legs), legs)
    return [number - 1 for number in order], _length(order, legs)


def _length(order: Sequence[int], legs: Legs) -> float:
    return sum(legs[here][there] for here, there in itertools.pairwise((0, *order)))


def _nearest_first(legs: Legs) -> list[int]:
    left, order = set(range(1, len(legs))), [0]
    while left:
        here = order[-1]
        nearest = min(left, key=lambda number: (legs[here][number], number))
        left.remove(nearest)
        order.append(nearest)
    return order[1:]


def _improved(order: list[int], legs: Legs) -> list[int]:
    better = True
    while better:
        better = False
        for first, last in itertools.combinations(range(len(order)), 2):
            turned = [*order[:first], *reversed(order[first : last + 1]), *order[last + 1 :]]
            if _length(turned, legs) < _length(order, legs) - 1e-6:
                order, better = turned, True
    return order
