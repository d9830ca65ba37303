"""Who can be there when, over drawn streets; and what is said where the streets cannot tell."""

from dataclasses import replace

import numpy as np
import pytest

from fixtures import makers
from gis.coordinates import LocalProjection
from gis.streetnetwork import StreetNetwork
from services import networks, reach
from services.reach import Door, Measured, Place
from tests.callroom import CallRoom
from tests.drawing import Town, town

# One block is 130 m, 100 s on foot. The street from A to D goes round by B and C; D is 130 m from A across a garden.
PLAN = """
    A---B
        |
    D---C
"""


@pytest.fixture(scope="module")
def plan() -> Town:
    drawn = town(PLAN, block=130)
    return Town(LocalProjection(*makers.CENTER), drawn.places, drawn.ways)


@pytest.fixture(scope="module")
def network(plan: Town) -> StreetNetwork:
    return plan.network()


def place(plan: Town, name: str) -> Place:
    """A place of the drawing."""
    lon, lat = plan.at(name)
    return Place(float(lon[0]), float(lat[0]))


def door(plan: Town, name: str, **more: object) -> Door:
    """A door at a place of the drawing."""
    found = place(plan, name)
    return replace(Door(found.longitude, found.latitude), **more)


def test_the_way_round_counts_and_not_the_straight_line(plan: Town, network: StreetNetwork) -> None:
    (trip,) = reach.trips(network, door(plan, "A"), [place(plan, "D")])
    assert trip is not None
    # D-C-B-A is three blocks: 390 m, 300 s
    assert trip.seconds == pytest.approx(300, abs=0.5)
    assert trip.meters == pytest.approx(390, abs=0.5)
    assert trip.measured is Measured.STREETS
    corners = np.column_stack(plan.at(*"DCBA"))
    course = np.array(list(dict.fromkeys(map(tuple, trip.course))))
    assert np.abs(course - corners).max() < 2e-6  # written with six decimals, 0.1 m


def test_stairs_are_on_the_way(plan: Town, network: StreetNetwork) -> None:
    # the fourth floor without a lift is three floors up, 20 s each
    (trip,) = reach.trips(network, door(plan, "A", floor=4, has_lift=False), [place(plan, "B")])
    assert trip is not None
    assert trip.seconds == pytest.approx(160, abs=0.5)


def test_beyond_the_limit_is_nobody(plan: Town, network: StreetNetwork) -> None:
    found = reach.trips(network, door(plan, "A"), [place(plan, name) for name in "BCD"], 250)
    assert [trip is not None for trip in found] == [True, True, False]


def test_where_no_street_is_near_the_time_is_estimated_and_says_so(plan: Town, network: StreetNetwork) -> None:
    lon, lat = plan.degrees((0.0, 1300.0))
    field = Place(float(lon[0]), float(lat[0]))
    # A lies at (0, 130): 1170 m straight, times 1.4 at 1.3 m/s
    (trip,) = reach.trips(network, door(plan, "A"), [field])
    assert trip is not None
    assert trip.measured is Measured.ESTIMATE
    assert trip.seconds == pytest.approx(1170 * 1.4 / 1.3, rel=0.005)


def test_without_a_network_everything_is_estimated(plan: Town) -> None:
    (trip,) = reach.trips(None, door(plan, "A"), [place(plan, "D")])
    assert trip is not None
    assert (trip.measured, trip.seconds) == (Measured.ESTIMATE, pytest.approx(140, rel=0.005))


def test_all_pairs_at_once_are_the_trips_one_by_one(plan: Town, network: StreetNetwork) -> None:
    places = [place(plan, name) for name in "ABCD"]
    doors = [door(plan, "A"), door(plan, "C", floor=3, has_lift=False)]
    for streets in (network, None):
        found = reach.seconds_between(streets, doors, places, 250)
        for row, home in enumerate(doors):
            single = [trip.seconds if trip else np.inf for trip in reach.trips(streets, home, places, 250)]
            assert found[row].tolist() == pytest.approx(single)


async def test_dispatch_goes_by_the_streets(
    room: CallRoom, network: StreetNetwork, plan: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_use = networks.NetworkInUse()
    in_use.take(network)
    monkeypatch.setattr(networks, "CURRENT", in_use)
    # the drawing's A is at (0, 130) of the makers' metres, D at (0, 0)
    number = await room.add_home(0, 0, 130)
    by_line, by_street = await room.worker(0, 0), await room.worker(130, 130)
    call = await room.call_for_help(number)
    offer = await room.offer(call.offer_id)
    assert offer.worker_id == by_street.id
    assert offer.eta_seconds == pytest.approx(100, abs=1)
    assert [row["seconds"] for row in offer.considered] == pytest.approx([100, 300], abs=1)
    assert by_line.id != by_street.id


def test_a_way_is_as_long_as_it_is_drawn(plan: Town, network: StreetNetwork) -> None:
    """From places along the bent street and beside it: to the metre, the sum of the straight pieces of the course."""
    (ax, ay), (dx, dy) = ((place(plan, name).longitude, place(plan, name).latitude) for name in "AD")
    # from A a share of the 130 m to the east (the longitude of B), and from D one of those to C
    bx, cx = place(plan, "B").longitude, place(plan, "C").longitude
    shares = (0.0, 0.1, 0.5, 0.9, 1.0)
    places = [Place(ax + share * (bx - ax), ay) for share in shares]
    places += [Place(dx + share * (cx - dx), dy - 0.0001) for share in shares]
    trips = reach.trips(network, door(plan, "D", floor=3), places)
    assert len({trip.meters for trip in trips if trip}) == 10
    for trip in trips:
        assert trip is not None
        x, y = plan.projection.to_meters(*np.array(trip.course).T)
        # the course is written with six decimals: each of its ends lies within 0.1 m
        assert trip.meters == pytest.approx(np.hypot(np.diff(x), np.diff(y)).sum(), abs=0.5)
