"""The small town that is called from while things break: homes with terminals, workers on duty, two desks."""

import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from fixtures import makers
from services import ladders, terminal_keys, tokens, workers
from services.database import Database
from services.errors import Refusal
from services.ladder import DUTY_DESK, Rung
from services.models import Account, Area, Role, WorkerRole

HOMES = 12
GRID_WORKERS = 8
QUICK = (
    Rung("NEAREST_GRID_WORKER", WorkerRole.GRID_WORKER, 4, 3, limit_seconds=1800),
    Rung("NEXT_GRID_WORKER", WorkerRole.GRID_WORKER, 4, 3, limit_seconds=1800),
    Rung("NEIGHBOURING_VOLUNTEER", WorkerRole.VOLUNTEER, 3, 2, limit_seconds=1800),
    Rung(DUTY_DESK, None, 5, 5),
)


class StoreInUse(Refusal):
    """There are areas in this database already. Chaos kills databases: give it an empty folder with --data."""


@dataclass(frozen=True, slots=True)
class TownTerminal:
    """A terminal with its key. One in three has a clock that is a day wrong."""

    serial: str
    key: bytes
    clock_error_days: int


@dataclass(frozen=True, slots=True)
class Town:
    """Who presses, who comes, who watches; tokens by which they sign in."""

    community_id: uuid.UUID
    terminals: tuple[TownTerminal, ...]
    crew: tuple[str, ...]
    desks: tuple[str, ...]


async def make(database: Database) -> Town:
    """Store the town: 1 km by 1 km in four grids, everybody on duty. Raises StoreInUse."""
    await _refuse_used(database)
    async with database.write() as session:
        community = await makers.make_community(session, makers.box(0, 0, 1000, 1000))
        corners = [(x, y) for x in (0, 500) for y in (0, 500)]
        grids = [
            await makers.make_grid(session, community, makers.box(x, y, x + 500, y + 500), number=number)
            for number, (x, y) in enumerate(corners, start=1)
        ]
        await ladders.change(session, community.id, QUICK)
    terminals = [await _terminal(database, grids[number % 4], number) for number in range(HOMES)]
    roles = [WorkerRole.GRID_WORKER] * GRID_WORKERS + [WorkerRole.VOLUNTEER] * 2
    crew = [await _worker(database, grids[number % 4], number, role) for number, role in enumerate(roles)]
    async with database.write() as session:
        desks = [await makers.make_account(session, Role.DISPATCHER, community, name=f"Desk {n}") for n in (1, 2)]
    return Town(community.id, tuple(terminals), tuple(crew), tuple(_token(desk) for desk in desks))


async def _refuse_used(database: Database) -> None:
    async with database.read() as session:
        if await session.scalar(sa.select(sa.exists().where(Area.id.is_not(None)))):
            raise StoreInUse


async def _terminal(database: Database, grid: Area, number: int) -> TownTerminal:
    async with database.write() as session:
        home = await makers.make_household(session, grid, 80 * number + 20, 250 + 500 * (number % 2))
        terminal = await makers.make_terminal(session, home)
        key = await terminal_keys.give(session, makers.KEYRING, terminal.id)
    return TownTerminal(terminal.serial, key, {0: 1, 1: -1}.get(number % 6, 0))


async def _worker(database: Database, grid: Area, number: int, role: WorkerRole) -> str:
    async with database.write() as session:
        worker = await makers.make_worker(session, grid, x=100 * number + 50, y=500, role=role)
        account = await makers.make_account(session, Role(role.value), grid, worker=worker, name=worker.name)
        await workers.start_shift(session, worker.id)
    return _token(account)


def _token(account: Account) -> str:
    return tokens.issue(account.id, makers.SECRET)


def secret() -> str:
    """What the servers sign and seal with; the makers' own."""
    return makers.SECRET.decode()
