"""Fixtures of casework's tests."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests import postgres
from tests.callroom import emptied
from tests.caseroom import CaseRoom, opened
from tests.conftest import StandingClock


@pytest.fixture(scope="session")
def case_database(databases: postgres.WorkerDatabases) -> Iterator[str]:
    """One database for all tests of casework; emptied before each."""
    name = databases.make()
    yield name
    databases.drop(name)


@pytest_asyncio.fixture
async def caseroom(
    databases: postgres.WorkerDatabases, case_database: str, standing_clock: StandingClock
) -> AsyncIterator[CaseRoom]:
    """The district of `tests.caseroom`, committed, with a clock that stands."""
    await emptied(databases.url(case_database, postgres.OWNER))
    async with opened(databases.url(case_database)) as found:
        yield found
