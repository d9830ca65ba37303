"""Outward from one call: who can be there first, and by which way."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from gis.graph import Graph
from gis.links import BadLinks, Links
from gis.nearest import nearest
from gis.profiles import MAXIMUM_TICKS, LimitOutOfRange
from tests.gis.random_towns import made_city, random_points
from tests.gis.sketch import NO_WAY, junctions, points, streets


def ranked(
    graph: Graph, call: Links, workers: Links, first: int = 9, toward_origin: bool = True
) -> list[tuple[int, int]]:
    """Give (number, ticks) of the candidates found."""
    found = nearest(graph, call, workers, first, toward_origin=toward_origin)
    return [(candidate.index, candidate.ticks) for candidate in found]


def test_candidates_come_by_time_with_their_doors() -> None:
    # A -100- B -50- C -200- D; the call is on B-C, 20 from B, with a door of 3.
    # worker 0 at A: 100 + 20 + 3 = 123; 1 at D: 200 + 30 + 3 = 233; 2 at 0.9 of A-B, door 5: 5 + 10 + 20 + 3 = 38
    graph = streets(("AB", 100), ("BC", 50), ("CD", 200))
    call, workers = points((1, 0.4, 3)), points((0, 0.0), (2, 1.0), (0, 0.9, 5))
    assert ranked(graph, call, workers) == [(2, 38), (0, 123), (1, 233)]
    assert ranked(graph, call, workers, first=2) == [(2, 38), (0, 123)]


def test_a_path_is_in_the_order_of_travel() -> None:
    graph = streets(("AB", 100), ("CB", 50), ("CD", 200))
    [worker] = nearest(graph, points((2, 0.25)), points((0, 0.5)), 1)
    assert worker.ticks == 50 + 50 + 50
    assert worker.path == ((0, 0.5, 1.0), (1, 1.0, 0.0), (2, 0.0, 0.25))
    [back] = nearest(graph, points((0, 0.5)), points((2, 0.25)), 1)
    assert back.path == ((2, 0.25, 0.0), (1, 0.0, 1.0), (0, 1.0, 0.5))


def test_a_path_from_the_call_outward_begins_at_the_call() -> None:
    graph = streets(("AB", 100), ("CB", 50), ("CD", 200))
    [home] = nearest(graph, points((2, 0.25)), points((0, 0.5)), 1, toward_origin=False)
    assert home.path == ((2, 0.25, 0.0), (1, 0.0, 1.0), (0, 1.0, 0.5))


def test_on_the_same_edge_the_path_is_one_stretch_and_at_the_same_place_none() -> None:
    graph = streets(("AB", 100))
    found = nearest(graph, points((0, 0.5)), points((0, 0.75), (0, 0.5, 7)), 2)
    assert [(one.index, one.ticks, one.path) for one in found] == [(1, 7, ()), (0, 25, ((0, 0.75, 0.5),))]


def test_workers_travel_toward_the_call_and_streets_may_be_one_way() -> None:
    # a ring A -> B -> C -> A, 10 each. The call is at A: the worker at B comes by C in 20, the worker at C in 10.
    # Homes visited from A: B in 10, C in 20
    graph = streets(("AB", 10, NO_WAY), ("BC", 10, NO_WAY), ("CA", 10, NO_WAY))
    call, others = points((0, 0.0)), points((1, 0.0), (2, 0.0))
    assert ranked(graph, call, others) == [(1, 10), (0, 20)]
    assert ranked(graph, call, others, toward_origin=False) == [(0, 10), (1, 20)]


def test_a_worker_just_past_the_call_on_a_one_way_street_goes_round() -> None:
    # A ->100-> B, back by 60; the call at 0.5: the worker at 0.6 goes 40 + 60 + 50 = 150, the one at 0.1 goes 40
    graph = streets(("AB", 100, NO_WAY), ("BA", 60, NO_WAY))
    found = nearest(graph, points((0, 0.5)), points((0, 0.6), (0, 0.1)), 2)
    assert [(one.index, one.ticks) for one in found] == [(1, 40), (0, 150)]
    assert found[1].path == ((0, 0.6, 1.0), (1, 0.0, 1.0), (0, 0.0, 0.5))


def test_the_straight_way_along_a_long_street_may_be_the_longer_one() -> None:
    # A -1000- B with a short cut of 10: from 0.01 to 0.99 of the long street: 10 + 10 + 10, not 980
    graph = streets(("AB", 1000), ("AB", 10))
    [worker] = nearest(graph, points((0, 0.99)), points((0, 0.01)), 1)
    assert worker.ticks == 30
    assert worker.path == ((0, 0.01, 0.0), (1, 0.0, 1.0), (0, 1.0, 0.99))


def test_among_equals_the_lower_number_and_the_lower_edge() -> None:
    # two ways of 20 from A to D; workers at A twice and, as far away, at E
    graph = streets(("AC", 10), ("CD", 10), ("AB", 10), ("BD", 10), ("DE", 20))
    call = points((1, 1.0))
    assert ranked(graph, call, points((4, 1.0), (0, 0.0), (0, 0.0))) == [(0, 20), (1, 20), (2, 20)]
    assert ranked(graph, call, points((0, 0.0), (4, 1.0), (0, 0.0)), first=2) == [(0, 20), (1, 20)]
    assert nearest(graph, call, points((0, 0.0)), 1)[0].path == ((0, 0.0, 1.0), (1, 0.0, 1.0))


def test_the_limit_itself_is_in_time() -> None:
    graph = streets(("AB", 10), ("BC", 10))
    workers = junctions(graph, "AC")
    assert [one.index for one in nearest(graph, points((0, 0.1)), workers, 2, limit_ticks=19)] == [0, 1]
    assert [one.index for one in nearest(graph, points((0, 0.1)), workers, 2, limit_ticks=18)] == [0]


def test_who_cannot_come_is_left_out() -> None:
    graph = streets(("AB", 10), ("CD", 10), ("BE", NO_WAY, 10))
    workers = points((1, 0.5), (-1, 0.0), (0, 0.0), (2, 1.0))
    assert ranked(graph, points((0, 1.0)), workers) == [(2, 10), (3, 10)]
    assert ranked(graph, points((2, 1.0)), workers) == [(3, 0)]  # nobody may enter B -> E
    assert ranked(graph, points((-1, 0.0)), workers) == []
    assert ranked(graph, points((0, 1.0)), points()) == []


def test_a_workspace_is_clean_after_each_call() -> None:
    graph = streets(("AB", 10), ("BC", 10), ("CD", 10))
    for _ in range(3):
        assert ranked(graph, points((0, 0.0)), points((2, 1.0), (0, 1.0)), first=1) == [(1, 10)]
        assert ranked(graph, points((2, 1.0)), points((2, 0.0), (0, 0.0))) == [(0, 10), (1, 30)]
    [room] = graph.workspaces
    assert (room.words == 2**63 - 1).all()
    assert (room.mark == -1).all()
    assert not room.queue.ends.any()


def test_one_place_at_least_one_candidate_and_a_limit_are_needed() -> None:
    graph = streets(("AB", 10))
    with pytest.raises(BadLinks, match="2 points"):
        nearest(graph, points((0, 0.0), (0, 0.0)), points(), 1)
    with pytest.raises(BadLinks, match="Asked for the 0 nearest"):
        nearest(graph, points((0, 0.0)), points(), 0)
    with pytest.raises(LimitOutOfRange):
        nearest(graph, points((0, 0.0)), points(), 1, limit_ticks=MAXIMUM_TICKS + 1)


def test_threads_do_not_disturb_each_other() -> None:
    graph, rng = made_city(5, 40, True), np.random.default_rng(6)
    workers = random_points(rng, graph, 40, 100_000)
    calls = [random_points(rng, graph, 1, 100_000) for _ in range(100)]
    alone = [ranked(graph, call, workers, 5) for call in calls]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda call: ranked(graph, call, workers, 5), calls)) == alone
    assert 1 <= len(graph.workspaces) <= 5
