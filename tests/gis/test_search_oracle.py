"""The search against scipy on the same costs: every home of made cities always, of real ones where they are present."""

import numpy as np
import pytest

from gis.field import field, homes_reached
from gis.graph import Graph
from gis.nearest import nearest
from gis.pairs import pairs
from tests.gis.extracts import network_of
from tests.gis.random_towns import made_city, random_points
from tests.gis.scipy_ticks import first_ticks, ticks_between

pytestmark = pytest.mark.oracle
LIMIT = 7_800_000  # 600 s on foot
REAL = [(name, mode) for name in ("porto-metro", "monaco") for mode in ("foot", "ebike", "car")]


def disagreements(graph: Graph, suppliers: int, homes: int, limit: int) -> tuple[int, int, int]:
    """Count homes where the ticks differ, where the named supplier does not take those ticks, and reached homes."""
    rng = np.random.default_rng(7)
    goers, doors = random_points(rng, graph, suppliers, 200_000), random_points(rng, graph, homes, 200_000)
    reach = homes_reached(graph, field(graph, goers, limit), goers, doors)
    exact = first_ticks(graph, goers, doors)
    in_time = exact <= limit
    wrong = int((in_time != reach.reached).sum()) + int((reach.ticks[in_time] != exact[in_time]).sum())
    sample = np.flatnonzero(reach.reached)[:200]
    alone = ticks_between(
        graph, goers, type(doors)(doors.edge[sample], doors.fraction[sample], doors.door_ticks[sample])
    )
    misnamed = int((alone[reach.supplier[sample], np.arange(len(sample))] != reach.ticks[sample]).sum())
    return wrong, misnamed, int(in_time.sum())


@pytest.mark.parametrize("one_way", [False, True])
def test_every_home_of_a_made_city(one_way: bool) -> None:
    wrong, misnamed, reached = disagreements(made_city(3, 60, one_way), 40, 20_000, LIMIT)
    assert (wrong, misnamed) == (0, 0)
    assert 5_000 < reached < 19_000


@pytest.mark.slow
@pytest.mark.parametrize(("name", "mode"), REAL)
def test_every_home_of_a_real_city(name: str, mode: str) -> None:
    wrong, misnamed, reached = disagreements(network_of(name).graphs[mode], 100, 100_000, LIMIT)
    assert (wrong, misnamed) == (0, 0)
    assert reached > 1_000


@pytest.mark.parametrize("one_way", [False, True])
def test_all_pairs_and_the_nearest_of_a_made_city(one_way: bool) -> None:
    graph, rng = made_city(4, 40, one_way), np.random.default_rng(8)
    goers, doors = random_points(rng, graph, 60, 200_000), random_points(rng, graph, 300, 200_000)
    exact = ticks_between(graph, goers, doors)
    found = pairs(graph, goers, doors, LIMIT)
    expected = [(home, one) for home in range(300) for one in range(60) if exact[one, home] <= LIMIT]
    homes = np.repeat(np.arange(300), found.counts)
    assert list(zip(homes.tolist(), found.supplier.tolist(), strict=True)) == expected
    assert np.array_equal(found.ticks, [exact[one, home] for home, one in expected])
    for home in range(60):
        call = type(doors)(*(array[home : home + 1] for array in (doors.edge, doors.fraction, doors.door_ticks)))
        ranked = [(one.ticks, one.index) for one in nearest(graph, call, goers, 5)]
        reachable = np.flatnonzero(np.isfinite(exact[:, home]))
        assert ranked == sorted((int(exact[one, home]), int(one)) for one in reachable)[:5]
