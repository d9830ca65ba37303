"""A small made-up town in a database of its own, and clients that ask about it."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests import postgres
from tests.schema.asking import Asking, asking, storing
from tests.schema.town import Town, audit_twice, lay_streets, make_town


@pytest.fixture(scope="session")
def town_url(databases: postgres.WorkerDatabases) -> Iterator[str]:
    """The database of the town: tests here read it, and leave it as it is."""
    name = databases.make()
    yield databases.url(name)
    databases.drop(name)


@pytest_asyncio.fixture(scope="session")
async def town(town_url: str) -> Town:
    """The town's rows."""
    async with storing(town_url) as session:
        town = await make_town(session)
    lay_streets(town_url)
    return town


@pytest_asyncio.fixture(scope="session")
async def ask(town_url: str, town: Town) -> AsyncIterator[Asking]:
    """A client of a server in production settings, signed in as the town's manager."""
    async with asking(town_url) as found:
        await audit_twice(found.database, town)
        yield found.as_(town.manager)


@pytest_asyncio.fixture
async def changing(fresh_database_url: str) -> AsyncIterator[tuple[Asking, Town]]:
    """A client and a town for one test alone: for what changes rows."""
    async with storing(fresh_database_url) as session:
        town = await make_town(session)
    lay_streets(fresh_database_url)
    async with asking(fresh_database_url) as found:
        await audit_twice(found.database, town)
        yield found.as_(town.manager), town
