"""The read log proves itself whole, and names the first line that was altered, taken out, put in or cut off."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime

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
TABLES = ("readings", "reading_anchors")
AT = datetime(2026, 5, 20, 1, 0, tzinfo=UTC)


class Kept:
    """A log of one process with five lines, and the ways to tamper with it as the owner of the tables."""

    def __init__(self, database: Database, owner: str, log: ReadLog) -> None:
        self.database, self.owner, self.log = database, owner, log

    def tamper(self, statement: str, *values: object) -> None:
        """As somebody who owns the database: the trigger is off for a moment."""
        with psycopg.connect(self.owner) as connection:
            connection.execute("ALTER TABLE readings DISABLE TRIGGER USER")
            connection.execute("ALTER TABLE reading_anchors DISABLE TRIGGER USER")
            connection.execute(statement, values)
            connection.execute("ALTER TABLE readings ENABLE TRIGGER USER")
            connection.execute("ALTER TABLE reading_anchors ENABLE TRIGGER USER")

    async def broken(self) -> list[tuple[int, str]]:
        """Number and what is wrong of each break."""
        proof = await read_log_proof.verify(self.database, KEY)
        return [(one.number, one.what) for one in proof.breaks]


@pytest_asyncio.fixture(scope="module")
async def written(databases: postgres.WorkerDatabases) -> AsyncIterator[Kept]:
    """Five readings of a home by somebody, anchored after the third and the fifth; a copy of it is kept aside."""
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
        if number in (3, 5):
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
    """Five lines, two anchors, no break; the head is that of the fifth line."""
    proof = await read_log_proof.verify(kept.database, KEY)
    assert (proof.lines, proof.anchors, proof.breaks) == (5, 2, [])
    (head,) = proof.heads.values()
    assert head.number == 5


@pytest.mark.parametrize(
    ("statement", "number", "what"),
    [
        ("UPDATE readings SET fields = '{name}' WHERE number = 2", 2, "altered, or put in afterwards"),
        ("UPDATE readings SET actor_id = gen_random_uuid() WHERE number = 4", 4, "altered, or put in afterwards"),
        ("UPDATE readings SET at = at + interval '1 second' WHERE number = 1", 1, "altered, or put in afterwards"),
        ("DELETE FROM readings WHERE number = 3", 3, "missing; the next line that is there is 4"),
        ("DELETE FROM readings WHERE number = 1", 1, "missing; the next line that is there is 2"),
        ("DELETE FROM readings WHERE number > 4", 5, "missing; an anchor has seen the chain up to line 5"),
        ("DELETE FROM readings", 1, "missing; an anchor has seen the chain up to line 3"),
        ("DELETE FROM reading_anchors WHERE number = 1", 1, "missing; the next anchor that is there is 2"),
        ("UPDATE reading_anchors SET heads = '{}' WHERE number = 2", 2, "altered, or put in afterwards"),
    ],
)
async def test_the_first_broken_line_is_named(kept: Kept, statement: str, number: int, what: str) -> None:
    """Whatever was done, the first place where it shows is told."""
    kept.tamper(statement)
    assert await kept.broken() == [(number, what)]


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
