"""Points to streets, in drawn towns: distances are metres, a place on a 100 m street is also its share in percent."""

import numpy as np
import pytest
import shapely

from gis.linking import Linker, LinkLimitOutOfRange, PointLinks, Unlinked, stairs_seconds
from gis.profiles import CAR, EBIKE, WALK, WALK_SLOW
from tests.drawing import Town, town
from tests.gis.trips import meters

NEAR = 1e-6


def _street(links: PointLinks) -> list[int]:
    return [int(street) for street in links.street]


def _place(plan: Town, links: PointLinks, at: int = 0) -> tuple[float, float]:
    """Give the place on the street in the drawing's metres."""
    lon, lat = plan.network().projection.to_degrees(links.x[at], links.y[at])
    x, y = plan.projection.to_meters(lon, lat)
    return float(x), float(y)


def test_the_nearest_place_is_on_a_segment_not_a_corner() -> None:
    plan = town("A---B").place("H", 30, 12)
    links = plan.link("H")
    assert links.edge.tolist() == [0]
    assert links.door_meters[0] == pytest.approx(12, abs=NEAR)
    assert _place(plan, links) == pytest.approx((30, 0), abs=NEAR)
    ahead = plan.network().modes["foot"].shape_x[0] < plan.network().modes["foot"].shape_x[1]
    assert links.fraction[0] == pytest.approx(0.3 if ahead else 0.7, abs=1e-8)


def test_the_fraction_is_of_the_whole_contracted_edge() -> None:
    # A-B-C is one edge of 200 m. H stands at 150 m: S (at A) to H is 150 m of street and 10 m to the door.
    plan = town("A---B---C").place("H", 150, 10)
    assert meters(plan, "A", "H") == 160.0


def test_both_doors_and_the_same_street() -> None:
    # Both on one street: 20 m to the street, 60 m along it, 5 m to the door.
    plan = town("A---B").place("S", 20, 20).place("H", 80, -5)
    assert meters(plan, "S", "H") == meters(plan, "H", "S") == 85.0


def test_a_corner_links_to_the_lowest_edge_and_two_way_first() -> None:
    plan = town("A->-B---C")
    links = plan.link("B", graph="ebike")
    assert links.door_meters[0] == pytest.approx(0, abs=NEAR)
    assert _street(links) == [2]  # B-C; A-B is one-way
    # So the one who stands at B may leave towards C, and reaches B from A.
    assert meters(plan, "B", "C", EBIKE) == 100.0
    assert meters(plan, "A", "B", EBIKE) == 100.0


def test_points_at_one_place_get_one_link() -> None:
    links = town("A---B---C").place("H", 70, 3).link("H", "H", "B", "H")
    for column in (links.edge, links.fraction, links.door_meters):
        assert column[0] == column[1] == column[3]


def test_beyond_the_limit() -> None:
    plan = town("A---B").place("near", 50, 299.9).place("far", 50, 300.1).place("sea", 400_000, -20_000)
    links = plan.link("near", "far", "sea")
    assert links.edge.tolist() == [0, -1, -1]
    assert links.reason.tolist() == [Unlinked.LINKED, Unlinked.NO_STREET_WITHIN_LIMIT, Unlinked.NO_STREET_WITHIN_LIMIT]
    assert plan.link("far", limit_meters=301).edge.tolist() == [0]


def test_what_is_no_point_does_not_fail_the_others() -> None:
    plan = town("A---B")
    lon, lat = plan.degrees((50, 5))
    bad = [(np.nan, 40.0), (116.0, np.inf), (200.0, 40.0), (116.0, -91.0)]
    links = Linker(plan.network()).link([lon[0], *(x for x, _ in bad)], [lat[0], *(y for _, y in bad)])
    assert links.edge.tolist() == [0, -1, -1, -1, -1]
    assert links.reason.tolist() == [Unlinked.LINKED] + [Unlinked.NO_POINT] * 4


def test_one_point_by_itself_links_as_it_does_among_others() -> None:
    plan = town("A---B").place("H", 30, 12)
    linker, (lon, lat) = Linker(plan.network()), plan.at("H")
    alone, among = linker.link(lon[0], lat[0]), linker.link(lon, lat)
    assert (alone.edge, alone.fraction, alone.door_meters) == (among.edge, among.fraction, among.door_meters)
    assert linker.link(float("nan"), 40).reason.tolist() == [Unlinked.NO_POINT]
    assert linker.link(116, 91).reason.tolist() == [Unlinked.NO_POINT]


@pytest.mark.parametrize("limit", [0, -1, 5_001, float("nan")])
def test_limits_that_cannot_be(limit: float) -> None:
    with pytest.raises(LinkLimitOutOfRange, match="5,000"):
        town("A---B").link("A", limit_meters=limit)


def test_no_points() -> None:
    links = town("A---B").link()
    assert (len(links), len(links.for_profile(WALK))) == (0, 0)


