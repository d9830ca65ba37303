"""Which rungs of a ladder will be empty in the coming week: planned shifts counted, before it happens."""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, ladders, shifts
from services.database import speaking_as
from services.ladder import RULES, CallRules, Rung
from services.models.areas import Area
from services.models.workers import Assignment, DutyPattern, Shift, Worker, WorkerRole
from services.shifts import Duty, PlannedShift

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class EmptyRung:
    """A rung that nobody will stand on from one moment to another; `planned` are there, `needed` would fill it."""

    community_id: uuid.UUID
    rung: str
    starts_at: datetime
    ends_at: datetime
    planned: int
    needed: int


async def empty_rungs(
    session: AsyncSession, community_id: uuid.UUID, span: timedelta = WEEK, rules: CallRules = RULES
) -> list[EmptyRung]:
    """The empty stretches of each rung from now on, by rung and time.

    Counted are the shifts of those who serve the community or one of its grids, or have their post in it. The second
    rung for a role needs a second worker at the same time.
    """
    starts = clock.now()
    found: list[EmptyRung] = []
    seen: Counter[WorkerRole] = Counter()
    for rung in await ladders.of_community(session, community_id, rules=rules):
        if rung.role is not None:
            seen[rung.role] += 1
            async with speaking_as(session, "counts"):
                planned = await _planned(session, community_id, rung.role, starts, starts + span)
            found += _empty(community_id, rung, planned, seen[rung.role], starts, starts + span)
    return found


def too_few(
    planned: Iterable[PlannedShift], needed: int, starts: datetime, ends: datetime
) -> list[tuple[datetime, datetime, int]]:
    """The stretches between `starts` and `ends` with fewer than `needed` different workers on shift, and how many."""
    spans = [shift for shift in planned if shift.ends_at > starts and shift.starts_at < ends]
    inside = {moment for shift in spans for moment in (shift.starts_at, shift.ends_at) if starts < moment < ends}
    moments = sorted({starts, ends, *inside})
    found: list[tuple[datetime, datetime, int]] = []
    for begin, end in pairwise(moments):
        there = len({shift.worker_id for shift in spans if shift.starts_at <= begin and shift.ends_at >= end})
        if there >= needed:
            continue
        if found and found[-1][1:] == (begin, there):
            found[-1] = (found[-1][0], end, there)
        else:
            found.append((begin, end, there))
    return found


def _empty(
    community_id: uuid.UUID, rung: Rung, planned: Sequence[PlannedShift], needed: int, starts: datetime, ends: datetime
) -> list[EmptyRung]:
    short = too_few(planned, needed, starts, ends)
    return [EmptyRung(community_id, rung.code, begin, end, there, needed) for begin, end, there in short]


async def _planned(
    session: AsyncSession, community_id: uuid.UUID, role: WorkerRole, starts: datetime, ends: datetime
) -> list[PlannedShift]:
    """The shifts already written out, and those that the weekly duties will give."""
    crew = _crew(community_id, role)
    written = sa.select(Shift.worker_id, Shift.starts_at, Shift.ends_at).where(
        Shift.worker_id.in_(crew), Shift.ends_at > starts, Shift.starts_at < ends, Shift.left_at.is_(None)
    )
    kept = [PlannedShift(*row) for row in await session.execute(written)]
    patterns = await session.scalars(sa.select(DutyPattern).where(DutyPattern.worker_id.in_(crew)))
    duties = [Duty(row.worker_id, tuple(row.weekdays), row.starts, row.ends) for row in patterns]
    return kept + shifts.without_overlaps(shifts.planned(duties, starts, ends), kept)


def _crew(community_id: uuid.UUID, role: WorkerRole) -> sa.Select[uuid.UUID]:
    today = clock.today()
    areas = sa.select(Area.id).where(sa.or_(Area.id == community_id, Area.parent_id == community_id))
    serves = sa.exists().where(
        Assignment.worker_id == Worker.id,
        Assignment.since <= today,
        sa.or_(Assignment.until.is_(None), Assignment.until > today),
        Assignment.area_id.in_(areas),
    )
    within = sa.exists().where(Area.id == community_id, sa.func.ST_Covers(Area.boundary, Worker.post))
    here = sa.or_(serves, within)
    return sa.select(Worker.id).where(Worker.role == role, Worker.disabled_at.is_(None), here)
