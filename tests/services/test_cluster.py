"""The private cluster, by killing it and its users for real, with fsync on wherever something is killed."""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from services import postgres
from services.cluster import OWNER, SUPERUSER, Cluster, ClusterNotYours
from services.cluster_files import read_postmaster
from tests.postgres import discard
from tests.running import postmasters, soon

pytestmark = pytest.mark.chaos

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder of the test's own that PostgreSQL's user can reach."""
    yield from _folder()


@pytest.fixture
def cluster(folder: Path) -> Iterator[Cluster]:
    """A started cluster of the test's own."""
    found = Cluster(folder).start()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def standing() -> Iterator[Cluster]:
    """A cluster for the tests that only look."""
    for folder in _folder():
        found = Cluster(folder).start()
        yield found
        found.stop()


def _folder() -> Iterator[Path]:
    found = Path(tempfile.mkdtemp(prefix=f"linli-test-{os.getpid()}-", dir="/tmp"))  # so named, leftovers are swept
    found.chmod(0o711)
    yield found
    discard(found)


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(query).fetchall()


USER = """
import sys
from pathlib import Path
from services.cluster import Cluster

cluster = Cluster(Path(sys.argv[1])).start()
print("up", flush=True)
sys.stdin.readline()
cluster.stop()
"""


def _user(folder: Path) -> subprocess.Popen[str]:
    """Another process that uses the cluster until it is sent a line."""
    return subprocess.Popen(
        [sys.executable, "-c", USER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _line(user: subprocess.Popen[str]) -> str:
    assert user.stdout is not None
    return user.stdout.readline().strip()


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


# -- how it stands ----------------------------------------------------------------------------------------------------


def test_it_keeps_what_it_acknowledged_and_listens_nowhere_else(standing: Cluster) -> None:
    asked = ("synchronous_commit", "fsync", "full_page_writes", "listen_addresses", "log_min_error_statement")
    said = {name: rows(standing.url(SUPERUSER), f"SHOW {name}")[0][0] for name in asked}
    assert said == {
        "synchronous_commit": "on",
        "fsync": "on",
        "full_page_writes": "on",
        "listen_addresses": "127.0.0.1",
        "log_min_error_statement": "panic",
    }


def test_the_servers_role_has_no_special_right_and_the_owner_owns_the_database(standing: Cluster) -> None:
    query = (
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname LIKE 'linli_%'"
    )
    told = sorted(rows(standing.url(), query))
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'linli'"
    assert told == [
        ("linli_app", False, False, False, False),
        ("linli_owner", False, False, False, False),
        ("linli_root", True, True, True, True),
    ]
    assert rows(standing.url(), owner) == [("linli_owner",)]
    extensions = rows(standing.url(), "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1")
    assert extensions == [("btree_gist",), ("pg_trgm",), ("pgcrypto",), ("postgis",)]


def test_the_servers_role_makes_no_tables_and_the_owner_does(standing: Cluster) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        rows(standing.url(), "CREATE TABLE t (n int)")
    with psycopg.connect(standing.url(OWNER)) as connection:
        connection.execute("CREATE TABLE t (n int)")
    assert rows(standing.url(), "SELECT count(*) FROM t") == [(0,)]


def test_nobody_gets_in_without_the_password_on_socket_or_loopback(standing: Cluster) -> None:
    found = standing.running()
    assert found is not None
    for host in (found.socket_folder, "127.0.0.1"):
        for role in ("linli_app", SUPERUSER):
            with pytest.raises(psycopg.OperationalError, match=r"password|no password supplied"):
                psycopg.connect(host=host, port=found.port, user=role, dbname="linli", password="guess")


def test_the_passwords_and_the_socket_are_closed_to_other_users(standing: Cluster) -> None:
    def mode(path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    assert mode(standing.place.data / "passwords.json") == 0o600
    assert mode(standing.place.data / "postgres") == 0o700
    assert mode(standing.place.socket_folder) == 0o700
    assert len(set(json.loads((standing.place.data / "passwords.json").read_text()).values())) == 3


@AS_ROOT
def test_as_root_the_database_runs_as_somebody_without_rights(standing: Cluster) -> None:
    found = standing.running()
    assert found is not None
    account = standing.place.account
    assert account is not None
    assert account.uid != 0
    assert Path(f"/proc/{found.pid}").stat().st_uid == account.uid
    with pytest.raises(PermissionError):
        _as_user(account, lambda: (standing.place.data / "passwords.json").read_text())


def _as_user(account: postgres.Account, act: Callable[[], object]) -> None:
    os.seteuid(account.uid)
    try:
        act()
    finally:
        os.seteuid(0)


@AS_ROOT
def test_a_folder_that_only_root_reaches_keeps_its_database_elsewhere(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    found = Cluster(closed / "data", durable=False).start()
    place = found.place.root
    try:
        assert place.parent == Path("/var/lib/linli")
        assert rows(found.url(), "SELECT 1") == [(1,)]
        assert Cluster(closed / "data").place.root == place
    finally:
        found.stop()
        shutil.rmtree(place)
    assert postmasters(place) == []


@AS_ROOT
def test_the_data_of_another_user_is_refused(standing: Cluster) -> None:
    account = standing.place.account
    assert account is not None
    with pytest.raises(ClusterNotYours) as refused:
        _as_user(account, lambda: Cluster(standing.place.data).start())
    assert str(standing.place.data) in str(refused.value)
    assert standing.running() is not None


@pytest.mark.parametrize("name", ["a b's", "x" * 100, "comma,comma"])
def test_a_path_may_be_long_or_odd(folder: Path, name: str) -> None:
    data = folder / name
    found = Cluster(data, durable=False).start()
    try:
        assert rows(found.url(), "SELECT current_database()") == [("linli",)]
    finally:
        found.stop()
    assert not found.place.socket_folder.exists()


# -- how it is shared -------------------------------------------------------------------------------------------------


def test_a_second_user_shares_it_and_the_last_one_stops_it(folder: Path) -> None:
    first, second = Cluster(folder, durable=False).start(), Cluster(folder, durable=False).start()
    assert postmasters(folder) == [first.running().pid]  # type: ignore[union-attr]
    assert first.stop() is False
    assert rows(second.url(), "SELECT 1") == [(1,)]
    assert second.stop() is True
    assert postmasters(folder) == []


def test_five_that_start_at_once_get_one_database(folder: Path) -> None:
    users = [_user(folder) for _ in range(5)]
    assert [_line(user) for user in users] == ["up"] * 5
    assert len(postmasters(folder)) == 1
    for user in users:
        user.communicate("leave\n", timeout=60)
    assert [user.returncode for user in users] == [0] * 5
    assert postmasters(folder) == []


# -- what it survives -------------------------------------------------------------------------------------------------


def test_a_second_user_starts_while_the_first_one_migrates(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url(OWNER)) as migrating:
        migrating.execute("ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT ON TABLES TO linli_app")
        second = Cluster(cluster.place.data)
        starting = threading.Thread(target=second.start)
        starting.start()
        starting.join(60)
        assert not starting.is_alive()  # it waits for no lock of the migration
    second.stop()


def test_after_its_user_was_killed_the_next_one_shares_the_same_database(folder: Path) -> None:
    other = _user(folder)
    assert _line(other) == "up"
    before = postmasters(folder)
    kill(other)
    assert postmasters(folder) == before
    found = Cluster(folder).start()
    assert postmasters(folder) == before
    assert found.stop() is True  # the killed one holds it no longer
    assert postmasters(folder) == []


def test_nothing_acknowledged_is_lost_when_the_postmaster_and_all_its_processes_are_killed(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url(OWNER), autocommit=True) as connection:
        connection.execute("CREATE TABLE told (n int PRIMARY KEY)")
        for n in range(300):
            connection.execute("INSERT INTO told VALUES (%s)", [n])  # returned: acknowledged
        url = cluster.url(OWNER)
        _kill_all(cluster)
    found = Cluster(cluster.place.data).start()
    try:
        assert found.url(OWNER) == url
        assert rows(url, "SELECT count(*), max(n) FROM told") == [(300, 299)]
    finally:
        found.stop()


def _kill_all(cluster: Cluster) -> None:
    found = cluster.running()
    assert found is not None
    children = Path(f"/proc/{found.pid}/task/{found.pid}/children").read_text().split()
    for pid in [found.pid, *map(int, children)]:
        os.kill(pid, signal.SIGKILL)
    assert soon(lambda: cluster.running() is None)


def test_whoever_watches_brings_a_killed_database_back_at_the_same_address(cluster: Cluster) -> None:
    cluster.watch(every_seconds=0.1)
    found = cluster.running()
    assert found is not None
    url = cluster.url()
    os.kill(found.pid, signal.SIGKILL)
    assert soon(lambda: (again := cluster.running()) is not None and again.pid != found.pid and again.status == "ready")
    assert rows(url, "SELECT 1") == [(1,)]
    assert len(postmasters(cluster.place.data)) == 1


def test_a_busy_backend_of_a_killed_postmaster_is_waited_for(cluster: Cluster) -> None:
    # A backend that computes does not notice for a while that its postmaster is gone; two on one data would spoil it.
    busy = "SELECT count(*) FROM generate_series(1, 30000000)"  # a few seconds of work
    script = f"import psycopg, sys; psycopg.connect(sys.argv[1]).execute({busy!r})"
    other = subprocess.Popen([sys.executable, "-c", script, cluster.url()], stderr=subprocess.DEVNULL)
    active = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()"
    assert soon(lambda: rows(cluster.url(), active) == [(1,)])
    found = cluster.running()
    assert found is not None
    os.kill(found.pid, signal.SIGKILL)
    again = Cluster(cluster.place.data).start()
    other.wait(30)
    assert len(postmasters(cluster.place.data)) == 1
    assert rows(again.url(), "SELECT 1") == [(1,)]
    again.stop()


def test_a_stale_or_broken_pid_file_is_no_hindrance(folder: Path) -> None:
    cluster = Cluster(folder, durable=False).start()
    dead = f"999999\n{cluster.place.home}\n1\n54999\n/tmp\n127.0.0.1\n1 1\nready   \n"
    for content in ("", "garbage\n", dead):
        cluster.stop()
        (cluster.place.home / "postmaster.pid").write_text(content)
        assert cluster.running() is None
        cluster = Cluster(folder, durable=False).start()
        assert rows(cluster.url(), "SELECT 1") == [(1,)]
    cluster.stop()


def test_a_pid_file_whose_number_another_program_has_got_is_stale(folder: Path) -> None:
    cluster = Cluster(folder, durable=False).start()
    cluster.stop()
    innocent = subprocess.Popen(["sleep", "60"])
    lines = [innocent.pid, cluster.place.home, 1, 54999, cluster.place.socket_folder, "127.0.0.1", "1 1", "ready"]
    (cluster.place.home / "postmaster.pid").write_text("\n".join(map(str, lines)) + "\n")
    assert cluster.running() is None
    again = Cluster(folder, durable=False).start()
    assert rows(again.url(), "SELECT 1") == [(1,)]
    again.stop()
    assert innocent.poll() is None
    innocent.kill()
    innocent.wait()


def test_a_first_start_cut_off_half_way_is_begun_again(folder: Path) -> None:
    half = folder / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("15\n")
    found = Cluster(folder, durable=False).start()
    assert rows(found.url(), "SELECT 1") == [(1,)]
    assert not half.exists()
    found.stop()


def test_a_port_that_was_taken_meanwhile_is_changed(folder: Path) -> None:
    cluster = Cluster(folder, durable=False).start()
    before = read_postmaster(cluster.place.home)
    assert before is not None
    cluster.stop()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", before.port))
        other.listen()
        again = Cluster(folder, durable=False).start()
        after = again.running()
        assert after is not None
        assert after.port != before.port
        assert rows(again.url(), "SELECT 1") == [(1,)]
        again.stop()
