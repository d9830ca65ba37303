"""What must hold on every network: tried on random ones, with loops, parallels, one-ways, islands and missing links."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some

from gis.field import field, homes_reached
from gis.graph import BLOCKED, Graph
from gis.links import Links
from gis.nearest import Candidate, nearest
from gis.pairs import pairs
from gis.refresh import Coverage
from tests.gis.random_towns import random_graph, random_points
from tests.gis.scipy_ticks import first_ticks, ticks_between

LONGEST = 40
many = settings(max_examples=150, deadline=None)
networks = some.tuples(some.integers(0, 2**32 - 1), some.integers(1, 14), some.integers(0, 40))
limits = some.integers(1, 150)


def town(network: tuple[int, int, int], one_way: bool = True) -> tuple[np.random.Generator, Graph]:
    """Make the network that a drawn (seed, junctions, edges) stands for."""
    rng = np.random.default_rng(network[0])
    return rng, random_graph(rng, network[1], network[2], LONGEST, one_way)


def trips(graph: Graph, starts: Links, goals: Links, limit: int = 10_000) -> np.ndarray:
    """Give the ticks float64[starts, goals] of all pairs, inf where there is no way."""
    found, table = pairs(graph, starts, goals, limit), np.full((len(starts), len(goals)), np.inf)
    table[found.supplier, np.repeat(np.arange(len(goals)), found.counts)] = found.ticks
    return table


def taken(points: Links, chosen: np.ndarray) -> Links:
    """Take some of the points."""
    return Links(points.edge[chosen], points.fraction[chosen], points.door_ticks[chosen])


@many
@given(networks, limits, some.booleans())
def test_every_answer_is_the_one_of_scipy(network: tuple[int, int, int], limit: int, one_way: bool) -> None:
    rng, graph = town(network, one_way)
    suppliers, homes = random_points(rng, graph, 5, 9), random_points(rng, graph, 12, 9)
    exact = first_ticks(graph, suppliers, homes)
    reach = homes_reached(graph, field(graph, suppliers, limit), suppliers, homes)
    assert reach.ticks.tolist() == np.where(exact <= limit, exact, BLOCKED).tolist()
    alone = ticks_between(graph, suppliers, homes)
    assert reach.supplier.tolist() == np.where(exact <= limit, alone.argmin(axis=0), -1).tolist()  # the first of equals
    assert trips(graph, suppliers, homes).tolist() == alone.tolist()


@many
@given(networks)
def test_there_and_back_take_the_same_on_two_way_streets(network: tuple[int, int, int]) -> None:
    rng, graph = town(network, one_way=False)
    here, there = random_points(rng, graph, 6, 9), random_points(rng, graph, 6, 9)
    assert trips(graph, here, there).tolist() == trips(graph, there, here).T.tolist()


@many
@given(networks)
def test_a_detour_is_never_shorter(network: tuple[int, int, int]) -> None:
    rng, graph = town(network)
    stops = random_points(rng, graph, 8, 0)
    table = trips(graph, stops, stops)
    for by in range(8):
        assert (table <= table[:, by, None] + table[None, by]).all()


@many
@given(networks, limits)
def test_more_suppliers_never_cover_less(network: tuple[int, int, int], limit: int) -> None:
    rng, graph = town(network)
    suppliers, homes = random_points(rng, graph, 6, 9), random_points(rng, graph, 12, 9)
    fewer = taken(suppliers, np.arange(4))
    before = homes_reached(graph, field(graph, fewer, limit), fewer, homes)
    after = homes_reached(graph, field(graph, suppliers, limit), suppliers, homes)
    assert (after.ticks <= before.ticks).all()


@many
@given(networks, limits, some.integers(1, 100))
def test_a_longer_limit_never_covers_less_and_changes_no_time(
    network: tuple[int, int, int], limit: int, more: int
) -> None:
    rng, graph = town(network)
    suppliers, homes = random_points(rng, graph, 4, 9), random_points(rng, graph, 12, 9)
    short, long = (homes_reached(graph, field(graph, suppliers, at), suppliers, homes) for at in (limit, limit + more))
    assert (long.words[short.reached] == short.words[short.reached]).all()
    cut = homes_reached(graph, field(graph, suppliers, limit + more), suppliers, homes, limit)
    assert cut.words.tolist() == short.words.tolist()


@many
@given(networks, limits, some.lists(some.sampled_from(["comes", "goes", "moves"]), max_size=8))
def test_what_is_kept_up_to_date_equals_what_is_searched_anew(
    network: tuple[int, int, int], limit: int, changes: list[str]
) -> None:
    rng, graph = town(network)
    homes = random_points(rng, graph, 12, 9)
    coverage = Coverage(graph, random_points(rng, graph, 4, 9), homes, limit)
    for change in changes:
        one, goal = int(rng.integers(len(coverage.suppliers))), random_points(rng, graph, 1, 9)
        if change == "comes":
            coverage.add(goal)
        else:
            coverage.move(one, goal) if change == "moves" else coverage.remove(one)
        anew = field(graph, coverage.suppliers, limit)
        assert coverage.field.words.tolist() == anew.words.tolist()
        reach = homes_reached(graph, anew, coverage.suppliers, homes)
        assert coverage.reach.words.tolist() == reach.words.tolist()


@many
@given(networks, limits, some.integers(1, 9), some.booleans())
def test_the_nearest_are_the_first_of_all_and_their_paths_cost_what_is_said(
    network: tuple[int, int, int], limit: int, first: int, toward: bool
) -> None:
    rng, graph = town(network)
    call, others = random_points(rng, graph, 1, 9), random_points(rng, graph, 7, 9)
    table = trips(graph, others, call) if toward else trips(graph, call, others).T
    found = nearest(graph, call, others, first, limit, toward)
    every = sorted((int(table[one, 0]), one) for one in range(7) if table[one, 0] <= limit)
    assert [(one.ticks, one.index) for one in found] == every[:first]
    for candidate in found:
        walk = path_ticks(graph, candidate)
        assert walk + int(call.door_ticks[0]) + int(others.door_ticks[candidate.index]) == candidate.ticks


def path_ticks(graph: Graph, candidate: Candidate) -> int:
    """Add up the stretches of a path; each begins where the one before ends."""
    total, at = 0, None
    for edge, start, end in candidate.path:
        assert at is None or junction(graph, edge, start) == at
        cost = int((graph.forward_ticks if end > start else graph.backward_ticks)[edge])
        assert cost != BLOCKED
        total, at = total + int(abs(np.rint(end * cost) - np.rint(start * cost))), junction(graph, edge, end)
    return total


def junction(graph: Graph, edge: int, fraction: float) -> int | None:
    """Give the junction at a place, None inside an edge."""
    ends = {0.0: graph.edge_from, 1.0: graph.edge_to}
    return int(ends[fraction][edge]) if fraction in ends else None
