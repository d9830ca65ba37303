"""Who can be there when: travel over the streets from many people to one door, with the way that each would take.

Where the streets cannot tell (no network yet, a door or a person far from any street) the time is estimated from the
straight line, and every answer says so: a call must never wait because a map is incomplete.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, partial
from math import cos, hypot, radians

import numpy as np
from numpy.typing import NDArray

from gis.graph import Graph
from gis.linking import Linker, stairs_seconds
from gis.links import Links
from gis.nearest import Candidate, Stretch, nearest
from gis.pairs import pairs
from gis.profiles import MAXIMUM_TICKS, WALK, Profile, seconds, ticks
from gis.streetnetwork import ModeNetwork, NoNetwork, StreetNetwork
from services import lengths, networks
from services.ladder import RULES, CallRules

METERS_A_DEGREE = 111_195.0  # of a great circle on the mean sphere, 6,371.0088 km
CAR_ESTIMATE_METERS_A_SECOND = 7.0
NEAR_SECONDS = 1800.0
Course = list[list[float]]


class Measured(StrEnum):
    """How a time was found."""

    STREETS = "STREETS"
    ESTIMATE = "ESTIMATE"


@dataclass(frozen=True, slots=True)
class Door:
    """Where help is wanted: degrees, and the floor behind the door (1 is level with the street)."""

    longitude: float
    latitude: float
    floor: int | None = None
    has_lift: bool = True


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is, in degrees."""

    longitude: float
    latitude: float


@dataclass(frozen=True)
class Trip:
    """One way to the door: seconds, metres, and how its course is drawn."""

    seconds: float
    meters: float
    draw: Callable[[], Course]
    measured: Measured

    @cached_property
    def course(self) -> Course:
        """As [longitude, latitude] from the start to the door; drawn when it is asked for, of the few that are."""
        return self.draw()


def current_network() -> StreetNetwork | None:
    """The network in use, None before the first import."""
    try:
        return networks.current()
    except NoNetwork:
        return None


def trips(
    network: StreetNetwork | None,
    door: Door,
    places: Sequence[Place],
    limit_seconds: float | None = None,
    profile: Profile = WALK,
    rules: CallRules = RULES,
) -> list[Trip | None]:
    """The trip of each place to the door, in order; None when it takes longer than the limit (or no street leads)."""
    longest = MAXIMUM_TICKS // profile.ticks_per_second
    limit = longest if limit_seconds is None else min(limit_seconds, longest)
    found: list[Trip | None] = [None] * len(places)
    if network is not None and places:
        linked = _over_streets(network, door, places, limit, profile, found)
    else:
        linked = np.zeros(len(places), bool)
    for index in np.flatnonzero(~linked).tolist():
        guess = _estimate(door, places[index], profile, rules)
        found[index] = guess if guess.seconds <= limit else None
    return found


def seconds_between(
    network: StreetNetwork | None,
    doors: Sequence[Door],
    places: Sequence[Place],
    limit_seconds: float,
    profile: Profile = WALK,
    rules: CallRules = RULES,
) -> NDArray[np.float64]:
    """Seconds float64[doors, places] from each place to each door; infinite beyond the limit. The rule of `trips`."""
    seconds_ = _estimates(doors, places, profile, rules)
    if network is not None and doors and places:
        homes, workers = _links(network, doors, profile), _links(network, places, profile)
        seconds_[np.ix_(homes.edge >= 0, workers.edge >= 0)] = np.inf
        found = pairs(network.graphs[profile.graph], workers, homes, ticks(profile, limit_seconds))
        rows = np.repeat(np.arange(len(doors)), np.diff(found.first))
        seconds_[rows, found.supplier] = found.ticks / profile.ticks_per_second
    return np.where(seconds_ <= limit_seconds, seconds_, np.inf)


def straight_meters(a: Place | Door, b: Place | Door) -> float:
    """The straight line between two places near each other, in metres (plane at their middle latitude)."""
    east = (a.longitude - b.longitude) * cos(radians((a.latitude + b.latitude) / 2))
    return METERS_A_DEGREE * hypot(east, a.latitude - b.latitude)


def _over_streets(
    network: StreetNetwork,
    door: Door,
    places: Sequence[Place],
    limit_seconds: float,
    profile: Profile,
    found: list[Trip | None],
) -> NDArray[np.bool_]:
    """Fill in what the streets tell; which places they could tell of (both ends linked)."""
    home, links = _parted(_links(network, [door, *places], profile))
    if home.edge[0] < 0:
        return np.zeros(len(places), bool)
    mode, linked = network.modes[profile.graph], np.asarray(links.edge >= 0)
    ranked = _ranked(mode.graph, home, links, int(linked.sum()), limit_seconds, profile)
    for candidate, meters in zip(ranked, _lengths(network, mode, door, places, ranked), strict=True):
        draw = partial(_drawn, network, mode, door, places[candidate.index], candidate)
        found[candidate.index] = Trip(seconds(profile, candidate.ticks), meters, draw, Measured.STREETS)
    return linked


