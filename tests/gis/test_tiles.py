"""Tiles: which ground they hold, and what is outside the scheme."""

import math

import pytest

from gis.tiles import WORLD_METERS, Tile, TileOutside, tile_at


def test_the_only_tile_of_zoom_zero_is_the_world() -> None:
    half = math.pi * 6_378_137.0
    assert Tile(0, 0, 0).mercator() == pytest.approx((-half, -half, half, half))
    # The scheme ends where the square does: atan(sinh(pi)) = 85.0511 degrees.
    assert Tile(0, 0, 0).degrees(buffer=0) == pytest.approx((-180.0, -85.0511288, 180.0, 85.0511288))


def test_tiles_are_counted_from_the_north_west() -> None:
    half = WORLD_METERS / 2
    assert Tile(1, 0, 0).mercator() == pytest.approx((-half, 0.0, 0.0, half))
    assert Tile(1, 1, 1).mercator() == pytest.approx((0.0, -half, half, 0.0))


def test_the_buffer_widens_each_side_by_steps_of_the_tile() -> None:
    # At zoom 8 a tile is 360 / 256 = 1.40625 degrees wide; 64 of 4096 steps are a 64th of that: 0.02197265625.
    west, _, east, _ = Tile(8, 128, 128).degrees(buffer=64)
    assert (west, east) == pytest.approx((-0.02197265625, 1.42822265625))


def test_a_place_lies_in_its_tile() -> None:
    # 106.75 E: (106.75 + 180) / 360 * 2^14 = 13050.3. 26.2 N: asinh(tan 26.2) = 0.47409, a 0.15091 part of pi, so that
    # (1 - 0.15091) / 2 * 2^14 = 6955.7.
    assert tile_at(106.75, 26.2, 14) == Tile(14, 13050, 6955)
    west, south, east, north = Tile(14, 13050, 6955).degrees(buffer=0)
    assert west <= 106.75 <= east
    assert south <= 26.2 <= north


@pytest.mark.parametrize("zxy", [(-1, 0, 0), (0, 1, 0), (0, 0, -1), (3, 8, 0), (3, 0, 8), (23, 0, 0)])
def test_tiles_outside_the_scheme_are_refused(zxy: tuple[int, int, int]) -> None:
    with pytest.raises(TileOutside) as refused:
        Tile(*zxy)
    assert refused.value.code == "TILE_OUTSIDE"
    assert "/".join(map(str, zxy)) in str(refused.value)
