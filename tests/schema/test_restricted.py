"""A restricted home and a restricted person are nowhere: not in figures, exports, layers, lists, searches, error texts.

In grid 001 the home H0130 is restricted, and the person of H0210: of six homes five are left, of six people four, who
all live alone. One terminal stands in the restricted home.
"""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
import pytest_asyncio
import sqlalchemy as sa
from starlette.applications import Starlette

from fixtures import makers
from schema import exports
from services import contents, layers
from services.access import Actor
from services.actors import actor_of
from services.contents import Content
from services.models import Account, CareRecord, Household, Resident, Role
from tests.contracts import OPERATIONS
from tests.postgres import WorkerDatabases
from tests.schema.asking import Asking
from tests.schema.mapping import mapping, tile_of
from tests.schema.siege import Siege, besieged

SEERS = ((Role.MANAGER, "community"), (Role.ADMIN, "everywhere"), (Role.DISPATCHER, "community"))
HOME, DOOR, NAME = "H0130", "Willow Lane 130", "Ping H0210"


@dataclass
class Hidden:
    """The town with its hidden home and person, and everything by which they could be told."""

    siege: Siege
    home: Household
    person: Resident
    record: CareRecord
    terminal: str

    def betrayed(self, text: str) -> list[str]:
        """Which of their marks stand in a text."""
        ids = (self.home.id, self.person.id, self.record.id)
        marks = [HOME, DOOR, "T-HIDDEN", self.terminal, *map(str, ids), NAME, "13800000210"]
        return [mark for mark in marks if mark in text]


@pytest_asyncio.fixture(scope="module")
async def hidden(databases: WorkerDatabases) -> AsyncIterator[Hidden]:
    """Restricted after the town was there, as in life."""
    name = databases.make()
    async with besieged(databases.url(name)) as siege:
        town = siege.town
        home, person = town.households[1], town.residents[2]
        async with siege.ask.database.write() as session:
            terminal = await makers.make_terminal(session, home, serial="T-HIDDEN")
            await session.execute(sa.update(Household).where(Household.id == home.id).values(restricted=True))
            await session.execute(sa.update(Resident).where(Resident.id == person.id).values(restricted=True))
            await contents.changed(session, Content.HOMES, Content.CARE)
        yield Hidden(siege, home, person, town.records[2], str(terminal.id))
    databases.drop(name)


async def test_an_audit_and_its_pages_know_nothing_of_them(hidden: Hidden) -> None:
    """Eight homes are left of nine, seven people; in grid 001 five homes, told to those who may read its people."""
    siege = hidden.siege
    area = str(siege.town.community.id)
    asked = {"areaId": area, "supply": "CLINIC"}
    found = (await siege.ask(OPERATIONS["plan", "AuditCoverage"], **asked))["auditCoverage"]
    assert (found["householdCount"], found["residentCount"]) == (8, 7)
    counts = {one["grid"]["code"][-3:]: one["householdCount"] for one in found["byGrid"]}
    assert counts == {"001": None, "002": None, "003": None, "004": 0}  # four people are few
    transport = httpx.ASGITransport(Starlette(routes=exports.routes(siege.ask.api)))
    async with httpx.AsyncClient(transport=transport, base_url="http://linli.test") as http:
        for form in ("csv", "geojson", "html"):
            page = await http.get(f"/audits/{found['id']}.{form}", headers=siege.ask.headers)
            assert page.status_code == 200
            assert hidden.betrayed(page.text) == []


async def test_a_circle_does_not_count_them(hidden: Hidden) -> None:
    """All of grid 001 within three minutes: five homes, four people, who are few; nor by the straight line."""
    lon, lat = makers.degrees(250, 490)
    query = OPERATIONS["plan", "ServiceCircle"]
    found = (await hidden.siege.ask(query, center={"longitude": lon, "latitude": lat}, minutes=3))["serviceCircle"]
    assert (found["householdCount"], found["residentCount"]) == (5, None)
    assert found["straightLine"]["householdCount"] == 5
    assert [one["count"] for one in found["careCounts"]] == [None]


