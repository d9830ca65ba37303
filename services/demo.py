"""The demo town: its files, through the importers that every county uses; then who signs in and who is on duty."""

import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from typing import Any

import psycopg

from services import clock, contents
from services.contents import Content
from services.database import plain_sql
from services.imports.kinds import KINDS
from services.imports.progress import Reporter, Shown
from services.imports.runs import EVERYWHERE, import_file
from services.models import Role, WorkerRole, new_id
from services.sealing import Keyring
from services.secrets import keyring
from services.settings import Settings
from services.tokens import demo_login

ROOT = Path(__file__).parent.parent
MAKER = "fixtures.town"
DISTRICT = "529901000000"  # no place has this code
FILES = {
    "streets": "streets.osm.pbf",
    "areas": "areas.gpkg",
    "households": "households.csv",
    "residents": "residents.csv",
    "workers": "workers.csv",
    "care-records": "care-records.csv",
    "terminals": "terminals.csv",
    "service-points": "service-points.csv",
    "organisations": "organisations.csv",
}
NAMES = {
    Role.DISPATCHER: "演示调度员",
    Role.SUPERVISOR: "演示值班长",
    Role.PLANNER: "演示规划员",
    Role.MANAGER: "演示社区主任",
    Role.AUDITOR: "演示审计员",
    Role.ADMIN: "演示管理员",
}


class MakerFailed(RuntimeError):
    """The files of the demo town could not be made."""


def is_wanted(settings: Settings) -> bool:
    """True for a store without areas, and for one in which the demo town was begun but not finished."""
    assert settings.owner_database_url is not None
    with psycopg.connect(settings.owner_database_url) as connection:
        _speak_for_the_platform(connection)
        codes = {row[0] for row in connection.execute("SELECT code FROM areas WHERE level = 'DISTRICT'")}
        done = connection.execute("SELECT FROM accounts WHERE login = %s", (demo_login(Role.ADMIN),)).fetchone()
    return not codes or (codes == {DISTRICT} and done is None)


def load(settings: Settings) -> None:
    """Make the town's files and load them, with progress; done again after an interruption it goes on."""
    assert settings.owner_database_url is not None
    with tempfile.TemporaryDirectory(prefix="linli-demo-") as folder, Shown() as reporter:
        reporter.step("drawing the town")
        make_files(Path(folder))
        load_files(settings.owner_database_url, Path(folder), keyring(settings), reporter)


def make_files(folder: Path) -> None:
    """Write the town's files by its own program, which services do not know otherwise."""
    made = subprocess.run([sys.executable, "-m", MAKER, str(folder)], cwd=ROOT, capture_output=True, text=True)
    if made.returncode:
        raise MakerFailed(made.stderr[-2000:])


def load_files(url: str, folder: Path, keys: Keyring, reporter: Reporter) -> None:
    """Import all files of a town, then add accounts and who is on duty now."""
    for kind, name in FILES.items():
        outcome = import_file(url, KINDS[kind](), folder / name, keys, reporter=_Named(reporter, kind))
        if outcome.refused:
            raise MakerFailed(f"{name}: {outcome.problems[:3]}")
    with psycopg.connect(url) as connection:
        _speak_for_the_platform(connection)
        add_accounts(connection)
        begin_shifts(connection)
        connection.execute(plain_sql(contents.raised(Content.WORKERS)))


def add_accounts(connection: psycopg.Connection[Any]) -> None:
    """One account for each role, granted where it fits, and one for each terminal."""
    district = connection.execute("SELECT id FROM areas WHERE code = %s AND retired_at IS NULL", (DISTRICT,)).fetchone()
    for role, name in NAMES.items():
        account_id = _account(connection, demo_login(role), name)
        _grant(connection, account_id, role, None if role is Role.ADMIN else district and district[0])
    for worker_role in WorkerRole:
        role = Role(worker_role.value)
        worker_id, name, area_id = _first_worker(connection, worker_role)
        account_id = _account(connection, demo_login(role), name, worker_id=worker_id)
        _grant(connection, account_id, role, area_id)
    terminals = connection.execute(
        "SELECT t.id, t.serial, h.grid_id FROM terminals t JOIN households h ON h.id = t.household_id ORDER BY t.serial"
    ).fetchall()
    for terminal_id, serial, grid_id in terminals:
        account_id = _account(connection, f"terminal-{serial}", serial, terminal_id=terminal_id)
        _grant(connection, account_id, Role.TERMINAL, grid_id)


