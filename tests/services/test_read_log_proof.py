"""The read log proves itself whole, and names the first line that was altered, taken out, put in or cut off."""

import asyncio
import signal
import sys
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
import sqlalchemy as sa
from typer.testing import CliRunner

from fixtures import makers
from services import read_log_proof, reading_chain
from services.access import Actor
from services.cli import app
from services.cli_verify_log import NoReadLog, ReadLogBroken, register
from services.database import Database
from services.models import Reading, Role
from services.reading_chain import Line
from services.reading_notes import Notes
from services.readings import ReadLog
from tests import postgres

KEY = makers.KEYRING.log_key
ROOT = Path(__file__).parents[2]
TABLES = ("readings", "reading_anchors", "reading_heads")
AT = datetime(2026, 5, 20, 1, 0, tzinfo=UTC)


class Kept:
    """A log of one process with five lines, and the ways to tamper with it as the owner of the tables."""

    def __init__(self, database: Database, owner: str, log: ReadLog) -> None:
        self.database, self.owner, self.log = database, owner, log

    def tamper(self, statement: str, *values: object) -> None:
        """As somebody who owns the database: the trigger is off for a moment."""
        with psycopg.connect(self.owner) as connection:
            for table in TABLES:
                connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
            connection.execute(statement.encode(), values)
            for table in TABLES:
                connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER".encode())

    async def broken(self) -> list[tuple[int, str]]:
        """Number and what is wrong of each break."""
        proof = await read_log_proof.verify(self.database, KEY)
        return [(one.number, one.what) for one in proof.breaks]


@pytest_asyncio.fixture(scope="module")
async def written(databases: postgres.WorkerDatabases) -> AsyncIterator[Kept]:
    """Five readings of a home by somebody, anchored with the first and after the third; a copy of it is kept aside."""
    name = databases.make()
    database = Database(databases.url(name)).acting_as("read log")
    async with database.write() as session:
        community = await makers.make_community(session)
        grid = await makers.make_grid(session, community, makers.box(0, 0, 500, 1000), 1)
        home = await makers.make_household(session, grid, 50, 500)
        account = await makers.make_account(session, Role.MANAGER, community)
    log = ReadLog(database, KEY)
    actor = Actor(account.id, account.name, frozenset({Role.MANAGER}), (), ())
    for number in range(1, 6):
        notes = Notes()
        notes.add(home, "careCategories")
        await log.write(actor, f"Look{number}", notes)
        if number == 3:
            assert await log.anchor()
            assert not await log.anchor()
    found = Kept(database, databases.url(name, postgres.OWNER), log)
    for table in TABLES:
        found.tamper(f"CREATE TABLE {table}_aside AS TABLE {table}")
    yield found
    await database.close()
    databases.drop(name)


@pytest.fixture
def kept(written: Kept) -> Kept:
    """The log as it was written, whatever was done to it before."""
    for table in TABLES:
        written.tamper(f"DELETE FROM {table}")
        written.tamper(f"INSERT INTO {table} TABLE {table}_aside")
    return written


async def test_a_whole_log_is_proved(kept: Kept) -> None:
    """Five lines, two anchors (with the first line, after the third), no break; the head is that of the fifth line."""
    proof = await read_log_proof.verify(kept.database, KEY)
    assert (proof.lines, proof.anchors, proof.breaks) == (5, 2, [])
    (head,) = proof.heads.values()
    assert head.number == 5


CUT = "DELETE FROM readings WHERE number > 3; "
OF_CHAIN = "WHERE chain_id <> '00000000-0000-0000-0000-000000000000'"
OF_ANCHORS = "WHERE chain_id = '00000000-0000-0000-0000-000000000000'"


@pytest.mark.parametrize(
    ("statement", "number", "what"),
    [
        (f"UPDATE reading_heads SET number = 3 {OF_CHAIN}", 3, "the head of the chain was altered"),
        (f"UPDATE reading_heads SET number = 1 {OF_ANCHORS}", 1, "the head of the chain was altered"),
        (f"DELETE FROM reading_heads {OF_CHAIN}", 3, "the head of the chain was taken away"),
        (f"DELETE FROM reading_heads {OF_ANCHORS}", 2, "the head of the chain was taken away"),
    ],
)
async def test_who_cuts_cannot_lower_the_head(kept: Kept, statement: str, number: int, what: str) -> None:
    """The owner of the tables lacks the key: a head that was made to fit, or taken away, is told, too."""
    kept.tamper(CUT + statement)
    assert (number, what) in await kept.broken()


