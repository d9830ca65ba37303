"""Streets as packed arrays: what is stored comes back, and what does not fit together is refused."""

from pathlib import Path

import numpy as np
import pytest

from gis.adjacency import Adjacency
from gis.graph import BLOCKED, BadEdges, Graph, build_graph, hilbert_order
from gis.links import BadLinks, Links
from gis.profiles import CAR, MAXIMUM_TICKS, WALK, WALK_SLOW, LimitOutOfRange, check_limit, seconds, ticks
from gis.search import field
from tests.gis.sketch import NO_WAY, junctions, points, streets

HalfEdge = tuple[int, int, int, int]


def half_edges(adjacency: Adjacency, junction_count: int) -> list[HalfEdge]:
    """Read the records: (junction, head, ticks, edge), sorted."""
    found = []
    for junction in range(junction_count):
        record: int | None = junction
        while record is not None:
            heads, costs = (
                adjacency.records[8 * record :][:4].tolist(),
                adjacency.records[8 * record + 4 :][:4].tolist(),
            )
            edges = adjacency.edges[4 * record :][:4].tolist()
            slots = zip(heads, costs, edges, strict=True)
            found += [(junction, head, cost, edge) for head, cost, edge in slots if 0 < cost <= MAXIMUM_TICKS]
            record = heads[3] if costs[3] == 0 else None
    return sorted(found)


def test_half_edges_of_a_two_way_street_a_one_way_street_and_a_loop() -> None:
    graph = streets(("AB", 5), ("BC", 7, NO_WAY), ("CC", 3))
    assert half_edges(graph.leaving, 3) == [(0, 1, 5, 0), (1, 0, 5, 0), (1, 2, 7, 1), (2, 2, 3, 2), (2, 2, 3, 2)]
    assert half_edges(graph.arriving, 3) == [(0, 1, 5, 0), (1, 0, 5, 0), (2, 1, 7, 1), (2, 2, 3, 2), (2, 2, 3, 2)]
    assert graph.is_directed


@pytest.mark.parametrize("degree", [4, 5, 7, 8, 10, 11, 30])
def test_a_junction_keeps_all_its_streets(degree: int) -> None:
    graph = build_graph(
        degree + 1, np.zeros(degree, int), np.arange(1, degree + 1), np.arange(1, degree + 1), [BLOCKED] * degree
    )
    assert half_edges(graph.leaving, degree + 1) == [(0, i, i, i - 1) for i in range(1, degree + 1)]
    assert half_edges(graph.arriving, degree + 1) == [(i, 0, i, i - 1) for i in range(1, degree + 1)]


def test_a_junction_record_lies_in_one_cache_line() -> None:
    graph = streets(*[("AB", 1)] * 9)
    assert graph.leaving.records.ctypes.data % 64 == 0


def test_two_way_streets_share_one_table() -> None:
    graph = streets(("AB", 5), ("BC", 7))
    assert graph.arriving is graph.leaving
    assert not graph.is_directed


def test_a_cost_of_nothing_becomes_one_tick() -> None:
    assert streets(("AB", 0)).forward_ticks.tolist() == [1]


def test_components_are_numbered_by_their_first_junction_and_ignore_the_direction() -> None:
    graph = streets(("AC", 1, NO_WAY), ("BD", 1), ("DE", NO_WAY, NO_WAY), ("FF", 1))
    assert graph.component.tolist() == [0, 1, 0, 1, 2, 3]


def test_no_streets_and_no_junctions() -> None:
    graph = build_graph(0, [], [], [], [])
    assert (graph.junction_count, graph.edge_count, graph.component.size) == (0, 0, 0)


@pytest.mark.parametrize("back", [7, NO_WAY])
def test_a_stored_graph_comes_back_from_memory_mapped_files(tmp_path: Path, back: int) -> None:
    graph = streets(("AB", 7, back), ("BC", 2), ("BD", 2), ("BE", 2), ("BF", 2))
    for name, array in graph.arrays().items():
        np.save(tmp_path / f"{name}.npy", array)
    mapped = Graph.from_arrays({name: np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in graph.arrays()})
    assert mapped.is_directed == graph.is_directed
    assert (mapped.junction_count, mapped.bucket_shift) == (graph.junction_count, graph.bucket_shift)
    for name, array in graph.arrays().items():
        assert np.array_equal(array, mapped.arrays()[name]), name
    start = junctions(graph, "A")
    assert np.array_equal(field(mapped, start, 100).words, field(graph, start, 100).words)


