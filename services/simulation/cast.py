"""Who plays: accounts for a desk, a gateway and the workers, made in the database as `./dev token` looks them up there.

The only part of the simulation that does not go through the API, since nobody signs in without an account.
"""

import uuid
from dataclasses import dataclass, field
from typing import Any

import psycopg

from services import clock, tokens
from services.errors import Refusal
from services.models import Role, WorkerStatus, new_id

LOGIN = "simulation-"
EVERYWHERE = '{"everywhere": true}'
ACCOUNT = """
INSERT INTO accounts (id, login, name, worker_id, created_at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (login) DO UPDATE SET disabled_at = NULL RETURNING id
"""
GRANT = """
INSERT INTO role_grants (id, account_id, role, area_id, valid_from) SELECT %s, %s, %s, %s, %s
WHERE NOT EXISTS (SELECT FROM role_grants WHERE account_id = %s AND role = %s AND valid_to IS NULL)
"""
WORKERS = """
SELECT w.id, w.code, w.name, w.role, w.status, ST_X(w.post), ST_Y(w.post), account.id,
       (SELECT a.area_id FROM assignments a WHERE a.worker_id = w.id AND a.until IS NULL ORDER BY a.area_id LIMIT 1)
FROM workers w LEFT JOIN accounts account ON account.worker_id = w.id AND account.disabled_at IS NULL
     AND account.login NOT LIKE 'simulation-%%'
WHERE w.disabled_at IS NULL AND w.role <> 'SOCIAL_WORKER'
ORDER BY w.status = 'OFF_DUTY', w.role <> 'GRID_WORKER', md5(w.code)
"""
SERIALS = """
SELECT t.serial FROM terminals t JOIN households h ON h.id = t.household_id AND h.closed_at IS NULL
WHERE t.retired_at IS NULL ORDER BY t.serial
"""


class NobodyToPlay(Refusal):
    """There are no {subject} here to simulate. Start with ./dev run, which loads the demo town, or import them."""


class NotInProduction(Refusal):
    """Made-up calls and real ones must not meet: the simulation does not run in production."""


@dataclass(frozen=True, slots=True)
class Player:
    """A worker with a token; `place` is the post (longitude, latitude), `was_on_duty` before anything began."""

    worker_id: uuid.UUID
    code: str
    token: str
    place: tuple[float, float]
    was_on_duty: bool


@dataclass(frozen=True, slots=True)
class Cast:
    """All who play."""

    desk: str
    gateway: str
    workers: list[Player] = field(default_factory=list)
    serials: list[str] = field(default_factory=list)


def gather(url: str, secret: bytes, least: int) -> Cast:
    """Everybody who is on duty now, and others so that `least` are; every terminal in a home. Raises NobodyToPlay.

    Who is on duty must play: nobody else would answer for them.
    """
    with psycopg.connect(url) as connection:
        _speak_for_the_platform(connection)
        desk = _account(connection, "desk", "模拟值班台", Role.DISPATCHER, None)
        gateway = _account(connection, "gateway", "模拟网关", Role.TERMINAL, None)
        rows = connection.execute(WORKERS).fetchall()
        chosen = [row for number, row in enumerate(rows) if number < least or _on_duty(row)]
        workers = [_player(connection, row, secret) for row in chosen]
        serials = [row[0] for row in connection.execute(SERIALS)]
    for found, what in ((workers, "workers"), (serials, "terminals in homes")):
        if not found:
            raise NobodyToPlay(what)
    return Cast(tokens.issue(desk, secret), tokens.issue(gateway, secret), workers, serials)


def dismiss(url: str) -> None:
    """Close the accounts that were made for the play."""
    with psycopg.connect(url) as connection:
        _speak_for_the_platform(connection)
        connection.execute("UPDATE accounts SET disabled_at = %s WHERE starts_with(login, %s)", (clock.now(), LOGIN))


def _player(connection: psycopg.Connection[Any], row: Any, secret: bytes) -> Player:
    worker_id, code, name, role, _, longitude, latitude, account_id, area_id = row
    if account_id is None:
        account_id = _account(connection, code, name, Role(role), area_id, worker_id)
    return Player(worker_id, code, tokens.issue(account_id, secret), (longitude, latitude), _on_duty(row))


def _on_duty(row: Any) -> bool:
    return str(row[4]) != WorkerStatus.OFF_DUTY.value


def _account(
    connection: psycopg.Connection[Any],
    name: str,
    shown: str,
    role: Role,
    area_id: uuid.UUID | None,
    worker_id: uuid.UUID | None = None,
) -> uuid.UUID:
    values = (new_id(), LOGIN + name, shown, worker_id, clock.now())
    row = connection.execute(ACCOUNT, values).fetchone()
    assert row is not None
    account_id = uuid.UUID(str(row[0]))
    if worker_id is None or area_id is not None:  # a worker without an area may answer, and look at nothing
        connection.execute(GRANT, (new_id(), account_id, role.value, area_id, clock.now(), account_id, role.value))
    return account_id


def _speak_for_the_platform(connection: psycopg.Connection[Any]) -> None:
    connection.execute("SELECT set_config('linli.actor', %s, true)", (EVERYWHERE,))
