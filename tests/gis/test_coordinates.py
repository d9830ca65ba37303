"""Coordinates turned and turned back, near places where the published answers are known."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from gis.coordinates import (
    EAST,
    FADE_DEGREES,
    NORTH,
    SOUTH,
    WEST,
    CoordinatesNotFinite,
    CoordinatesOutOfRange,
    CoordinateSystem,
    LocalProjection,
    from_wgs84,
    geometry_from_wgs84,
    geometry_to_wgs84,
    inside_china,
    to_wgs84,
)

GCJ02, BD09 = CoordinateSystem.GCJ02, CoordinateSystem.BD09
SHIFTED = pytest.mark.parametrize("crs", [GCJ02, BD09])
GEOD = Geod(ellps="WGS84")
longitudes = st.floats(-180, 180)
latitudes = st.floats(-90, 90)


def meters_apart(one, other):
    return GEOD.inv(*one, *other)[2]


def test_gcj02_of_beijing_is_the_published_one():
    # coordtransform's README: wgs84togcj02(116.404, 39.915)
    lon, lat = from_wgs84(116.404, 39.915, GCJ02)
    assert (lon, lat) == (pytest.approx(116.41024449916938, abs=1e-12), pytest.approx(39.91640428150164, abs=1e-12))


def test_bd09_of_a_gcj02_point_is_the_published_one():
    # coordtransform's README: gcj02tobd09(116.404, 39.915)
    lon, lat = from_wgs84(*to_wgs84(116.404, 39.915, GCJ02), BD09)
    assert (lon, lat) == (pytest.approx(116.41036949371029, abs=1e-10), pytest.approx(39.92133699351021, abs=1e-10))


@SHIFTED
def test_round_trip_is_better_than_a_millimetre_over_the_whole_box_border_included(crs):
    lon, lat = np.meshgrid(np.linspace(WEST, EAST, 659), np.linspace(SOUTH, NORTH, 551))
    there = from_wgs84(lon, lat, crs)
    assert meters_apart(to_wgs84(*there, crs), (lon, lat)).max() < 0.001
    back = to_wgs84(lon, lat, crs)
    assert meters_apart(from_wgs84(*back, crs), (lon, lat)).max() < 0.001


@SHIFTED
@given(lon=st.floats(WEST, EAST), lat=st.floats(SOUTH, NORTH))
def test_round_trip_holds_anywhere_in_the_box(crs, lon, lat):
    assert meters_apart(to_wgs84(*from_wgs84(lon, lat, crs), crs), (lon, lat)) < 0.001


@SHIFTED
@given(lon=longitudes, lat=latitudes)
def test_outside_the_box_nothing_is_touched_either_way(crs, lon, lat):
    if not inside_china(lon, lat):
        assert from_wgs84(lon, lat, crs) == (lon, lat)
        assert to_wgs84(lon, lat, crs) == (lon, lat)


@SHIFTED
def test_the_shift_has_no_jump_at_the_border_and_no_image_leaves_the_box(crs):
    along = np.linspace(SOUTH + 0.01, NORTH - 0.01, 2000)
    for step in (1e-9, FADE_DEGREES / 3, FADE_DEGREES):
        lon, lat = from_wgs84(np.full_like(along, EAST - step), along, crs)
        assert inside_china(lon, lat).all()
        # 0.02 degrees is more than the largest shift; it falls evenly to nothing at the border.
        assert np.abs(lon - (EAST - step)).max() <= 0.02 * step / FADE_DEGREES


def test_the_shift_is_hundreds_of_metres_where_people_live():
    # Guiyang, Beijing, Shanghai, Urumqi, Harbin
    lon, lat = np.array([106.71, 116.40, 121.47, 87.62, 126.64]), np.array([26.58, 39.90, 31.23, 43.82, 45.76])
    moved = meters_apart(from_wgs84(lon, lat, GCJ02), (lon, lat))
    assert np.all((moved > 100) & (moved < 800))


def test_cgcs2000_is_passed_on_as_proj_does():
    lon, lat = Transformer.from_crs(4326, 4490, always_xy=True).transform(106.7, 26.5)
    assert from_wgs84(106.7, 26.5, CoordinateSystem.CGCS2000) == (lon, lat)
    assert to_wgs84(106.7, 26.5, CoordinateSystem.CGCS2000) == (106.7, 26.5)


@SHIFTED
def test_a_geometry_turns_vertex_by_vertex(crs):
    square = shapely.box(106.70, 26.50, 106.71, 26.51)
    turned = geometry_from_wgs84(square, crs)
    lon, lat = from_wgs84(*shapely.get_coordinates(square).T, crs)
    assert np.array_equal(shapely.get_coordinates(turned), np.stack([lon, lat], axis=1))
    assert geometry_to_wgs84(turned, crs).equals_exact(square, 1e-9)


def test_shapes_of_arrays_are_kept_and_empty_ones_pass():
    lon, lat = from_wgs84(np.full((3, 2), 106.7), np.full((3, 2), 26.5), GCJ02)
    assert lon.shape == lat.shape == (3, 2)
    assert to_wgs84([], [], GCJ02)[0].shape == (0,)


@pytest.mark.parametrize(("lon", "lat"), [(float("nan"), 26.5), (106.7, float("inf")), (float("-inf"), float("nan"))])
def test_what_is_no_number_is_refused(lon, lat):
    with pytest.raises(CoordinatesNotFinite, match="send both in degrees") as refusal:
        to_wgs84(lon, lat, GCJ02)
    assert refusal.value.code == "COORDINATES_NOT_FINITE"


def test_latitude_first_is_recognised_and_the_bad_pair_is_named():
    with pytest.raises(
        CoordinatesOutOfRange, match=r"latitude 106.7 \(number 1 of 2\).*latitude written first"
    ) as refusal:
        to_wgs84([106.7, 26.5], [26.5, 106.7], GCJ02)
    assert refusal.value.code == "COORDINATES_OUT_OF_RANGE"
    with pytest.raises(CoordinatesOutOfRange, match="degrees"):
        LocalProjection(35_500_000.0, 3_000_000.0)  # metres of a survey zone


def test_local_metres_are_metres():
    here = LocalProjection(106.7, 26.5)
    assert here.to_meters(106.7, 26.5) == (0.0, 0.0)
    x, y = here.to_meters([106.71, 106.7], [26.5, 26.51])
    # GeographicLib: 0.01 degrees of longitude and of latitude at 26.5 N
    east, north = GEOD.inv(106.7, 26.5, 106.71, 26.5)[2], GEOD.inv(106.7, 26.5, 106.7, 26.51)[2]
    assert x == pytest.approx([east, 0.0], abs=0.001)
    assert y[1] == pytest.approx(north, abs=0.001)


@given(lon=st.floats(106, 107.4), lat=st.floats(26, 27))
def test_local_metres_turn_back(lon, lat):
    here = LocalProjection(106.7, 26.5)
    assert meters_apart(here.to_degrees(*here.to_meters(lon, lat)), (lon, lat)) < 1e-6


def test_a_projection_can_be_pickled_and_used_by_many_threads():
    here = LocalProjection.around(shapely.box(106.6, 26.4, 106.8, 26.6))
    assert pickle.loads(pickle.dumps(here)) == here == LocalProjection(here.lon0, here.lat0)
    lon = np.linspace(106.6, 106.8, 20_000)
    expected = here.to_meters(lon, np.full_like(lon, 26.5))
    with ThreadPoolExecutor(4) as pool:
        for x, y in pool.map(lambda _: here.to_meters(lon, np.full_like(lon, 26.5)), range(40)):
            assert np.array_equal(x, expected[0])
            assert np.array_equal(y, expected[1])
