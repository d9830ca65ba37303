"""What somebody tries who wants to see more than the table of rights gives: each way is closed.

(A stream that outlives its right: `test_call_events`; a refresh token used twice: the tests of sign-in.)
"""

import base64
import io
import json
import logging as stdlib
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
import structlog
from graphql import GraphQLInputObjectType, GraphQLObjectType
from joserfc import jwt
from joserfc.jwk import OctKey
from prometheus_client import generate_latest

from fixtures import makers
from fixtures.makers import SECRET
from schema import build
from services import clock, logging, tokens
from services.models import CareRecord, Household, Resident, Role
from tests import postgres
from tests.schema.asking import Asking
from tests.schema.mapping import mapping, tile_of
from tests.schema.siege import MARK, Siege, besieged

PEOPLE = "residents { name phone birthDate careRecords { category { code } notes } }"
EVIL = (
    "' OR 1=1 --",
    "%%",
    "__",
    "\\",
    "'; DROP TABLE households; --",
    '") OR TRUE --',
    "a' UNION SELECT 1 --",
    "%' --",
)


@pytest_asyncio.fixture(scope="module")
async def siege(databases: postgres.WorkerDatabases) -> AsyncIterator[Siege]:
    """One town for all these tests; what a test adds stays."""
    name = databases.make()
    async with besieged(databases.url(name)) as found:
        yield found
    databases.drop(name)


@pytest.fixture
def outsider(siege: Siege) -> Asking:
    """The grid worker of grid 003."""
    return siege.as_(Role.GRID_WORKER, "elsewhere")


def without_ids(error: dict[str, Any]) -> str:
    """What an error tells, its id and place apart."""
    return json.dumps({key: value for key, value in error.items() if key not in ("locations",)}, sort_keys=True)


# -- by id

LOOKUPS = {
    "household": "query ($id: ID!) { household(id: $id) { code residents { name } } }",
    "terminal": "query ($id: ID!) { terminal(id: $id) { serial household { address } } }",
    "careRecord": "query ($id: ID!) { careRecord(id: $id) { level notes } }",
    "call": "query ($id: ID!) { call(id: $id) { status household { address } } }",
}


@pytest.mark.parametrize("what", LOOKUPS)
async def test_a_guessed_id_tells_no_more_than_a_wrong_one(siege: Siege, outsider: Asking, what: str) -> None:
    """Found but not yours, and not there at all: the same words, the same code, as many questions to the store."""
    async with siege.ask.database.read() as session:
        record = await session.scalar(sa.select(CareRecord.id).limit(1))
    there = {"household": siege.home, "terminal": str(siege.town.terminal.id), "careRecord": str(record)}
    told, asked = [], []
    for id_ in (there.get(what, str(uuid.uuid4())), str(uuid.uuid4())):
        async with outsider.counting() as statements:
            error = await outsider.refused(LOOKUPS[what], id=id_)
        told.append(without_ids(error).replace(id_, "ID"))
        asked.append(len(statements))
    assert error["extensions"]["code"] == "NOT_FOUND"
    assert told[0] == told[1]
    assert asked[0] == asked[1]


def test_no_field_finds_anything_of_any_kind_by_its_id() -> None:
    """No `node(id)`: each lookup is its noun's own, with its own right."""
    query = build()._schema.query_type
    assert query is not None
    assert {"node", "nodes", "_entities", "entity"} & set(query.fields) == set()


# -- by other ways to the same


async def test_nested_ways_to_a_home_mask_alike(siege: Siege) -> None:
    """Home, its terminal, that one's home, whose people, their homes, and the people there: the name stays masked."""
    dispatcher = siege.as_(Role.DISPATCHER, "community")
    by_terminal = "terminals { household { residents { name } } }"
    by_people = "residents { homes(first: 1) { edges { node { household { residents { name } } } } } }"
    for way in (by_terminal, by_people):
        query = f"query ($id: ID!) {{ household(id: $id) {{ {way} }} }}"
        masked = (await dispatcher.send(query, id=siege.home)).text
        assert MARK not in masked
        assert masked.count("马**") == 1
        assert (await siege.ask.send(query, id=siege.home)).text.count(MARK) == 1
    call = await siege.as_(Role.VOLUNTEER, "grid").send(
        f"{{ calls {{ edges {{ node {{ household {{ {PEOPLE} }} }} }} }} }}"
    )
    assert MARK not in call.text


