"""Outlines that agree with the homes: drawn towns with their metres worked out, then every building of real streets."""

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Point

from bench import people
from gis.field import field, homes_reached
from gis.linking import Linker
from gis.links import Links
from gis.outlines import outlines
from gis.profiles import CAR, EBIKE, PROFILES, WALK, LimitOutOfRange, ticks
from gis.rasterrings import rings
from tests.drawing import Town, town
from tests.gis.extracts import network_of, streets_of


def drawn(plan: Town, seconds: list[float], *suppliers: str, profile=WALK, **options) -> list[MultiPolygon]:
    """The outlines in the town's own metres."""
    network = plan.network()
    links = Linker(network).link(*plan.at(*suppliers), graph=profile.graph).for_profile(profile)
    areas = outlines(network, profile, links, seconds, **options)
    assert all(area.is_valid for area in areas)
    return [plan.projection.geometry_to_meters(area) for area in areas]


def inside(area: MultiPolygon, *points: tuple[float, float]) -> list[bool]:
    return [bool(area.contains(Point(point))) for point in points]


def test_on_one_street_the_area_is_a_square_on_its_tip():
    # 100 s at 1.3 m/s are 130 m, along the street and off it together, from the middle B of a street of 800 m.
    # Hence |x - 400| + |y| <= 130: an area of 2 * 130 * 130 = 33,800 m2.
    (area,) = drawn(town("A-------B-------C", block=200), [100], "B")
    assert area.area == pytest.approx(33_800, rel=0.01)
    assert inside(area, (400, 0), (525, 0), (400, 125), (465, 60), (335, -60)) == [True] * 5
    assert inside(area, (535, 0), (400, 135), (470, 70), (330, -70)) == [False] * 4


def test_a_home_across_the_river_is_out_though_it_is_near():
    # Two streets 100 m apart, joined by a bridge 400 m away from A: 400 + 100 m to D, 390 m are in time.
    plan = town(
        """
        A---------------B
                        |
                        |
        D---------------C
        """,
        block=100,
    )
    (area,) = drawn(plan, [300], "A")
    bank = plan.places["A"][1]
    assert inside(area, (50, bank - 40), (350, bank - 20)) == [True, True]
    assert inside(area, (50, bank - 80), (10, bank - 95)) == [False, False]


def test_a_court_too_deep_inside_is_a_hole():
    # A block of 200 m by 200 m with streets all around, all reached; its middle lies 100 m off any street, and the
    # street there is reached after 100 m at least: 200 m in all, with 195 m in time (150 s), from the middle of a side.
    plan = town(
        """
        A---B---C
        |       |
        D       E
        |       |
        F---G---H
        """,
        block=100,
    )
    (area,) = drawn(plan, [400], "A", link_limit_meters=60)
    (part,) = area.geoms
    # Doors more than 60 m off any street have no link: a square of 80 m by 80 m is left out.
    (hole,) = part.interiors
    assert shapely.Polygon(hole).area == pytest.approx(6_400, rel=0.02)
    assert not part.contains(Point(100, plan.places["D"][1]))


def test_limits_nest_and_come_in_the_order_asked():
    plan = town("A-------B-------C", block=200)
    ten, five, again = drawn(plan, [200, 100, 200], "B")
    assert ten.equals(again)
    assert ten.covers(five)
    assert five.area < ten.area


def test_a_wall_keeps_doors_behind_it_out():
    # A wall along the street, 20 m north of it; behind it no street at all: those doors have no link.
    plan = town("A-------B-------C", block=200).wall((0, 20), (800, 20))
    (area,) = drawn(plan, [200], "B")
    assert inside(area, (400, 15), (400, -15), (500, -100)) == [True, True, True]
    assert inside(area, (400, 25), (400, 60), (500, 40)) == [False, False, False]


