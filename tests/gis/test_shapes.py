"""Shapes read, refused with the place of the fault, and written."""

import numpy as np
import orjson
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, Polygon

from gis.coordinates import CoordinatesNotFinite, CoordinatesOutOfRange
from gis.shapes import (
    RingNotClosed,
    ShapeCrossesItself,
    ShapeEmpty,
    ShapeInvalid,
    ShapeMalformed,
    ShapeTooLarge,
    area_square_meters,
    checked_shape,
    from_geojson,
    label_point,
    to_geojson,
    to_geojson_bytes,
    to_multipolygon,
)

SQUARE = [[106.0, 26.0], [106.01, 26.0], [106.01, 26.01], [106.0, 26.01], [106.0, 26.0]]


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


def refused(document, refusal, **limits):
    with pytest.raises(refusal) as caught:
        from_geojson(document, **limits)
    assert type(caught.value) is refusal
    return caught.value


def test_each_kind_is_read():
    assert from_geojson({"type": "Point", "coordinates": [106.7, 26.5, 1200]}) == Point(106.7, 26.5)
    line = {"type": "LineString", "coordinates": [[106.7, 26.5], [106.8, 26.5]]}
    assert from_geojson(orjson.dumps(line)) == LineString([(106.7, 26.5), (106.8, 26.5)])
    assert from_geojson({"type": "Feature", "geometry": polygon(SQUARE)}) == Polygon(SQUARE)
    assert from_geojson({"type": "MultiPolygon", "coordinates": [[SQUARE]]}) == MultiPolygon([Polygon(SQUARE)])


def test_repeated_points_are_dropped():
    assert from_geojson(polygon([SQUARE[0], *SQUARE])) == Polygon(SQUARE)


def test_a_bow_tie_is_refused_with_the_place_of_the_crossing():
    # Diagonals of a square cross in its middle.
    bow = [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]]
    refusal = refused(polygon(bow), ShapeCrossesItself)
    assert refusal.where == (106.005, 26.005)
    assert "106.0050000, 26.0050000" in str(refusal)
    assert refusal.code == "SHAPE_CROSSES_ITSELF"


def test_a_hole_outside_is_refused_with_its_place():
    hole = [[lon + 1, lat] for lon, lat in SQUARE]
    refusal = refused(polygon(SQUARE, hole), ShapeInvalid)
    assert refusal.where is not None
    assert 107 <= refusal.where[0] <= 107.01


def test_an_open_ring_is_refused_with_both_ends():
    refusal = refused(polygon([*SQUARE[:4], [106.0, 26.0000001]]), RingNotClosed)
    assert "106.0000000, 26.0000000" in str(refusal)
    assert "106.0000000, 26.0000001" in str(refusal)