async def test_aliases_and_fragments_mask_alike(siege: Siege) -> None:
    """Thirteen names for the same home, and fragments within fragments."""
    dispatcher = siege.as_(Role.DISPATCHER, "community")
    many = " ".join(f'a{n}: household(id: "{siege.home}") {{ ...home }}' for n in range(13))
    fragments = (
        "fragment home on Household { residents { ...person } } fragment person on Resident { n: name p: phone }"
    )
    body = (await dispatcher.send(f"{{ {many} }} {fragments}")).json()
    assert "errors" not in body, body
    told = {json.dumps(one, ensure_ascii=False) for one in body["data"].values()}
    assert told == {'{"residents": [{"n": "马**", "p": "138****0050"}]}'}


async def test_an_outsider_gets_to_no_person_over_the_places(siege: Siege, outsider: Asking) -> None:
    """Areas, workers and figures are everybody's, and none of them leads to somebody's home."""
    body = await outsider.send(
        """{ grids { edges { node { code householdCount careCounts { count } workers { name } } } }
             households { totalCount edges { node { code residents { name } } } }
             terminals { totalCount } calls { totalCount } }"""
    )
    data = body.json()["data"]
    assert [edge["node"]["code"] for edge in data["households"]["edges"]] == ["H1250"]  # the one home of grid 003
    assert (data["households"]["totalCount"], data["terminals"]["totalCount"], data["calls"]["totalCount"]) == (1, 0, 0)
    assert MARK not in body.text


# -- by filter, sort and count

FIND = "query ($f: HouseholdFilter) { households(filter: $f) { totalCount edges { node { code } } } }"


async def test_a_hidden_field_is_no_filter(siege: Siege, outsider: Asking) -> None:
    """A name or a phone finds where it may be read; a category where records may be known; elsewhere nothing."""
    by_name, by_phone, by_care = {"text": MARK}, {"text": "13800000050"}, {"categoryCode": "LIVES_ALONE"}
    for client, found in (
        (siege.as_(Role.GRID_WORKER, "grid"), (1, 1, 6)),  # six live alone in grid 001
        (siege.as_(Role.DISPATCHER, "community"), (0, 0, 0)),
        (siege.as_(Role.AUDITOR, "everywhere"), (0, 0, 0)),
        (siege.as_(Role.VOLUNTEER, "grid"), (0, 0, 0)),
        (siege.as_(Role.PLANNER, "everywhere"), (0, 0, 0)),
        (outsider, (0, 0, 0)),
    ):
        counts = [(await client(FIND, f=one))["households"]["totalCount"] for one in (by_name, by_phone, by_care)]
        assert tuple(counts) == found


def test_no_order_is_by_a_hidden_field() -> None:
    """What can be sorted by is a closed list without anything of a person."""
    kinds = build()._schema.type_map
    orders = {name: set(kind.values) for name, kind in kinds.items() if name.endswith("Order")}  # type: ignore[attr-defined]
    assert orders == {"CallOrder": {"NEWEST", "URGENCY"}} | {
        name: values for name, values in orders.items() if name.startswith("Case")
    }


async def test_counts_do_not_tell_of_a_restricted_person(siege: Siege) -> None:
    """Hidden from list, search, counts of people and care, map and error text; then shown again."""
    manager, town = siege.ask, siege.town
    counts = "query ($id: ID!) { grid(id: $id) { householdCount residentCount careCounts { count } } }"
    grid = str(town.grids[0].id)
    before = (await manager(counts, id=grid))["grid"]
    assert (before["householdCount"], before["residentCount"]) == (6, 6)
    assert [one["count"] for one in before["careCounts"]] == [6]
    person = town.residents[0].id
    async with manager.database.write() as session:
        await session.execute(sa.update(Resident).where(Resident.id == person).values(restricted=True))
    try:
        after = (await manager(counts, id=grid))["grid"]
        assert (after["householdCount"], after["residentCount"]) == (6, 5)
        assert [one["count"] for one in after["careCounts"]] == [5]
        home = await manager(f"query ($id: ID!) {{ household(id: $id) {{ residentCount {PEOPLE} }} }}", id=siege.home)
        assert home["household"] == {"residentCount": 0, "residents": []}
        assert (await manager(FIND, f={"text": MARK}))["households"]["totalCount"] == 0
    finally:
        async with manager.database.write() as session:
            await session.execute(sa.update(Resident).where(Resident.id == person).values(restricted=False))


