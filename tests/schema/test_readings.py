"""What somebody read of a person is in the read log before the answer leaves: who, as whom, what, by which request."""

import asyncio
import inspect
from typing import Any

import pytest
import sqlalchemy as sa
from graphql import GraphQLObjectType
from strawberry.utils.str_converters import to_camel_case

from fixtures import makers
from schema import build
from schema.logged_fields import LOGGED
from services.cases import ledger
from services.models import Case, CaseMember, Reading, Role
from services.readings import ReadLog
from tests.schema.asking import Asking
from tests.schema.casestage import CaseStage
from tests.schema.town import Town

STAFF = {("Worker", "phone")}  # of those who work here, not of those whom they care for
OPENING = ("context.opened(", "ledger.words_of", "attachments.name_of(")
CASE = """query Case($id: ID!) { case(id: $id) {
  number subject description details timeline { kind detail } attachments { name } } }"""
FILE = "query File($id: ID!) { household(id: $id) { code residents { id name phone careRecords { level notes } } } }"


async def readings(ask: Asking) -> list[Reading]:
    """The whole log, oldest first."""
    async with ask.database.read({"everywhere": True}) as session:
        return list(await session.scalars(sa.select(Reading).order_by(Reading.id)))


async def test_a_reading_is_written_with_its_fields(changing: tuple[Asking, Town]) -> None:
    """One line for the person: name and phone, by the manager, in the home's household and grid."""
    ask, town = changing
    await ask(FILE, id=str(town.households[1].id))
    (line,) = await readings(ask)
    assert (line.actor_id, line.roles, line.operation) == (town.manager.id, ["MANAGER"], "File")
    assert (line.thing, line.record_id, line.fields) == ("residents", town.residents[1].id, ["name", "phone"])
    assert (line.household_id, line.grid_id) == (town.households[1].id, town.grids[0].id)
    assert (line.opening_id, line.call_id, line.number) == (None, None, 1)


async def test_what_holds_nothing_personal_is_not_logged(changing: tuple[Asking, Town]) -> None:
    """Codes and counts leave no line, and neither does a field that was null or hidden."""
    ask, town = changing
    await ask(
        "query ($id: ID!) { household(id: $id) { code residentCount grid { code } } }", id=str(town.households[1].id)
    )
    planner = town.households[8]  # grid 003; nobody there has a care record
    await ask("query ($id: ID!) { household(id: $id) { careCategories { code } } }", id=str(planner.id))
    assert await readings(ask) == []


async def test_a_page_is_one_insert(changing: tuple[Asking, Town]) -> None:
    """Nine homes, nine people: nine lines numbered on, written by one statement."""
    ask, _ = changing
    ask.statements.clear()
    await ask("query Names { households(first: 50) { edges { node { residents { name } } } } }")
    assert len([text for text in ask.statements if "INSERT INTO readings" in text]) == 1
    assert [line.number for line in await readings(ask)] == list(range(1, 10))


async def test_operations_at_once_share_one_chain_without_gap(changing: tuple[Asking, Town]) -> None:
    """Twenty at once: twenty lines of one chain, numbered 1 to 20."""
    ask, town = changing
    await asyncio.gather(*(ask(FILE, id=str(town.households[1].id)) for _ in range(20)))
    lines = await readings(ask)
    assert len({line.chain_id for line in lines}) == 1
    assert sorted(line.number for line in lines) == list(range(1, 21))


