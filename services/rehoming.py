"""After a boundary changed: homes, service points, workers, rights, posts and open cases move to where they now lie."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from gis.tiling import GridIndex
from services import areas, clock, rosters
from services.access import Actor
from services.cases import moving
from services.models import (
    Account,
    Area,
    Assignment,
    Household,
    HouseholdEvent,
    HouseholdEventKind,
    RoleGrant,
    ServicePoint,
    Worker,
)
from services.models.base import new_id


async def after_split(session: AsyncSession, actor: Actor, old: Area, new: Area) -> None:
    """Homes, points, posts and open cases follow their place; a worker follows the own post, and nobody's post there
    means all serve both.
    """
    await _places(session, actor, [old, new], [old.id])
    posted = await _posted_in(session, old.id, new)
    if posted:
        await _reassign(session, [old.id], new.id, posted)
    else:
        await _assign_too(session, old.id, new.id)
    await rosters.follow(session, [old.id], new)
    await moving.after_split(session, actor, old, new)


async def after_merge(session: AsyncSession, actor: Actor, old: Sequence[Area], new: Area) -> None:
    """Everything of the old grids belongs to the new one, the rights in them too."""
    ids = [grid.id for grid in old]
    await _places(session, actor, [new], ids, {grid.id: grid.code for grid in old})
    await _reassign(session, ids, new.id, None)
    await rosters.follow(session, ids, new, every=True)
    await moving.after_merge(session, actor, old, new)


async def after_border(session: AsyncSession, actor: Actor, changed: Sequence[Area]) -> None:
    """Homes and points on the other side of a moved border change grid; workers stay with theirs."""
    ids = [grid.id for grid in changed]
    await _places(session, actor, changed, ids)
    for grid in changed:
        await rosters.follow(session, ids, grid)
    await moving.after_border(session, actor, changed)


async def _places(
    session: AsyncSession,
    actor: Actor,
    grids: Sequence[Area],
    from_ids: Sequence[uuid.UUID],
    old_codes: dict[uuid.UUID, str] | None = None,
) -> None:
    index = GridIndex({grid.code: areas.boundary(grid) for grid in grids})
    by_code = {grid.code: grid for grid in grids}
    codes = (old_codes or {}) | {grid.id: grid.code for grid in grids}
    moved = await _moved(session, Household, index, by_code, from_ids)
    for new_id_, ids in moved.items():
        grid = next(grid for grid in grids if grid.id == new_id_)
        await _regrid_homes(session, actor, grid, ids, codes)
    for new_id_, ids in (await _moved(session, ServicePoint, index, by_code, from_ids)).items():
        await session.execute(sa.update(ServicePoint).where(ServicePoint.id.in_(ids)).values(grid_id=new_id_))


async def _moved(
    session: AsyncSession,
    table: type[Household] | type[ServicePoint],
    index: GridIndex,
    by_code: dict[str, Area],
    from_ids: Sequence[uuid.UUID],
) -> dict[uuid.UUID, list[uuid.UUID]]:
    """New grid id -> ids of the rows whose place lies there now and that are still counted elsewhere."""
    places = sa.select(table.id, table.grid_id, sa.func.ST_X(table.location), sa.func.ST_Y(table.location))
    rows = (await session.execute(places.where(table.grid_id.in_(from_ids)))).all()
    if not rows:
        return {}
    found: dict[uuid.UUID, list[uuid.UUID]] = {}
    for row, code in zip(rows, index.codes_at([row[2] for row in rows], [row[3] for row in rows]), strict=True):
        if code is not None and by_code[code].id != row[1]:
            found.setdefault(by_code[code].id, []).append(row[0])
    return found


async def _regrid_homes(
    session: AsyncSession, actor: Actor, grid: Area, ids: Sequence[uuid.UUID], codes: dict[uuid.UUID, str]
) -> None:
    before = sa.select(Household.id, Household.grid_id).where(Household.id.in_(ids))
    rows = (await session.execute(before)).all()
    version_id = await areas.current_version(session, grid.id)
    events = [_regridded(row.id, codes.get(row.grid_id), grid.code, version_id, actor) for row in rows]
    await session.execute(
        sa.update(Household).where(Household.id.in_(ids)).values(grid_id=grid.id, version=Household.version + 1)
    )
    await session.execute(sa.insert(HouseholdEvent), events)


def _regridded(
    household_id: uuid.UUID, before: str | None, after: str, version_id: uuid.UUID, actor: Actor
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "household_id": household_id,
        "at": clock.now(),
        "kind": HouseholdEventKind.REGRIDDED,
        "before": {"grid": before},
        "after": {"grid": after},
        "actor_id": actor.account_id,
        "grid_version_id": version_id,
    }


async def _posted_in(session: AsyncSession, old_id: uuid.UUID, new: Area) -> Sequence[uuid.UUID]:
    return (
        await session.scalars(
            sa.select(Worker.id)
            .join(Assignment, Assignment.worker_id == Worker.id)
            .where(Assignment.area_id == old_id, Assignment.until.is_(None))
            .where(sa.func.ST_Intersects(Worker.post, new.boundary))
        )
    ).all()


async def _reassign(
    session: AsyncSession, old_ids: Sequence[uuid.UUID], new_area: uuid.UUID, worker_ids: Iterable[uuid.UUID] | None
) -> None:
    """End the assignments and rights in the old grids and begin the same in the new one; None means everybody's."""
    chosen = None if worker_ids is None else list(worker_ids)
    serving = sa.select(Assignment).where(Assignment.area_id.in_(old_ids), Assignment.until.is_(None))
    grants = sa.select(RoleGrant).where(RoleGrant.area_id.in_(old_ids), RoleGrant.valid_to.is_(None))
    if chosen is not None:
        serving = serving.where(Assignment.worker_id.in_(chosen))
        grants = grants.join(Account, Account.id == RoleGrant.account_id).where(Account.worker_id.in_(chosen))
    await _carry_over(session, serving, grants, new_area, ending=True)


async def _assign_too(session: AsyncSession, old_id: uuid.UUID, new_area: uuid.UUID) -> None:
    serving = sa.select(Assignment).where(Assignment.area_id == old_id, Assignment.until.is_(None))
    grants = sa.select(RoleGrant).where(RoleGrant.area_id == old_id, RoleGrant.valid_to.is_(None))
    await _carry_over(session, serving, grants, new_area, ending=False)


async def _carry_over(
    session: AsyncSession,
    serving: sa.Select[Assignment],
    grants: sa.Select[RoleGrant],
    new_area: uuid.UUID,
    *,
    ending: bool,
) -> None:
    seen: set[tuple[Any, ...]] = set()
    for assignment in (await session.scalars(serving)).all():
        if ending:
            assignment.until = clock.today()
        if (assignment.worker_id,) not in seen:
            seen.add((assignment.worker_id,))
            session.add(Assignment(worker_id=assignment.worker_id, area_id=new_area, since=clock.today()))
    for grant in (await session.scalars(grants)).all():
        if ending:
            grant.valid_to = clock.now()
        if (grant.account_id, grant.role) not in seen:
            seen.add((grant.account_id, grant.role))
            session.add(
                RoleGrant(account_id=grant.account_id, role=grant.role, area_id=new_area, valid_from=clock.now())
            )
    await session.flush()
