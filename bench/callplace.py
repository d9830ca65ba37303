"""The place where calls are measured: the made town on a durable private cluster, terminals in homes, workers on duty.

Homes and streets come through the importers; terminals, workers and accounts are rows written at once, since not they
are measured. Nobody here is real.
"""

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg

from fixtures.town import SEED, write_town
from services import clock, database, frames, terminal_keys, tokens
from services.cluster import OWNER, SUPERUSER, Cluster
from services.imports.kinds import KINDS
from services.imports.runs import import_file
from services.models import new_id
from services.sealing import Keyring

SECRET = "a secret of this bench, known to all of it"
KEYS = Keyring.from_secret(SECRET.encode())
READY_SECONDS = 600
TRIES = 20
FILES = (("streets", "streets.osm.pbf"), ("areas", "areas.gpkg"), ("households", "households.csv"))
TERMINALS = """
INSERT INTO terminals (id, serial, household_id, status, heartbeat_seconds, installed_at)
SELECT gen_random_uuid(), 'B' || lpad(row_number() OVER (ORDER BY md5(code))::text, 6, '0'), id, 'ONLINE', 3600, now()
FROM (SELECT * FROM households ORDER BY md5(code) LIMIT %s) AS h
"""
WORKERS = """
WITH homes AS (SELECT location, row_number() OVER (ORDER BY md5('w' || code)) - 1 AS number,
                      count(*) OVER () AS whole FROM households),
made AS (
  INSERT INTO workers (id, code, name, role, status, skills, languages, post)
  SELECT gen_random_uuid(), 'B' || lpad(n::text, 6, '0'), 'Worker ' || n, 'GRID_WORKER', 'AVAILABLE', '{}', '{}',
         ST_Translate(location, (random() - 0.5) * 0.004, (random() - 0.5) * 0.004)
  FROM generate_series(1, %s) AS n JOIN homes ON homes.number = n %% homes.whole RETURNING id, post
), placed AS (
  INSERT INTO positions (worker_id, location, accuracy_meters, fixed_at, received_at)
  SELECT id, post, 8, now(), now() FROM made
), shifts AS (
  INSERT INTO shifts (id, worker_id, starts_at, ends_at, began_at)
  SELECT gen_random_uuid(), id, now() - interval '1 hour', now() + interval '23 hours', now() - interval '1 hour'
  FROM made
)
INSERT INTO accounts (id, login, name, worker_id, created_at) SELECT id, 'w' || id, 'Worker', id, now() FROM made
"""


@dataclass
class CallPlace:
    """The database, and what the benches need to speak for terminals, workers and the desk."""

    url: str
    admin_url: str
    folder: Path
    keys: dict[str, bytes] = field(default_factory=dict)
    desk: str = ""
    desk_id: uuid.UUID = field(default_factory=new_id)
    sites: list[str] = field(default_factory=list)

    @property
    def serials(self) -> list[str]:
        """All terminals, in the order of their numbers."""
        return list(self.keys)

    def connect(self) -> psycopg.Connection[Any]:
        """A plain connection that sees and may do everything; each statement is committed."""
        connection = psycopg.connect(self.admin_url, autocommit=True)
        connection.execute("SELECT set_config('linli.actor', '{\"everywhere\": true}', false)")
        return connection

    def refresh(self) -> None:
        """All workers free, on duty and where they are just now; no call is open and nothing waits."""
        with self.connect() as connection:
            _emptied(connection)
            connection.execute("UPDATE workers SET status = 'AVAILABLE' WHERE status <> 'AVAILABLE'")
            connection.execute("UPDATE positions SET fixed_at = now(), received_at = now()")
            connection.execute(
                "VACUUM ANALYZE workers, positions, shifts, terminals, calls, timers, outbox, live_events"
            )
            connection.execute("CHECKPOINT")

    def press(self, serial: str, button: str = "HELP") -> dict[str, str]:
        """The body of a new press, signed with the terminal's key."""
        reference = secrets.token_hex(8)
        signed = terminal_keys.signature(self.keys[serial], serial, reference, button, "")
        return {"serial": serial, "reference": reference, "button": button, "signature": signed}

    def token(self, worker_id: uuid.UUID) -> str:
        """A worker's token: the account has the worker's id."""
        return tokens.issue(worker_id, SECRET.encode())


