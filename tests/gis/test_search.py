"""Who is first at every home, in towns small enough to work out by hand. Costs are ticks; `-` is BLOCKED or nobody."""

import numpy as np
import pytest

from gis.field import Reach, field, homes_reached
from gis.graph import BLOCKED, Graph
from gis.homes import homes_by_edge
from gis.links import BadLinks, Links
from gis.profiles import MAXIMUM_TICKS, LimitOutOfRange
from gis.search import reaches, warm
from tests.gis.sketch import NO_WAY, junctions, points, streets


def reach(graph: Graph, suppliers: Links, homes: Links, limit: int = 1000) -> Reach:
    """Search from the suppliers and look at the homes."""
    return homes_reached(graph, field(graph, suppliers, limit), suppliers, homes)


def first(graph: Graph, suppliers: Links, homes: Links, limit: int = 1000) -> list[tuple[int, int]]:
    """Give (ticks, supplier) for every home, (BLOCKED, -1) where nobody comes."""
    found = reach(graph, suppliers, homes, limit)
    return list(zip(found.ticks.tolist(), found.supplier.tolist(), strict=True))


NOBODY = (BLOCKED, -1)


def test_the_first_of_two_by_street_with_doors_at_both_ends() -> None:
    # A --100-- B --50-- C; suppliers at 30 from A (door 4) and at C (door 1); a home 80 from A with a door walk of 5:
    # from the first 4 + (80 - 30) + 5 = 59, from the second 1 + 50 + 20 + 5 = 76
    graph = streets(("AB", 100), ("BC", 50))
    suppliers = points((0, 0.3, 4), (1, 1.0, 1))
    assert first(graph, suppliers, points((0, 0.8, 5))) == [(59, 0)]
    assert field(graph, suppliers, 1000).ticks.tolist() == [34, 51, 1]
    assert field(graph, suppliers, 1000).supplier.tolist() == [0, 1, 1]


def test_across_a_river_by_the_bridge() -> None:
    # north bank A-B-C, south bank D-E-F, every street 100, the only bridge from C to F, 20 long.
    # From A to a home 30 from D towards E: 100 + 100 + 20 + (100 + 70) = 390, though the banks are close
    graph = streets(("AB", 100), ("BC", 100), ("CF", 20), ("DE", 100), ("EF", 100))
    assert first(graph, junctions(graph, "A"), points((3, 0.3))) == [(390, 0)]
    without_bridge = streets(("AB", 100), ("BC", 100), ("CF", NO_WAY), ("DE", 100), ("EF", 100))
    assert first(without_bridge, junctions(without_bridge, "A"), points((3, 0.3))) == [NOBODY]


def test_the_same_edge_is_walked_without_going_to_its_ends() -> None:
    graph = streets(("AB", 100))
    # 0.2 -> 0.7: 50; 0.7 -> 0.2: 50; where one stands already: only the doors, 3 + 4
    assert first(graph, points((0, 0.2)), points((0, 0.7))) == [(50, 0)]
    assert first(graph, points((0, 0.7)), points((0, 0.2))) == [(50, 0)]
    assert first(graph, points((0, 0.7, 3)), points((0, 0.7, 4))) == [(7, 0)]


def test_a_same_edge_trip_against_a_one_way_street_goes_round_the_block() -> None:
    # A ->100-> B, back only by B -30- C -40- A. From 0.7 to 0.2: 30 to B, 30, 40 to A, 20 = 120; from 0.2 to 0.7: 50
    graph = streets(("AB", 100, NO_WAY), ("BC", 30), ("CA", 40))
    assert first(graph, points((0, 0.7)), points((0, 0.2))) == [(120, 0)]
    assert first(graph, points((0, 0.2)), points((0, 0.7))) == [(50, 0)]


def test_a_one_way_street_without_a_way_back() -> None:
    graph = streets(("AB", 100, NO_WAY))
    assert first(graph, points((0, 0.7)), points((0, 0.2))) == [NOBODY]
    assert first(graph, points((0, 0.2)), points((0, 0.7))) == [(50, 0)]


def test_one_way_streets_are_followed_from_the_supplier_to_the_home() -> None:
    # A <-10- B one way towards A; supplier at A, home on B-C: only by A ->50-> C: 50 + half of 20
    graph = streets(("BA", 10, NO_WAY), ("BC", 20), ("AC", 50))
    assert first(graph, points((2, 0.0)), points((1, 0.5))) == [(60, 0)]
    assert first(graph, points((1, 0.5)), points((2, 0.0))) == [(20, 0)]  # 10 to B, 10 to A


