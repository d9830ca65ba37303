"""Drawn communities, in metres around a made-up centre: what tiles, what does not, and what keeps tiling."""

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, Polygon, box

from gis.borders import (
    BorderFreesNobodys,
    BorderLeavesParent,
    BorderSwallowsGrid,
    GridUnknown,
    MergePartsApart,
    SplitLineMisses,
    SplitLineTooShort,
    SplitTooManyParts,
)
from gis.coordinates import LocalProjection
from gis.shapes import area_square_meters
from gis.tiling import GridIndex, ViolationKind, check_tiling, merge, move_border, split

HERE = LocalProjection(106.7, 26.5)
OVERLAP, GAP, OUTSIDE = ViolationKind.OVERLAP, ViolationKind.GAP, ViolationKind.OUTSIDE


def placed(shape):
    """Put a shape drawn in metres on the earth."""
    return HERE.geometry_to_degrees(shape)


def drawn(shape):
    return HERE.geometry_to_meters(shape)


def apart(shape, expected):
    """Square metres that only one of the two covers; the expected one is in metres."""
    return drawn(shape).symmetric_difference(expected).area


def community(width=400, height=200):
    return placed(box(0, 0, width, height))


def halves(border=200.0):
    """Two grids side by side, 400 m by 200 m in all."""
    return {"520103001002001": placed(box(0, 0, border, 200)), "520103001002002": placed(box(border, 0, 400, 200))}


def quarters():
    """Four grids of 200 m by 100 m: west and east, lower and upper."""
    return {
        "01": placed(box(0, 0, 200, 100)),
        "02": placed(box(0, 100, 200, 200)),
        "03": placed(box(200, 0, 400, 100)),
        "04": placed(box(200, 100, 400, 200)),
    }


def test_halves_tile():
    assert check_tiling(community(), halves()) == []


def test_an_overlap_is_named_with_its_place_and_size():
    # The eastern grid begins 3 m too far west: 3 m x 200 m.
    grids = {**halves(), "520103001002002": placed(box(197, 0, 400, 200))}
    (violation,) = check_tiling(community(), grids)
    assert (violation.kind, violation.codes) == (OVERLAP, ("520103001002001", "520103001002002"))
    assert violation.square_meters == pytest.approx(600, abs=0.01)
    assert apart(violation.area, box(197, 0, 200, 200)) < 0.01


def test_a_gap_is_named_with_the_grids_beside_it():
    grids = {**halves(), "520103001002002": placed(box(202, 0, 400, 200))}
    (violation,) = check_tiling(community(), grids)
    assert (violation.kind, violation.codes) == (GAP, ("520103001002001", "520103001002002"))
    assert violation.square_meters == pytest.approx(400, abs=0.01)


def test_a_hole_in_the_middle_is_a_gap():
    grids = halves()
    grids["520103001002001"] = grids["520103001002001"].difference(placed(box(50, 50, 60, 60)))
    (violation,) = check_tiling(community(), grids)
    assert (violation.kind, violation.codes) == (GAP, ("520103001002001",))
    assert violation.square_meters == pytest.approx(100, abs=0.01)


def test_what_leaves_the_parent_is_named():
    grids = {**halves(), "520103001002002": placed(box(200, -10, 400, 200))}
    (violation,) = check_tiling(community(), grids)
    assert (violation.kind, violation.codes) == (OUTSIDE, ("520103001002002",))
    assert violation.square_meters == pytest.approx(2000, abs=0.5)


@pytest.mark.parametrize(("gap_meters", "faults"), [(0.4, 0), (0.49, 0), (0.51, 1), (-0.49, 0), (-0.51, 1)])
def test_the_tolerance_is_half_a_metre(gap_meters, faults):
    grids = {**halves(), "520103001002002": placed(box(200 + gap_meters, 0, 400, 200))}
    assert len(check_tiling(community(), grids)) == faults


def test_a_wedge_counts_by_its_thick_end():
    # From nothing in the south to 2 m in the north over 200 m: 200 m2.
    wedge = placed(Polygon([(200, 0), (400, 0), (400, 200), (202, 200)]))
    (violation,) = check_tiling(community(), {**halves(), "520103001002002": wedge})
    assert violation.square_meters == pytest.approx(200, abs=0.01)


def test_an_unclosed_ring_and_a_crossing_are_named_before_anything_else():
    bow = placed(Polygon([(0, 0), (200, 200), (200, 0), (0, 200)]))
    line = placed(LineString([(200, 0), (400, 0), (400, 200)]))
    faults = check_tiling(community(), {"a": bow, "b": line, "c": Polygon(), "d": halves()["520103001002002"]})
    assert [(fault.kind, fault.codes) for fault in faults] == [
        (ViolationKind.INVALID, ("a",)),
        (ViolationKind.NOT_CLOSED, ("b",)),
        (ViolationKind.INVALID, ("c",)),
    ]


