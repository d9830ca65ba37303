"""Areas and grids as a map asks for them, and the acts by which borders change."""

import asyncio
from itertools import pairwise

import pytest

from fixtures import makers
from gis.coordinates import CoordinateSystem, from_wgs84
from schema import areas
from tests.schema.asking import Asking, storing
from tests.schema.town import Town

GRIDS_IN_VIEW = """
query ($bbox: BoundingBoxInput!, $first: Int = 100) {
  grids(filter: { intersects: $bbox }, first: $first) {
    totalCount
    edges { cursor node {
      id code name boundary labelPoint areaSquareMeters householdCount residentCount
      community { id code name level }
      workers { id name role status }
      careCounts { category { code name } count suppressed }
    } }
    pageInfo { hasNextPage endCursor }
  }
}"""
CODES = "query ($filter: GridFilter) { grids(filter: $filter) { edges { node { code } } } }"
SPLIT = """mutation ($id: ID!, $line: GeoJSON!, $code: String!, $version: Int) {
  splitGrid(id: $id, line: $line, code: $code, name: "New", version: $version) {
    id code name version areaSquareMeters householdCount boundary } }"""


def bbox(west: float, south: float, east: float, north: float) -> dict[str, float]:
    """A box in metres as the API takes it."""
    (west, south), (east, north) = makers.degrees(west, south), makers.degrees(east, north)
    return {"west": west, "south": south, "east": east, "north": north}


def place(x: float, y: float, **more: str) -> dict[str, object]:
    """A point in metres as the API takes it."""
    lon, lat = makers.degrees(x, y)
    return {"longitude": lon, "latitude": lat, **more}


async def codes(ask: Asking, **filter: object) -> list[str]:
    """The last three digits of the grids found."""
    return [edge["node"]["code"][-3:] for edge in (await ask(CODES, filter=filter))["grids"]["edges"]]


async def test_grids_in_view_tells_what_a_map_shows(ask: Asking, town: Town) -> None:
    """Counts follow the drawing: 6 homes, one person each, all six living alone; two alone in grid 002 are withheld."""
    data = await ask(GRIDS_IN_VIEW, bbox=bbox(100, 100, 600, 600))
    first, second = (edge["node"] for edge in data["grids"]["edges"])
    assert data["grids"]["totalCount"] == 2
    assert (first["code"], first["householdCount"], first["residentCount"]) == ("990001001001001", 6, 6)
    alone = {"code": "LIVES_ALONE", "name": "类别LIVES_ALONE"}
    assert first["careCounts"] == [{"category": alone, "count": 6, "suppressed": False}]
    assert second["careCounts"] == [{"category": alone, "count": None, "suppressed": True}]
    assert first["community"]["code"] == town.community.code
    assert first["workers"] == [
        {"id": str(town.workers[0].id), "name": town.workers[0].name, "role": "GRID_WORKER", "status": "OFF_DUTY"}
    ]
    assert first["areaSquareMeters"] == pytest.approx(500 * 1000, rel=1e-6)


async def test_boundaries_are_geojson_with_seven_decimals_and_right_hand_rings(ask: Asking) -> None:
    """RFC 7946: closed, exterior ring counter-clockwise (its signed area is positive), at most 7 decimals."""
    data = await ask(GRIDS_IN_VIEW, bbox=bbox(100, 100, 400, 400))
    ((ring,),) = data["grids"]["edges"][0]["node"]["boundary"]["coordinates"]
    signed = sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise(ring))
    assert ring[0] == ring[-1]
    assert signed > 0
    assert all(round(number, 7) == number for position in ring for number in position)


async def test_statements_do_not_grow_with_the_page(ask: Asking, town: Town) -> None:
    """Eight statements: page, total, community, homes, people, workers, care numbers, their categories."""
    view = bbox(0, 0, 2000, 1000)
    counts = []
    for first in (1, 2, 100):
        async with ask.counting() as statements:
            await ask(GRIDS_IN_VIEW, bbox=view, first=first)
        counts.append(len(statements))
    assert counts == [8, 8, 8]


async def test_total_is_counted_only_when_asked(ask: Asking) -> None:
    """One statement for a page, two with its total."""
    async with ask.counting() as statements:
        await ask("{ grids { edges { node { code } } } }")
        assert len(statements) == 1
        await ask("{ grids { totalCount edges { node { code } } } }")
        assert len(statements) == 3


async def test_spatial_filters(ask: Asking) -> None:
    """Grid 001 ends at x = 500. 100 m inside it, 99 m do not reach the next grid and 101 m do."""
    assert await codes(ask, intersects=bbox(600, 10, 900, 20)) == ["002"]
    assert await codes(ask, contains=place(1200, 10)) == ["003"]
    assert await codes(ask, within={"point": place(400, 500), "meters": 99}) == ["001"]
    assert await codes(ask, within={"point": place(400, 500), "meters": 101}) == ["001", "002"]