@pytest.mark.parametrize(
    ("document", "refusal"),
    [
        ("{", ShapeMalformed),
        ("[1]", ShapeMalformed),
        ({"type": "Feature", "geometry": None}, ShapeMalformed),
        ({"type": "Circle", "coordinates": [1, 2]}, ShapeMalformed),
        ({"type": "Polygon"}, ShapeEmpty),
        (polygon(), ShapeEmpty),
        (polygon([]), ShapeEmpty),
        (polygon([[106.0, 26.0]] * 5), ShapeEmpty),
        (polygon([[106.0, 26.0], [106.1, 26.0], [106.2, 26.0], [106.0, 26.0]]), ShapeCrossesItself),
        (polygon(SQUARE[0]), ShapeMalformed),
        (polygon([["106.0", "26.0"]] * 5), ShapeMalformed),
        (polygon([[106.0, None]] * 5), ShapeMalformed),
        (polygon([[True, False]] * 5), ShapeMalformed),
        (polygon([[float("nan"), 26.0]] * 5), CoordinatesNotFinite),
        ({"type": "Point", "coordinates": [26.5, 106.7]}, CoordinatesOutOfRange),
        ({"type": "LineString", "coordinates": [[106.7, 26.5]]}, ShapeEmpty),
        ({"type": "LineString", "coordinates": [[106.7, 26.5], [106.7, 26.5]]}, ShapeEmpty),
        ({"type": "MultiPolygon", "coordinates": [[[[[[[1]]]]]]]}, ShapeMalformed),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(document, refusal):
    caught = refused(document, refusal)
    assert caught.code
    assert str(caught).endswith(".")


def test_only_the_wanted_kinds_are_taken():
    refusal = refused(
        {"type": "Point", "coordinates": [106.7, 26.5]}, ShapeMalformed, kinds=["Polygon", "MultiPolygon"]
    )
    assert "Send a GeoJSON Polygon or MultiPolygon" in str(refusal)


def test_too_many_vertices_are_refused():
    angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    circle = [[106 + 0.01 * np.cos(a), 26 + 0.01 * np.sin(a)] for a in angles]
    assert from_geojson(polygon([*circle, circle[0]]), most_vertices=13).is_valid
    refused(polygon([*circle, circle[0]]), ShapeTooLarge, most_vertices=12)
    refused(polygon([[106.0, 26.0]] * 1_000_000), ShapeTooLarge)


def test_what_other_readers_made_is_checked_too():
    with pytest.raises(ShapeEmpty):
        checked_shape(Polygon())
    with pytest.raises(CoordinatesOutOfRange):
        checked_shape(Polygon([(500_000, 2_900_000), (500_100, 2_900_000), (500_100, 2_900_100)]))


def test_written_rings_follow_the_right_hand_and_have_seven_decimals():
    clockwise = Polygon([(0, 0), (0, 1), (1, 1), (1, 0)], [[(0.25, 0.25), (0.123456789, 0.75), (0.75, 0.75)]])
    written = to_geojson(clockwise)
    outer, hole = written["coordinates"]
    assert shapely.LinearRing(outer).is_ccw
    assert not shapely.LinearRing(hole).is_ccw
    assert (0.1234568, 0.75) in hole
    assert orjson.loads(to_geojson_bytes(clockwise))["type"] == "Polygon"


def test_written_and_read_again_is_the_same():
    shape = MultiPolygon([Polygon(SQUARE), shapely.box(107.0000001, 26.1, 107.1, 26.2)])
    assert from_geojson(to_geojson_bytes(shape)).equals(shape)


def test_polygons_are_taken_out_of_what_an_overlay_gives():
    square = shapely.box(0, 0, 1, 1)
    mixed = shapely.GeometryCollection([Point(5, 5), LineString([(0, 0), (9, 9)]), square, MultiPolygon([square])])
    assert to_multipolygon(mixed) == MultiPolygon([square, square])
    assert to_multipolygon(Point(1, 1)).is_empty


def test_area_is_that_of_the_ellipsoid():
    # One degree square at the equator on WGS 84: 12,308.778 km2 (GeographicLib's Planimeter); its half with a hole.
    degree = shapely.box(0, 0, 1, 1)
    assert area_square_meters(degree) == pytest.approx(12_308_778_361.469, rel=1e-9)
    assert area_square_meters(degree.reverse()) == area_square_meters(degree)
    holed = degree.difference(shapely.box(0.4, 0.4, 0.6, 0.6))
    assert area_square_meters(holed) == pytest.approx(
        area_square_meters(degree) - area_square_meters(shapely.box(0.4, 0.4, 0.6, 0.6)), rel=1e-12
    )
    assert area_square_meters(LineString([(0, 0), (1, 1)])) == 0.0


def test_a_label_sits_in_the_fat_part():
    # A square of 0.01 degrees with a thin tail of 0.001 to the east: the centre of the square, 10 m about.
    flag = Polygon([(0, 0), (0.01, 0), (0.01, 0.009), (0.05, 0.009), (0.05, 0.01), (0, 0.01)])
    place = label_point(flag)
    assert (place.x, place.y) == (pytest.approx(0.005, abs=1e-4), pytest.approx(0.005, abs=1e-4))
    with pytest.raises(ShapeEmpty):
        label_point(Point(1, 1))


corner = st.tuples(st.floats(106, 106.1), st.floats(26, 26.1))


@given(st.lists(corner, min_size=3, max_size=9, unique=True))
def test_a_label_is_always_inside(corners):
    hull = shapely.MultiPoint(corners).convex_hull
    if isinstance(hull, Polygon) and hull.area > 1e-8:
        assert hull.contains(label_point(hull))