def test_arrays_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="read-only"):
        streets(("AB", 5)).edge_from[0] = 1


@pytest.mark.parametrize(
    ("edges", "sentence"),
    [
        (([0], [1], [5], [5, 5]), "differ in shape"),
        (([0], [2], [5], [5]), "outside 0 to 1"),
        (([-1], [1], [5], [5]), "outside 0 to 1"),
        (([0], [1], [-5], [5]), "below 0"),
        (([0], [1], [5], [MAXIMUM_TICKS + 1]), "split the edge"),
        (([0], [1], [5], [2**31]), "32 bits"),
        (([0], [1], [5.5], [5]), "whole numbers"),
        (([0], [1], [float("nan")], [5]), "whole numbers"),
    ],
)
def test_edges_that_do_not_fit_are_refused(edges: tuple[list[float], ...], sentence: str) -> None:
    with pytest.raises(BadEdges, match=sentence) as refusal:
        build_graph(2, *edges)
    assert refusal.value.code == "GIS_EDGES_INVALID"


def test_the_longest_edge_is_taken() -> None:
    assert build_graph(2, [0], [1], [MAXIMUM_TICKS], [BLOCKED]).forward_ticks.tolist() == [MAXIMUM_TICKS]


@pytest.mark.parametrize(
    ("edge", "fraction", "door", "sentence"),
    [
        ([0], [float("nan")], [0], "Point 0"),
        ([0, 0], [0.5, 1.01], [0, 0], "Point 1"),
        ([0], [-0.1], [0], "Point 0"),
        ([0], [0.5], [-1], "Point 0"),
        ([0], [0.5], [MAXIMUM_TICKS + 1], "Point 0"),
        ([0, 0], [0.5], [0], "differ in shape"),
        ([[0]], [[0.5]], [[0]], "differ in shape"),
    ],
)
def test_links_that_cannot_be_searched_are_refused(edge: object, fraction: object, door: object, sentence: str) -> None:
    with pytest.raises(BadLinks, match=sentence) as refusal:
        Links(np.array(edge), np.array(fraction), np.array(door))
    assert refusal.value.code == "GIS_LINKS_INVALID"


def test_the_place_of_an_unlinked_point_means_nothing() -> None:
    assert len(points((-1, float("nan"), -5))) == 1


def test_a_link_to_another_network_is_refused() -> None:
    with pytest.raises(BadLinks, match="edge 1 of 1"):
        field(streets(("AB", 5)), points((1, 0.5)), 10)


def test_ticks_of_a_profile() -> None:
    # 600 s on foot: 600 x 1.3 m/s = 780 m = 7,800,000 x 0.1 mm; slowly 600 x 0.83 = 498 m; by car 600 s / 0.1 ms
    assert [ticks(profile, 600) for profile in (WALK, WALK_SLOW, CAR)] == [7_800_000, 4_980_000, 6_000_000]
    assert seconds(WALK, 7_800_000) == 600.0


@pytest.mark.parametrize("limit", [0, -1, float("nan"), float("inf"), 41_298, 0.00001])
def test_a_limit_that_cannot_be_searched_is_refused(limit: float) -> None:
    # the maximum on foot: (2**29 - 1) / 13,000 = 41,297.8 s
    with pytest.raises(LimitOutOfRange, match="at most 41297 s") as refusal:
        ticks(WALK, limit)
    assert refusal.value.code == "GIS_LIMIT_OUT_OF_RANGE"
    assert ticks(WALK, 41_297) == 536_861_000


@pytest.mark.parametrize("limit", [0, -1, MAXIMUM_TICKS + 1])
def test_a_limit_in_ticks_that_cannot_be_searched_is_refused(limit: int) -> None:
    with pytest.raises(LimitOutOfRange, match="give 1 to 536870911"):
        check_limit(limit)


def test_neighbours_on_the_curve_are_neighbours_on_the_map() -> None:
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(16), np.arange(16)))
    order = hilbert_order(x, y)
    assert sorted(order.tolist()) == list(range(256))
    assert (np.abs(np.diff(x[order])) + np.abs(np.diff(y[order]))).tolist() == [1] * 255


def test_places_that_cannot_be_told_apart_keep_their_order() -> None:
    assert hilbert_order([], []).tolist() == []
    assert hilbert_order([3.0, 3.0, 3.0], [1.0, 1.0, 1.0]).tolist() == [0, 1, 2]
