"""How fast each street is: the ticks that a part of a street costs on foot, by e-bike and by car."""

import numpy as np
from numpy.typing import NDArray

from gis.access_tags import StreetFlag
from gis.profiles import CAR
from gis.streets import Streets

TICKS_PER_METER = 10_000  # on foot and by e-bike a tick is 0.1 mm
# Kilometres an hour that a car makes on average in town, lights and turns included; a signposted limit caps it.
CAR_SPEEDS: dict[str, float] = {
    "motorway": 80.0,
    "trunk": 60.0,
    "primary": 40.0,
    "secondary": 35.0,
    "tertiary": 30.0,
    "unclassified": 25.0,
    "residential": 20.0,
    "living_street": 10.0,
    "service": 12.0,
    "track": 10.0,
}
OTHER_CAR_SPEED = 20.0


def part_ticks(streets: Streets, rows: NDArray[np.int64], mode: str, steps_factor: float) -> NDArray[np.int64]:
    """Give the ticks int64[len(rows)] of these edges for a mode, each rounded by itself and 1 at least.

    On foot steps count as steps_factor times their length; by car the time at `CAR_SPEEDS` counts.
    """
    metres = streets.meters[rows]
    if mode == "car":
        exact = metres / (car_speeds(streets, rows) / 3.6) * CAR.ticks_per_second
    else:
        steps = streets.having(StreetFlag.STEPS)[rows]
        exact = metres * np.where(steps, steps_factor, 1.0) * TICKS_PER_METER
    return np.maximum(np.rint(exact), 1).astype(np.int64)


def car_speeds(streets: Streets, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give km/h float64[len(rows)] by class, not above what is signposted."""
    by_class = [CAR_SPEEDS.get(name.removesuffix("_link"), OTHER_CAR_SPEED) for name in streets.class_names]
    return np.asarray(np.fmin(np.array(by_class)[streets.road_class[rows]], streets.maximum_speed[rows]))
