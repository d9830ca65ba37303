"""Where a case belongs: its areas from the grid up to the district, the rules that hold there, who owns each rung."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import areas, clock, rosters
from services.access import Actor, visible
from services.cases import refusals
from services.cases.deciding import Owner
from services.cases.kind import Kind, Rung, Start
from services.cases.opening import Opening
from services.errors import NotFound
from services.models.accounts import Role
from services.models.areas import Area, AreaLevel
from services.models.cases import CaseRule, Unit
from services.models.households import Household
from services.models.workers import Assignment, Shift, Worker, WorkerRole


@dataclass(frozen=True, slots=True)
class Place:
    """A case's areas by level; those below the one that was named are missing."""

    by_level: Mapping[AreaLevel, uuid.UUID]

    def at(self, level: AreaLevel) -> uuid.UUID | None:
        """The area of a level, or None."""
        return self.by_level.get(level)

    @property
    def smallest(self) -> uuid.UUID:
        """The smallest area around the case."""
        return next(self.by_level[level] for level in UPWARDS if level in self.by_level)

    @property
    def ids(self) -> list[uuid.UUID]:
        """All of them, from the smallest up."""
        return [self.by_level[level] for level in UPWARDS if level in self.by_level]


class Placed(Protocol):
    """What tells a case and where it lies: its row, or what was read of it."""

    @property
    def id(self) -> uuid.UUID: ...
    @property
    def number(self) -> str: ...
    @property
    def grid_id(self) -> uuid.UUID | None: ...
    @property
    def community_id(self) -> uuid.UUID | None: ...
    @property
    def street_id(self) -> uuid.UUID | None: ...
    @property
    def district_id(self) -> uuid.UUID: ...


@dataclass(frozen=True, slots=True)
class OnDuty:
    """A worker of the grid, and whether it is the worker's shift."""

    worker_id: uuid.UUID
    is_on_duty: bool


UPWARDS = (AreaLevel.GRID, AreaLevel.COMMUNITY, AreaLevel.STREET, AreaLevel.DISTRICT)
WORKERS_OF_ROLE: Mapping[Role, WorkerRole] = {Role.GRID_WORKER: WorkerRole.GRID_WORKER}


async def around(session: AsyncSession, area_id: uuid.UUID) -> Place:
    """The areas around one, itself included."""
    up = sa.select(Area.id, Area.level, Area.parent_id).where(Area.id == area_id).cte(recursive=True)
    up = up.union_all(sa.select(Area.id, Area.level, Area.parent_id).join(up, up.c.parent_id == Area.id))
    rows = (await session.execute(sa.select(up.c.level, up.c.id))).all()
    if not rows:
        raise refusals.PlaceNeeded
    return Place({AreaLevel(level): id_ for level, id_ in rows})


async def at_point(session: AsyncSession, longitude: float, latitude: float) -> Place:
    """The areas around a point. Raises PlaceNeeded outside every grid."""
    grid = await areas.grid_at(session, longitude, latitude)
    if grid is None:
        raise refusals.PlaceNeeded
    return await around(session, grid.id)


async def of_opening(session: AsyncSession, actor: Actor | None, opening: Opening) -> Place:
    """Where a case is raised: at its point, else at the home (which the actor must be able to find), else in its area.

    Raises PlaceNeeded, NotFound.
    """
    if opening.household_id is not None:
        grid_id = await session.scalar(_home(actor, opening))
        if grid_id is None:
            raise NotFound(opening.household_id)
        return await around(session, grid_id)
    if opening.longitude is not None and opening.latitude is not None:
        return await at_point(session, opening.longitude, opening.latitude)
    if opening.area_id is None:
        raise refusals.PlaceNeeded
    return await around(session, opening.area_id)


def of_case(case: Placed) -> Place:
    """The areas around a case: those in which it was opened, or to which it was moved while it was open."""
    ids = zip(UPWARDS, (case.grid_id, case.community_id, case.street_id, case.district_id), strict=True)
    return Place({level: id_ for level, id_ in ids if id_ is not None})