def test_a_wall_sends_to_the_street_on_this_side() -> None:
    # H is 10 m from street A-B, but a wall stands between; C-D is 90 m away on H's side.
    plan = (
        town(
            """
        C---D

        A---B
    """,
            block=100,
        )
        .place("H", 50, 10)
        .wall((-20, 5), (120, 5))
    )
    links = plan.link("H")
    assert _street(links) == [_id(plan, "C D")]
    assert links.door_meters[0] == pytest.approx(90, abs=NEAR)


def _id(plan: Town, names: str) -> int:
    return [way[0] for way in plan.ways].index(names.split()) + 1


def test_behind_a_wall_on_all_sides_there_is_no_street() -> None:
    plan = town("A---B").place("H", 50, 20).wall((30, 10), (70, 10), (70, 40), (30, 40), (30, 10))
    links = plan.link("H")
    assert links.edge.tolist() == [-1]
    assert links.reason.tolist() == [Unlinked.BEHIND_WALL]
    assert links.blocked_by_wall.tolist() == [True]


def test_round_the_end_of_a_short_wall() -> None:
    # The wall hides the foot of the perpendicular, (50, 0). The next places tried are 5 m aside, (45, 0) and (55, 0);
    # the way from (50, 10) to (55, 0) passes y = 5 at x = 52.5, beyond the wall's end at 52; to (45, 0) at 47.5.
    plan = town("A---B").place("H", 50, 10).wall((40, 5), (52, 5))
    links = plan.link("H")
    assert links.door_meters[0] == pytest.approx(np.hypot(5, 10), abs=NEAR)
    assert _place(plan, links) == pytest.approx((55, 0), abs=1e-4)


def test_past_the_end_of_a_wall() -> None:
    plan = town("A---B").place("H", 50, 10).wall((0, 5), (49.9, 5))
    assert plan.link("H").door_meters[0] == pytest.approx(10, abs=NEAR)


def test_through_the_corner_of_a_wall_is_through_the_wall() -> None:
    # The way to (50, 0) meets the wall exactly where its two stretches meet.
    plan = town("A---B").place("H", 50, 10).wall((0, 5), (50, 5), (100, 5))
    assert plan.link("H").reason.tolist() == [Unlinked.BEHIND_WALL]


def test_on_a_wall_either_side_will_do() -> None:
    plan = town("A---B").place("H", 50, 5).wall((0, 5), (100, 5))
    assert plan.link("H").door_meters[0] == pytest.approx(5, abs=NEAR)


def test_a_wall_along_a_street_hides_nothing() -> None:
    plan = town("A---B").place("H", 50, 5).place("I", 50, -5).wall("A", "B")
    assert plan.link("H", "I").door_meters == pytest.approx([5, 5], abs=NEAR)


def test_a_street_drawn_on_the_fence_is_on_either_side() -> None:
    # A fence that shares the street's line: whoever stands inside reaches the middle line without crossing it.
    fence = ((0, 0), (200, 0), (200, 200), (0, 200), (0, 0))
    plan = town("A---G---B").gate("G").place("H", 110, 2).wall(*fence)
    assert plan.link("H").door_meters[0] == pytest.approx(2, abs=NEAR)


def test_a_fence_beside_the_street_leads_through_the_gate() -> None:
    # The fence stands 1 m north of the street, the gate on the lane at 1 m. H, 9 m north of the fence and 10 m east of
    # the lane, walks 10 m to the lane, 9 m to the gate, 1 m to the street, 100 m to A.
    plan = (
        town("""
            C
            |
            |
        A---J---B
    """)
        .place("G", 100, 1)
        .place("H", 110, 10)
    )
    plan.ways[:] = [way for way in plan.ways if "C" not in way[0]]
    plan.street("J G").street("G C").gate("G").wall((100, 1), (300, 1), (300, 300), (-100, 300), (-100, 1), (100, 1))
    assert meters(plan, "A", "H") == 120.0
    plan.gate("G", access="private")
    assert meters(plan, "A", "H") is None
    plan.gate("G", access="private", foot="yes")
    assert meters(plan, "A", "H") == 120.0
    assert meters(plan, "A", "H", EBIKE) is None


def test_at_a_closed_gate_the_side_decides() -> None:
    # The street runs north through the gate G at (0, 100) in a wall along y = 100. The place nearest to both homes is
    # near the gate; each belongs to its own side.
    plan = Town().place("S", 0, 0).place("G", 0, 100).place("N", 0, 200).street("S G").street("G N")
    plan.gate("G", access="no").wall((-50, 100), (0, 100), (50, 100)).place("below", 20, 99).place("above", 20, 101)
    links = plan.link("below", "above")
    assert _street(links) == [1, 2]
    assert meters(plan, "below", "above") is None
    assert meters(plan, "S", "below") == 119.0


def test_a_street_that_ends_at_a_wall_belongs_to_its_side() -> None:
    # The street comes from the south and ends at the wall. H north of it, nearest to the very end, may not use it.
    plan = Town().place("S", 0, 0).place("E", 0, 100).street("S E").wall((-50, 100), (50, 100))
    plan.place("H", 0, 105).place("I", 3, 99.99)
    links = plan.link("H", "I")
    assert links.reason.tolist() == [Unlinked.BEHIND_WALL, Unlinked.LINKED]


