"""A district with one community and two grids, people of each rung, and short ways to do what they do with a case.

    y 1000  +-----------+-----------+
            |  grid 1   |  grid 2   |      home at (250, 500) in grid 1; a grid worker in each grid
    y 0     +-----------+-----------+
            x 0         500        1000

The clock stands at Wednesday 2026-05-20, 09:00 in Shanghai. Working days follow: Thu 21, Fri 22, Mon 25, Tue 26.
"""

import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from fixtures import makers
from services.access import Actor
from services.actors import actor_of
from services.cases import engine, falling_due, ledger
from services.cases.engine import Act, Opening
from services.cases.states import CaseState
from services.database import Database
from services.models import Area, Case, CaseEvent, Household, Message, Role, Unit, UnitKind, UnitMember, Worker
from services.models.cases import timeline
from services.sealing import Keyring

KEYRING: Keyring = makers.KEYRING
ZONE = ZoneInfo("Asia/Shanghai")
HERE = makers.degrees(100, 100)


def local(day: int, hour: int = 0, minute: int = 0, month: int = 5) -> datetime:
    """A moment of 2026 in Shanghai."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE)


@dataclass
class CaseRoom:
    """What the tests name."""

    database: Database
    community: Area
    grids: list[Area]
    home: Household
    workers: list[Worker]
    street: Area
    district: Area
    actors: dict[str, Actor] = field(default_factory=dict)
    units: dict[str, uuid.UUID] = field(default_factory=dict)
    other: Case | None = None

    async def actor(
        self, role: Role | None, *where: Area, worker: Worker | None = None, name: str = "Somebody"
    ) -> Actor:
        """Somebody with a role in the areas given."""
        async with self.database.write() as session:
            account = await makers.make_account(session, role, *where, worker=worker, name=name)
            return await actor_of(session, account.id)

    async def unit(self, code: str, kind: UnitKind, area: Area, *members: Actor) -> uuid.UUID:
        """An office with its people."""
        async with self.database.write() as session:
            unit = Unit(code=code, kind=kind, name=code, area_id=area.id)
            session.add(unit)
            await session.flush()
            session.add_all(UnitMember(unit_id=unit.id, account_id=each.account_id) for each in members)
        self.units[code] = unit.id
        return unit.id

    async def open(
        self,
        kind: str = "APPEAL",
        by: str = "staff",
        details: Mapping[str, Any] | None = None,
        at: tuple[float, float] | None = HERE,
        **more: Any,
    ) -> Case:
        """A new case in grid 1, opened by somebody of the staff."""
        point = {"longitude": at[0], "latitude": at[1]} if at else {}
        more.setdefault("subject", "楼道灯坏了")
        opening = Opening(kind=kind, details=details or {}, **point, **more)
        async with self.database.write() as session:
            return await engine.open_case(session, KEYRING, self.actors[by], opening)

    async def act(
        self, case: Case | uuid.UUID, who: str | Actor, action: str, note: str | None = "because", **fields: Any
    ) -> Case:
        """Somebody does something, on the version that stands."""
        case_id = case if isinstance(case, uuid.UUID) else case.id
        actor = self.actors[who] if isinstance(who, str) else who
        version = (await self.case(case_id)).version
        async with self.database.write() as session:
            return await engine.act(session, KEYRING, actor, Act(case_id, action, note, fields, version))

    async def case(self, case_id: uuid.UUID) -> Case:
        """The case as it is in the store; its timeline adds up to the same, always."""
        async with self.database.read() as session:
            found = await session.get_one(Case, case_id)
            assert sorted_parts(await ledger.from_timeline(session, case_id)) == sorted_parts(
                await ledger.state_of(session, found)
            )
            return found

    async def state(self, case: Case) -> CaseState:
        """Where a case stands."""
        async with self.database.read() as session:
            return await ledger.state_of(session, await session.get_one(Case, case.id))

    async def lines(self, case: Case) -> list[CaseEvent]:
        """The case's timeline."""
        async with self.database.read() as session:
            return list(await session.scalars(timeline(case.id)))

    async def kinds(self, case: Case) -> list[str]:
        """What happened to the case, in order."""
        return [line.kind for line in await self.lines(case)]

    async def due(self, case: Case, name: str) -> datetime | None:
        """When the running term of this name is due, in Shanghai."""
        state = await self.state(case)
        (term,) = [each for each in state.running if each.name == name]
        return term.due_at.astimezone(ZONE) if term.due_at else None

    async def sweep(self) -> int:
        """Do all that is due now."""
        done = 0
        while found := await falling_due.sweep(self.database, KEYRING):
            done += found
        return done

    async def told(self, template: str | None = None) -> list[Message]:
        """What waits in the outbox."""
        chosen = sa.select(Message).order_by(Message.id)
        async with self.database.read() as session:
            return [row for row in await session.scalars(chosen) if template in (None, row.template)]


def sorted_parts(state: CaseState) -> dict[str, Any]:
    """A state whose parts are compared without their order."""
    shown = {name: getattr(state, name) for name in state.__dataclass_fields__}
    return {name: frozenset(value) if name in ("terms", "units", "members") else value for name, value in shown.items()}


@asynccontextmanager
async def opened(url: str, pool_size: int = 10) -> AsyncIterator[CaseRoom]:
    """The district, stored at `url`."""
    database = Database(url, pool_size).acting_as("casework")
    try:
        yield await _stored(database)
    finally:
        await database.close()


async def _stored(database: Database) -> CaseRoom:
    async with database.write() as session:
        community = await makers.make_community(session, makers.box(0, 0, 1000, 1000))
        boxes = (makers.box(0, 0, 500, 1000), makers.box(500, 0, 1000, 1000))
        grids = [await makers.make_grid(session, community, shape, number=n) for n, shape in enumerate(boxes, start=1)]
        home = await makers.make_household(session, grids[0], 250, 500)
        workers = [await makers.make_worker(session, grid) for grid in grids]
        street = await session.get_one(Area, community.parent_id)
        district = await session.get_one(Area, street.parent_id)
    room = CaseRoom(database, community, grids, home, workers, street, district)
    await _people(room)
    return room


async def _people(room: CaseRoom) -> None:
    community, district = room.community, room.district
    room.actors = {
        "worker": await room.actor(Role.GRID_WORKER, room.grids[0], worker=room.workers[0], name="Grid 1"),
        "neighbour": await room.actor(Role.GRID_WORKER, room.grids[1], worker=room.workers[1], name="Grid 2"),
        "staff": await room.actor(Role.COMMUNITY_STAFF, community, name="Staff"),
        "street": await room.actor(Role.MANAGER, room.street, name="Street"),
        "centre": await room.actor(Role.DISPATCHER, district, name="Centre"),
        "leader": await room.actor(Role.SUPERVISOR, district, name="Leader"),
        "volunteer": await room.actor(Role.VOLUNTEER, room.grids[0], name="Volunteer"),
        "auditor": await room.actor(Role.AUDITOR, district, name="Auditor"),
        "planner": await room.actor(Role.PLANNER, district, name="Planner"),
        "admin": await room.actor(Role.ADMIN, name="Admin"),
        "official": await room.actor(None, name="Official"),
        "nobody": await room.actor(None, name="Nobody"),
    }
    await room.unit("CENTRE", UnitKind.DISTRICT_CENTRE, district, room.actors["centre"])
    await room.unit("BUREAU", UnitKind.BUREAU, district, room.actors["official"])
