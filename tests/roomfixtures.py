"""The fixtures of `tests.callroom`, for the folders that want them in their conftest."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from services.database import Database
from tests import postgres
from tests.callroom import CallRoom, opened
from tests.conftest import StandingClock
from tests.copies import Copies, fields_but_database


async def _stored(url: str) -> dict[str, Any]:
    async with opened(url, pool_size=1) as found:
        return fields_but_database(found)


@pytest.fixture(scope="session")
def neighbourhoods(databases: postgres.WorkerDatabases) -> Copies[dict[str, Any]]:
    """Databases with the neighbourhood of `tests.callroom`."""
    return Copies(databases, _stored)


@pytest_asyncio.fixture
async def room(
    databases: postgres.WorkerDatabases, neighbourhoods: Copies[dict[str, Any]], standing_clock: StandingClock
) -> AsyncIterator[CallRoom]:
    """The neighbourhood of `tests.callroom`, committed, in a database of the test's own, with a clock that stands."""
    name, rows = await neighbourhoods.make()
    database = Database(databases.url(name), pool_size=20)
    yield CallRoom(database.acting_as("tests"), **rows)
    await database.close()
    databases.drop(name)


@pytest.fixture
def room_database(room: CallRoom) -> str:
    """The name of its database."""
    return str(room.database.engine.url.database)
