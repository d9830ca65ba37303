"""Points to streets: the nearest place on a street, the walk from there to the door, and never across a wall.

A link goes straight from the door to a place on a street's middle line. Where that crosses a wall or fence, places
up to `SIDESTEP_METERS` along the same street and then other streets are tried, nearest first. A place at the end of
a street that stops at a wall belongs to the side from which the street comes. Bridges, tunnels and motorways have no
doors.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.compiled import compiled
from gis.errors import GisError
from gis.links import Links
from gis.nearestplace import nearest_places
from gis.network import StreetNetwork
from gis.profiles import MAXIMUM_TICKS, WALK, Profile

DEFAULT_LIMIT_METERS = 300.0
SECONDS_PER_FLOOR = 20.0


class LinkLimitOutOfRange(GisError):
    """The greatest distance to a street is not above 0 and at most 5 km."""

    code = "LINK_LIMIT_OUT_OF_RANGE"


class Unlinked(IntEnum):
    """Why a point has no street."""

    LINKED = 0
    NO_STREET_WITHIN_LIMIT = 1
    BEHIND_WALL = 2
    NO_POINT = 3


@dataclass(frozen=True, slots=True, eq=False)
class PointLinks:
    """n points on one mode's edges. Values other than edge and reason mean nothing where edge is -1.

    edge int32[n]; fraction float64[n] of the edge's cost, 0 at edge_from; door_meters float64[n], straight from the
    street to the door; street int64[n], the id of the street; x, y float64[n], the place on it in the network's metres;
    reason uint8[n] (`Unlinked`).
    """

    edge: NDArray[np.int32]
    fraction: NDArray[np.float64]
    door_meters: NDArray[np.float64]
    street: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    reason: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.edge)

    @property
    def linked(self) -> NDArray[np.bool_]:
        """Which points have a street."""
        return np.asarray(self.edge >= 0)

    @property
    def blocked_by_wall(self) -> NDArray[np.bool_]:
        """Which points have streets within the limit, but all of them behind a wall."""
        return np.asarray(self.reason == Unlinked.BEHIND_WALL)

    def for_profile(self, profile: Profile, stairs_seconds: ArrayLike = 0.0) -> Links:
        """Give the links that a search takes: the door walk, and stairs in seconds (one value, or float64[n]).

        The door walk is on foot: at the profile's own speed where that is a walking speed, else at 1.3 m/s.
        """
        on_foot = profile.graph == WALK.graph and profile.speed_meters_per_second is not None
        speed = profile.speed_meters_per_second if on_foot else WALK.speed_meters_per_second
        stairs = np.full(len(self), stairs_seconds, np.float64)
        rate = float(profile.ticks_per_second)
        return Links(self.edge, self.fraction, _door_ticks(self.edge, self.door_meters, stairs, speed or 1.0, rate))


@compiled
def _door_ticks(edge: Any, metres: Any, stairs: Any, speed: float, rate: float) -> Any:
    ticks = np.zeros(len(edge), np.int32)
    for i in range(len(edge)):
        if edge[i] >= 0:
            ticks[i] = np.rint(min(max((metres[i] / speed + stairs[i]) * rate, 0.0), MAXIMUM_TICKS))
    return ticks


def stairs_seconds(
    floor: ArrayLike, has_lift: ArrayLike, seconds_per_floor: float = SECONDS_PER_FLOOR
) -> NDArray[np.float64]:
    """Give the seconds float64[n] from a house's door to a home: floors above the ground floor (1) without a lift.

    floor counts as Chinese addresses do, 1 is level with the street; below 1 it counts downwards.
    """
    stairs = np.abs(np.asarray(floor, np.float64) - 1)
    return np.where(np.asarray(has_lift, bool), 0.0, stairs * seconds_per_floor)


class Linker:
    """Links points to one network; holds nothing but the network, so it may be shared between threads."""

    def __init__(self, network: StreetNetwork) -> None:
        self.network = network

    def link(
        self, lon: ArrayLike, lat: ArrayLike, graph: str = "foot", limit_meters: float = DEFAULT_LIMIT_METERS
    ) -> PointLinks:
        """Link n points (degrees, WGS 84) to the streets of a mode: foot, ebike or car.

        A point that is not finite or not on the globe has reason NO_POINT; it does not fail the others. Places equally
        near: the lower edge is taken, two-way before one-way. Raises LinkLimitOutOfRange.
        """
        if not 0 < limit_meters <= 5_000:
            raise LinkLimitOutOfRange(
                f"A limit of {limit_meters} m cannot be used; give more than 0 and at most 5,000."
            )
        x, y = self._meters(np.asarray(lon, np.float64), np.asarray(lat, np.float64))
        mode = self.network.modes[graph]
        return PointLinks(*nearest_places(x, y, limit_meters, mode, self.network.walls, self.network.street_id))

    def _meters(
        self, lon: NDArray[np.float64], lat: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        if lon.shape == lat.shape == ():
            return self._point_meters(float(lon), float(lat))
        good = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
        if good.all():
            return self.network.projection.to_meters(lon, lat)
        x, y = np.full(len(lon), np.nan), np.full(len(lon), np.nan)
        x[good], y[good] = self.network.projection.to_meters(lon[good], lat[good])
        return x, y

    def _point_meters(self, lon: float, lat: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        # A call waits for its own link, and arrays of one would take most of that time.
        on_the_globe = abs(lon) <= 180 and abs(lat) <= 90
        x, y = self.network.projection.point_to_meters(lon, lat) if on_the_globe else (np.nan, np.nan)
        return np.array([x]), np.array([y])
