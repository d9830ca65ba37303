"""The fixtures of `tests.callroom`, for the folders that want them in their conftest."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests import postgres
from tests.callroom import CallRoom, emptied, opened
from tests.conftest import StandingClock


@pytest.fixture(scope="session")
def room_database(databases: postgres.WorkerDatabases) -> Iterator[str]:
    """One database for all tests of calls; emptied before each."""
    name = databases.make()
    yield name
    databases.drop(name)


@pytest_asyncio.fixture
async def room(
    databases: postgres.WorkerDatabases, room_database: str, standing_clock: StandingClock
) -> AsyncIterator[CallRoom]:
    """The neighbourhood of `tests.callroom`, committed, with a clock that stands."""
    await emptied(databases.url(room_database, postgres.OWNER))
    async with opened(databases.url(room_database), pool_size=20) as found:
        yield found
