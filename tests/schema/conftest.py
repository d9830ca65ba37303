"""A small made-up town in a database of its own, and clients that ask about it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests import postgres
from tests.copies import Copies
from tests.schema.asking import Asking, asking
from tests.schema.town import Town, audited_town


@pytest.fixture(scope="session")
def towns(databases: postgres.WorkerDatabases) -> Copies[Town]:
    """Databases with the town and its two audits."""
    return Copies(databases, audited_town)


@pytest_asyncio.fixture(scope="session")
async def standing_town(databases: postgres.WorkerDatabases, towns: Copies[Town]) -> AsyncIterator[tuple[str, Town]]:
    """The address of the one town that tests read together, and its rows."""
    name, town = await towns.make()
    yield databases.url(name), town
    databases.drop(name)


@pytest.fixture(scope="session")
def town_url(standing_town: tuple[str, Town]) -> str:
    """The database of the town: tests here read it, and leave it as it is."""
    return standing_town[0]


@pytest.fixture(scope="session")
def town(standing_town: tuple[str, Town]) -> Town:
    """The town's rows."""
    return standing_town[1]


@pytest_asyncio.fixture(scope="session")
async def ask(town_url: str, town: Town) -> AsyncIterator[Asking]:
    """A client of a server in production settings, signed in as the town's manager."""
    async with asking(town_url) as found:
        yield found.as_(town.manager)


@pytest_asyncio.fixture
async def own_town(databases: postgres.WorkerDatabases, towns: Copies[Town]) -> AsyncIterator[tuple[str, Town]]:
    """The address of a town for one test alone, and its rows."""
    name, town = await towns.make()
    yield databases.url(name), town
    databases.drop(name)


@pytest.fixture
def own_town_url(own_town: tuple[str, Town]) -> str:
    """The database of the town that `changing` gives."""
    return own_town[0]


@pytest_asyncio.fixture
async def changing(own_town: tuple[str, Town]) -> AsyncIterator[tuple[Asking, Town]]:
    """A client and a town for one test alone: for what changes rows."""
    url, town = own_town
    async with asking(url) as found:
        yield found.as_(town.manager), town