def test_wheels_mind_one_way_streets():
    # A to B to C is one-way: from B nothing towards A.
    plan = town("A------>B------>C", block=200)
    (area,) = drawn(plan, [60], "B", profile=EBIKE)
    assert inside(area, (450, 0), (600, 0)) == [True, True]
    assert inside(area, (350, 0), (200, 0)) == [False, False]


def test_by_car_the_street_is_driven_and_the_door_walked_to():
    # 60 s from the middle B of a residential street, at 20 km/h: 333.3 m along it, or 78 m off it at 1.3 m/s, or both
    # in part: |x - 2000| / 333.3 + |y| / 78 <= 1, an area of 2 * 333.3 * 78 = 52,000 m2.
    (area,) = drawn(town("A---------B---------C", block=800), [60], "B", profile=CAR)
    assert area.area == pytest.approx(52_000, rel=0.01)
    assert inside(area, (2000, 75), (2300, 0), (2160, 38), (1840, -38)) == [True] * 4
    assert inside(area, (2000, 81), (2342, 0), (2175, 42), (1825, -42)) == [False] * 4


def test_by_car_only_the_way_that_wheels_may_go():
    # From B (1,600 m) the one-way street towards A is closed. C is 1,600 m and 288 s away: of 400 s 112 s remain, which
    # are 145 m on foot; the steps behind C are no street for wheels, so nothing further on is reached over them.
    plan = town("A------>B-------C       D", block=800).street("C D", highway="steps")
    (area,) = drawn(plan, [400], "B", profile=CAR)
    assert inside(area, (1450, 0), (1800, 0), (3300, 0), (3380, 0)) == [False, True, True, False]


def test_two_suppliers_make_the_union():
    plan = town("A-------B-------C-------D", block=200)
    (both,) = drawn(plan, [60], "A", "D")
    (one,), (other,) = drawn(plan, [60], "A"), drawn(plan, [60], "D")
    assert both.symmetric_difference(one.union(other)).area < 0.01 * both.area


def test_nobody_and_nothing_reached_give_empty_areas():
    plan = town("A-------B", block=200)
    network = plan.network()
    nobody = Links(np.zeros(0, np.int32), np.zeros(0), np.zeros(0, np.int32))
    unlinked = Links(np.array([-1], np.int32), np.zeros(1), np.zeros(1, np.int32))
    for suppliers in (nobody, unlinked):
        assert [area.is_empty for area in outlines(network, WALK, suppliers, [60, 600])] == [True, True]
    late = Links(np.array([0], np.int32), np.zeros(1), np.array([10_000_000], np.int32))
    assert outlines(network, WALK, late, [60])[0].is_empty


@pytest.mark.parametrize("seconds", [0, -5, float("nan"), 1e9])
def test_a_limit_that_is_none_is_refused(seconds):
    with pytest.raises(LimitOutOfRange):
        drawn(town("A-------B", block=200), [seconds], "A")


def wrong(network, homes, profile, seconds, origins):
    """Homes on the wrong side and homes truly reached, summed over origins; each area valid."""
    links = Linker(network).link(*homes, graph=profile.graph).for_profile(profile)
    graph, errors, reached_in_all = network.graphs[profile.graph], 0, 0
    for origin in origins:
        one = Links(links.edge[[origin]], links.fraction[[origin]], links.door_ticks[[origin]])
        reached = homes_reached(graph, field(graph, one, ticks(profile, seconds)), one, links).reached
        (area,) = outlines(network, profile, one, [seconds])
        assert area.is_valid
        shapely.prepare(area)
        errors += int((shapely.contains_xy(area, *homes) != reached).sum())
        reached_in_all += int(reached.sum())
    return errors, reached_in_all


