"""./dev simulate on a real server: what it presses is closed, and who it brought on duty goes off again."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio

from fixtures.makers import SECRET
from tests import callroom, postgres
from tests.callroom import CallRoom
from tests.running import ROOT, free_port
from tests.serving import Served, served

STATES = "SELECT status, count(*) FROM calls GROUP BY status ORDER BY status"
ON_DUTY = "SELECT count(*) FROM workers WHERE status <> 'OFF_DUTY'"


@pytest.fixture(scope="module")
def database(databases: postgres.WorkerDatabases) -> Iterator[str]:
    """The name of a database for these tests, emptied before each."""
    name = databases.make()
    yield name
    databases.drop(name)


@pytest.fixture(scope="module")
def server(
    databases: postgres.WorkerDatabases, database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """One server process on it."""
    with served(databases.url(database), tmp_path_factory.mktemp("server")) as (found,):
        yield found


@pytest_asyncio.fixture
async def owner_url(databases: postgres.WorkerDatabases, database: str, server: Served) -> AsyncIterator[str]:
    """A neighbourhood with three homes and five workers, of whom one is on duty already."""
    url = databases.url(database, postgres.OWNER)
    await callroom.emptied(url)
    async with callroom.opened(databases.url(database), pool_size=3) as room:
        await _people(room)
        yield url


async def _people(room: CallRoom) -> None:
    await room.add_home(1, 600)
    for number in range(5):
        await room.worker(100 * number, 400, room.grids[0], duty=number == 0)


def _simulate(site: str, owner_url: str, data: Path, *options: str) -> "subprocess.Popen[str]":
    own = {"DATABASE_URL": owner_url, "LINLI_TOKEN_SECRET": SECRET.decode(), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-P", "-m", "services.cli", "simulate", "--url", site, "--data", str(data), *options]
    return subprocess.Popen(
        command, env={**os.environ, **own}, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def _rows(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        connection.execute("SELECT set_config('linli.actor', '{\"everywhere\": true}', true)")
        return connection.execute(statement.encode()).fetchall()


def test_three_calls_are_played_to_the_end(server: Served, owner_url: str, tmp_path: Path) -> None:
    play = _simulate(server.site, owner_url, tmp_path, "--calls", "3", "--speed", "60", "--workers", "5")
    out, err = play.communicate(timeout=120)
    assert (play.returncode, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "5 workers on duty, 3 homes with a terminal, 60 seconds a second"
    for kind, times in (("OPENED", 3), ("ACCEPTED", 3), ("ARRIVED", 3), ("RESOLVED", 3), ("FOLLOWED_UP", 3)):
        assert sum(kind in line.split() for line in lines) == times, out
    assert lines[-2] == "4 workers went off duty, 1 stay on duty as they were before"
    assert lines[-1] == "3 calls, 3 offered in 10 s, 3 answered in 60 s, 3 answered in 180 s, 3 closed"
    assert _rows(owner_url, STATES) == [("CLOSED", 3)]
    assert _rows(owner_url, ON_DUTY) == [(1,)]


def test_stopped_it_lets_everybody_go_home(server: Served, owner_url: str, tmp_path: Path) -> None:
    play = _simulate(server.site, owner_url, tmp_path, "--calls", "1000", "--speed", "60", "--workers", "5")
    assert play.stdout is not None
    seen = [play.stdout.readline()]
    while "OPENED" not in seen[-1]:
        seen.append(play.stdout.readline())
        assert seen[-1], play.communicate()
    play.send_signal(signal.SIGINT)
    out, err = play.communicate(timeout=60)
    assert (play.returncode, err) == (0, "")
    assert "4 workers went off duty, 1 stay on duty as they were before" in out
    assert _rows(owner_url, ON_DUTY) == [(1,)]
    assert _rows(owner_url, "SELECT count(*) FROM accounts WHERE disabled_at IS NULL") == [(0,)]


def test_without_a_server_it_says_how_to_start_one(owner_url: str, tmp_path: Path) -> None:
    site = f"http://127.0.0.1:{free_port()}"
    play = _simulate(site, owner_url, tmp_path)
    out, err = play.communicate(timeout=60)
    told = f"No server answers at {site}. Start one with ./dev run, or name another with --url.\n"
    assert (play.returncode, out, err) == (1, "", told)