async def test_a_whole_chain_cannot_be_taken_away(kept: Kept) -> None:
    """With its head and all anchors of it: the head of the anchors misses them; with that as well nothing is left."""
    kept.tamper(f"DELETE FROM readings; DELETE FROM reading_anchors; DELETE FROM reading_heads {OF_CHAIN}")
    assert await kept.broken() == [(1, "missing; the head of the chain stands at 2")]


async def test_a_chain_from_before_the_heads_is_whole_without_one(kept: Kept) -> None:
    """Begun by a former version: its seals say so, and only its anchors bound it."""
    chain_id = uuid.UUID(int=7)
    async with kept.database.read() as session:
        first = (await session.scalars(sa.select(Reading).where(Reading.number == 1))).one()
    before = reading_chain.begun_formerly(KEY, chain_id).mac
    columns = ", ".join(name for name in Reading.__table__.columns.keys() if name not in ("id", "chain_id", "mac"))
    kept.tamper(
        f"INSERT INTO readings (id, chain_id, mac, {columns}) SELECT gen_random_uuid(), %s, %s, {columns}"
        " FROM readings WHERE number = 1",
        chain_id,
        reading_chain.sealed(KEY, before, 1, read_log_proof.line_of(first)),
    )
    proof = await read_log_proof.verify(kept.database, KEY)
    assert (proof.lines, proof.breaks, proof.former) == (6, [], {chain_id})


async def test_the_server_cannot_shorten_its_log(kept: Kept) -> None:
    """Its role raises a head and does nothing else to it; neither does the owner while the triggers stand."""
    for act, said in (
        ("UPDATE reading_heads SET number = number - 1", "only rises"),
        ("UPDATE reading_heads SET number = number", "only rises"),
        ("UPDATE reading_heads SET chain_id = gen_random_uuid(), number = 9", "only rises"),
        ("DELETE FROM reading_heads", "permission denied"),
        ("TRUNCATE reading_heads", "permission denied"),
    ):
        with pytest.raises(sa.exc.ProgrammingError, match=said):
            async with kept.database.write() as session:
                await session.execute(sa.text(act))
    with psycopg.connect(kept.owner) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("DELETE FROM reading_heads")
    assert await kept.broken() == []


@pytest.mark.parametrize(
    ("statement", "number", "what"),
    [
        ("UPDATE readings SET fields = '{name}' WHERE number = 2", 2, "altered, or put in afterwards"),
        ("UPDATE readings SET actor_id = gen_random_uuid() WHERE number = 4", 4, "altered, or put in afterwards"),
        ("UPDATE readings SET at = at + interval '1 second' WHERE number = 1", 1, "altered, or put in afterwards"),
        ("DELETE FROM readings WHERE number = 3", 3, "missing; the next line that is there is 4"),
        ("DELETE FROM readings WHERE number = 1", 1, "missing; the next line that is there is 2"),
        ("DELETE FROM readings WHERE number > 4", 5, "missing; the head of the chain stands at 5"),
        ("DELETE FROM readings WHERE number > 3", 4, "missing; the head of the chain stands at 5"),
        ("DELETE FROM readings WHERE number > 2", 3, "missing; an anchor has seen the chain up to line 3"),
        ("DELETE FROM readings", 1, "missing; an anchor has seen the chain up to line 1"),
        ("DELETE FROM reading_anchors WHERE number > 1", 2, "missing; the head of the chain stands at 2"),
        ("DELETE FROM reading_anchors", 1, "missing; the head of the chain stands at 2"),
        ("DELETE FROM reading_anchors WHERE number = 1", 1, "missing; the next anchor that is there is 2"),
        ("UPDATE reading_anchors SET heads = '{}' WHERE number = 2", 2, "altered, or put in afterwards"),
    ],
)
async def test_the_first_broken_line_is_named(kept: Kept, statement: str, number: int, what: str) -> None:
    """Whatever was done, the first place where it shows is told."""
    kept.tamper(statement)
    assert await kept.broken() == [(number, what)]


