"""Streets to networks, in drawn towns whose lengths are known; a block is 100 m, so 1,000,000 ticks."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from gis.access_tags import StreetFlag
from gis.container import (
    NetworkFileForeign,
    NetworkFileMissing,
    NetworkFileOutdated,
    NetworkFileTruncated,
)
from gis.linking import Linker
from gis.network import CurrentNetwork, NoNetwork, NoStreets, StreetNetwork, build_network
from gis.profiles import BLOCKED, CAR, EBIKE
from gis.streets import Streets
from tests.drawing import Town, town
from tests.gis.extracts import network_of, streets_of
from tests.gis.trips import meters, ticks

SQUARE = """
    D---C
    |   |
    A---B
"""


def test_over_the_only_bridge() -> None:
    # A to D: 100 m to B, 100 m over the bridge, 100 m back; 100 m as the crow flies.
    plan = town("""
        D---E---F

        A---B---C
    """).street("B E", bridge="yes")
    assert meters(plan, "A", "D") == 300.0
    # 300 m at 1.3 m/s are 3,000,000 / 13,000 s = 3 min 50.77 s.
    assert ticks(plan, "A", "D") == 3_000_000


def test_only_junctions_stay_and_costs_add_up() -> None:
    # B and C join two streets each: A-B-C-D is one edge of 300 m; D-E and D-F are one each.
    plan = town("""
        A---B---C---D---E
                    |
                    F
    """)
    foot = plan.network().graphs["foot"]
    assert (foot.junction_count, foot.edge_count) == (4, 3)
    assert sorted(foot.forward_ticks) == [1_000_000, 1_000_000, 3_000_000]
    assert np.array_equal(foot.forward_ticks, foot.backward_ticks)


def test_an_edge_costs_exactly_what_its_parts_cost() -> None:
    # Parts of 33.33337 m are rounded to 333,334 ticks each; 7 of them are 2,333,338, though 233.33359 m are 2,333,336.
    plan = Town()
    for number in range(8):
        plan.place(f"P{number}", number * 33.33337, 0)
    for number in range(7):
        plan.street(f"P{number} P{number + 1}")
    assert plan.network().graphs["foot"].forward_ticks.tolist() == [7 * 333_334]


def test_the_course_of_an_edge_carries_its_cost() -> None:
    # A to C by B: 100 m and 300 m; B lies at a quarter of the cost.
    plan = Town().place("A", 0, 0).place("B", 100, 0).place("C", 100, 300).street("A B C")
    foot = plan.network().modes["foot"]
    assert sorted(np.abs(foot.shape_fraction - (foot.graph.edge_from[0] != 0)).tolist()) == pytest.approx([0, 0.25, 1])
    x, y = foot.place(np.zeros(3, np.int32), np.array([0.0, 0.25, 1.0]))
    assert np.hypot(np.diff(x), np.diff(y)) == pytest.approx([100, 300], abs=1e-4)


def test_one_way_binds_wheels_not_walkers() -> None:
    plan = town("""
        D---C
        |   |
        A->-B
    """)
    assert meters(plan, "A", "B") == meters(plan, "B", "A") == 100.0
    assert meters(plan, "A", "B", EBIKE) == 100.0
    assert meters(plan, "B", "A", EBIKE) == 300.0  # round the other three sides


def test_one_way_but_not_for_bicycles() -> None:
    plan = town(SQUARE)
    plan.ways.clear()
    plan.street("A B", oneway="yes", oneway__bicycle="no").street("B C").street("C D").street("D A")
    assert meters(plan, "B", "A", EBIKE) == 100.0
    # A car: 300 m at 20 km/h = 54 s.
    assert ticks(plan, "B", "A", CAR) == 540_000


def test_a_roundabout_goes_one_way_round() -> None:
    # X and Y enter opposite corners of a square of 100 m, driven A, B, C, D. X to Y: 100 + 2 sides + 100, both ways.
    plan = town("""
            D---C---Y
            |   |
        X---A---B
    """)
    plan.ways[:] = [way for way in plan.ways if set(way[0]) & {"X", "Y"}]
    plan.street("A B C D A", junction="roundabout")
    assert meters(plan, "X", "Y", EBIKE) == meters(plan, "Y", "X", EBIKE) == 400.0
    # B to A against the ring is three sides.
    assert meters(plan, "B", "A", EBIKE) == 300.0


@pytest.mark.parametrize(
    ("tags", "on_foot", "by_ebike", "by_car"),
    [
        ({}, 200.0, 200.0, True),
        ({"access": "no"}, None, None, False),
        ({"access": "private"}, None, None, False),
        ({"access": "private", "foot": "yes"}, 200.0, None, False),
        ({"locked": "yes", "bicycle": "yes"}, None, 200.0, False),
        ({"motor_vehicle": "no"}, 200.0, 200.0, False),
        ({"barrier": "bollard"}, 200.0, 200.0, False),
        ({"barrier": "kissing_gate"}, 200.0, None, False),
        ({"barrier": "lift_gate"}, 200.0, 200.0, True),
    ],
)
def test_gates(tags: dict[str, str], on_foot: float | None, by_ebike: float | None, by_car: bool) -> None:
    plan = town("A---G---B").gate("G", **tags)
    assert meters(plan, "A", "B") == on_foot
    assert meters(plan, "A", "B", EBIKE) == by_ebike
    # 2 x 100 m at 20 km/h: 36 s.
    assert ticks(plan, "A", "B", CAR) == (360_000 if by_car else None)


def test_a_closed_gate_at_a_crossing_lets_nobody_across() -> None:
    plan = town("""
            N
            |
        W---G---E
            |
            S
    """).gate("G", access="no")
    report = plan.network().report["foot"]
    assert (report["junctions"], report["edges"], report["components"]) == (8, 4, 4)
    assert meters(plan, "W", "N") is None


def test_parallel_streets_stay_apart_and_the_shorter_wins() -> None:
    # A to B straight 100 m, or round by C and D 300 m.
    plan = town(SQUARE).place("X", -50, 0).place("Y", 150, 0).street("X A").street("B Y")
    foot = plan.network().graphs["foot"]
    between = {(int(a), int(b)) for a, b in zip(foot.edge_from, foot.edge_to, strict=True)}
    assert foot.edge_count == 4
    assert len(between) == 3
    assert meters(plan, "A", "B") == 100.0
    assert meters(plan, "X", "C") == 250.0


def test_a_ring_without_a_junction_gets_one() -> None:
    foot = town(SQUARE).network().graphs["foot"]
    assert (foot.junction_count, foot.edge_count, foot.forward_ticks.tolist()) == (1, 1, [4_000_000])


def test_a_loop_at_the_end_of_a_street() -> None:
    # X to the far corner C: 100 m, then two sides of the loop either way round.
    plan = town("""
            D---C
            |   |
        X---A---B
    """)
    assert plan.network().graphs["foot"].edge_count == 2
    assert meters(plan, "X", "C") == 300.0
    # On the same loop, B to D: two sides through A, two sides through C.
    assert meters(plan, "B", "D") == 200.0


def test_islands_are_labelled_and_not_reached() -> None:
    plan = town("""
        A---B       C---D
    """)
    network = plan.network()
    assert network.report["foot"]["components"] == 2
    assert len(set(network.graphs["foot"].component.tolist())) == 2
    assert meters(plan, "A", "C") is None


def test_a_road_under_a_bridge_is_no_junction() -> None:
    # The lines cross at (100, 0) without a common node: from W to N there is only the way by the ramp E-N.
    plan = Town().place("W", 0, 0).place("E", 200, 0).place("S", 100, -100).place("N", 100, 100)
    plan.street("W E").street("S N", bridge="yes", layer="1").street("E N", layer="1")
    # 200 m + the ramp of 100 m * sqrt(2); each part to 0.1 mm.
    assert ticks(plan, "W", "N") == 2_000_000 + 1_414_214


def test_a_ferry_is_no_street() -> None:
    plan = town("A---B   C---D").street("B C", route="ferry")
    assert meters(plan, "A", "D") is None


def test_steps_are_for_walkers_and_count_by_their_factor() -> None:
    plan = town("A---B   C---D").street("B C", highway="steps")
    assert meters(plan, "A", "D") == 300.0
    assert ticks(plan, "A", "D", steps_factor=2.5) == 1_000_000 + 2_500_000 + 1_000_000
    assert meters(plan, "A", "D", EBIKE) is None


@pytest.mark.parametrize(
    ("tags", "on_foot", "by_ebike", "by_car"),
    [
        ({"highway": "motorway"}, False, False, True),
        ({"highway": "footway"}, True, False, False),
        ({"highway": "footway", "bicycle": "yes"}, True, True, False),
        ({"highway": "footway", "access": "yes"}, True, False, False),
        ({"highway": "cycleway"}, True, True, False),
        ({"highway": "residential", "access": "private"}, False, False, False),
        ({"highway": "residential", "access": "no", "foot": "yes"}, True, False, False),
        ({"highway": "residential", "motor_vehicle": "no"}, True, True, False),
        ({"highway": "trunk", "motorroad": "yes"}, False, False, True),
        ({"highway": "trunk", "motorroad": "yes", "sidewalk": "both"}, True, False, True),
        ({"highway": "construction"}, False, False, False),
    ],
)
def test_who_may_use_a_street(tags: dict[str, str], on_foot: bool, by_ebike: bool, by_car: bool) -> None:
    # The street in question lies between two open ones, so that its ends can be linked.
    plan = town("A---B   C---D").street("B C", **tags)
    assert meters(plan, "A", "D") == (300.0 if on_foot else None)
    assert meters(plan, "A", "D", EBIKE) == (300.0 if by_ebike else None)
    assert (ticks(plan, "A", "D", CAR) is not None) == by_car


def test_a_car_keeps_to_the_signposted_limit() -> None:
    # Primary: 40 km/h; signposted 30 km/h. 100 m at 30 km/h are 12 s.
    plan = Town().place("A", 0, 0).place("B", 100, 0).street("A B", highway="primary", maxspeed="30")
    assert ticks(plan, "A", "B", CAR) == 120_000


def test_a_mode_without_streets_has_an_empty_graph() -> None:
    network = Town().place("A", 0, 0).place("B", 100, 0).street("A B", highway="steps").network()
    assert (network.graphs["car"].junction_count, network.graphs["car"].edge_count) == (0, 0)


def test_no_streets() -> None:
    with pytest.raises(NoStreets) as refused:
        town("").network()
    assert refused.value.code == "NO_STREETS"


def test_the_table_gives_the_same_network() -> None:
    plan = town(SQUARE).gate("C", access="no").wall((10, 10), (90, 10)).street("A C", oneway="yes", maxspeed="20 mph")
    streets = plan.streets()
    again = Streets.from_rows(list(streets.rows())[::-1], streets.gates, streets.walls)
    assert build_network(again).version == build_network(streets).version


def test_rows_are_what_pgrouting_reads() -> None:
    # The gate C is closed on foot: each of the ends there is a node of its own. Nobody walks on the motorway.
    plan = town("A---C---B").gate("C", access="no").street("A B", highway="motorway", name="环城高速", name__en="Ring")
    left, right, motorway = plan.streets().rows()
    assert (left.source, left.target, right.source, right.target) == (1, -3, -4, 3)
    assert (left.to_node, right.from_node) == (2, 2)
    assert left.cost == left.reverse_cost == pytest.approx(100 / 1.3, abs=1e-6)
    assert (motorway.cost, motorway.reverse_cost) == (-1, -1)
    assert (motorway.road_class, motorway.name, motorway.name_en) == ("motorway", "环城高速", "Ring")


def _same(one: StreetNetwork, other: StreetNetwork) -> bool:
    mine, others = one._arrays(), other._arrays()
    return mine.keys() == others.keys() and all(np.array_equal(mine[name], others[name]) for name in mine)


def test_the_file_gives_the_same_network(tmp_path: Path) -> None:
    made = town(SQUARE).wall((10, 10), (90, 10)).network()
    made.save(tmp_path / "town.net")
    mapped = StreetNetwork.open(tmp_path / "town.net")
    assert _same(mapped, made)
    assert mapped.version == made.version == mapped.computed_version()
    assert (mapped.projection, mapped.report) == (made.projection, made.report)
    assert not mapped.modes["foot"].shape_x.flags.writeable
    assert [path.name for path in tmp_path.iterdir()] == ["town.net"]


def test_the_version_is_the_content() -> None:
    assert town(SQUARE).network().version == town(SQUARE).network().version
    assert town(SQUARE).network().version != town(SQUARE, block=101).network().version
    assert town(SQUARE).network().version != town(SQUARE).network(steps_factor=2).version


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    content = town(SQUARE).network().to_bytes()
    path = tmp_path / "town.net"
    for bad, error in (
        (content[:-64], NetworkFileTruncated),
        (content[:10], NetworkFileTruncated),
        (b"", NetworkFileTruncated),
        (b"PK\x03\x04" + content[4:], NetworkFileForeign),
        (content[:8] + b"\x63\0\0\0" + content[12:], NetworkFileOutdated),
    ):
        path.write_bytes(bad)
        with pytest.raises(error, match=r"town\.net"):
            StreetNetwork.open(path)
    with pytest.raises(NetworkFileMissing):
        StreetNetwork.open(tmp_path / "nothing.net")


def test_a_damaged_file_no_longer_has_its_version(tmp_path: Path) -> None:
    content = bytearray(town(SQUARE).network().to_bytes())
    content[-60] ^= 1
    (tmp_path / "town.net").write_bytes(content)
    damaged = StreetNetwork.open(tmp_path / "town.net")
    assert damaged.computed_version() != damaged.version


def test_a_new_file_does_not_touch_who_reads_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "town.net"
    old, new = town(SQUARE).network(), town("A---B").network()
    old.save(path)
    current = CurrentNetwork(StreetNetwork.open(path))
    reader = current.get()
    new.save(path)
    assert current.swap(StreetNetwork.open(path))
    assert _same(reader, old)
    assert current.get().version == new.version
    assert not current.swap(StreetNetwork.open(path))


def test_requests_go_on_while_networks_are_swapped(tmp_path: Path) -> None:
    # H is 10 m from street A-B of the one town and 30 m from that of the other; each answer must be one of the two.
    towns = [Town().place("A", 0, y).place("B", 100, y).street("A B") for y in (0.0, -20.0)]
    lon, lat = towns[0].degrees((50, 10))
    for number, plan in enumerate(towns):
        plan.network().save(tmp_path / f"{number}.net")
    current = CurrentNetwork(StreetNetwork.open(tmp_path / "0.net"))

    def request(_: int) -> tuple[str, float]:
        network = current.get()
        return network.version, round(float(Linker(network).link(lon, lat).door_meters[0]), 4)

    with ThreadPoolExecutor(4) as threads:
        answers = threads.map(request, range(400))
        for turn in range(40):
            assert current.swap(StreetNetwork.open(tmp_path / f"{(turn + 1) % 2}.net"))
        found = set(answers)
    assert found <= {(towns[0].network().version, 10.0), (towns[1].network().version, 30.0)}


def test_no_network_yet() -> None:
    with pytest.raises(NoNetwork, match="import streets"):
        CurrentNetwork().get()


def test_closed_ends_cost_blocked() -> None:
    graph = town("A->-B").network().graphs["ebike"]
    assert sorted([*graph.forward_ticks, *graph.backward_ticks]) == [1_000_000, BLOCKED]


@pytest.mark.oracle
@pytest.mark.parametrize(
    ("name", "foot", "ebike", "car"),
    [
        ("porto-metro", (68_300, 95_618), (61_953, 84_152), (62_203, 84_721)),
        ("monaco", (3_318, 4_490), (2_211, 2_754), (1_972, 2_441)),
        ("beijing-haidian-tsinghua", (1_005, 1_397), (771, 1_076), (683, 862)),
    ],
)
def test_real_extracts(name: str, foot: tuple[int, int], ebike: tuple[int, int], car: tuple[int, int]) -> None:
    graphs = network_of(name).graphs
    counts = {mode: (graph.junction_count, graph.edge_count) for mode, graph in graphs.items()}
    assert counts == {"foot": foot, "ebike": ebike, "car": car}
    # Nothing is lost by contraction: the edges cost what the walkable streets cost, each rounded to 0.1 mm.
    walkable = streets_of(name).meters[streets_of(name).having(StreetFlag.FOOT_FORWARD)]
    assert graphs["foot"].forward_ticks.sum(dtype=np.int64) == np.maximum(np.rint(walkable * 10_000), 1).sum()
