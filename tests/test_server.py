"""The server in this process: alive, ready for a stated reason, and counted by route."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psycopg
import pytest
import pytest_asyncio

import server
from services import database
from services.settings import SettingRefused, Settings
from tests.postgres import OWNER, WorkerDatabases


@pytest.fixture
def database_of_ours(databases: WorkerDatabases) -> str:
    """The name of a database that the test may spoil."""
    return databases.make()


@pytest_asyncio.fixture
async def client(databases: WorkerDatabases, database_of_ours: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server on that database."""
    app = server.build(Settings(database_url=databases.url(database_of_ours), data=tmp_path, pool_size=2))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://linli") as found,
    ):
        yield found


async def until_warm(client: httpx.AsyncClient) -> httpx.Response:
    """What the server says once its street search is compiled, which on a busy machine takes a while."""
    for _ in range(600):
        ready = await client.get("/health/ready")
        if ready.json()["checks"]["search"] == "ready":
            return ready
        await asyncio.sleep(0.2)
    raise AssertionError(ready.json())


async def test_it_is_live_and_ready_on_a_migrated_database(client: httpx.AsyncClient) -> None:
    live, ready = await client.get("/health/live"), await until_warm(client)
    assert (live.status_code, live.json()) == (200, {"status": "live"})
    assert (ready.status_code, ready.json()) == (
        200,
        {
            "status": "ready",
            "checks": {"database": "ready", "migrations": "ready", "network": "ready", "search": "ready"},
        },
    )
    assert ready.headers["cache-control"] == "no-store"


async def test_it_is_not_ready_on_another_schema(
    client: httpx.AsyncClient, databases: WorkerDatabases, database_of_ours: str
) -> None:
    with psycopg.connect(databases.url(database_of_ours, OWNER)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    said = await until_warm(client)
    assert said.status_code == 503
    assert said.json() == {
        "status": "not ready",
        "checks": {
            "database": "ready",
            "migrations": f"the database has revision 0000, this server needs {database.head()}",
            "network": "ready",
            "search": "ready",
        },
    }


async def test_it_is_live_but_not_ready_without_its_database(
    client: httpx.AsyncClient, databases: WorkerDatabases, database_of_ours: str
) -> None:
    await asyncio.to_thread(databases.drop, database_of_ours)  # a connection being opened here would hold it up
    live, ready = await client.get("/health/live"), await client.get("/health/ready")
    assert live.status_code == 200
    assert ready.status_code == 503
    assert ready.json()["checks"]["database"] == "OperationalError"


async def test_requests_are_counted_by_route_and_never_by_address(client: httpx.AsyncClient) -> None:
    before = await client.get("/metrics")
    await client.get("/health/live?phone=13812345678")
    await client.get("/people/13812345678")
    after = await client.get("/metrics")
    live = 'linli_http_requests_total{method="GET",route="/health/live",status="200"}'
    unknown = 'linli_http_requests_total{method="GET",route="none",status="404"}'
    for figure in (live, unknown):
        assert _figure(after.text, figure) == _figure(before.text, figure) + 1
    assert "13812345678" not in after.text
    assert after.headers["content-type"].startswith("text/plain; version=")


def _figure(page: str, name: str) -> float:
    return sum(float(line.split()[-1]) for line in page.splitlines() if line.startswith(name))


async def test_the_api_asks_for_a_token(client: httpx.AsyncClient) -> None:
    said = await client.post("/graphql", json={"query": "{ __typename }"})
    assert said.status_code == 401
    assert said.json()["errors"][0]["extensions"]["code"] == "NOT_SIGNED_IN"


def test_without_a_database_it_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(SettingRefused, match=r"DATABASE_URL cannot be missing here.*start with \./dev run"):
        server.build(Settings(data=tmp_path))