@pytest.mark.parametrize(("role", "place"), [*SEERS, (Role.PLANNER, "community"), (Role.GRID_WORKER, "grid")])
async def test_no_layer_tells_of_them(hidden: Hidden, role: Role, place: str) -> None:
    """Every layer that the role has, as features and as tiles, close up."""
    account = hidden.siege.accounts[role, place]
    shown = layers.shown_to(await _actor(hidden.siege.ask, account))
    assert {"care", "households"} <= {layer.id for layer in shown}
    async with mapping(hidden.siege.ask.api, account) as seen:
        for layer in shown:
            answer = await seen.get(f"/collections/{layer.id}/items?limit=1000")
            assert hidden.betrayed(answer.text) == [], layer.id
            close = tile_of(130, 500, min(layer.max_zoom, 17))
            assert hidden.betrayed(json.dumps(await seen.tile(layer.id, close), default=str)) == [], layer.id


@pytest.mark.parametrize(("role", "place"), SEERS)
async def test_no_search_and_no_list_finds_them(hidden: Hidden, role: Role, place: str) -> None:
    """By address, code, name and phone; in pages, nested ways, totals."""
    client = hidden.siege.as_(role, place)
    find = "query ($f: HouseholdFilter) { households(filter: $f) { totalCount edges { node { code } } } }"
    for text in (HOME, DOOR, NAME, "13800000210", "13800000130"):
        assert (await client(find, f={"text": text}))["households"] == {"totalCount": 0, "edges": []}, text
    everything = """{
      households(first: 50) { totalCount edges { node {
        code address residentCount residents { id name phone careRecords { id } } terminals { serial } } } }
      terminals(first: 50) { totalCount edges { node { id serial household { code } } } } }"""
    answer = await client.send(everything)
    body = answer.json()
    assert "errors" not in body
    assert (body["data"]["households"]["totalCount"], body["data"]["terminals"]["totalCount"]) == (8, 1)
    assert hidden.betrayed(answer.text) == []


@pytest.mark.parametrize(("role", "place"), SEERS)
async def test_an_error_text_does_not_tell_that_they_are_there(hidden: Hidden, role: Role, place: str) -> None:
    """The same words as for what never was."""
    client = hidden.siege.as_(role, place)
    never = "01900000-0000-7000-8000-000000000000"
    for query, id_ in (
        ("query ($id: ID!) { household(id: $id) { code } }", hidden.home.id),
        ("query ($id: ID!) { careRecord(id: $id) { id } }", hidden.record.id),
        ("query ($id: ID!) { terminal(id: $id) { id } }", hidden.terminal),
        ('mutation ($id: ID!) { eraseResident(id: $id, code: "R1") { at } }', hidden.person.id),
    ):
        there, nowhere = [await client.send(query, id=str(one)) for one in (id_, never)]
        assert there.text.replace(str(id_), never) == nowhere.text, query
        assert hidden.betrayed(there.text.replace(str(id_), "")) == []


async def test_counts_leave_them_out(hidden: Hidden) -> None:
    """Five homes; four people and four who live alone, told to those who may look them up, small as they are."""
    query = """query ($id: ID!, $area: ID!) {
      grid(id: $id) { householdCount residentCount careCounts { count } }
      visitCounts(areaId: $area) { due } visitsDue(areaId: $area) { totalCount } }"""
    town = hidden.siege.town
    asked = {"id": str(town.grids[0].id), "area": str(town.community.id)}
    async with hidden.siege.ask.database.write() as session:
        await session.execute(sa.text("UPDATE care_records SET opened_at = opened_at - interval '30 days'"))
    told = await hidden.siege.ask(query, **asked)
    assert told["grid"] == {"householdCount": 5, "residentCount": 4, "careCounts": [{"count": None}]}
    assert [one["due"] for one in told["visitCounts"]] == [None, None, 0, 0]
    assert told["visitsDue"]["totalCount"] == 6  # four in grid 001, two in grid 002


async def _actor(ask: Asking, account: Account) -> Actor:
    async with ask.database.read() as session:
        return await actor_of(session, account.id)
