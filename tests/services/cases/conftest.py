"""Fixtures of casework's tests."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from services.database import Database
from tests import postgres
from tests.caseroom import CaseRoom, opened
from tests.conftest import StandingClock
from tests.copies import Copies, fields_but_database


async def _stored(url: str) -> dict[str, Any]:
    async with opened(url, pool_size=1) as found:
        return fields_but_database(found)


@pytest.fixture(scope="session")
def districts(databases: postgres.WorkerDatabases) -> Copies[dict[str, Any]]:
    """Databases with the district of `tests.caseroom`."""
    return Copies(databases, _stored)


@pytest_asyncio.fixture
async def caseroom(
    databases: postgres.WorkerDatabases, districts: Copies[dict[str, Any]], standing_clock: StandingClock
) -> AsyncIterator[CaseRoom]:
    """The district of `tests.caseroom`, committed, in a database of the test's own, with a clock that stands."""
    name, rows = await districts.make()
    database = Database(databases.url(name)).acting_as("casework")
    yield CaseRoom(database, **rows)
    await database.close()
    databases.drop(name)


@pytest.fixture
def case_database(caseroom: CaseRoom) -> str:
    """The name of its database."""
    return str(caseroom.database.engine.url.database)
