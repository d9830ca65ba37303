"""Where things lie in tiles: what is kept in steps (streets, buildings) as exactly as what is turned for each tile.

A step is a 4096th of a tile: 0.149 m of EPSG:3857 at zoom 16, 0.597 m at zoom 14; a corner is off by half a step.
"""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import shapely
from pyogrio.raw import read
from shapely import Geometry

from fixtures.makers import degrees
from gis.tiles import BUFFER, EXTENT, Tile, degrees_box, mercator_box, tile_at
from schema.tiles import REMEMBERED
from services import contents
from services.contents import Content
from services.models import MapFeature, Street
from tests.conftest import StandingClock
from tests.schema.asking import Asking
from tests.schema.mapping import Mapping, mapping, path_of
from tests.schema.town import Town

INSIDE = tile_at(*degrees(1000, 500), 16)
WEST, SOUTH, EAST, NORTH = INSIDE.mercator()
BUILDING = (WEST + 100.0, SOUTH + 200.0, WEST + 140.0, SOUTH + 212.0)
ACROSS = (EAST - 30.0, SOUTH + 300.0, EAST + 10.0, SOUTH + 312.0)
LONG = (WEST - 900.0, SOUTH + 400.0, EAST + 900.0, SOUTH + 400.0)
TINY = (WEST + 300.38, SOUTH + 450.0, WEST + 300.55, SOUTH + 450.0)


def _wgs84(box: tuple[float, float, float, float], *, line: bool = False) -> str:
    west, south, east, north = degrees_box(box)
    shape = shapely.LineString([(west, south), (east, north)]) if line else shapely.box(west, south, east, north)
    return f"SRID=4326;{shape.wkt}"


def _street(number: int, box: tuple[float, float, float, float]) -> Street:
    numbers = {"source": number, "target": -number, "from_node": number, "to_node": -number, "way": number}
    told = {"road_class": "primary", "name": f"S{number}", "flags": 63, "layer": 0}
    costs = {"cost": 1.0, "reverse_cost": 1.0, "length_meters": 1.0}
    return Street(id=number, **numbers, **told, **costs, geom=_wgs84(box, line=True))


@pytest_asyncio.fixture
async def drawn(standing_clock: StandingClock, changing: tuple[Asking, Town]) -> AsyncIterator[Mapping]:
    """The map of a town with two buildings, one of them across the border of a tile, a long street and a tiny one."""
    ask, town = changing
    async with ask.database.write({"everywhere": True}) as session:
        for name, box in (("inside", BUILDING), ("across", ACROSS)):
            session.add(MapFeature(osm=1, kind="building", name=name, levels=6, geom=_wgs84(box)))
        session.add_all([_street(90_001, LONG), _street(90_002, TINY)])
        await session.flush()
        await contents.changed(session, Content.STREETS)
    standing_clock.forward(seconds=REMEMBERED.total_seconds())
    async with mapping(ask.api, town.manager) as maps:
        yield maps


async def shapes(maps: Mapping, layer: str, where: Tile) -> dict[str, Geometry]:
    """The shapes with a name in a tile, in metres of EPSG:3857."""
    answer = await maps.get(path_of(layer, where))
    assert answer.status_code in (200, 204)
    if not answer.content:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tile.mvt"
        file.write_bytes(answer.content)
        told, _, found, columns = read(file, layer=layer, X=where.x, Y=where.y, Z=where.z, CLIP="NO")
    names = columns[list(told["fields"]).index("name")]
    return {name: shapely.from_wkb(shape) for name, shape in zip(names, found, strict=True) if name}


@pytest.mark.parametrize("zoom", [13, 14, 15, 16])
async def test_a_building_lies_where_it_stands(drawn: Mapping, zoom: int) -> None:
    where = Tile(zoom, INSIDE.x >> (16 - zoom), INSIDE.y >> (16 - zoom))
    found = (await shapes(drawn, "buildings", where))["inside"]
    assert found.bounds == pytest.approx(BUILDING, abs=where.side_meters / EXTENT / 2 + 0.1)  # kept steps: 0.07, too
    assert found.is_valid
    assert shapely.get_num_coordinates(found) == 5


async def test_a_building_across_a_border_is_whole_on_both_sides(drawn: Mapping) -> None:
    """It reaches 10 m over, 67 steps: farther than the 64 that are drawn at least, and nearer than the 512."""
    step = INSIDE.side_meters / EXTENT
    for where in INSIDE, Tile(16, INSIDE.x + 1, INSIDE.y):
        assert (await shapes(drawn, "buildings", where))["across"].bounds == pytest.approx(ACROSS, abs=step)


async def test_a_long_street_is_cut_beyond_the_border(drawn: Mapping) -> None:
    """64 steps beyond each side, 9.6 m; it is named on both sides."""
    step = INSIDE.side_meters / EXTENT
    found = (await shapes(drawn, "streets", INSIDE))["S90001"]
    beyond = BUFFER * step
    assert found.bounds == pytest.approx((WEST - beyond, LONG[1], EAST + beyond, LONG[3]), abs=step)


async def test_what_is_smaller_than_a_step_is_left_out(drawn: Mapping) -> None:
    """17 cm: from step 2012.1 to 2013.2 at zoom 16, so from 2012 to 2013; from 503.0 to 503.25 at zoom 14."""
    above = Tile(14, INSIDE.x >> 2, INSIDE.y >> 2)
    assert "S90002" in await shapes(drawn, "streets", INSIDE)
    found = await shapes(drawn, "streets", above)
    assert "S90001" in found
    assert "S90002" not in found
    assert not any(shape.is_empty for shape in found.values())


async def test_the_kept_shape_is_no_property(drawn: Mapping) -> None:
    (row,) = await drawn.items("buildings", f"?bbox={','.join(map(str, degrees_box(BUILDING)))}")
    assert set(row) == {"kind", "name", "name_en", "levels"}
    fields = (await drawn.get("/tiles/buildings,streets.json")).json()["vector_layers"]
    assert all("tile_geom" not in one["fields"] for one in fields)


def test_the_boxes_are_those_of_the_scheme() -> None:
    assert mercator_box(degrees_box(BUILDING)) == pytest.approx(BUILDING, abs=1e-6)