def test_no_grids_leave_the_whole_community_open():
    (violation,) = check_tiling(community(), {})
    assert (violation.kind, violation.codes) == (GAP, ())
    assert violation.square_meters == pytest.approx(80_000, rel=1e-5)


def test_a_long_border_with_a_vertex_on_one_side_only_tiles():
    # 0.2 degrees (20 km): straight in degrees, bent by metres in a projection.
    south = Polygon([(106, 26), (106.2, 26), (106.2, 26.1), (106.1, 26.1), (106, 26.1)])
    north = Polygon([(106, 26.1), (106.2, 26.1), (106.2, 26.2), (106, 26.2)])
    assert check_tiling(box(106, 26, 106.2, 26.2), {"a": south, "b": north}) == []


def test_a_split_gives_the_western_part_first():
    west, east = split(community(), placed(LineString([(100, -50), (100, 250)])))
    assert apart(west, box(0, 0, 100, 200)) < 0.5
    assert area_square_meters(east) == pytest.approx(60_000, rel=1e-5)
    assert check_tiling(community(), {"a": west, "b": east}) == []


def test_a_split_line_may_end_on_the_border_or_just_short_of_it():
    for south, north in ((0, 200), (0.4, 199.6)):
        west, _ = split(community(), placed(LineString([(100, south), (120, 100), (100, north)])))
        assert area_square_meters(west) == pytest.approx(22_000, rel=1e-3)


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        ([(100, -50), (100, 150)], SplitLineTooShort),
        ([(100, 50), (100, 150)], SplitLineTooShort),
        ([(100, -50), (100, 250), (200, 250), (200, 100)], SplitLineTooShort),
        ([(500, -50), (500, 250)], SplitLineMisses),
        ([(0, -50), (0, 250)], SplitLineMisses),
        ([(-10, 10), (10, -10)], SplitLineMisses),
        ([(100, -50), (100, 250), (200, 250), (200, -50)], SplitTooManyParts),
        ([(100, -50), (100, 250), (50, 250), (50, 100), (450, 100)], SplitTooManyParts),
    ],
)
def test_a_split_that_is_none_is_refused_by_name(line, refusal):
    with pytest.raises(refusal, match="Draw") as caught:
        split(community(), placed(LineString(line)))
    assert type(caught.value) is refusal


def test_a_line_without_length_is_refused():
    with pytest.raises(SplitLineMisses):
        split(community(), LineString([(106.7, 26.5), (106.7, 26.5)]))


def test_an_enclave_goes_with_the_nearer_half():
    grid = MultiPolygon([community(), placed(box(500, 0, 600, 100))])
    west, east = split(grid, placed(LineString([(100, -50), (100, 250)])))
    assert (len(west.geoms), len(east.geoms)) == (1, 2)


def test_merged_halves_are_the_community_again():
    merged = merge(list(halves().values()))
    assert len(merged.geoms) == 1
    assert apart(merged, box(0, 0, 400, 200)) < 0.5
    assert area_square_meters(merged) == pytest.approx(area_square_meters(community()), rel=1e-6)


def test_a_thin_seam_is_closed_by_a_merge():
    west, east = placed(box(0, 0, 200, 200)), placed(box(200.3, 0, 400, 200))
    merged = merge([west, east])
    assert (len(merged.geoms), len(merged.geoms[0].interiors)) == (1, 0)
    assert area_square_meters(merged) == pytest.approx(80_000, rel=1e-5)


@pytest.mark.parametrize("other", [box(200, 200, 300, 300), box(202, 0, 400, 200), box(200, 199.4, 300, 300)])
def test_parts_that_share_no_border_are_not_merged(other):
    with pytest.raises(MergePartsApart, match="number 2 of 2"):
        merge([placed(box(0, 0, 200, 200)), placed(other)])


def test_three_in_a_row_merge_in_any_order():
    first, second, third = (placed(box(x, 0, x + 100, 100)) for x in (0, 100, 200))
    assert len(merge([first, third, second]).geoms) == 1


def test_a_moved_border_takes_and_gives():
    # 01 (lower west) grows 50 m to the east into 03, and gives its upper 30 m back to 02.
    changed = move_border(quarters(), "01", placed(box(0, 0, 250, 70)))
    areas = {code: round(area_square_meters(shape)) for code, shape in changed.items()}
    # 01: 250 x 70; 02: 200 x 100 + 200 x 30; 03: 200 x 100 - 50 x 70
    assert areas == {
        "01": pytest.approx(17_500, abs=2),
        "02": pytest.approx(26_000, abs=2),
        "03": pytest.approx(16_500, abs=2),
    }
    assert check_tiling(community(), {**quarters(), **changed}) == []


def test_a_border_drawn_again_within_the_tolerance_changes_nothing():
    assert move_border(quarters(), "01", placed(box(0, 0, 200.3, 99.8))) == {}