def _emptied(connection: psycopg.Connection[Any]) -> None:
    """Take all calls away; servers that are still at work on some may be in the way, so it is tried again."""
    for _ in range(TRIES):
        try:
            connection.execute("TRUNCATE calls, timers, outbox CASCADE")
        except psycopg.errors.DeadlockDetected:
            continue
        return
    raise RuntimeError("the servers do not come to rest")


@contextmanager
def opened(
    terminals: int, workers: int, servers: int, *, durable: bool = True, seed: int = SEED, towns: int = 1
) -> Iterator[CallPlace]:
    """The place with server processes on it, ready; all gone with the block. A town has some 11,000 homes."""
    with tempfile.TemporaryDirectory(prefix="linli-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o711)
        cluster = Cluster(folder / "data", durable=durable).start()
        stack.callback(cluster.stop)
        place = CallPlace(cluster.url(), cluster.url(SUPERUSER), folder)
        write_town(folder, seed, towns)
        _fill(place, cluster.url(OWNER), terminals, workers)
        place.sites = [stack.enter_context(_serving(place)) for _ in range(servers)]
        for site in place.sites:
            _wait(site, folder)
        yield place


def _fill(place: CallPlace, owner_url: str, terminals: int, workers: int) -> None:
    database.migrate(owner_url)
    for kind, name in FILES:
        assert not import_file(owner_url, KINDS[kind](), place.folder / name, KEYS).refused
    with place.connect() as connection:
        connection.execute(TERMINALS, (terminals,))
        connection.execute(WORKERS, (workers,))
        _give_keys(place, connection)
        place.desk = _account(connection, place.desk_id, "DISPATCHER")


def _give_keys(place: CallPlace, connection: psycopg.Connection[Any]) -> None:
    rows = connection.execute("SELECT id, serial FROM terminals ORDER BY serial").fetchall()
    statement = "COPY terminal_keys (terminal_id, data_key, key_sealed, made_at) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for terminal_id, serial in rows:
            place.keys[serial], data_key = secrets.token_bytes(terminal_keys.KEY_BYTES), KEYS.new_data_key()
            sealed = KEYS.seal(data_key, terminal_keys.PLACE, place.keys[serial].hex())
            copy.write_row((terminal_id, data_key, sealed, clock.now()))


def _account(connection: psycopg.Connection[Any], account: uuid.UUID, role: str) -> str:
    connection.execute(
        "INSERT INTO accounts (id, login, name, created_at) VALUES (%s, %s, 'Bench', now())", (account, f"bench-{role}")
    )
    connection.execute(
        "INSERT INTO role_grants (id, account_id, role, valid_from) VALUES (%s, %s, %s, now() - interval '1 hour')",
        (new_id(), account, role),
    )
    return tokens.issue(account, SECRET.encode())


@contextmanager
def _serving(place: CallPlace) -> Iterator[str]:
    """One server process as `./dev run` starts it."""
    port = _free_port()
    own = {name: value for name, value in os.environ.items() if not name.startswith("LINLI_")}
    own |= {"DATABASE_URL": place.url, "LINLI_DATA": str(place.folder), "LINLI_LOG_LEVEL": "warning"}
    own |= {"LINLI_TOKEN_SECRET": SECRET, "LINLI_SEALING_SECRET": SECRET}
    command = [sys.executable, "-m", "uvicorn", "server:create", "--factory", "--port", str(port), "--no-access-log"]
    command += ["--ws", frames.SERVER]
    with (place.folder / f"server-{port}.log").open("w") as log:
        process = subprocess.Popen([*command, "--log-level", "warning"], env=own, stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _wait(site: str, folder: Path) -> None:
    until, said = time.monotonic() + READY_SECONDS, "nothing"
    while time.monotonic() < until:
        try:
            answer = httpx.get(f"{site}/health/ready", timeout=5)
            if answer.status_code == 200:
                return
            said = answer.text
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise RuntimeError("\n".join([said, *(log.read_text()[-2000:] for log in folder.glob("server-*.log"))]))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
