"""Pages: keyset in SQL, exact ends, cursors that only their own list takes back."""

import asyncio
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from fixtures import makers
from schema.context import Context
from schema.cursors import Cursors
from schema.errors import CursorForeign
from schema.pages import Order, child_pages
from services.access import Actor, Reach
from services.models import Household, ImportState, Role, new_id
from tests.schema.asking import Asking, storing
from tests.schema.town import Town

HOMES = """query ($first: Int!, $after: String) { households(first: $first, after: $after) {
  totalCount edges { cursor node { code } } pageInfo { hasNextPage endCursor } } }"""


async def walk(ask: Asking, first: int) -> list[list[str]]:
    """All pages of the households, as the codes on each."""
    pages, after = [], None
    while True:
        found = (await ask(HOMES, first=first, after=after))["households"]
        assert found["totalCount"] == 9
        pages.append([edge["node"]["code"] for edge in found["edges"]])
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            return pages


@pytest.mark.parametrize(("first", "sizes"), [(1, [1] * 9), (3, [3, 3, 3]), (4, [4, 4, 1]), (9, [9]), (200, [9])])
async def test_every_row_once_and_the_end_is_exact(ask: Asking, town: Town, first: int, sizes: list[int]) -> None:
    """9 homes: pages of 3 end after the third, with no empty page behind."""
    pages = await walk(ask, first)
    assert [len(page) for page in pages] == sizes
    assert [code for page in pages for code in page] == sorted(home.code for home in town.households)


async def test_the_key_goes_into_sql(ask: Asking) -> None:
    """The second page asks for rows beyond (code, id), with no offset."""
    cursor = (await ask(HOMES, first=2))["households"]["pageInfo"]["endCursor"]
    ask.statements.clear()
    await ask(HOMES, first=2, after=cursor)
    page = next(statement for statement in ask.statements if "ORDER BY" in statement)
    assert "(households.code, households.id) > (" in page
    assert "OFFSET" not in page


async def test_a_page_survives_what_is_added_and_taken_away(changing: tuple[Asking, Town], own_town_url: str) -> None:
    """Between two pages a home before the cursor is closed and one is added: nothing after it is missed or repeated."""
    ask, town = changing
    first = (await ask(HOMES, first=3))["households"]
    async with storing(own_town_url) as session:
        (await session.merge(town.households[1])).closed_at = datetime.now(UTC)
        await makers.make_household(session, town.grids[0], 100, 100, code="H0001")
    rest = (await ask(HOMES, first=9, after=first["pageInfo"]["endCursor"]))["households"]
    assert [edge["node"]["code"] for edge in rest["edges"]] == ["H0290", "H0370", "H0450", "H0550", "H0750", "H1250"]


async def test_foreign_cursors_are_refused(ask: Asking, town: Town) -> None:
    """Garbled, of another list, altered, made by a client: by code."""
    grids = await ask("{ grids(first: 1) { pageInfo { endCursor } } }")
    own = (await ask(HOMES, first=1))["households"]["pageInfo"]["endCursor"]
    raw = bytearray(urlsafe_b64decode(own + "=="))
    raw[-3] ^= 1
    made = urlsafe_b64encode(b"0" * 12 + b'["H0050","' + str(town.households[0].id).encode() + b'"]').decode()
    for cursor in (
        "",
        "x",
        "ünicode",
        "arrayconnection:3",
        grids["grids"]["pageInfo"]["endCursor"],
        urlsafe_b64encode(bytes(raw)).decode(),
        made,
    ):
        assert await ask.code(HOMES, first=1, after=cursor) == "CURSOR_FOREIGN"


