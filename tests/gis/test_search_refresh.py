"""One supplier moves, comes or goes: what is kept up to date equals what is searched anew."""

import pytest

from gis.graph import BLOCKED
from gis.links import BadLinks
from gis.refresh import Coverage
from tests.gis.sketch import NO_WAY, junctions, points, streets


def first(coverage: Coverage) -> list[tuple[int, int]]:
    """Give (ticks, supplier) for every home."""
    return list(zip(coverage.reach.ticks.tolist(), coverage.reach.supplier.tolist(), strict=True))


def test_a_supplier_who_goes_leaves_the_homes_to_the_next() -> None:
    # A -10- B -10- C -10- D, suppliers at A and D, homes in the middle of each street
    graph = streets(("AB", 10), ("BC", 10), ("CD", 10))
    coverage = Coverage(graph, junctions(graph, "AD"), points((0, 0.5), (1, 0.5), (2, 0.5)), 20)
    assert first(coverage) == [(5, 0), (15, 0), (5, 1)]
    coverage.remove(0)
    assert first(coverage) == [(BLOCKED, -1), (15, 1), (5, 1)]
    assert coverage.field.ticks.tolist() == [BLOCKED, 20, 10, 0]
    coverage.remove(1)
    assert first(coverage) == [(BLOCKED, -1)] * 3
    coverage.remove(1)
    assert first(coverage) == [(BLOCKED, -1)] * 3


def test_a_supplier_who_comes_takes_the_homes_that_are_nearer() -> None:
    graph = streets(("AB", 10), ("BC", 10), ("CD", 10))
    coverage = Coverage(graph, junctions(graph, "A"), points((0, 0.5), (1, 0.5), (2, 0.5)), 30)
    assert coverage.add(points((2, 1.0, 2))) == 1  # at D with a door of 2
    assert first(coverage) == [(5, 0), (15, 0), (7, 1)]
    assert coverage.suppliers.edge.tolist() == [0, 2]


def test_a_supplier_who_moves() -> None:
    graph = streets(("AB", 10), ("BC", 10), ("CD", 10))
    coverage = Coverage(graph, junctions(graph, "AD"), points((0, 0.5), (1, 0.5), (2, 0.5)), 30)
    coverage.move(0, points((1, 0.4)))
    assert first(coverage) == [(9, 0), (1, 0), (5, 1)]  # 4 + 5 to the first, 0.1 of 10 to the second
    coverage.move(0, points((2, 0.6)))  # onto the edge of a home and of the other supplier
    assert first(coverage) == [(21, 0), (11, 0), (1, 0)]


def test_the_one_who_goes_was_first_only_on_the_shared_edge() -> None:
    graph = streets(("AB", 1000))
    coverage = Coverage(graph, points((0, 0.5), (0, 0.4)), points((0, 0.55)), 160)
    assert first(coverage) == [(50, 0)]
    coverage.remove(0)
    assert first(coverage) == [(150, 1)]
    coverage.add(points((0, 0.56)))
    assert first(coverage) == [(10, 2)]


def test_among_equals_the_lower_number_after_a_change_too() -> None:
    graph = streets(("AB", 10), ("BC", 10))
    coverage = Coverage(graph, points((-1, 0.0), (1, 1.0)), points((0, 1.0)), 30)
    assert first(coverage) == [(10, 1)]
    coverage.move(0, points((0, 0.0)))
    assert first(coverage) == [(10, 0)]
    coverage.move(1, points((0, 0.0)))
    assert first(coverage) == [(10, 0)]


def test_one_way_streets() -> None:
    # A -> B -> C one way; the home in the middle of B-C
    graph = streets(("AB", 10, NO_WAY), ("BC", 10, NO_WAY))
    coverage = Coverage(graph, points((0, 0.0)), points((1, 0.5)), 30)
    assert first(coverage) == [(15, 0)]
    coverage.move(0, points((1, 0.6)))
    assert first(coverage) == [(BLOCKED, -1)]
    coverage.move(0, points((1, 0.4)))
    assert first(coverage) == [(1, 0)]


def test_a_move_that_cannot_be_made_changes_nothing() -> None:
    graph = streets(("AB", 10))
    coverage = Coverage(graph, points((0, 0.0)), points((0, 0.5)), 30)
    with pytest.raises(BadLinks, match="edge 4 of 1"):
        coverage.move(0, points((4, 0.0)))
    with pytest.raises(BadLinks, match="no supplier 1 of 1"):
        coverage.move(1, points((0, 0.0)))
    with pytest.raises(BadLinks, match="2 points"):
        coverage.move(0, points((0, 0.0), (0, 0.0)))
    with pytest.raises(BadLinks, match="edge 4 of 1"):
        coverage.add(points((4, 0.0)))
    assert first(coverage) == [(5, 0)]
    assert coverage.suppliers.edge.tolist() == [0]
