"""How many are on shift hour by hour, by the shifts that are written out and the weekly duties: numbers, no names."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, shifts
from services.database import speaking_as
from services.models import Area, Assignment, DutyPattern, Shift, Worker, WorkerRole
from services.shifts import Duty, PlannedShift

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class DutyHour:
    """How many different people are on shift when an hour begins: `staff` are all who are not `volunteers`."""

    starts_at: datetime
    staff: int
    volunteers: int


async def by_hour(session: AsyncSession, area: Area, hours: int) -> list[DutyHour]:
    """The coming hours, this one first, of those who serve the area or a part of it today, or have their post in it."""
    first = clock.now().astimezone(clock.zone()).replace(minute=0, second=0, microsecond=0)
    moments = [first + HOUR * number for number in range(hours)]
    volunteers = WorkerRole.VOLUNTEER
    crew = _crew(area)
    async with speaking_as(session, "counts"):
        staff = await _planned(session, crew.where(Worker.role != volunteers), moments)
        helpers = await _planned(session, crew.where(Worker.role == volunteers), moments)
    both = zip(moments, on_shift(staff, moments), on_shift(helpers, moments), strict=True)
    return [DutyHour(*one) for one in both]


def on_shift(planned: Iterable[PlannedShift], moments: Sequence[datetime]) -> list[int]:
    """At each moment how many different workers are on shift; one that ends then is over, one that begins counts."""
    spans = list(planned)
    return [len({one.worker_id for one in spans if one.starts_at <= at < one.ends_at}) for at in moments]


async def _planned(
    session: AsyncSession, crew: "sa.Select[*tuple[object, ...]]", moments: Sequence[datetime]
) -> list[PlannedShift]:
    starts, ends = moments[0], moments[-1] + HOUR
    written = sa.select(Shift.worker_id, Shift.starts_at, Shift.ends_at).where(
        Shift.worker_id.in_(crew), Shift.ends_at > starts, Shift.starts_at < ends, Shift.left_at.is_(None)
    )
    kept = [PlannedShift(*row) for row in await session.execute(written)]
    patterns = await session.scalars(sa.select(DutyPattern).where(DutyPattern.worker_id.in_(crew)))
    duties = [Duty(row.worker_id, tuple(row.weekdays), row.starts, row.ends) for row in patterns]
    return kept + shifts.without_overlaps(shifts.planned(duties, starts, ends), kept)


def _crew(area: Area) -> "sa.Select[*tuple[object, ...]]":
    today = clock.today()
    inside = sa.select(Area.id).where(
        Area.retired_at.is_(None), Area.code.startswith(area.code[: area.level.own_digits])
    )
    serves = sa.exists().where(
        Assignment.worker_id == Worker.id,
        Assignment.since <= today,
        sa.or_(Assignment.until.is_(None), Assignment.until > today),
        Assignment.area_id.in_(inside),
    )
    posted = sa.exists().where(Area.id == area.id, sa.func.ST_Covers(Area.boundary, Worker.post))
    return sa.select(Worker.id).where(Worker.disabled_at.is_(None), sa.or_(serves, posted))
