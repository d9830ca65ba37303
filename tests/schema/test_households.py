"""Households: found near a place, by address, code, name; what a home shows; moving one."""

from datetime import date
from typing import Any

import pytest

from fixtures import makers
from gis.coordinates import CoordinateSystem, from_wgs84
from services.models import Role
from tests.schema.asking import Asking, storing
from tests.schema.town import Town

FIND = """query ($filter: HouseholdFilter) {
  households(filter: $filter) { totalCount edges { node { code careCategories { code } } } } }"""
FILE = """query ($id: ID!) { household(id: $id) {
  code address location residentCount hasTerminal
  grid { code }
  residents { name phone sex birthDate relation since }
  terminals { serial status }
  history { at kind detail } } }"""


def place(x: float, y: float) -> dict[str, float]:
    """A point in metres as the API takes it."""
    lon, lat = makers.degrees(x, y)
    return {"longitude": lon, "latitude": lat}


async def codes(ask: Asking, **filter: object) -> list[str]:
    """The codes of the homes found; the total says the same number."""
    found = (await ask(FIND, filter=filter))["households"]
    assert found["totalCount"] == len(found["edges"])
    return [edge["node"]["code"] for edge in found["edges"]]


async def test_near_a_place_by_true_metres(ask: Asking) -> None:
    """From (250, 500), homes at 210 and 290 are 40 m away, at 130 and 370 120 m."""
    point = place(250, 500)
    assert await codes(ask, within={"point": point, "meters": 39.9}) == []
    assert await codes(ask, within={"point": point, "meters": 40.1}) == ["H0210", "H0290"]
    assert await codes(ask, within={"point": point, "meters": 119.9}) == ["H0210", "H0290"]
    assert await codes(ask, within={"point": point, "meters": 120.1}) == ["H0130", "H0210", "H0290", "H0370"]


async def test_found_by_address_code_name_and_phone(ask: Asking) -> None:
    """A part of the address, or exactly the code, the name, the phone; wildcards are only letters."""
    assert await codes(ask, text="willow lane 5") == ["H0050", "H0550"]
    assert await codes(ask, text="H0290") == ["H0290"]
    assert await codes(ask, text=" ping h0370 ") == ["H0370"]
    assert await codes(ask, text="13800000450") == ["H0450"]
    assert await codes(ask, text="Ping H03") == []
    assert await codes(ask, text="%%") == []
    assert await ask.code(FIND, filter={"text": "x"}) == "SEARCH_TEXT_UNFIT"


async def test_found_by_grid_area_and_category(ask: Asking, town: Town) -> None:
    """Grid 002 has two homes; all nine are in the community; eight people live alone."""
    assert await codes(ask, gridId=str(town.grids[1].id)) == ["H0550", "H0750"]
    assert len(await codes(ask, areaId=str(town.community.id))) == 9
    assert len(await codes(ask, categoryCode="LIVES_ALONE")) == 8
    assert await codes(ask, categoryCode="LIVES_ALONE", gridId=str(town.grids[2].id)) == []


async def test_a_sealed_category_is_known_to_its_team_alone(ask: Asking, town: Town) -> None:
    """The manager neither finds nor sees it, the worker of the record's team does; without consent nobody does."""
    worker = ask.as_(town.grid_worker)
    assert await codes(ask, categoryCode="SEALED_ONE") == []
    assert await codes(worker, categoryCode="SEALED_ONE") == ["H0050"]
    shown = (await worker(FIND, filter={"text": "H0050"}))["households"]["edges"][0]["node"]["careCategories"]
    assert shown == [{"code": "LIVES_ALONE"}, {"code": "SEALED_ONE"}]
    shown = (await ask(FIND, filter={"text": "H0050"}))["households"]["edges"][0]["node"]["careCategories"]
    assert shown == [{"code": "LIVES_ALONE"}]


async def test_homes_of_other_areas_are_not_found(ask: Asking, town: Town) -> None:
    """The worker of grid 001 finds its six homes, and by id not one of grid 002: the same as no such home."""
    worker = ask.as_(town.grid_worker)
    assert len(await codes(worker)) == 6
    assert await codes(worker, gridId=str(town.grids[1].id)) == []
    assert await worker.code(FILE, id=str(town.households[6].id)) == "NOT_FOUND"


async def test_the_file_of_a_home(ask: Asking, town: Town) -> None:
    """Names and phones are opened; history tells what changed."""
    file = (await ask(FILE, id=str(town.households[0].id)))["household"]
    lon, lat = makers.degrees(50, 500)
    assert file["location"] == {"type": "Point", "coordinates": [round(lon, 7), round(lat, 7)]}
    assert (file["grid"]["code"], file["residentCount"], file["hasTerminal"]) == ("990001001001001", 1, True)
    assert file["residents"] == [
        {
            "name": "Ping H0050",
            "phone": "13800000050",
            "sex": "UNSTATED",
            "birthDate": None,
            "relation": "HEAD",
            "since": "2020-01-01",
        }
    ]
    assert file["terminals"] == [{"serial": "T-1", "status": "NEVER_SEEN"}]
    (event,) = file["history"]
    assert (event["kind"], event["detail"]) == ("CREATED", {"before": {}, "after": {"code": "H0050"}})
    assert event["at"].endswith("+00:00")


