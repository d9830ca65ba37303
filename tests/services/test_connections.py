"""Connections: named and begun in one message, read-only where nothing is written, never handed out dead."""

import asyncio
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from services import connections
from services.database import Database, platform

ODD = "100 % of 'quotes' and \\ bars"
WHO = sa.text("SELECT current_setting('linli.actor', true), current_setting('transaction_read_only')")


def _told(database: Database) -> list[str]:
    """What is sent from now on."""
    sent: list[str] = []

    def keep(_c: Any, _u: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    sa.event.listen(database.engine.sync_engine, "before_cursor_execute", keep)
    return sent


async def _fail_within(transaction: AbstractAsyncContextManager[Any]) -> None:
    """Write something, and then fail."""
    async with transaction as within:
        await within.execute(sa.text("INSERT INTO kept VALUES (1)"))
        raise ZeroDivisionError


async def test_a_transaction_begins_and_names_its_speaker_in_one_message(fresh_database_url: str) -> None:
    """Twelve times on one connection: a message of two statements is never prepared. Then nobody's name is left."""
    database = Database(fresh_database_url, 1).acting_as(ODD)
    sent = _told(database)
    for _ in range(12):
        async with database.read() as session:
            speaker, only_reads = (await session.execute(WHO)).one()
            assert (ODD in speaker.replace("\\\\", "\\"), only_reads) == (True, "on")
    assert len(sent) == 24
    async with database.write() as session:
        assert (await session.execute(WHO)).one()[1] == "off"
    async with database.engine.connect() as connection:
        assert tuple((await connection.execute(WHO)).one()) == ("", "off")
    await database.close()


async def test_reading_changes_nothing_and_keeps_what_was_prepared(fresh_database_url: str) -> None:
    """A statement sent more than five times is prepared, and stays so from one reading to the next."""
    database = Database(fresh_database_url, 1).acting_as("tests")
    with pytest.raises(sa.exc.DBAPIError) as refused:
        async with database.read() as session:
            await session.execute(sa.text("CREATE TABLE never (id int)"))
    assert isinstance(refused.value.orig, psycopg.errors.ReadOnlySqlTransaction)
    for _ in range(8):
        async with database.read() as session:
            await session.execute(WHO)
    async with database.read() as session:
        prepared = (await session.scalars(sa.text("SELECT statement FROM pg_prepared_statements"))).all()
    assert sum("transaction_read_only" in statement for statement in prepared) == 1
    await database.close()


async def test_a_driver_in_autocommit_still_writes_all_or_nothing(fresh_database_url: str) -> None:
    """Also over a plain connection, and after somebody has set the isolation by hand as tiles do."""
    database = Database(fresh_database_url, 1).acting_as("tests")
    async with database.write() as session:
        await session.execute(sa.text("CREATE TEMPORARY TABLE kept (id int)"))
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.get_raw_connection()
    for half_done in (database.write, database.engine.begin):
        with pytest.raises(ZeroDivisionError):
            await _fail_within(half_done())
    async with database.write() as session:
        assert await session.scalar(sa.text("SELECT count(*) FROM kept")) == 0
    await database.close()


async def test_a_connection_that_died_meanwhile_is_replaced_unasked(fresh_database_url: str) -> None:
    """The server says farewell on the idle line; a line that is silent is not asked first."""
    database = Database(fresh_database_url, 1).acting_as("tests")
    whose = sa.text("SELECT pg_backend_pid()")
    async with database.read() as session:
        first = await session.scalar(whose)
    sent = _told(database)
    async with database.read() as session:
        assert await session.scalar(whose) == first
    assert len(sent) == 2  # the beginning and the question
    async with await psycopg.AsyncConnection.connect(fresh_database_url, autocommit=True) as other:
        await other.execute("SELECT pg_terminate_backend(%s, 10000)", (first,))
    async with database.read() as session:
        assert await session.scalar(whose) != first
    await database.close()


async def test_a_machine_that_goes_without_a_word_is_given_up(fresh_database_url: str) -> None:
    """The signs of life are asked for on every line, unless the address itself says how long to wait."""
    database = Database(fresh_database_url, 1).acting_as("tests")
    async with database.engine.connect() as connection:
        said = (await connection.get_raw_connection()).driver_connection.info.get_parameters()  # type: ignore[union-attr]
    await database.close()
    assert [said[name] for name in ("connect_timeout", "keepalives_idle", "tcp_user_timeout")] == ["10", "5", "10000"]
    patient = connections.line(sa.make_url("postgresql+psycopg://somebody@far/linli?connect_timeout=3"))
    assert patient == {name: value for name, value in connections.LINE.items() if name != "connect_timeout"}


async def test_presses_and_dispatch_wait_for_no_reader(fresh_database_url: str) -> None:
    """Whoever asks slowly has all connections of the pool: the urgent parts have their own."""
    database = Database(fresh_database_url, 1)
    async with AsyncExitStack() as stack, asyncio.timeout(30):
        for _ in range(2):
            reader = await stack.enter_async_context(database.acting_as("tests").read())
            await reader.execute(WHO)
        for part in ("intake", "dispatch"):
            async with database.acting_as(part).write() as session:
                assert part in (await session.execute(WHO)).one()[0]
            async with database.acting_as("tests").write(platform(part)) as session:
                assert part in (await session.execute(WHO)).one()[0]
    await database.close()