def _ranked(
    graph: Graph, home: Links, others: Links, linked: int, limit_seconds: float, profile: Profile
) -> list[Candidate]:
    """All within the limit, by time. A near limit is tried first: a far one costs even when everybody is near."""
    for limit in (min(NEAR_SECONDS, limit_seconds), limit_seconds):
        ranked = nearest(graph, home, others, max(linked, 1), ticks(profile, limit))
        if len(ranked) == linked or limit == limit_seconds:
            return ranked
    return []


def _lengths(
    network: StreetNetwork, mode: ModeNetwork, door: Door, places: Sequence[Place], ranked: Sequence[Candidate]
) -> list[float]:
    """Metres of each candidate's way, in order."""
    points = [(place.longitude, place.latitude) for place in (places[candidate.index] for candidate in ranked)]
    ends = np.column_stack(network.projection.to_meters(*np.array([*points, (door.longitude, door.latitude)]).T))
    found: list[float] = lengths.of_ways(mode, [one.pieces for one in ranked], ends[:-1], ends[-1]).tolist()
    return found


def _drawn(network: StreetNetwork, mode: ModeNetwork, door: Door, place: Place, candidate: Candidate) -> Course:
    lon, lat = network.projection.to_degrees(*_course(mode, candidate.path))
    course = [(place.longitude, place.latitude), *zip(lon.tolist(), lat.tolist(), strict=True)]
    course.append((door.longitude, door.latitude))
    return [[round(longitude, 6), round(latitude, 6)] for longitude, latitude in course]


def _course(mode: ModeNetwork, path: Sequence[Stretch]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The course of a path in the network's metres, its bends included."""
    xs: list[NDArray[np.float64]] = []
    ys: list[NDArray[np.float64]] = []
    for stretch in path:
        x, y = _stretch(mode, stretch)
        xs.append(x)
        ys.append(y)
    return (np.concatenate(xs), np.concatenate(ys)) if xs else (np.empty(0), np.empty(0))


def _stretch(mode: ModeNetwork, stretch: Stretch) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    low, high = sorted((stretch.from_fraction, stretch.to_fraction))
    first, last = mode.edge_shape_first[stretch.edge], mode.edge_shape_first[stretch.edge + 1]
    along = mode.shape_fraction[first:last]
    between = np.flatnonzero((along > low) & (along < high)) + first
    x, y = mode.place(np.array([stretch.edge] * 2, np.int32), np.array([low, high]))
    x = np.concatenate([x[:1], mode.shape_x[between], x[1:]])
    y = np.concatenate([y[:1], mode.shape_y[between], y[1:]])
    return (x, y) if stretch.from_fraction <= stretch.to_fraction else (x[::-1], y[::-1])


def _estimate(door: Door, place: Place, profile: Profile, rules: CallRules) -> Trip:
    """Straight line times a detour factor, at the profile's speed (7 m/s for a car), and the stairs."""
    meters = straight_meters(door, place) * rules.detour_factor
    course = [[place.longitude, place.latitude], [door.longitude, door.latitude]]
    return Trip(meters / _speed(profile) + stairs(door), meters, lambda: course, Measured.ESTIMATE)


def _estimates(
    doors: Sequence[Door], places: Sequence[Place], profile: Profile, rules: CallRules
) -> NDArray[np.float64]:
    """The seconds of `_estimate` for all pairs, float64[doors, places]."""
    homes = np.radians(np.array([(door.longitude, door.latitude) for door in doors]).reshape(-1, 1, 2))
    others = np.radians(np.array([(place.longitude, place.latitude) for place in places]).reshape(1, -1, 2))
    apart, middle = homes - others, (homes[..., 1] + others[..., 1]) / 2
    meters = np.degrees(np.hypot(apart[..., 0] * np.cos(middle), apart[..., 1])) * METERS_A_DEGREE
    climbs = np.array([stairs(door) for door in doors]).reshape(-1, 1)
    return np.asarray(meters * rules.detour_factor / _speed(profile) + climbs)


def _speed(profile: Profile) -> float:
    return profile.speed_meters_per_second or CAR_ESTIMATE_METERS_A_SECOND


def _parted(links: Links) -> tuple[Links, Links]:
    """The first, and the others: linked together, since a single point takes nearly as long as fifty."""
    home, others = (
        (links.edge[part], links.fraction[part], links.door_ticks[part]) for part in (slice(1), slice(1, None))
    )
    return Links(*home), Links(*others)


def _links(network: StreetNetwork, points: Sequence[Place | Door], profile: Profile) -> Links:
    """Where places meet the streets, the stairs behind a door included."""
    lon, lat = np.array([(point.longitude, point.latitude) for point in points], np.float64).T
    climbs = np.array([stairs(point) for point in points])
    return Linker(network).link(lon, lat, profile.graph).for_profile(profile, climbs)


def stairs(point: Place | Door) -> float:
    """Seconds between the street door and the floor; none for somebody on the street."""
    if isinstance(point, Place) or point.floor is None:
        return 0.0
    return float(stairs_seconds(point.floor, point.has_lift))