def begin_shifts(connection: psycopg.Connection[Any]) -> int:
    """Whoever has a shift now has begun it, stands at the post and can be called; how many."""
    now = {"now": clock.now()}
    connection.execute(
        "UPDATE shifts SET began_at = starts_at WHERE starts_at <= %(now)s AND ends_at > %(now)s AND began_at IS NULL",
        now,
    )
    on_duty = (
        "SELECT s.worker_id FROM shifts s WHERE s.began_at <= %(now)s AND s.left_at IS NULL AND s.ends_at > %(now)s"
    )
    connection.execute(f"UPDATE workers SET status = 'AVAILABLE' WHERE status = 'OFF_DUTY' AND id IN ({on_duty})", now)
    placed = connection.execute(
        "INSERT INTO positions (worker_id, location, accuracy_meters, fixed_at, received_at)"
        f" SELECT id, post, 10, %(now)s, %(now)s FROM workers WHERE id IN ({on_duty})"
        " ON CONFLICT (worker_id) DO UPDATE SET location = excluded.location, accuracy_meters = 10,"
        " fixed_at = excluded.fixed_at, received_at = excluded.received_at",
        now,
    )
    return placed.rowcount


class _Named:
    """Tells the steps with the kind of file before them."""

    def __init__(self, reporter: Reporter, kind: str) -> None:
        self.reporter, self.kind = reporter, kind

    def step(self, name: str, total: int | None = None) -> None:
        self.reporter.step(f"{self.kind}: {name}", total)

    def advance(self, count: int) -> None:
        self.reporter.advance(count)


def _speak_for_the_platform(connection: psycopg.Connection[Any]) -> None:
    connection.execute("SELECT set_config('linli.actor', %s, true)", (EVERYWHERE,))


def _first_worker(connection: psycopg.Connection[Any], role: WorkerRole) -> tuple[uuid.UUID, str, uuid.UUID]:
    found = connection.execute(
        "SELECT w.id, w.name, a.area_id FROM workers w JOIN assignments a ON a.worker_id = w.id AND a.until IS NULL"
        " WHERE w.role = %s ORDER BY w.code LIMIT 1",
        (role.value,),
    ).fetchone()
    if found is None:
        raise MakerFailed(f"the town has no {role.value}")
    return found[0], found[1], found[2]


def _account(
    connection: psycopg.Connection[Any],
    login: str,
    name: str,
    worker_id: uuid.UUID | None = None,
    terminal_id: uuid.UUID | None = None,
) -> uuid.UUID:
    connection.execute(
        "INSERT INTO accounts (id, login, name, worker_id, terminal_id, created_at) VALUES (%s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (login) DO NOTHING",
        (new_id(), login, name, worker_id, terminal_id, clock.now()),
    )
    found = connection.execute("SELECT id FROM accounts WHERE login = %s", (login,)).fetchone()
    assert found is not None
    return uuid.UUID(str(found[0]))


def _grant(connection: psycopg.Connection[Any], account_id: uuid.UUID, role: Role, area_id: uuid.UUID | None) -> None:
    connection.execute(
        "INSERT INTO role_grants (id, account_id, role, area_id, valid_from) SELECT %s, %s, %s, %s, %s"
        " WHERE NOT EXISTS (SELECT FROM role_grants WHERE account_id = %s AND role = %s AND valid_to IS NULL)",
        (new_id(), account_id, role.value, area_id, clock.now(), account_id, role.value),
    )