def test_cursors_keep_types() -> None:
    """Text, numbers, moments and ids come back as they were; another place refuses them."""
    cursors, moment = Cursors(b"secret"), datetime(2026, 5, 20, 1, 2, 3, 456789, tzinfo=UTC)
    id_ = new_id()
    cursor = cursors.make("list", ["梧桐", 7, 1.5, moment, id_])
    kinds = [str, int, float, datetime, uuid.UUID]
    assert cursors.read("list", cursor, kinds) == ["梧桐", 7, 1.5, moment, id_]
    with pytest.raises(CursorForeign):
        cursors.read("other", cursor, kinds)
    with pytest.raises(CursorForeign):
        Cursors(b"another").read("list", cursor, kinds)


def test_mixed_directions() -> None:
    """Floor falling, code rising: beyond (3, 'b') is a lower floor, or the same with a later code."""
    order = Order("mixed", Household.floor, Household.code, descending=(True, False))
    condition = order.beyond([3, "b"]).compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
    assert str(condition) == ("households.floor < 3 OR households.floor = 3 AND households.code > 'b'")


async def test_pages_of_many_parents_by_one_statement(ask: Asking, town: Town) -> None:
    """Two homes a grid: 001 has more, 002 has exactly two, 004 none; each ends where it ends; totals by one more."""
    actor = Actor(
        town.manager.id, "Manager", frozenset({Role.MANAGER}), (), (), everywhere=True, finds=Reach(everywhere=True)
    )
    context = Context(ask.api, actor)
    order = Order("homes of a grid", Household.code, Household.id)
    ids = [grid.id for grid in town.grids]
    ask.statements.clear()
    async with context.read() as session:
        rows = sa.select(Household)
        pages = await child_pages(session, ids, context, rows, Household.grid_id, order, 2, None)
    assert len(ask.statements) == 1
    pages_of_all = pages
    assert [[edge.node.code for edge in pages[id_].edges] for id_ in ids] == [
        ["H0050", "H0130"],
        ["H0550", "H0750"],
        ["H1250"],
        [],
    ]
    assert [pages[id_].more for id_ in ids] == [True, False, False, False]
    async with context.read() as session:
        after = pages[ids[0]].edges[-1].cursor
        pages = await child_pages(session, ids[:1], context, rows, Household.grid_id, order, 9, after)
        assert [edge.node.code for edge in pages[ids[0]].edges] == ["H0210", "H0290", "H0370", "H0450"]
    ask.statements.clear()
    totals = await asyncio.gather(*(pages_of_all[id_].count(context) for id_ in ids))  # type: ignore[misc]
    assert (totals, len(ask.statements)) == ([6, 2, 1, 0], 1)


async def test_imports_the_latest_first(changing: tuple[Asking, Town], own_town_url: str) -> None:
    """For managers; with what was wrong, never with the values. A grid worker is refused."""
    ask, town = changing
    start = datetime(2026, 5, 20, tzinfo=UTC)
    problem = {"row": 7, "column": "地址", "code": "EMPTY", "reason": "Write the address."}
    async with storing(own_town_url) as session:
        for hours in range(3):
            await makers.make_import_run(session, start + timedelta(hours=hours), file_name=f"{hours}.csv")
        await makers.make_import_run(
            session, start, file_name="bad.csv", state=ImportState.REFUSED, rows_bad=1, problems=[problem]
        )
    query = """query ($after: String, $filter: ImportRunFilter) { importRuns(first: 2, after: $after, filter: $filter) {
      edges { node { fileName rowsBad problems { row column code reason } startedAt } } pageInfo { endCursor } } }"""
    first = (await ask(query))["importRuns"]
    assert [edge["node"]["fileName"] for edge in first["edges"]] == ["2.csv", "1.csv"]
    assert first["edges"][0]["node"]["startedAt"] == "2026-05-20T02:00:00+00:00"
    rest = (await ask(query, after=first["pageInfo"]["endCursor"]))["importRuns"]["edges"]
    assert {edge["node"]["fileName"] for edge in rest} == {"0.csv", "bad.csv"}
    (bad,) = (await ask(query, filter={"state": "REFUSED"}))["importRuns"]["edges"]
    assert bad["node"]["problems"] == [problem]
    assert await ask.as_(town.grid_worker).code(query) == "NOT_ALLOWED"