KILLED = """
import asyncio, os, signal, sys
from fixtures import makers
from services.access import Actor
from services.database import Database
from services.models import Household, Role
from services.reading_notes import Notes
from services.readings import ReadLog
import sqlalchemy as sa

async def main(url, account):
    database = Database(url).acting_as("read log")
    async with database.read() as session:
        home = (await session.scalars(sa.select(Household))).one()
    log = ReadLog(database, makers.KEYRING.log_key)
    for number in range(4):
        notes = Notes()
        notes.add(home, "careCategories")
        await log.write(Actor(account, "", frozenset({Role.MANAGER}), (), ()), f"Look{number}", notes)
    os.kill(os.getpid(), signal.SIGKILL)

import uuid
asyncio.run(main(sys.argv[1], uuid.UUID(int=5)))
"""


@pytest.mark.chaos
async def test_lines_cut_off_after_a_kill_are_named(kept: Kept) -> None:
    """A process writes four lines and is killed, long before it anchors them; the last two are cut off."""
    url = kept.database.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, url, cwd=ROOT)
    assert await process.wait() == -signal.SIGKILL
    assert await kept.broken() == []
    ours = f"chain_id IN (SELECT chain_id FROM readings WHERE actor_id = '{uuid.UUID(int=5)}')"
    kept.tamper(f"DELETE FROM readings WHERE number > 2 AND {ours}")
    assert await kept.broken() == [(3, "missing; the head of the chain stands at 4")]


async def test_a_line_sealed_under_another_key_does_not_fit(kept: Kept) -> None:
    """Who can write into the table but has not the key cannot add a line, at the end either."""
    async with kept.database.read() as session:
        last = (await session.scalars(sa.select(Reading).where(Reading.number == 5))).one()
    forged = reading_chain.sealed(b"another key", last.mac, 6, read_log_proof.line_of(last))
    columns = ", ".join(name for name in Reading.__table__.columns.keys() if name not in ("id", "number", "mac"))
    kept.tamper(
        f"INSERT INTO readings (id, number, mac, {columns}) SELECT gen_random_uuid(), 6, %s, {columns}"
        " FROM readings WHERE number = 5",
        forged,
    )
    assert await kept.broken() == [(6, "altered, or put in afterwards")]


def test_the_seal_covers_place_and_line_before() -> None:
    """The same line at another number, or after another line, has another seal."""
    line = Line(AT, uuid.UUID(int=1), ("MANAGER",), "Look", "residents", uuid.UUID(int=2), ("name",))
    before = reading_chain.begun(KEY, uuid.UUID(int=3)).mac
    seals = {
        reading_chain.sealed(KEY, before, 1, line),
        reading_chain.sealed(KEY, before, 2, line),
        reading_chain.sealed(KEY, bytes(32), 1, line),
        reading_chain.sealed(b"another key", before, 1, line),
    }
    assert len(seals) == 4


async def test_the_command_proves_and_refuses(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """`./dev verify-log` prints the heads and the sum; after tampering it names the line and fails."""
    monkeypatch.setenv("DATABASE_URL", str(kept.owner))
    monkeypatch.setenv("LINLI_SEALING_SECRET", makers.SECRET.decode())
    register(app)
    done = await asyncio.to_thread(CliRunner().invoke, app, ["verify-log"])
    assert done.exit_code == 0, done.output
    assert done.output.endswith("5 lines in 1 chains, 2 anchors, 0 breaks\n")
    kept.tamper("UPDATE readings SET operation = 'Other' WHERE number = 2")
    refused = await asyncio.to_thread(CliRunner().invoke, app, ["verify-log"])
    assert isinstance(refused.exception, ReadLogBroken)
    assert "line 2: altered, or put in afterwards." in str(refused.exception)


async def test_a_database_without_the_tables_is_told_in_a_sentence(
    databases: postgres.WorkerDatabases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong address is no whole log, and no traceback either."""
    name = databases.make_empty()
    monkeypatch.setenv("DATABASE_URL", databases.url(name, postgres.OWNER))
    monkeypatch.setenv("LINLI_SEALING_SECRET", makers.SECRET.decode())
    register(app)
    try:
        refused = await asyncio.to_thread(CliRunner().invoke, app, ["verify-log"])
    finally:
        databases.drop(name)
    assert isinstance(refused.exception, NoReadLog)
    assert str(refused.exception) == (
        "This database has no read log: its tables were never made. Check the address; ./dev run makes them."
    )