async def test_filters_by_area_and_text(ask: Asking, town: Town) -> None:
    """Inside the community are all four; a text is the code's beginning or a part of the name."""
    assert await codes(ask, areaId=str(town.community.id)) == ["001", "002", "003", "004"]
    assert await codes(ask, text="990001001001003") == ["003"]
    assert await codes(ask, text="100%") == []


async def test_grid_at_a_place(ask: Asking) -> None:
    """The border between 001 and 002 belongs to the lower code; outside there is none, and that is no error."""
    query = "query ($point: PointInput!) { gridAt(point: $point) { code } }"
    assert await ask(query, point=place(750, 500)) == {"gridAt": {"code": "990001001001002"}}
    assert await ask(query, point=place(-500, 500)) == {"gridAt": None}


async def test_chinese_coordinates_in_and_out(ask: Asking, town: Town) -> None:
    """A place in GCJ-02 names the grid of its true place; a boundary leaves in GCJ-02, every vertex turned."""
    lon, lat = makers.degrees(750, 500)
    gcj = [float(value) for value in from_wgs84(lon, lat, CoordinateSystem.GCJ02)]
    point = {"longitude": gcj[0], "latitude": gcj[1], "crs": "GCJ02"}
    query = "query ($point: PointInput!) { gridAt(point: $point) { boundary(crs: GCJ02) plain: boundary } }"
    grid = (await ask(query, point=point))["gridAt"]
    turned = [
        [round(float(value), 7) for value in from_wgs84(*position, CoordinateSystem.GCJ02)]
        for position in grid["plain"]["coordinates"][0][0]
    ]
    for given, expected in zip(grid["boundary"]["coordinates"][0][0], turned, strict=True):
        assert given == pytest.approx(expected, abs=2e-7)


async def test_split_gives_both_grids_and_counts_anew(changing: tuple[Asking, Town]) -> None:
    """Cut at y = 600: the southern 500 x 600 keeps the id and all six homes; the northern 500 x 400 is the new grid."""
    ask, town = changing
    line = {"type": "LineString", "coordinates": [makers.degrees(-10, 600), makers.degrees(510, 600)]}
    old, new = (await ask(SPLIT, id=str(town.grids[0].id), line=line, code="990001001001011"))["splitGrid"]
    assert (old["id"], old["version"], old["householdCount"]) == (str(town.grids[0].id), 2, 6)
    assert (new["code"], new["version"], new["householdCount"]) == ("990001001001011", 1, 0)
    assert old["areaSquareMeters"] == pytest.approx(300_000, rel=1e-5)
    assert new["areaSquareMeters"] == pytest.approx(200_000, rel=1e-5)


async def test_after_a_split_the_new_grids_homes_are_found_at_once(changing: tuple[Asking, Town]) -> None:
    """The manager's rights follow the community: homes in the new western part are seen by the next request."""
    ask, town = changing
    line = {"type": "LineString", "coordinates": [makers.degrees(200, -10), makers.degrees(200, 1010)]}
    _, new = (await ask(SPLIT, id=str(town.grids[0].id), line=line, code="990001001001011"))["splitGrid"]
    found = await ask(
        "query ($id: ID) { households(filter: { gridId: $id }) { edges { node { code } } } }", id=new["id"]
    )
    # Homes at x = 50 and 130 lie west of the cut at 200, which is the smaller part.
    assert [edge["node"]["code"] for edge in found["households"]["edges"]] == ["H0050", "H0130"]


async def test_a_stale_version_is_refused_and_nothing_changes(changing: tuple[Asking, Town]) -> None:
    """Version 2 does not exist yet: refused by code, with the version that stands."""
    ask, town = changing
    line = {"type": "LineString", "coordinates": [makers.degrees(-10, 600), makers.degrees(510, 600)]}
    error = await ask.refused(SPLIT, id=str(town.grids[0].id), line=line, code="990001001001011", version=2)
    assert error["extensions"] == {"code": "STALE_VERSION", "current": 1}
    assert await codes(ask) == ["001", "002", "003", "004"]


async def test_only_a_manager_changes_borders(changing: tuple[Asking, Town]) -> None:
    """A grid worker is refused, and nothing changes."""
    ask, town = changing
    line = {"type": "LineString", "coordinates": [makers.degrees(-10, 600), makers.degrees(510, 600)]}
    worker = ask.as_(town.grid_worker)
    assert await worker.code(SPLIT, id=str(town.grids[0].id), line=line, code="990001001001011") == "NOT_ALLOWED"
    assert await codes(ask) == ["001", "002", "003", "004"]


async def test_merge_with_versions(changing: tuple[Asking, Town]) -> None:
    """Two neighbours become one with all 8 homes; one version for two ids is refused first."""
    ask, town = changing
    ids = [str(grid.id) for grid in town.grids[:2]]
    merge = """mutation ($ids: [ID!]!, $versions: [Int!]) {
      mergeGrids(ids: $ids, code: "990001001001012", name: "Both", versions: $versions) { code householdCount } }"""
    assert await ask.code(merge, ids=ids, versions=[1]) == "VERSIONS_MISMATCHED"
    assert await ask(merge, ids=ids, versions=[1, 1]) == {
        "mergeGrids": {"code": "990001001001012", "householdCount": 8}
    }
    assert await codes(ask) == ["003", "004", "012"]