async def test_statements_do_not_grow_with_the_page(ask: Asking) -> None:
    """Thirteen for one home and for nine: page, total, grids, communities, sizes, people, their residences, categories,
    terminals (asked twice, sent once), the terminals' homes, history; whose homes were read, and the log's line.
    """
    query = """query ($n: Int!) { households(first: $n) { totalCount edges { node {
      code residentCount hasTerminal careCategories { code } grid { code community { code } }
      residents { name relation since } terminals { serial household { code } } history { kind } } } } }"""
    counts = []
    for first in (1, 9):
        async with ask.counting() as statements:
            await ask(query, n=first)  # what is remembered for a while is known from here on
            statements.clear()
            await ask(query, n=first)
        counts.append(len(statements))
    assert counts == [13, 13]


async def test_moving_a_household_by_a_chinese_map(changing: tuple[Asking, Town]) -> None:
    """Sent in GCJ-02, stored in WGS 84: (1250, 400) is in grid 003; the terminal comes along, history tells it."""
    ask, town = changing
    lon, lat = makers.degrees(1250, 400)
    gcj = [float(value) for value in from_wgs84(lon, lat, CoordinateSystem.GCJ02)]
    move = """mutation ($id: ID!, $point: PointInput!) {
      moveHousehold(id: $id, address: "Elm 1", point: $point, version: 1) {
      address version location grid { code } terminals { serial } history { kind detail } } }"""
    point = {"longitude": gcj[0], "latitude": gcj[1], "crs": "GCJ02"}
    moved = (await ask(move, id=str(town.households[0].id), point=point))["moveHousehold"]
    assert moved["location"]["coordinates"] == pytest.approx([lon, lat], abs=1e-6)
    assert (moved["address"], moved["version"], moved["grid"]["code"]) == ("Elm 1", 2, "990001001001003")
    assert moved["terminals"] == [{"serial": "T-1"}]
    assert [event["kind"] for event in moved["history"]] == ["MOVED", "CREATED"]
    assert moved["history"][0]["detail"]["before"]["address"] == "Willow Lane 50"
    assert await ask.code(move, id=str(town.households[0].id), point=point) == "STALE_VERSION"


async def test_a_latitude_written_first_is_refused_with_a_hint(changing: tuple[Asking, Town]) -> None:
    """Longitude 26.57, latitude 106.7: refused, the sentence asks, and the home stays where it was."""
    ask, town = changing
    move = 'mutation ($id: ID!, $point: PointInput!) { moveHousehold(id: $id, address: "Elm", point: $point) { id } }'
    swapped = {"longitude": 26.57, "latitude": 106.7}
    error = await ask.refused(move, id=str(town.households[0].id), point=swapped)
    assert error["extensions"]["code"] == "COORDINATES_OUT_OF_RANGE"
    assert "was the latitude written first?" in error["message"]
    file = (await ask(FILE, id=str(town.households[0].id)))["household"]
    assert (file["address"], len(file["history"])) == ("Willow Lane 50", 1)


async def test_bad_boxes_and_circles_are_refused(ask: Asking) -> None:
    """Inside out, too wide, not positive: each by its code."""
    box = {"west": 107, "east": 106, "south": 26, "north": 27}
    assert await ask.code(FIND, filter={"intersects": box}) == "BOX_INSIDE_OUT"
    for meters in (0, -1, 50_000.1):
        circle = {"point": place(0, 0), "meters": meters}
        assert await ask.code(FIND, filter={"within": circle}) == "METERS_OUT_OF_RANGE"


async def test_the_homes_of_a_person_page_by_page(changing: tuple[Asking, Town], own_town_url: str) -> None:
    """Two earlier homes, one in grid 002: the manager sees all three, the worker of grid 001 not that one."""
    ask, town = changing
    person = town.residents[0]
    async with storing(own_town_url) as session:
        for home, year in ((town.households[1], 2010), (town.households[6], 2015)):
            await makers.make_residence(session, person, home, date(year, 1, 1), date(year, 12, 31))
    query = """query ($id: ID!, $after: String) { household(id: $id) { residents { homes(first: 2, after: $after) {
      totalCount edges { node { since until household { code } } } pageInfo { hasNextPage endCursor } } } } }"""

    async def page(who: Asking, after: str | None = None) -> dict[str, Any]:
        (found,) = (await who(query, id=str(town.households[0].id), after=after))["household"]["residents"]
        homes: dict[str, Any] = found["homes"]
        return homes

    first = await page(ask)
    assert first["totalCount"] == 3
    assert [edge["node"]["since"] for edge in first["edges"]] == ["2020-01-01", "2015-01-01"]
    rest = await page(ask, first["pageInfo"]["endCursor"])
    assert rest["edges"] == [{"node": {"since": "2010-01-01", "until": "2010-12-31", "household": {"code": "H0130"}}}]
    assert rest["pageInfo"]["hasNextPage"] is False
    seen = await page(ask.as_(town.grid_worker))
    assert [edge["node"]["since"] for edge in seen["edges"]] == ["2020-01-01", "2010-01-01"]


async def test_a_restricted_person_is_not_found_by_name(changing: tuple[Asking, Town], own_town_url: str) -> None:
    """The name is exact, the person restricted: nothing is found."""
    ask, town = changing
    async with storing(own_town_url) as session:
        await makers.make_resident(session, town.households[0], name="Hidden Person", restricted=True)
    assert await codes(ask, text="Hidden Person") == []


async def test_a_terminal_counts_and_finds_nobody(changing: tuple[Asking, Town], own_town_url: str) -> None:
    """A device signs in, sees areas, but neither homes nor how many."""
    ask, town = changing
    async with storing(own_town_url) as session:
        device = await makers.make_account(session, Role.TERMINAL, terminal_id=town.terminal.id)
    terminal = ask.as_(device)
    assert await terminal.code("{ grids { edges { node { householdCount } } } }") == "NOT_ALLOWED"
