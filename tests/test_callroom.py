"""The neighbourhood of the tests can be emptied under servers that go on looking at it."""

import asyncio

import psycopg

from tests import postgres
from tests.callroom import emptied


async def test_emptying_waits_for_no_reader_that_waits_for_it(
    databases: postgres.WorkerDatabases, fresh_database: str
) -> None:
    """A reader holds the last of the tables and asks for the first: one of them has to let go."""
    owner = databases.url(fresh_database, postgres.OWNER)
    async with await psycopg.AsyncConnection.connect(owner) as reader, asyncio.TaskGroup() as tasks:
        await reader.execute("LOCK case_contacts IN ACCESS SHARE MODE")
        emptying = tasks.create_task(emptied(owner))
        await asyncio.sleep(0.05)
        await reader.execute("SELECT count(*) FROM areas")
        await asyncio.sleep(0.3)
        assert not emptying.done()
        await reader.commit()