def test_a_thin_remainder_is_taken_too():
    # What 03 would keep in the east is 0.3 m wide along its upper 60 m.
    claim = Polygon([(0, 0), (200, 0), (200, 40), (399.7, 40), (399.7, 100), (0, 100)])
    changed = move_border(quarters(), "01", placed(claim))
    assert drawn(changed["03"]).bounds == pytest.approx((200, 0, 400, 100), abs=0.01)
    assert check_tiling(community(), {**quarters(), **changed}) == []


@pytest.mark.parametrize(
    ("code", "shape", "refusal"),
    [
        ("09", box(0, 0, 200, 100), GridUnknown),
        ("01", box(-5, 0, 200, 100), BorderLeavesParent),
        ("01", box(0, 0, 400, 100), BorderSwallowsGrid),
    ],
)
def test_a_border_that_cannot_move_is_refused(code, shape, refusal):
    grids = quarters()
    with pytest.raises(refusal) as caught:
        move_border(grids, code, placed(shape))
    assert caught.value.code
    assert grids == quarters()


def test_nobody_to_take_what_is_freed():
    with pytest.raises(BorderFreesNobodys, match="20000 m2"):
        move_border({"01": community()}, "01", placed(box(0, 0, 300, 200)))


def test_on_a_border_the_lower_code_wins():
    index = GridIndex({"02": box(106, 26, 106.5, 27), "01": box(106.5, 26, 107, 27), "10": box(106, 27, 107, 28)})
    lon, lat = [106.2, 106.5, 106.7, 106.5, 106.7, 108], [26.5, 26.5, 26.5, 27.0, 27.0, 26.5]
    assert index.codes_at(lon, lat) == ["02", "01", "01", "01", "01", None]
    assert index.numbers_at(106.2, 26.5).tolist() == [1]


def test_a_point_in_a_sliver_belongs_to_the_nearer_grid():
    index = GridIndex({"01": placed(box(0, 0, 100, 100)), "02": placed(box(100.4, 0, 200, 100))})
    lon, lat = HERE.to_degrees(np.array([100.1, 100.3, 200.4, 200.6]), np.full(4, 50.0))
    assert index.codes_at(lon, lat) == ["01", "02", "02", None]


def test_one_and_many_points_get_the_same_grid():
    rng = np.random.default_rng(7)
    parts = shapely.get_parts(
        shapely.voronoi_polygons(shapely.MultiPoint(rng.random((40, 2))), extend_to=box(0, 0, 1, 1))
    )
    index = GridIndex({f"{number:03}": part for number, part in enumerate(parts)})
    corners = shapely.get_coordinates(parts)
    lon, lat = np.concatenate([rng.random((2000, 2)), corners[np.abs(corners).max(axis=1) < 50]]).T
    many = index.numbers_at(lon, lat)
    for number in range(0, len(lon), 13):
        touching = np.flatnonzero(shapely.intersects_xy(parts, lon[number], lat[number]))
        assert many[number] == touching.min()
        assert index.numbers_at(lon[number], lat[number])[0] == many[number]


def test_no_points_and_no_grids():
    assert GridIndex({}).codes_at([106.7], [26.5]) == [None]
    assert GridIndex(halves()).codes_at([], []) == []


@settings(suppress_health_check=[HealthCheck.filter_too_much], deadline=None)
@given(st.lists(st.tuples(st.floats(10, 390), st.floats(10, 390)), min_size=1, max_size=5))
@example([(10.0, 113.0), (307.0, 33.0), (324.0, 20.0)])  # a union that crossed itself by rounding
def test_after_any_splits_and_merges_the_grids_still_tile_and_keep_the_area(cuts):
    # Areas in square degrees, where a straight border stays the same when it gets a vertex more.
    parent = community()
    grids = {"0": MultiPolygon([parent])}
    for number, (south, north) in enumerate(cuts):
        line = placed(LineString([(south, -10), (north, 210)]))
        for code in list(grids):
            try:
                west, east = split(grids[code], line)
            except (SplitLineMisses, SplitLineTooShort):
                continue
            assert west.area + east.area == pytest.approx(grids[code].area, rel=1e-9)
            grids[code], grids[f"{code}.{number}"] = west, east
    assert check_tiling(parent, grids) == []
    assert sum(grid.area for grid in grids.values()) == pytest.approx(parent.area, rel=1e-9)
    merged = merge(list(grids.values()))
    assert merged.area == pytest.approx(parent.area, rel=1e-6)
    assert len(merged.geoms) == 1


@settings(deadline=None)
@given(st.floats(20, 380), st.floats(20, 180))
def test_after_any_moved_border_the_grids_still_tile(width, height):
    grids = quarters()
    try:
        changed = move_border(grids, "01", placed(box(0, 0, width, height)))
    except BorderSwallowsGrid:
        pytest.fail("no corner of 380 m by 180 m swallows a neighbour")
    assert check_tiling(community(), {**grids, **changed}) == []
    total = sum(shape.area for shape in {**grids, **changed}.values())
    assert total == pytest.approx(community().area, rel=1e-6)
    assert Point(*HERE.to_degrees(10.0, 10.0)).within({**grids, **changed}["01"])
