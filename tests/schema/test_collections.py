"""The layers for desktop programs: pages, boxes, single features, and GDAL itself as the client."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from pyogrio import list_drivers
from starlette.applications import Starlette

from fixtures import makers
from schema import maps as map_routes
from services.models import Role
from tests.schema.asking import Asking
from tests.schema.mapping import Mapping, mapping
from tests.schema.town import Town
from tests.serving import in_this_process

READ = """
import json, sys
from pyogrio import list_layers, set_gdal_config_options
from pyogrio.raw import read
source, token = sys.argv[1:]
set_gdal_config_options({"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": token, "GDAL_HTTP_TIMEOUT": "30"})
told, _, _, columns = read(source, layer="households", PAGE_SIZE=4)
codes = columns[list(told["fields"]).index("code")]
layers = [name for name, _ in list_layers(source)]
print(json.dumps({"layers": layers, "codes": list(codes), "crs": told["crs"]}))
"""


@pytest_asyncio.fixture
async def maps(ask: Asking, town: Town) -> AsyncIterator[Mapping]:
    """The map of the town, signed in as its manager."""
    async with mapping(ask.api, town.manager) as found:
        yield found


async def test_the_landing_page_leads_to_everything(maps: Mapping) -> None:
    """Each link that it and the list of layers give is answered."""
    landing = (await maps.get("/", Accept="application/json")).json()
    assert {one["rel"] for one in landing["links"]} >= {"self", "service-desc", "conformance", "data"}
    listed = (await maps.get("/collections")).json()
    links = landing["links"] + [one for each in listed["collections"] for one in each["links"]]
    for one in links:
        answer = await maps.get(one["href"].removeprefix("http://linli.test"), Accept="application/json")
        assert answer.status_code == 200, one
        assert answer.headers["content-type"].startswith(one["type"].split(";")[0])


async def test_each_role_has_its_layers(maps: Mapping, town: Town) -> None:
    async def ids(client: Mapping) -> set[str]:
        return {one["id"] for one in (await client.get("/collections")).json()["collections"]}

    assert await ids(maps) - await ids(maps.as_(town.grid_worker)) == {"coverage", "gaps", "workers"}
    assert (await maps.as_(None).get("/collections")).status_code == 401


async def test_pages_follow_one_another_to_the_end(maps: Mapping, town: Town) -> None:
    """Four grids by threes: a page of three with `next`, then one of one without."""
    path, pages = "/collections/grids/items?limit=3", []
    while path:
        page = (await maps.get(path)).json()
        pages.append([one["properties"]["code"] for one in page["features"]])
        assert page["numberReturned"] == len(pages[-1])
        path = next((one["href"] for one in page["links"] if one["rel"] == "next"), "").removeprefix(
            "http://linli.test"
        )
    assert pages == [[grid.code for grid in town.grids[:3]], [town.grids[3].code]]


async def test_a_box_gives_what_meets_it(maps: Mapping) -> None:
    """From x = 500 to 800 stand the homes at 550 and 750; the grids 001 (its border) and 002 meet it."""
    west, south = makers.degrees(500, 400)
    east, north = makers.degrees(800, 600)
    query = f"?bbox={west},{south},{east},{north}"
    assert [row["code"] for row in await maps.items("households", query)] == ["H0550", "H0750"]
    inner = f"?bbox={makers.degrees(510, 400)[0]},{south},{east},{north}"
    assert [row["code"][-3:] for row in await maps.items("grids", inner)] == ["002"]


async def test_a_box_never_cuts_counted_homes(maps: Mapping, changing: tuple[Asking, Town]) -> None:
    """Whoever may only count gets whole cells: a narrower box shows fewer of them, never smaller numbers."""
    ask, town = changing
    async with ask.database.write({"everywhere": True}) as session:
        for number in range(7):
            await makers.make_household(session, town.grids[0], 100 + number / 10, 200)
        planner = await makers.make_account(session, Role.PLANNER, town.community)
    async with mapping(ask.api, planner) as own:
        whole = [row["homes"] for row in await own.items("households") if row["homes"]]
        assert whole == [5]  # seven, rounded to fives
        lon, lat = makers.degrees(100.05, 200)
        width = makers.degrees(130, 200)[0] - makers.degrees(100, 200)[0]
        near = f"?bbox={lon - width},{lat - width},{lon},{lat + width}"
        assert {row["homes"] for row in await own.items("households", near) if row["homes"]} <= {5}


async def test_a_feature_is_found_by_its_number(maps: Mapping, town: Town) -> None:
    grid = town.grids[1]
    found = (await maps.get(f"/collections/grids/items/{grid.feature_id}")).json()
    assert (found["id"], found["properties"]["id"]) == (grid.feature_id, str(grid.id))
    assert found["geometry"]["type"] == "MultiPolygon"
    home = town.households[-1]  # of grid 003
    path = f"/collections/households/items/{home.feature_id}"
    assert (await maps.get(path)).status_code == 200
    assert (await maps.as_(town.grid_worker).get(path)).status_code == 404


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("?limit=0", "PARAMETER_INVALID"),
        ("?limit=x", "PARAMETER_INVALID"),
        ("?bbox=1,2,3", "PARAMETER_INVALID"),
        ("?bbox=3,2,1,4", "PARAMETER_INVALID"),
        ("?bbox=nan,0,1,1", "PARAMETER_INVALID"),
        ("?colour=red", "PARAMETER_INVALID"),
    ],
)
async def test_what_cannot_be_meant_is_refused(maps: Mapping, query: str, code: str) -> None:
    answer = await maps.get(f"/collections/grids/items{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.skipif("OAPIF" not in list_drivers(), reason="this GDAL was built without OGC API Features")
async def test_gdal_reads_the_layers(ask: Asking, town: Town) -> None:
    """GDAL's own client finds the layers and reads nine homes, page by page, signed in by token."""
    app = Starlette(routes=map_routes.routes(ask.api))
    token = makers.authorization(town.manager)["Authorization"].removeprefix("Bearer ")
    async with in_this_process(app) as address:
        # A process of its own: pyogrio keeps Python's lock while it waits, so this server could not answer it.
        command = [sys.executable, "-c", READ, f"OAPIF:{address}", token]
        reading = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        said, _ = await asyncio.wait_for(reading.communicate(), 60)
    found = json.loads(said)
    assert {"grids", "households", "streets", "workers"} <= set(found["layers"])
    assert sorted(found["codes"]) == sorted(home.code for home in town.households)
    assert re.search("CRS84|4326", found["crs"])