def test_uphill_costs_more_than_downhill() -> None:
    # A to B costs 100, B to A 60. From 0.25: to B 100 - 25, to A 15. The home at 0.75: 75 from A, 15 from B
    graph = streets(("AB", 100, 60))
    assert first(graph, points((0, 0.25)), points((0, 0.75))) == [(50, 0)]
    assert first(graph, points((0, 0.75)), points((0, 0.25))) == [(30, 0)]
    assert field(graph, points((0, 0.25)), 1000).ticks.tolist() == [15, 75]


def test_the_shorter_of_two_parallel_streets() -> None:
    # A to B by 90 or by 40; the home in the middle of the long one from A: 45, from its far part the short one helps:
    # at 0.8 of 90 (72 from A): 40 + 18 = 58
    graph = streets(("AB", 90), ("AB", 40))
    supplier = junctions(graph, "A")
    assert field(graph, supplier, 1000).ticks.tolist() == [0, 40]
    assert first(graph, supplier, points((0, 0.5), (0, 0.8), (1, 0.5))) == [(45, 0), (58, 0), (20, 0)]


def test_a_loop_is_entered_from_either_side() -> None:
    # A -10- B with a loop of 80 at B: the home at 0.75 of the loop is 20 from B backwards
    graph = streets(("AB", 10), ("BB", 80))
    assert first(graph, junctions(graph, "A"), points((1, 0.75))) == [(30, 0)]
    one_way = streets(("AB", 10), ("BB", 80, NO_WAY))
    assert first(one_way, junctions(one_way, "A"), points((1, 0.75))) == [(70, 0)]


def test_a_dead_end_and_an_island() -> None:
    graph = streets(("AB", 10), ("BC", 20), ("DE", 5))
    assert first(graph, junctions(graph, "A"), points((1, 1.0), (2, 0.5))) == [(30, 0), NOBODY]
    assert first(graph, junctions(graph, "AD"), points((1, 1.0), (2, 0.6))) == [(30, 0), (3, 1)]


def test_the_limit_itself_is_in_time_and_one_tick_more_is_not() -> None:
    # 600 s on foot are 780 m: 7,800,000 tenths of a millimetre, the last of them decides
    limit = 7_800_000
    graph = streets(("AB", 5_000_000), ("BC", 5_000_000))
    door = points((1, 0.5, 300_000), (1, 0.5, 300_001))  # 5,000,000 + 2,500,000 + the door
    assert first(graph, junctions(graph, "A"), door, limit) == [(7_800_000, 0), NOBODY]
    assert field(graph, junctions(graph, "A"), 5_000_000).ticks.tolist() == [0, 5_000_000, BLOCKED]
    assert field(graph, junctions(graph, "A"), 4_999_999).ticks.tolist() == [0, BLOCKED, BLOCKED]
    assert (bool(reaches(limit, limit)), bool(reaches(limit + 1, limit))) == (True, False)


def test_the_limit_on_the_same_edge() -> None:
    graph = streets(("AB", 1000))
    assert first(graph, points((0, 0.5)), points((0, 0.6), (0, 0.601)), 100) == [(100, 0), NOBODY]


def test_among_equals_the_lower_number_comes_first_whatever_the_order_of_streets() -> None:
    # B lies 10 from A and 10 from C: supplier 0 stands at C, supplier 1 at A
    for rows in ([("AB", 10), ("BC", 10)], [("BC", 10), ("AB", 10)]):
        graph = streets(*rows)
        assert field(graph, junctions(graph, "CA"), 100).supplier.tolist() == [1, 0, 0]
        assert field(graph, junctions(graph, "AC"), 100).supplier.tolist() == [0, 0, 1]


def test_suppliers_and_homes_at_one_place() -> None:
    graph = streets(("AB", 10))
    twice = points((0, 0.5), (0, 0.5))
    assert first(graph, twice, points((0, 0.9), (0, 0.9), (0, 0.9))) == [(4, 0)] * 3
    assert first(graph, twice, twice) == [(0, 0)] * 2


