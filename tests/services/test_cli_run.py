"""./dev run as people run it: shared, crowded, drained, killed."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from services.cli_run import WORKER_PATIENCE_SECONDS
from services.cluster import OWNER, Cluster
from tests.postgres import discard
from tests.running import ROOT, Running, children, postmasters, soon

pytestmark = pytest.mark.chaos


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A data folder in which a server has run before."""
    found = Path(tempfile.mkdtemp(prefix=f"linli-test-{os.getpid()}-", dir="/tmp"))
    found.chmod(0o711)
    with Running(found) as first:
        assert first.stop() == 0
    assert postmasters(found) == []
    yield found
    discard(found)


@pytest.fixture
def running(data: Path) -> Iterator[Running]:
    """A server that is ready; stopped with the test, if it still runs, and the database with it."""
    with Running(data) as found:
        yield found
    assert postmasters(data) == []


def test_a_second_run_serves_in_under_ten_seconds_and_tells_where(data: Path, running: Running) -> None:
    assert _processor_seconds(running.process.pid) < 10  # what it takes on an idle machine, however busy this one is
    assert soon(lambda: "Stop      Ctrl-C" in running.said, 5)
    lines = [line.split()[:2] for line in running.said.splitlines() if line]
    site = f"http://127.0.0.1:{running.port}"
    for told in (["API", f"{site}/graphql"], ["GraphiQL", f"{site}/graphql"], ["Map", f"{site}/"]):
        assert told in lines
    assert f"./dev token dispatcher --data {data}" in running.said
    assert [line[0] for line in lines[:2]] == ["database", "schema"]


def test_two_servers_share_one_database_and_the_last_one_stops_it(data: Path, running: Running) -> None:
    with Running(data) as second:
        assert len(postmasters(data)) == 1
        assert running.stop() == 0
        assert second.get("/health/ready")[0] == 200
        assert second.stop() == 0


def test_a_killed_server_is_simply_started_again(data: Path, running: Running) -> None:
    before = postmasters(data)
    running.stop(signal.SIGKILL)
    assert postmasters(data) == before
    with Running(data) as again:
        assert postmasters(data) == before
        assert again.stop() == 0


def test_a_killed_database_comes_back_under_the_running_server(data: Path, running: Running) -> None:
    (before,) = postmasters(data)
    os.kill(before, signal.SIGKILL)
    assert soon(lambda: postmasters(data) not in ([], [before]))
    assert soon(lambda: running.get("/health/ready")[0] == 200)
    assert running.process.poll() is None


def test_a_request_under_way_is_answered_before_the_server_leaves(data: Path, running: Running) -> None:
    # The readiness check reads alembic_version; while another holds that table, the request is under way (for 2 s).
    assert soon(lambda: "Stop      Ctrl-C" in running.said, 5)  # till then the announcement asks too
    answers: list[tuple[int, str]] = []
    asking = threading.Thread(target=lambda: answers.append(running.get("/health/ready")))
    with psycopg.connect(Cluster(data).url(OWNER)) as connection:
        connection.execute("LOCK alembic_version IN ACCESS EXCLUSIVE MODE")
        asking.start()
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'alembic_version'::regclass"
        assert soon(lambda: connection.execute(waiting).fetchone() == (1,), 5)
        running.process.send_signal(signal.SIGTERM)
        assert soon(lambda: "Shutting down" in running.said, 5)
    asking.join(10)
    assert [status for status, _ in answers] == [200], answers
    assert running.process.wait(20) == 0


def test_several_processes_serve_add_up_their_figures_and_replace_a_killed_one(data: Path) -> None:
    with Running(data, "--workers", "2") as found:
        assert soon(lambda: len(_workers(found)) == 2)
        workers = _workers(found)
        before = _answered(found)
        for _ in range(20):
            assert found.get("/health/live")[0] == 200
        assert {_answered(found) - before for _ in range(6)} == {20}  # whichever process tells
        os.kill(workers[0], signal.SIGSTOP)
        time.sleep(2)  # its supervisor asks every half second; it is killed while an answer is waited for
        os.kill(workers[0], signal.SIGKILL)
        replaced = WORKER_PATIENCE_SECONDS / 2
        assert soon(lambda: len(_workers(found)) == 2 and workers[0] not in _workers(found), replaced)
        assert soon(lambda: found.get("/health/ready")[0] == 200)
        assert found.stop() == 0
    assert postmasters(data) == []
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)


def _answered(found: Running) -> float:
    name = 'linli_http_requests_total{method="GET",route="/health/live",status="200"}'
    page = found.get("/metrics")[1]
    return sum(float(line.split()[-1]) for line in page.splitlines() if line.startswith(name))


def _processor_seconds(pid: int) -> float:
    """User and system time of a process so far (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _workers(found: Running) -> list[int]:
    spawned = [pid for pid in children(found.process.pid) if b"spawn_main" in _command(pid)]
    return [pid for pid in spawned if b"resource_tracker" not in _command(pid)]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def test_a_taken_port_is_named_before_anything_is_done(data: Path, running: Running) -> None:
    told = _cli("run", "--empty", "--data", str(data), "--port", str(running.port))
    assert told.returncode == 1
    assert told.stderr.startswith(f"Port {running.port} of 127.0.0.1 is taken: Address already in use.")


def test_a_given_database_is_used_and_nothing_local_is_started(data: Path, running: Running, tmp_path: Path) -> None:
    urls = {"DATABASE_URL": Cluster(data).url(), "LINLI_OWNER_DATABASE_URL": Cluster(data).url(OWNER)}
    with pytest.MonkeyPatch.context() as patch:
        for name, url in urls.items():
            patch.setenv(name, url)
        with Running(tmp_path) as other:
            assert other.stop() == 0
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith("server-")) == [
        "files",
        "read-log-secret",
        "sealing-secret",
        "token-secret",
    ]
    assert running.get("/health/ready")[0] == 200


def test_a_wrong_setting_stops_the_start(tmp_path: Path) -> None:
    told = _cli("run", "--data", str(tmp_path), "--workers", "99")
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr == "LINLI_WORKERS cannot be 99. Allowed: a whole number from 1 to 64.\n"
    assert list(tmp_path.iterdir()) == []


def _cli(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "services.cli", *words]
    return subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=60, check=False
    )