def _home(actor: Actor | None, opening: Opening) -> "sa.Select[uuid.UUID]":
    home = sa.select(Household.grid_id).where(Household.id == opening.household_id, Household.closed_at.is_(None))
    if opening.parent is not None:
        return home
    return visible(home, actor) if actor else home.where(sa.false())


async def close_starts(session: AsyncSession, kind: Kind, place: Place) -> str:
    """From when the closing term runs here: the rule of the smallest area that has one, else from acceptance."""
    rules = sa.select(CaseRule.area_id, CaseRule.close_starts).where(
        CaseRule.kind == kind.code, CaseRule.area_id.in_(place.ids)
    )
    found = dict((await session.execute(rules)).all())
    return next((found[area] for area in place.ids if area in found), Start.ACCEPTED.value)


async def owners(session: AsyncSession, kind: Kind, place: Place) -> dict[int, Owner]:
    """Who gets a case on each rung by itself: the worker of the grid or of a team's roster, the office of the area."""
    units = await _units(session, place.ids)
    workers = await _workers_of(session, place.at(AreaLevel.GRID))
    standing = {rung: await _standing(session, rung, place) for rung in kind.rungs if rung.teams}
    return {
        number: Owner(worker_of(rung, workers, standing.get(rung, ())), _unit_of(rung, place, units))
        for number, rung in enumerate(kind.rungs)
    }


def worker_of(rung: Rung, of_grid: Sequence[OnDuty], at_posts: Sequence[uuid.UUID]) -> uuid.UUID | None:
    """Who of the people of a rung gets a case: on duty first, and of those the grid's own before a team's.

    When nobody is on duty it waits for the grid's own; a roster gives it to those only who stand there.
    """
    has_worker = rung.level is AreaLevel.GRID and any(role in WORKERS_OF_ROLE for role in rung.roles)
    own = of_grid if has_worker else ()
    on_duty = [each.worker_id for each in own if each.is_on_duty]
    return next(iter([*on_duty, *at_posts, *(each.worker_id for each in own)]), None)


def _unit_of(rung: Rung, place: Place, units: Sequence[Unit]) -> uuid.UUID | None:
    mine = (each.id for each in units if each.kind is rung.unit and each.area_id == place.at(rung.level))
    return next(mine, None)


async def _standing(session: AsyncSession, rung: Rung, place: Place) -> list[uuid.UUID]:
    """Who stands at a post of the rung's teams now, those of the case's own grid first, then by the worker's code."""
    area_id, grid_id = place.at(rung.level), place.at(AreaLevel.GRID)
    inside = sa.select(Area.id).where(sa.or_(Area.id == area_id, Area.parent_id == area_id))
    found = await rosters.on_duty(session, inside, clock.now(), rung.teams)
    return [each.worker.id for each in sorted(found, key=lambda one: one.post.area_id != grid_id)]


async def _units(session: AsyncSession, area_ids: Sequence[uuid.UUID]) -> Sequence[Unit]:
    return (await session.scalars(sa.select(Unit).where(Unit.area_id.in_(area_ids)).order_by(Unit.code))).all()


async def _workers_of(session: AsyncSession, grid_id: uuid.UUID | None) -> list[OnDuty]:
    """The grid workers who serve the grid, by code."""
    if grid_id is None:
        return []
    now = clock.now()
    here = (Shift.worker_id == Worker.id, Shift.starts_at <= now, Shift.ends_at > now, Shift.left_at.is_(None))
    serving = (
        sa.select(Worker.id, sa.exists().where(*here))
        .join(Assignment, Assignment.worker_id == Worker.id)
        .where(
            Assignment.area_id == grid_id,
            Assignment.until.is_(None),
            Worker.disabled_at.is_(None),
            Worker.role == WorkerRole.GRID_WORKER,
        )
    )
    return [OnDuty(*row) for row in await session.execute(serving.order_by(Worker.code))]
