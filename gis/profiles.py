"""How fast somebody travels, said in every answer, and the whole ticks that costs are counted in."""

from dataclasses import dataclass

import numpy as np

from gis.errors import GisError

BLOCKED = 2**31 - 1
"""The cost of a way that may not be taken, and the answer for what is not reached."""

MAXIMUM_TICKS = 2**29 - 1
"""The longest limit and the longest single cost: 53.6 km on foot, 14.9 hours by car. Twice that still fits int32."""


class LimitOutOfRange(GisError):
    """The time limit is not a number above zero and at most the maximum of its profile."""

    code = "GIS_LIMIT_OUT_OF_RANGE"


@dataclass(frozen=True, slots=True)
class Profile:
    """A way of travelling: which graph it uses and how many ticks of that graph pass in a second.

    On the foot and e-bike graphs a tick is 0.1 mm of length, so `ticks_per_second` is the speed; on the car graph a
    tick is 0.1 ms and the speed is in the edges (`speed_meters_per_second` is None).
    """

    name: str
    graph: str
    ticks_per_second: int
    speed_meters_per_second: float | None


WALK = Profile("WALK", "foot", 13_000, 1.3)
WALK_SLOW = Profile("WALK_SLOW", "foot", 8_300, 0.83)
EBIKE = Profile("EBIKE", "ebike", 50_000, 5.0)
CAR = Profile("CAR", "car", 10_000, None)
PROFILES = {profile.name: profile for profile in (WALK, WALK_SLOW, EBIKE, CAR)}


def ticks(profile: Profile, seconds: float) -> int:
    """The whole ticks that pass in `seconds`, rounded to the nearest; the maximum of a limit is `MAXIMUM_TICKS`.

    Raises `LimitOutOfRange` for NaN, for zero or less, and for more than the maximum.
    """
    exact = seconds * profile.ticks_per_second
    if not 0 < exact <= MAXIMUM_TICKS or np.rint(exact) < 1:
        longest = MAXIMUM_TICKS // profile.ticks_per_second
        raise LimitOutOfRange(f"A limit of {seconds} s cannot be searched: give more than 0 and at most {longest} s.")
    return int(np.rint(exact))


def seconds(profile: Profile, ticks: int) -> float:
    """How long `ticks` last, in seconds."""
    return ticks / profile.ticks_per_second


def check_limit(limit_ticks: int) -> int:
    """The limit itself when it can be searched: 1 to `MAXIMUM_TICKS`. Raises `LimitOutOfRange`."""
    if not 1 <= limit_ticks <= MAXIMUM_TICKS:
        raise LimitOutOfRange(f"A limit of {limit_ticks} ticks cannot be searched: give 1 to {MAXIMUM_TICKS}.")
    return int(limit_ticks)
