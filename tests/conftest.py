"""What every test may ask for: a real migrated database, a session that leaves no trace, a clock that stands still."""

import asyncio
import gc
import io
import os
from collections.abc import AsyncIterator, Generator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from services import clock, networks
from services.database import identify, platform, sqlalchemy_url
from tests import postgres


def pytest_configure(config: pytest.Config) -> None:
    """The process that leads the run names the cluster's folder; its xdist workers inherit the name."""
    if not hasattr(config, "workerinput"):
        postgres.open_folder()


def pytest_collection_finish() -> None:
    """What was imported stays: looking through it for garbage again and again was an eighth of the run."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the cluster with the run."""
    if not hasattr(config, "workerinput") and postgres.FOLDER_NAMED_BY in os.environ:
        postgres.close_folder()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Say at once what failed: a run that is cut off would keep it to itself."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        sections = "\n".join(f"--- {title}\n{text}" for title, text in report.sections)
        print(f"\nFAILED {report.nodeid} ({report.when})\n{report.longreprtext}\n{sections}", flush=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What failed is told with what its tasks wait for: of a test that hung nothing else says it."""
    report = yield
    if report.failed and (waiting := "".join(map(_stack, _tasks()))):
        report.sections.append(("tasks that wait", waiting))
    return report


LOOPS: list[asyncio.AbstractEventLoop] = []


@pytest_asyncio.fixture(scope="session", autouse=True)
async def loop_of_the_run() -> None:
    """The tests' event loop is known, so that its tasks can be told."""
    LOOPS.append(asyncio.get_running_loop())


def _tasks() -> list["asyncio.Task[object]"]:
    return [task for loop in LOOPS if not loop.is_closed() for task in asyncio.all_tasks(loop)]


def _stack(task: "asyncio.Task[object]") -> str:
    """The coroutines of a task, the outermost first, and where each of them waits."""
    told, waiting = io.StringIO(), task.get_coro()
    print(task.get_name(), file=told)
    while (frame := getattr(waiting, "cr_frame", None) or getattr(waiting, "ag_frame", None)) is not None:
        print(f"  {frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_name}", file=told)
        waiting = getattr(waiting, "cr_await", None) or getattr(waiting, "ag_await", None)
    print(f"  {waiting!r}", file=told)
    return told.getvalue()


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Iterator[postgres.WorkerDatabases]:
    """The cluster of this run: makes and drops databases (`make`, `make_empty`, `drop`, `url(name, role)`)."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    found = postgres.WorkerDatabases(worker)
    yield found
    found.cluster.stop()


@pytest.fixture(scope="session")
def database_name(databases: postgres.WorkerDatabases) -> str:
    """This process's migrated database, shared by its tests: leave no rows in it."""
    return databases.make()


@pytest.fixture(scope="session")
def database_url(databases: postgres.WorkerDatabases, database_name: str) -> str:
    """Its address for the role that the server uses (no superuser, bound by row-level security)."""
    return databases.url(database_name)


@pytest.fixture(scope="session")
def owner_database_url(databases: postgres.WorkerDatabases, database_name: str) -> str:
    """Its address for the role that owns the tables."""
    return databases.url(database_name, postgres.OWNER)


@pytest.fixture
def fresh_database(databases: postgres.WorkerDatabases) -> Iterator[str]:
    """The name of a migrated database for one test alone: for what commits, or needs several connections."""
    name = databases.make()
    yield name
    databases.drop(name)


@pytest.fixture
def fresh_database_url(databases: postgres.WorkerDatabases, fresh_database: str) -> str:
    """Its address for the role that the server uses."""
    return databases.url(fresh_database)


@pytest_asyncio.fixture(scope="session")
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on this process's database, as the server's role."""
    found = create_async_engine(sqlalchemy_url(database_url))
    yield found
    await found.dispose()


@pytest_asyncio.fixture
async def session(engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    """A session whose commits are savepoints of an outer transaction, which is rolled back after the test."""
    async with engine.connect() as connection:
        outer = await connection.begin()
        async with AsyncSession(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as found:
            await identify(found, platform("tests"))
            yield found
        await outer.rollback()


class StandingClock:
    """The clock of a test: 2026-05-20 09:00 in Shanghai, a Wednesday, until the test moves it."""

    def __init__(self) -> None:
        """Start at the fixed moment."""
        self.moment = datetime(2026, 5, 20, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The moment it stands at."""
        return self.moment

    def forward(self, **span: float) -> datetime:
        """Move on by `seconds=`, `minutes=`, `hours=`, `days=`; gives the new moment."""
        self.moment += timedelta(**span)
        return self.moment


@pytest.fixture
def standing_clock() -> Iterator[StandingClock]:
    """The only clock of the code under test, fixed until moved with `forward`."""
    found = StandingClock()
    with clock.frozen(found):
        yield found


@pytest.fixture(autouse=True)
def network_left_as_found(request: pytest.FixtureRequest) -> Iterator[None]:
    """The network in use belongs to the process: a test begins without one and leaves the one that it met.

    The API's tests share the streets of one town, laid once a session.
    """
    if "schema" in request.path.parts:
        yield
        return
    held = networks.CURRENT.held
    networks.CURRENT.forget()
    yield
    networks.CURRENT.forget()
    if held is not None:
        networks.CURRENT.take(held)


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return Path(__file__).resolve().parent.parent
