"""Who reaches whom."""

import pytest

from gis.links import Links
from gis.pairs import Pairs, pairs, times_covered
from gis.profiles import LimitOutOfRange
from tests.gis.sketch import NO_WAY, junctions, points, streets


def by_home(found: Pairs) -> list[list[tuple[int, int]]]:
    """Give for every home its suppliers and ticks."""
    both = list(zip(found.supplier.tolist(), found.ticks.tolist(), strict=True))
    return [both[a:b] for a, b in zip(found.first[:-1].tolist(), found.first[1:].tolist(), strict=True)]


def test_every_supplier_within_the_limit_is_listed_in_order() -> None:
    # A -10- B -10- C; home 0 in the middle of B-C: from A 15, from B 5, from C 5; home 1 at A
    graph = streets(("AB", 10), ("BC", 10))
    found = pairs(graph, junctions(graph, "CAB"), points((1, 0.5), (0, 0.0)), 15)
    assert by_home(found) == [[(0, 5), (1, 15), (2, 5)], [(1, 0), (2, 10)]]
    assert found.counts.tolist() == [3, 2]
    assert times_covered(graph, junctions(graph, "CAB"), points((1, 0.5), (0, 0.0)), 15).tolist() == [3, 2]
    nearer = pairs(graph, junctions(graph, "CAB"), points((1, 0.5), (0, 0.0)), 9)
    assert by_home(nearer) == [[(0, 5), (2, 5)], [(1, 0)]]


def test_same_edge_parallel_loop_and_one_way() -> None:
    # suppliers at 0.2 and 0.8 of A -> B (100, one way), back by 10; the home at 0.5: 30, and 20 + 10 + 50 = 80
    graph = streets(("AB", 100, NO_WAY), ("BA", 10), ("BB", 8))
    found = pairs(graph, points((0, 0.2), (0, 0.8)), points((0, 0.5), (2, 0.75)), 1000)
    # the home on the loop: 80 to B + 2 the short way round; 20 + 2
    assert by_home(found) == [[(0, 30), (1, 80)], [(0, 82), (1, 22)]]


def test_a_home_on_the_suppliers_own_edge_is_found_when_no_end_is_in_reach() -> None:
    graph = streets(("AB", 1000))
    assert by_home(pairs(graph, points((0, 0.5)), points((0, 0.51), (0, 0.6)), 20)) == [[(0, 10)], []]


@pytest.mark.parametrize(("suppliers", "homes"), [(points(), points((0, 0.5))), (points((-1, 0.0)), points((0, 0.5)))])
def test_nobody_to_come(suppliers: Links, homes: Links) -> None:
    found = pairs(streets(("AB", 10)), suppliers, homes, 10)
    assert by_home(found) == [[]]
    assert found.counts.tolist() == [0]


def test_no_homes_and_homes_without_a_street() -> None:
    graph = streets(("AB", 10))
    assert pairs(graph, points((0, 0.5)), points(), 10).first.tolist() == [0]
    assert by_home(pairs(graph, points((0, 0.5)), points((-1, 0.0), (0, 0.5)), 10)) == [[], [(0, 0)]]


def test_many_pairs_are_kept() -> None:
    # 60 suppliers at one place, 60 homes 5 away: more than the room it starts with
    graph = streets(("AB", 10))
    found = pairs(graph, points(*[(0, 0.0)] * 60), points(*[(0, 0.5)] * 60), 5)
    assert found.counts.tolist() == [60] * 60
    assert by_home(found)[59] == [(supplier, 5) for supplier in range(60)]


def test_a_limit_out_of_range_is_refused() -> None:
    with pytest.raises(LimitOutOfRange):
        pairs(streets(("AB", 10)), points(), points(), 0)
