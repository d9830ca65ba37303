"""Second opinions: every home against scipy, on real extracts where present and always on a town made from a seed."""

import numpy as np
import pytest
from numpy.typing import NDArray

from bench import people
from gis.field import field, homes_reached
from gis.linking import Linker
from gis.network import StreetNetwork
from gis.profiles import WALK
from gis.streets import Streets
from tests.drawing import Town
from tests.gis import scipy_oracle
from tests.gis.extracts import network_of, streets_of

LIMIT_SECONDS = 600
LIMIT_TICKS = 7_800_000  # 600 s x 13,000


def _differences(
    streets: Streets, network: StreetNetwork, suppliers: people.Places, homes: people.Places
) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.bool_]]:
    """Give which homes one answer covers and the other does not, the errors in seconds, and which are covered."""
    linker, graph = Linker(network), network.graphs["foot"]
    goers, doors = linker.link(*suppliers), linker.link(*homes)
    goer_links, door_links = goers.for_profile(WALK), doors.for_profile(WALK)
    reach = homes_reached(graph, field(graph, goer_links, LIMIT_TICKS), goer_links, door_links)
    exact = scipy_oracle.seconds_on_foot(streets, network, goers, doors)
    covered = reach.supplier >= 0
    # Our costs are whole tenths of a millimetre, so at the limit itself 0.01 s are left to rounding.
    differ = (covered != (exact <= LIMIT_SECONDS)) & (np.abs(exact - LIMIT_SECONDS) > 0.01)
    both = covered & (exact <= LIMIT_SECONDS)
    return differ, reach.ticks[both] / WALK.ticks_per_second - exact[both], covered


def _made_town(seed: int) -> Town:
    """25 by 25 crossings about 90 m apart, a third of the streets missing; bends, gates, some streets doubled."""
    rng, plan, side = np.random.default_rng(seed), Town(), 25
    for number in range(side * side):
        x, y = number % side * 90 + rng.uniform(-20, 20), number // side * 90 + rng.uniform(-20, 20)
        plan.place(f"P{number}", x, y)
    for number in range(side * side):
        for other in (number + 1 if number % side < side - 1 else None, number + side):
            if other is not None and other < side * side and rng.random() > 0.33:
                _draw(plan, rng, f"P{number}", f"P{other}")
    for number in rng.choice(side * side, 30, replace=False):
        plan.gate(f"P{number}", access=rng.choice(["no", "yes"]))
    return plan


def _draw(plan: Town, rng: np.random.Generator, one: str, other: str) -> None:
    for _ in range(2 if rng.random() < 0.1 else 1):
        bend = f"{one}{other}{len(plan.places)}"
        (ax, ay), (bx, by) = plan.places[one], plan.places[other]
        plan.place(bend, (ax + bx) / 2 + rng.uniform(-15, 15), (ay + by) / 2 + rng.uniform(-15, 15))
        plan.street(f"{one} {bend} {other}", highway="residential" if rng.random() < 0.9 else "steps")


@pytest.mark.oracle
@pytest.mark.parametrize("seed", [1, 2])
def test_scipy_agrees_on_every_home_of_a_made_town(seed: int) -> None:
    plan = _made_town(seed)
    streets, network = plan.streets(), plan.network()
    homes = people.along_residential_streets(streets, network, 20_000, seed)
    differ, errors, covered = _differences(streets, network, people.some(homes, 12, seed), homes)
    assert 2_000 < covered.sum() < 20_000
    assert differ.sum() == 0
    assert np.abs(errors).max() < 0.01


@pytest.mark.oracle
def test_scipy_agrees_on_every_building_of_monaco() -> None:
    streets, network = streets_of("monaco"), network_of("monaco")
    homes = people.in_buildings(streets)
    differ, errors, covered = _differences(streets, network, people.some(homes, 60, 1), homes)
    assert len(homes[0]) > 23_000
    assert covered.sum() > 10_000
    assert differ.sum() == 0
    assert np.abs(errors).max() < 0.01


@pytest.mark.oracle
def test_scipy_agrees_on_every_home_of_porto() -> None:
    streets, network = streets_of("porto-metro"), network_of("porto-metro")
    homes = people.along_residential_streets(streets, network, 361_984, 1)
    differ, errors, covered = _differences(streets, network, people.some(homes, 500, 2), homes)
    assert 100_000 < covered.sum() < 200_000
    assert differ.sum() == 0
    assert np.abs(errors).max() < 0.01


@pytest.mark.oracle
def test_scipy_agrees_on_every_building_of_haidian() -> None:
    streets, network = streets_of("beijing-haidian-tsinghua"), network_of("beijing-haidian-tsinghua")
    homes = people.in_buildings(streets)
    differ, errors, covered = _differences(streets, network, people.some(homes, 5, 1), homes)
    assert covered.sum() > 50
    assert differ.sum() == 0
    assert np.abs(errors).max() < 0.01