def test_nobody_to_come_and_nobody_to_come_to() -> None:
    graph = streets(("AB", 10))
    assert first(graph, points(), points((0, 0.5))) == [NOBODY]
    assert first(graph, points((0, 0.5)), points()) == []
    assert field(graph, points(), 10).ticks.tolist() == [BLOCKED, BLOCKED]
    assert field(graph, points(), 10).supplier.tolist() == [-1, -1]


def test_a_town_without_streets() -> None:
    graph = streets()
    assert first(graph, points((-1, 0.0)), points((-1, 0.0))) == [NOBODY]


def test_who_is_not_linked_neither_comes_nor_is_reached() -> None:
    graph = streets(("AB", 10))
    assert first(graph, points((-1, 0.0), (0, 0.0)), points((-1, 0.0), (0, 0.5))) == [NOBODY, (5, 1)]
    assert first(graph, points((-1, 0.0)), points((0, 0.5))) == [NOBODY]


def test_a_closed_street_is_reached_from_nowhere() -> None:
    graph = streets(("AB", 10), ("BC", NO_WAY))
    assert first(graph, junctions(graph, "A"), points((1, 0.0), (1, 0.5))) == [NOBODY, NOBODY]


def test_the_longest_costs_do_not_overflow() -> None:
    # two streets of the greatest cost and the greatest doors: beyond every limit, not wrapped round to a small number
    graph = streets(("AB", MAXIMUM_TICKS), ("BC", MAXIMUM_TICKS))
    far = points((0, 0.0, MAXIMUM_TICKS))
    assert first(graph, far, points((1, 1.0, MAXIMUM_TICKS)), MAXIMUM_TICKS) == [NOBODY]
    assert first(graph, far, points((0, 0.0)), MAXIMUM_TICKS) == [(MAXIMUM_TICKS, 0)]
    assert first(graph, points((0, 0.0)), points((0, 1.0)), MAXIMUM_TICKS) == [(MAXIMUM_TICKS, 0)]
    assert field(graph, points((0, 0.0)), MAXIMUM_TICKS).ticks.tolist() == [0, MAXIMUM_TICKS, BLOCKED]


def test_offsets_are_rounded_once_so_that_the_parts_add_up() -> None:
    # a third of 100 is 33; the rest of the way to B is 67, and the home at two thirds (67) is 34 further on
    graph = streets(("AB", 100))
    assert field(graph, points((0, 1 / 3)), 1000).ticks.tolist() == [33, 67]
    assert first(graph, points((0, 1 / 3)), points((0, 2 / 3))) == [(34, 0)]


def test_homes_prepared_once_give_the_same_answer_in_the_callers_order() -> None:
    graph = streets(("AB", 10), ("BC", 20), ("CD", 30))
    homes = points((2, 0.5), (-1, 0.0), (0, 0.5), (2, 0.1), (1, 1.0))
    supplier = junctions(graph, "A")
    prepared = homes_by_edge(graph, homes)
    found = homes_reached(graph, field(graph, supplier, 40), supplier, prepared)
    assert found.ticks.tolist() == [BLOCKED, BLOCKED, 5, 33, 30]
    assert found.reached.tolist() == [False, False, True, True, True]
    assert np.array_equal(found.words, reach(graph, supplier, homes, 40).words)


def test_a_shorter_limit_may_be_asked_of_a_field_and_a_longer_one_is_refused() -> None:
    graph = streets(("AB", 10))
    supplier, homes = junctions(graph, "A"), points((0, 0.5), (0, 0.8))
    found = field(graph, supplier, 8)
    assert homes_reached(graph, found, supplier, homes, 5).reached.tolist() == [True, False]
    with pytest.raises(LimitOutOfRange, match="search it again"):
        homes_reached(graph, found, supplier, homes, 9)


@pytest.mark.parametrize("limit", [0, -5, MAXIMUM_TICKS + 1])
def test_a_limit_out_of_range_is_refused(limit: int) -> None:
    graph = streets(("AB", 10))
    with pytest.raises(LimitOutOfRange) as refusal:
        field(graph, junctions(graph, "A"), limit)
    assert refusal.value.code == "GIS_LIMIT_OUT_OF_RANGE"


def test_a_home_on_another_network_is_refused() -> None:
    graph = streets(("AB", 10))
    with pytest.raises(BadLinks, match="edge 7 of 1"):
        homes_by_edge(graph, points((7, 0.5)))


def test_warming_up_may_be_repeated() -> None:
    warm()
    warm()