async def test_without_the_log_no_answer_leaves(changing: tuple[Asking, Town], monkeypatch: pytest.MonkeyPatch) -> None:
    """When the line cannot be stored, the client gets one neutral error and not a name."""
    ask, town = changing

    async def fails(*_: Any) -> None:
        raise RuntimeError("no room")

    with monkeypatch.context() as patched:
        patched.setattr(ReadLog, "_append", fails)
        response = await ask.send(FILE, id=str(town.households[1].id))
    assert "Ping" not in response.text
    assert response.json()["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert await readings(ask) == []
    await ask(FILE, id=str(town.households[1].id))
    assert [line.number for line in await readings(ask)] == [1]


@pytest.mark.parametrize(
    "statement", ["UPDATE readings SET fields = '{}'", "DELETE FROM readings", "TRUNCATE readings"]
)
async def test_the_log_only_grows(changing: tuple[Asking, Town], statement: str) -> None:
    """The server's role may neither change nor delete a line."""
    ask, town = changing
    await ask(FILE, id=str(town.households[1].id))
    async with ask.database.engine.connect() as connection:
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            await connection.execute(sa.text(statement))
    assert len(await readings(ask)) == 1


async def test_a_masked_or_refused_home_leaves_no_line(changing: tuple[Asking, Town]) -> None:
    """What was not found was not read."""
    ask, town = changing
    async with ask.database.write({"everywhere": True}) as session:
        elsewhere = await makers.make_account(session, Role.GRID_WORKER, town.grids[2])
    assert await ask.as_(elsewhere).code(FILE, id=str(town.households[1].id)) == "NOT_FOUND"
    assert await readings(ask) == []


async def test_a_masked_name_is_not_read(changing: tuple[Asking, Town]) -> None:
    """The dispatcher sees P** of the people of his area: no line, since he read no name."""
    ask, town = changing
    async with ask.database.write({"everywhere": True}) as session:
        desk = await makers.make_account(session, Role.DISPATCHER, town.community)
    found = await ask.as_(desk)(FILE, id=str(town.households[1].id))
    assert found["household"]["residents"][0]["name"] == "P**"
    assert await readings(ask) == []


def test_whatever_opens_a_sealed_field_is_logged() -> None:
    """Every field whose resolver opens something sealed is listed, and every listed field is there."""
    types = {name: kind for name, kind in build()._schema.type_map.items() if isinstance(kind, GraphQLObjectType)}
    opening = set()
    for name, kind in types.items():
        definition = kind.extensions.get("strawberry-definition")
        for field in definition.fields if definition else []:
            source = inspect.getsource(field.base_resolver.wrapped_func) if field.base_resolver else ""
            if any(way in source for way in OPENING):
                opening.add((name, to_camel_case(field.python_name)))
    listed = {(name, field) for name, fields in LOGGED.items() for field in fields}
    assert opening - listed - STAFF - {("Reading", "reason")} == set()
    assert {(name, field) for name, field in listed if name not in types or field not in types[name].fields} == set()


async def test_the_words_of_a_case_are_read_on_record(changing: tuple[Asking, Town]) -> None:
    """What was said at the opening and with the answer (a line each), in the home's household; a title is no secret."""
    ask, town = changing
    stage = await CaseStage.of(ask, town)
    case = await stage.answered()
    found = (await ask.as_(stage.staff)(CASE, id=str(case.id)))["case"]
    assert (found["subject"], found["description"]) == ("路灯不亮", "晚上看不见路")
    spoken = [line["kind"] for line in found["timeline"] if line["detail"].get("note") == "because"]
    assert spoken == ["ACCEPT", "ANSWER"]
    lines = await readings(ask)
    assert sorted((line.thing, *line.fields) for line in lines) == [
        *[("case_events", "detail")] * 2,
        ("cases", "description"),
    ]
    assert {(line.household_id, line.grid_id) for line in lines} == {(town.households[0].id, town.grids[0].id)}
    assert {(line.actor_id, line.operation) for line in lines} == {(stage.staff.id, "Case")}


async def test_an_auditor_who_is_told_no_words_has_read_none(changing: tuple[Asking, Town]) -> None:
    ask, town = changing
    stage = await CaseStage.of(ask, town)
    case = await stage.answered()
    async with ask.database.write({"everywhere": True}) as session:
        auditor = await makers.make_account(session, Role.AUDITOR, town.community)
    found = (await ask.as_(auditor)(CASE, id=str(case.id)))["case"]
    assert (found["subject"], found["description"]) == ("路灯不亮", None)
    assert await readings(ask) == []


async def test_a_sealed_case_is_on_record_but_not_with_the_home(changing: tuple[Asking, Town]) -> None:
    """Title, form and words are personal there; who looks up a home's readings does not learn of such a case."""
    ask, town = changing
    stage = await CaseStage.of(ask, town)
    case = await stage.opened()
    words = {"subject": "保密", "description": "慢慢说", "details": {"step": 1}}
    sealed = ledger.sealed_words(makers.KEYRING, case.data_key, words)
    async with ask.api.platform("casework").write() as session:
        await session.execute(sa.update(Case).where(Case.id == case.id).values(sealed=True, words_sealed=sealed))
        session.add(CaseMember(case_id=case.id, account_id=stage.staff.id, part="LEAD", since=case.opened_at))
    assert await ask.code(CASE, id=str(case.id)) == "NOT_FOUND"  # the manager of the community
    assert await readings(ask) == []
    found = (await ask.as_(stage.staff)(CASE, id=str(case.id)))["case"]
    assert (found["subject"], found["details"]) == ("保密", {"step": 1})
    (line,) = await readings(ask)
    assert (line.thing, line.record_id, line.fields) == ("cases", case.id, ["subject", "description", "details"])
    assert (line.household_id, line.grid_id) == (None, town.grids[0].id)