async def test_a_restricted_home_is_nowhere(siege: Siege) -> None:
    """Neither by id nor by code, in no count, on no tile, whatever the role; and the terminal in it neither."""
    home = siege.town.households[0]
    async with siege.ask.database.write() as session:
        await session.execute(sa.update(Household).where(Household.id == home.id).values(restricted=True))
    try:
        for client in (siege.ask, siege.as_(Role.ADMIN, "everywhere"), siege.as_(Role.MANAGER, "grid")):
            assert await client.code(LOOKUPS["household"], id=siege.home) == "NOT_FOUND"
            assert await client.code(LOOKUPS["terminal"], id=str(siege.town.terminal.id)) == "NOT_FOUND"
            assert (await client(FIND, f={"text": home.code}))["households"]["totalCount"] == 0
            assert client.account is not None
            async with mapping(siege.ask.api, client.account) as maps:
                rows = (await maps.tile("households", tile_of(50, 500, 16))).get("households", [])
                assert home.code not in {row.get("code") for row in rows}
    finally:
        async with siege.ask.database.write() as session:
            await session.execute(sa.update(Household).where(Household.id == home.id).values(restricted=False))


# -- by map and export


async def test_tiles_of_another_area_tell_nothing(siege: Siege, outsider: Asking) -> None:
    """The first home's tile, close up: for its grid's worker six homes and a terminal, for the outsider none."""
    where = tile_of(50, 500, 16)
    own = siege.as_(Role.GRID_WORKER, "grid")
    assert own.account is not None
    assert outsider.account is not None
    async with mapping(siege.ask.api, own.account) as maps:
        seen = await maps.tile("households,terminals", where)
        assert {"households", "terminals"} == set(seen)
        stranger = maps.as_(outsider.account)
        assert await stranger.tile("households,terminals", where) == {}
        for layer in ("households", "terminals"):
            for row in seen[layer]:
                answer = await stranger.get(f"/collections/{layer}/items/{row['mvt_id']}")
                assert answer.status_code == 404


async def test_audits_of_another_area_are_not_taken_along(siege: Siege) -> None:
    """An export by its guessed id, as somebody of grid 003: 404 or 403 in each form, as for one that is not there."""
    (audit, *_) = siege.town.audits
    for role in (Role.PLANNER, Role.GRID_WORKER, Role.AUDITOR):
        client = siege.as_(role, "elsewhere")
        for form in ("csv", "geojson", "html"):
            told = []
            for id_ in (audit, uuid.uuid4()):
                answer = await client.http.get(f"/audits/{id_}.{form}", headers=client.headers)
                assert answer.status_code in (403, 404)
                told.append((answer.status_code, answer.text.replace(str(id_), "ID")))
            assert told[0] == told[1]


# -- by text


def text_filters() -> Iterator[tuple[str, str]]:
    """Each list of the schema that takes a text, and its input."""
    query = build()._schema.query_type
    assert isinstance(query, GraphQLObjectType)
    for name, told in query.fields.items():
        kind = getattr(told.args.get("filter"), "type", None)
        if isinstance(kind, GraphQLInputObjectType) and "text" in kind.fields:
            yield name, kind.name


@pytest.mark.parametrize(("name", "kind"), list(text_filters()))
async def test_sql_in_a_text_is_a_text(siege: Siege, name: str, kind: str) -> None:
    """Nothing is found by it, nothing breaks, and nothing is gone."""
    query = f"query ($f: {kind}) {{ {name}(filter: $f) {{ totalCount }} }}"
    for text in EVIL:
        body = (await siege.as_(Role.ADMIN, "everywhere").send(query, f={"text": text})).json()
        codes = [error["extensions"]["code"] for error in body.get("errors", [])]
        assert codes in ([], ["SEARCH_TEXT_UNFIT"]), (text, body)
        if not codes:
            assert body["data"][name]["totalCount"] == 0, text
    async with siege.ask.database.read() as session:
        assert await session.scalar(sa.select(sa.func.count()).select_from(Household)) == 9


