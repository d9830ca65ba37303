"""Which homes somebody reaches in time: the answer of an audit, decided on values; the circle's answer beside it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.circles import within_circles
from gis.gaps import Gap, find_gaps
from gis.pairs import times_covered
from gis.profiles import BLOCKED, MAXIMUM_TICKS, Profile, ticks
from gis.search import field, homes_reached, reaches
from gis.streetnetwork import StreetNetwork
from gis.tally import Groups, Tally, tally
from services.errors import Invalid, Refusal
from services.homes import Homes
from services.supply import Supply

LONGEST_MINUTES = 180.0
FURTHER_SECONDS = 3_600.0
"""Homes beyond the limit are searched for up to an hour, to say how long the way is that is too long."""

CAR_CIRCLE_METERS_PER_SECOND = 30 / 3.6
"""A car has no one speed; its circle is drawn at 30 km/h, an urban average."""

Step = Callable[[float], None]


class MinutesOutOfRange(Invalid):
    """{subject} minutes cannot be searched. Give more than 0 and at most {most}."""


class AuditCancelled(Refusal):
    """The audit was cancelled. Order it again if you need it."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """`seconds` int32[n] of the first arrival, -1 when nobody comes within an hour; `times` uint16[n] covered.

    `whole` is the tally of all homes, `grids` of each grid; `category_people` and `category_covered` int64[categories].
    """

    limit_seconds: float
    seconds: NDArray[np.int32]
    supplier: NDArray[np.int32]
    times: NDArray[np.uint16]
    covered: NDArray[np.bool_]
    whole: Tally
    grids: Tally
    category_people: NDArray[np.int64]
    category_covered: NDArray[np.int64]
    gaps: list[Gap]
    unlinked_homes: int
    unlinked_supply: int


def limit_seconds(minutes: float, profile: Profile) -> float:
    """The limit in seconds; MinutesOutOfRange when it cannot be searched (0 and less, NaN, more than three hours)."""
    longest = min(LONGEST_MINUTES, MAXIMUM_TICKS / profile.ticks_per_second / 60)
    if not 0 < minutes <= longest:
        raise MinutesOutOfRange(minutes, most=int(longest))
    return minutes * 60.0


def answer(
    network: StreetNetwork, homes: Homes, supply: Supply, profile: Profile, minutes: float, step: Step = lambda _: None
) -> Answer:
    """Search from all suppliers at once, count who covers what, gather the gaps.

    `step` hears the share that is done and may raise to stop. A home or supplier without a street is never reached.
    """
    seconds = limit_seconds(minutes, profile)
    limit = ticks(profile, seconds)
    further = ticks(profile, min(max(FURTHER_SECONDS, seconds), MAXIMUM_TICKS / profile.ticks_per_second))
    graph, suppliers = network.graphs[profile.graph], supply.links.for_profile(profile)
    prepared = homes.prepared(graph, profile)
    arrival = homes_reached(graph, field(graph, suppliers, further), suppliers, prepared)
    step(0.3)
    times = np.minimum(times_covered(graph, suppliers, prepared, limit), 65_535).astype(np.uint16)
    step(0.6)
    straight = within(network, homes, supply, profile, seconds)
    arrival_ticks, covered = arrival.ticks, np.asarray(reaches(arrival.ticks, limit))
    everything = Groups(homes.by_grid().order, np.array([0, len(homes)], np.int32))
    counted = (arrival_ticks, times, homes.residents, straight, limit)
    whole, grids = tally(everything, *counted), tally(homes.by_grid(), *counted)
    step(0.8)
    in_seconds = _seconds(arrival_ticks, profile)
    people = _people_by_category(homes, covered)
    gaps = find_gaps(network.projection, homes.meters(network), ~covered, homes.residents, in_seconds)
    step(1.0)
    return Answer(
        limit_seconds=seconds,
        seconds=in_seconds,
        supplier=arrival.supplier,
        times=times,
        covered=covered,
        whole=whole,
        grids=grids,
        category_people=people[0],
        category_covered=people[1],
        gaps=gaps,
        unlinked_homes=int((homes.links[profile.graph].edge < 0).sum()),
        unlinked_supply=int((suppliers.edge < 0).sum()),
    )


def within(network: StreetNetwork, homes: Homes, supply: Supply, profile: Profile, seconds: float) -> NDArray[np.bool_]:
    """Which homes the circle claims: those within the distance that the profile's speed covers in a straight line."""
    centres = np.column_stack(network.projection.to_meters(supply.lon, supply.lat))
    return within_circles(homes.cells(network), centres, circle_radius_meters(profile, seconds))


def circle_radius_meters(profile: Profile, seconds: float) -> float:
    """How far the profile comes in a straight line."""
    return (profile.speed_meters_per_second or CAR_CIRCLE_METERS_PER_SECOND) * seconds


def _seconds(arrival_ticks: NDArray[np.int32], profile: Profile) -> NDArray[np.int32]:
    """Whole seconds, rounded up: a home that is reached in 600.1 s is not reached in 600."""
    reached = arrival_ticks != BLOCKED
    whole = -(-arrival_ticks.astype(np.int64) // profile.ticks_per_second)
    return np.where(reached, whole, -1).astype(np.int32)


def _people_by_category(homes: Homes, covered: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    count = len(homes.category_ids)
    everybody = np.bincount(homes.care_category, homes.care_people, count)
    reached = np.bincount(homes.care_category, homes.care_people * covered[homes.care_home], count)
    return everybody.astype(np.int64), reached.astype(np.int64)
