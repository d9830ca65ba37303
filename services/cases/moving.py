"""Open cases follow their place: a grid is split, merged or gets another border, or the home of a case joins another.

Each is moved by a line of its timeline (MOVED), so that whoever has the case reads why it stands elsewhere. Its clocks
go on and its agent stays. Who has accepted it keeps it; a case that only waits falls to whom the new place gives it,
unless whoever has it serves there, too. Ended cases stay where they happened.
"""

import uuid
from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock
from services.access import Actor
from services.cases import ledger, places, tidings
from services.cases.deciding import Owner
from services.cases.kind import Kind
from services.cases.kinds import kind_of
from services.cases.ledger import Line
from services.cases.places import Place
from services.cases.states import CaseState
from services.database import speaking_as
from services.models.areas import Area, AreaLevel
from services.models.cases import Case, is_open
from services.models.households import Household
from services.models.workers import Assignment

MOVED = "MOVED"
PART = "casework"


async def after_split(session: AsyncSession, actor: Actor, old: Area, new: Area) -> int:
    """What lies in the new grid goes there: a home's case with its home, another by its point; how many."""
    return await _follow(session, actor, [old.id], [new])


async def after_merge(session: AsyncSession, actor: Actor, old: Sequence[Area], new: Area) -> int:
    """All open cases of the old grids belong to the new one; how many."""
    async with speaking_as(session, PART):
        wanted = sa.select(Case.id).where(Case.grid_id.in_([grid.id for grid in old]), is_open())
        return await _move(session, actor, (await session.scalars(wanted.order_by(Case.id))).all(), new.id)


async def after_border(session: AsyncSession, actor: Actor, changed: Sequence[Area]) -> int:
    """What lies on the other side of a moved border changes grid; how many."""
    return await _follow(session, actor, [grid.id for grid in changed], changed)


async def into_household(session: AsyncSession, actor: Actor, into: Household, gone: Household) -> list[uuid.UUID]:
    """The open cases of a home that joins another are the other's; gives them."""
    async with speaking_as(session, PART):
        wanted = sa.select(Case.id).where(Case.household_id == gone.id, is_open())
        ids = list(await session.scalars(wanted.order_by(Case.id)))
        await _move(session, actor, ids, into.grid_id, into)
    return ids


def moved(kind: Kind, state: CaseState, owner: Owner, stays: bool) -> CaseState:
    """The case at another place: who accepted it keeps it, as does who serves there too (`stays`); clocks go on."""
    after = replace(state, version=state.version + 1)
    if state.accepted_at is not None or stays or kind.sealed or state.officer_id is not None:
        return after
    return replace(after, assignee_id=owner.worker_id or state.assignee_id, unit_id=owner.unit_id or state.unit_id)


async def _follow(session: AsyncSession, actor: Actor, from_ids: Sequence[uuid.UUID], grids: Sequence[Area]) -> int:
    async with speaking_as(session, PART):
        moved = [await _move(session, actor, await _now_in(session, from_ids, grid), grid.id) for grid in grids]
    return sum(moved)


async def _now_in(session: AsyncSession, from_ids: Sequence[uuid.UUID], grid: Area) -> Sequence[uuid.UUID]:
    """Open cases counted in other grids whose home, or else whose point, is in this one now."""
    elsewhere = sa.select(Case.id).outerjoin(Household, Household.id == Case.household_id)
    elsewhere = elsewhere.where(Case.grid_id.in_(from_ids), Case.grid_id != grid.id, is_open())
    by_point = sa.and_(Case.household_id.is_(None), sa.func.ST_Intersects(Case.location, grid.boundary))
    inside = elsewhere.where(sa.or_(Household.grid_id == grid.id, by_point))
    return (await session.scalars(inside.order_by(Case.id))).all()


async def _move(
    session: AsyncSession,
    actor: Actor,
    ids: Sequence[uuid.UUID],
    grid_id: uuid.UUID,
    home: Household | None = None,
) -> int:
    """Each case locked, its rows and its line written."""
    if not ids:
        return 0
    place = await places.around(session, grid_id)
    serving = set(await session.scalars(_serving(grid_id)))
    for case_id in ids:
        case = await ledger.lock(session, case_id)
        assert case is not None
        await _write(session, actor, case, place, serving, home)
    return len(ids)


def _serving(grid_id: uuid.UUID) -> "sa.Select[uuid.UUID]":
    return sa.select(Assignment.worker_id).where(Assignment.area_id == grid_id, Assignment.until.is_(None))


async def _write(
    session: AsyncSession, actor: Actor, case: Case, place: Place, serving: set[uuid.UUID], home: Household | None
) -> None:
    kind, before = kind_of(case.kind), await ledger.state_of(session, case)
    detail = {"from": str(places.of_case(case).smallest), "to": str(place.smallest)}
    if home is not None:
        detail |= {"from_household": str(case.household_id), "to_household": str(home.id)}
        case.household_id = home.id
        case.location = None if case.sealed else home.location
    case.grid_id, case.community_id = place.at(AreaLevel.GRID), place.at(AreaLevel.COMMUNITY)
    case.street_id, case.district_id = place.at(AreaLevel.STREET), place.by_level[AreaLevel.DISTRICT]
    owners = await places.owners(session, kind, place)
    after = moved(kind, before, owners[before.rung], stays=before.assignee_id in serving)
    line = Line(MOVED, clock.now(), actor.account_id, actor.worker_id, detail)
    await ledger.write(session, None, case, before, after, line)
    if after.assignee_id != before.assignee_id or after.unit_id != before.unit_id:
        await tidings.tell_owner(session, case, after, kind, "CASE_ASSIGN")
