"""The walk of a visit plan: over drawn streets, and straight where there are none."""

import pytest

from fixtures import makers
from gis.coordinates import LocalProjection
from services.cases.walking import shortest, street_legs, walk
from services.reach import Measured
from tests.drawing import Town, town

# One block is 130 m. From A to D one goes round by B and C, though D lies 130 m across a garden.
PLAN = """
    A---B---E
        |
    D---C
"""


@pytest.fixture(scope="module")
def plan() -> Town:
    drawn = town(PLAN, block=130)
    return Town(LocalProjection(*makers.CENTER), drawn.places, drawn.ways)


def at(plan: Town, names: str) -> list[tuple[float, float]]:
    """Places of the drawing, in degrees."""
    lon, lat = plan.at(*names)
    return list(zip(lon.tolist(), lat.tolist(), strict=True))


def test_the_walk_goes_where_the_streets_go(plan: Town) -> None:
    """From A to D and E. Straight, D is next: 130 m, then the diagonal sqrt(260² + 130²) = 291 m.

    Over the streets E comes first: A-B-E is 2 blocks, E-B-C-D 3 more, 5 x 130 m = 650 m; with D first it were 6 blocks.
    """
    (start,), homes = at(plan, "A"), at(plan, "DE")
    over = walk(plan.network(), start, homes)
    assert (over.order, over.measured) == ((1, 0), Measured.STREETS)
    assert over.meters == pytest.approx(650, abs=1)
    straight = walk(None, start, homes)
    assert (straight.order, straight.measured) == ((0, 1), Measured.ESTIMATE)
    assert straight.meters == pytest.approx(130 + 290.7, abs=1)


def test_a_home_an_hour_away_makes_the_whole_walk_straight(plan: Town) -> None:
    """10 km off, on its own, at 1.3 m/s with a detour of 1.4: three hours. Legs of two kinds would not compare."""
    (start,), homes = at(plan, "A"), [*at(plan, "D"), makers.degrees(10_000, 0)]
    assert street_legs(plan.network(), start, homes) is None
    assert walk(plan.network(), start, homes).measured is Measured.ESTIMATE


def test_many_homes_are_walked_without_a_crossing() -> None:
    """Twelve homes on a ring of 12 places 100 m apart along it; the start is beside the first: once around, 1100 m.

    Legs are the shorter way around the ring; from the start (number 0) it is 50 m more.
    """
    ring = [[100.0 * min((a - b) % 12, (b - a) % 12) for b in range(12)] for a in range(12)]
    legs = [[0.0, *(50 + meters for meters in ring[0])], *([0.0, *row] for row in ring)]
    order, meters = shortest(legs)
    assert sorted(order) == list(range(12))
    assert meters == 50 + 1100