async def test_moving_a_border_gives_all_that_changed(changing: tuple[Asking, Town]) -> None:
    """Grid 001 grows by 100 m to the east; 002 gives way: 600,000 and 400,000 square metres, the home at 550 moves."""
    ask, town = changing
    shape = makers.box(0, 0, 600, 1000).geoms[0]
    boundary = {"type": "Polygon", "coordinates": [list(map(list, shape.exterior.coords))]}
    move = """mutation ($id: ID!, $boundary: GeoJSON!) {
      moveBorder(id: $id, boundary: $boundary, version: 1) { code areaSquareMeters householdCount } }"""
    first, second = (await ask(move, id=str(town.grids[0].id), boundary=boundary))["moveBorder"]
    assert (first["code"][-3:], first["householdCount"]) == ("001", 7)
    assert (second["code"][-3:], second["householdCount"]) == ("002", 1)
    assert first["areaSquareMeters"] == pytest.approx(600_000, rel=1e-5)


async def test_a_broken_border_is_refused_with_the_place(changing: tuple[Asking, Town]) -> None:
    """A bow-tie crosses itself, and the place comes as GeoJSON; a border beyond the community leaves its parent."""
    ask, town = changing
    move = "mutation ($id: ID!, $b: GeoJSON!) { moveBorder(id: $id, boundary: $b) { code } }"
    tie = [makers.degrees(*p) for p in ((0, 0), (500, 1000), (500, 0), (0, 1000), (0, 0))]
    error = await ask.refused(move, id=str(town.grids[0].id), b={"type": "Polygon", "coordinates": [tie]})
    assert error["extensions"]["code"] == "SHAPE_CROSSES_ITSELF"
    assert error["extensions"]["where"]["type"] == "Point"
    beyond = [list(position) for position in makers.box(-200, 0, 500, 1000).geoms[0].exterior.coords]
    error = await ask.refused(move, id=str(town.grids[0].id), b={"type": "Polygon", "coordinates": [beyond]})
    assert error["extensions"]["code"] == "TILING_BROKEN"
    assert error["extensions"]["kind"] == "OUTSIDE"
    assert error["extensions"]["squareMeters"] == pytest.approx(200_000, rel=1e-3)
    assert error["extensions"]["area"]["type"] == "MultiPolygon"
    assert await codes(ask) == ["001", "002", "003", "004"]


async def test_two_managers_split_at_once_and_one_wins(changing: tuple[Asking, Town]) -> None:
    """Both start from version 1: one split is stored, the other is told that it is stale."""
    ask, town = changing
    line = {"type": "LineString", "coordinates": [makers.degrees(-10, 600), makers.degrees(510, 600)]}
    both = await asyncio.gather(
        *(ask.send(SPLIT, id=str(town.grids[0].id), line=line, code=f"99000100100102{n}", version=1) for n in (1, 2))
    )
    errors = [body["errors"][0]["extensions"]["code"] for body in (one.json() for one in both) if "errors" in body]
    assert errors == ["STALE_VERSION"]
    assert len(await codes(ask)) == 5


async def test_areas_of_every_level(ask: Asking, town: Town) -> None:
    """The tree: the street's only child is the community, whose parent's parent is the district."""
    query = """query ($id: ID!) { area(id: $id) { level parent { level parent { level parent { id } } } } }"""
    found = (await ask(query, id=str(town.community.id)))["area"]
    assert found["level"] == "COMMUNITY"
    assert found["parent"]["parent"] == {"level": "DISTRICT", "parent": None}
    streets = await ask("{ areas(filter: { level: STREET }) { edges { node { code } } } }")
    assert streets["areas"]["edges"] == [{"node": {"code": "990001001000"}}]


async def test_ids_that_are_none_are_not_found(ask: Asking, town: Town) -> None:
    """Garbled, unknown, and of another level: not found, and null in the data."""
    query = "query ($id: ID!) { grid(id: $id) { code } }"
    for id_ in ("garbled", "", str(town.manager.id), str(town.community.id)):
        response = (await ask.send(query, id=id_)).json()
        assert response["data"] == {"grid": None}
        assert [error["extensions"]["code"] for error in response["errors"]] == ["NOT_FOUND"]


async def test_more_workers_than_fit_are_cut(changing: tuple[Asking, Town], own_town_url: str) -> None:
    """A grid with one more worker than the list may hold gives as many as it says."""
    ask, town = changing
    async with storing(own_town_url) as session:
        for _ in range(areas.MOST_WORKERS):
            await makers.make_worker(session, town.grids[0])
    data = await ask("query ($id: ID!) { grid(id: $id) { workers { id } } }", id=str(town.grids[0].id))
    assert len(data["grid"]["workers"]) == areas.MOST_WORKERS