async def test_sql_in_an_id_is_no_id(siege: Siege) -> None:
    for text in EVIL:
        assert await siege.ask.code(LOOKUPS["household"], id=text) == "NOT_FOUND"


# -- by token


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


async def test_a_token_that_is_not_ours_opens_nothing(siege: Siege) -> None:
    """`alg: none`, another issuer, audience, key or algorithm, one that is over, one without an end: not signed in."""
    account = siege.town.manager
    now = int(clock.now().timestamp())
    good = {"iss": tokens.ISSUER, "aud": tokens.AUDIENCE, "sub": str(account.id), "iat": now, "exp": now + 600}
    key, other = OctKey.import_key(SECRET), OctKey.import_key(b"another key that is long enough!!" * 2)

    def signed(claims: dict[str, Any], with_: OctKey = key, alg: str = tokens.ALGORITHM) -> str:
        return jwt.encode({"alg": alg}, claims, with_, algorithms=[alg])

    async def status(token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        answer = await siege.ask.http.post("/graphql", json={"query": "{ viewer { id } }"}, headers=headers)
        return 200 if answer.json().get("data", {}) and answer.status_code == 200 else 401

    assert await status(signed(good)) == 200
    none = f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(good)}."
    for token in (
        none,
        none + signed(good).rpartition(".")[2],
        signed({**good, "iss": "https://elsewhere.test"}),
        signed({**good, "aud": "another"}),
        signed(good, other),
        signed(good, key, "HS512"),
        signed({**good, "exp": now - 1}),
        signed({key_: value for key_, value in good.items() if key_ != "exp"}),
        signed({**good, "sub": str(uuid.uuid4())}),
        signed({**good, "sub": "' OR 1=1 --"}),
        "",
        "a.b.c",
    ):
        assert await status(token) == 401, token


# -- by what is written elsewhere


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What is written to the log, down to the smallest word."""
    root = stdlib.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    logging.configure("debug", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


async def test_a_marked_name_is_in_no_log_figure_error_or_address(siege: Siege, written: io.StringIO) -> None:
    """Searched for, read, refused, mistyped, in a broken query: it stands in answers to who may, and only there."""
    manager, stranger = siege.ask, siege.as_(Role.VOLUNTEER, "elsewhere")
    phone = "13800000050"
    assert MARK in (await manager.send(LOOKUPS["household"], id=siege.home)).text
    errors = [
        await stranger.send(FIND, f={"text": MARK}),
        await manager.send(FIND, f={"text": MARK, "gridId": MARK}),
        await manager.send(f'{{ household(id: "{MARK}") {{ code }} }}'),
        await manager.send(f"{{ {MARK} }}"),
        await manager.send(FIND, f={MARK: phone}),
        await manager.send("query ($f: Int) { grids(first: $f) { totalCount } }", f=MARK),
    ]
    for answer in errors[:1]:
        assert MARK not in answer.text
    assert all(MARK not in str(answer.url) for answer in errors)
    log, figures = written.getvalue(), generate_latest().decode()
    for mark in (MARK, phone, json.dumps(MARK).strip('"'), "Willow Lane 50"):
        assert mark not in log
        assert mark not in figures


async def test_what_the_store_says_of_a_row_does_not_leave(siege: Siege) -> None:
    """A row-level refusal, should one ever be met, is unforeseen: one neutral message, without the table's name."""
    manager = siege.as_(Role.MANAGER, "grid")
    elsewhere = makers.degrees(1750, 500)
    move = """mutation ($id: ID!, $lon: Float!, $lat: Float!) {
      moveHousehold(id: $id, address: "x", point: {longitude: $lon, latitude: $lat}) { code } }"""
    home = str(siege.town.households[8].id)
    error = await manager.refused(move, id=home, lon=elsewhere[0], lat=elsewhere[1])
    assert error["extensions"]["code"] == "NOT_FOUND"  # the home of grid 003 is not this manager's
    assert "row-level" not in json.dumps(error)