@pytest.mark.parametrize(("profile", "seconds"), [("WALK", 600), ("WALK_SLOW", 600), ("WALK", 300), ("EBIKE", 300)])
def test_at_most_one_home_in_a_hundred_is_on_the_wrong_side_in_monaco(profile, seconds):
    homes = people.in_buildings(streets_of("monaco"))
    linked = np.flatnonzero(Linker(network_of("monaco")).link(*homes, graph=PROFILES[profile].graph).linked)
    origins = np.random.default_rng(5).choice(linked, 20, replace=False)
    errors, reached = wrong(network_of("monaco"), homes, PROFILES[profile], seconds, origins)
    assert reached > 1_000
    assert errors <= 0.01 * reached


def test_at_most_one_home_in_a_hundred_is_on_the_wrong_side_in_porto():
    network = network_of("porto-metro")
    homes = people.along_residential_streets(streets_of("porto-metro"), network, 100_000, 1)
    errors, reached = wrong(network, homes, WALK, 600, np.arange(40))
    assert reached > 1_000
    assert errors <= 0.01 * reached


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), limits=st.lists(st.floats(30, 900), min_size=2, max_size=4))
def test_in_any_town_limits_nest_and_homes_agree(seed, limits):
    rng = np.random.default_rng(seed)
    plan = Town()
    for number in range(25):
        plan.place(f"P{number}", *(np.array([number % 5, number // 5]) * 120 + rng.uniform(-40, 40, 2)))
    for number in range(25):
        for other in ([number + 1] if number % 5 < 4 else []) + ([number + 5] if number < 20 else []):
            if rng.random() < 0.7:
                plan.street(f"P{number} P{other}")
    if not plan.ways:
        return
    network = plan.network()
    x, y = rng.uniform(-60, 540, (2, 400))
    homes = plan.projection.to_degrees(x, y)
    links = Linker(network).link(*homes).for_profile(WALK)
    start = Links(links.edge[:1], links.fraction[:1], links.door_ticks[:1])
    rising = sorted(limits)
    areas = outlines(network, WALK, start, rising, cell_meters=5)
    for shorter, longer in pairwise(areas):
        assert shorter.difference(longer).area <= 1e-9 * longer.area
    graph = network.graphs["foot"]
    for seconds, area in zip(rising, areas, strict=True):
        reached = homes_reached(graph, field(graph, start, ticks(WALK, seconds)), start, links).reached
        assert (shapely.contains_xy(area, *homes) != reached).sum() <= 8  # 2 % of homes thrown about at random


def test_rings_keep_holes_and_islands_apart():
    marked = np.zeros((9, 9), bool)
    marked[1:8, 1:8] = True
    marked[3:6, 3:6] = False
    marked[4, 4] = True
    found = rings(marked)
    points = np.stack(np.divmod(found.crossing // 2, 9)[::-1], axis=1) + np.stack(
        (0.5 * (found.crossing % 2 == 0), 0.5 * (found.crossing % 2)), axis=1
    )
    shape = found.multipolygon(points)
    assert shape.is_valid
    assert [len(part.interiors) for part in shape.geoms] == [1, 0]
    assert all(part.exterior.is_ccw for part in shape.geoms)
    # Around 7 x 7 corners with cut corners: 49 - 4/8; the hole of 3 x 3: 9 - 4/8; the island of one: 1/2.
    assert shape.area == pytest.approx(48.5 - 8.5 + 0.5)


@given(st.integers(0, 100_000))
def test_rings_of_any_raster_are_valid_and_hold_just_the_marked_corners(seed):
    rng = np.random.default_rng(seed)
    marked = np.zeros((14, 17), bool)
    marked[1:-1, 1:-1] = rng.random((12, 15)) < rng.random()
    found = rings(marked)
    column, row = found.crossing // 2 % 17, found.crossing // 2 // 17
    upward = found.crossing % 2
    shape = found.multipolygon(np.stack((column + 0.5 * (1 - upward), row + 0.5 * upward), axis=1))
    assert shape.is_valid
    rows, columns = np.mgrid[:14, :17]
    assert np.array_equal(shapely.contains_xy(shape, columns, rows), marked)