@pytest.mark.parametrize("tags", [{"bridge": "yes"}, {"tunnel": "yes"}])
def test_no_door_on_a_bridge_or_in_a_tunnel(tags: dict[str, str]) -> None:
    plan = town("A---B")
    plan.place("C", 0, 50).place("D", 100, 50).street("C D", **tags).place("H", 50, 40)
    assert _street(plan.link("H")) == [1]


def test_each_mode_has_its_own_streets() -> None:
    plan = town("A---B").place("C", 0, 50).place("D", 100, 50).street("C D", highway="footway").place("H", 50, 40)
    assert _street(plan.link("H", graph="foot")) == [2]
    assert _street(plan.link("H", graph="car")) == [1]


def test_doors_and_stairs_in_ticks() -> None:
    # 13 m to the door. WALK: 130,000 ticks of 0.1 mm, slow the same. E-bike: 13 m / 1.3 m/s = 10 s = 500,000.
    # Fifth floor without a lift, 20 s a floor: 4 x 20 = 80 s = 1,040,000 ticks at 13,000 a second.
    links = town("A---B").place("H", 50, 13).link("H")
    stairs = stairs_seconds([5], [False])
    assert links.for_profile(WALK).door_ticks.tolist() == [130_000]
    assert links.for_profile(WALK_SLOW).door_ticks.tolist() == [130_000]
    assert links.for_profile(EBIKE).door_ticks.tolist() == [500_000]
    assert links.for_profile(CAR).door_ticks.tolist() == [100_000]
    assert links.for_profile(WALK, stairs).door_ticks.tolist() == [1_170_000]
    assert stairs_seconds([5, 1, -1, 3], [True, False, False, False], 15).tolist() == [0, 0, 30, 30]


def test_the_nearest_of_many_against_every_segment() -> None:
    # A seeded town of 60 streets in all directions; 500 points, each against all segments by plain geometry.
    rng = np.random.default_rng(7)
    plan = Town()
    for number in range(60):
        (x, y), (dx, dy) = rng.uniform(0, 1_500, 2), rng.uniform(-200, 200, 2)
        plan.place(f"A{number}", x, y).place(f"B{number}", x + dx, y + dy).street(f"A{number} B{number}")
    points = rng.uniform(-100, 1_600, (500, 2))
    links = Linker(plan.network()).link(*plan.degrees(*map(tuple, points)))
    a = np.array([plan.places[f"A{number}"] for number in range(60)])
    b = np.array([plan.places[f"B{number}"] for number in range(60)])
    share = np.clip(((points[:, None] - a) * (b - a)).sum(2) / ((b - a) ** 2).sum(1), 0, 1)
    distance = np.linalg.norm(a + share[..., None] * (b - a) - points[:, None], axis=2).min(1)
    assert np.array_equal(links.linked, distance <= 300)
    assert links.door_meters[links.linked] == pytest.approx(distance[distance <= 300], abs=1e-4)


def _random_walled_town(seed: int) -> tuple[Town, list[tuple[float, float]]]:
    """40 streets and 60 walls in all directions within 1 km, and 400 points."""
    rng, plan = np.random.default_rng(seed), Town()
    for number in range(40):
        (x, y), (dx, dy) = rng.uniform(0, 1_000, 2), rng.uniform(-150, 150, 2)
        plan.place(f"A{number}", x, y).place(f"B{number}", x + dx, y + dy).street(f"A{number} B{number}")
    for _ in range(60):
        (x, y), bends = rng.uniform(0, 1_000, 2), rng.uniform(-60, 60, (2, 2)).cumsum(axis=0)
        plan.wall((x, y), *((x + dx, y + dy) for dx, dy in bends))
    return plan, [(x, y) for x, y in rng.uniform(0, 1_000, (400, 2))]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_link_crosses_a_wall_and_none_is_missed(seed: int) -> None:
    plan, points = _random_walled_town(seed)
    network = plan.network()
    links = Linker(network).link(*plan.degrees(*points))
    walls = shapely.multilinestrings(
        [np.column_stack(network.projection.to_meters(*plan.degrees(*w))) for w in plan.walls]
    )
    here = np.column_stack(network.projection.to_meters(*plan.degrees(*points)))
    foot = network.modes["foot"]
    a, b = foot.segments.item, foot.segments.item + 1
    streets = shapely.linestrings(np.stack([foot.shape_x[[a, b]], foot.shape_y[[a, b]]], axis=-1).transpose(1, 0, 2))
    for at, (point, x, y) in enumerate(zip(here, links.x, links.y, strict=True)):
        near = streets[shapely.dwithin(streets, shapely.Point(point), 299.9)]
        ways = shapely.shortest_line(shapely.Point(point), near)
        seen = ways[~shapely.intersects(ways, walls)]
        if links.edge[at] >= 0:
            assert not shapely.LineString([point, (x, y)]).crosses(walls)
            assert links.door_meters[at] <= shapely.length(seen).min(initial=np.inf) + 1e-6
        else:
            assert not len(seen)
            assert links.blocked_by_wall[at] == bool(len(near))
