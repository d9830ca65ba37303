"""Shifts: the weekly duties written out as dated spans, in the jurisdiction's local time, over midnight if need be."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock
from services.models import DutyPattern, Shift, new_id

HORIZON = timedelta(days=14)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Duty:
    """A weekly duty of one worker: ISO weekdays, local times; an end at or before the start is on the next day."""

    worker_id: uuid.UUID
    weekdays: tuple[int, ...]
    starts: time
    ends: time


@dataclass(frozen=True, slots=True, order=True)
class PlannedShift:
    """One dated span of duty."""

    worker_id: uuid.UUID
    starts_at: datetime
    ends_at: datetime


def planned(duties: Iterable[Duty], now: datetime, until: datetime) -> Iterator[PlannedShift]:
    """The spans of `duties` that end after `now` and start before `until`."""
    first = now.astimezone(clock.zone()).date() - ONE_DAY
    days = (until.astimezone(clock.zone()).date() - first).days + 1
    for duty in duties:
        for day in (first + ONE_DAY * number for number in range(days)):
            if day.isoweekday() in duty.weekdays:
                starts = datetime.combine(day, duty.starts, clock.zone())
                over_midnight = ONE_DAY if duty.ends <= duty.starts else timedelta()
                ends = datetime.combine(day + over_midnight, duty.ends, clock.zone())
                if ends > now and starts < until:
                    yield PlannedShift(duty.worker_id, starts, ends)


def without_overlaps(plans: Iterable[PlannedShift], kept: Iterable[PlannedShift]) -> list[PlannedShift]:
    """The plans that overlap no shift that is kept, nor one another: a worker is on duty once at a time."""
    taken: dict[uuid.UUID, list[PlannedShift]] = {}
    for shift in kept:
        taken.setdefault(shift.worker_id, []).append(shift)
    free = []
    for plan in sorted(plans):
        own = taken.setdefault(plan.worker_id, [])
        if all(plan.ends_at <= other.starts_at or other.ends_at <= plan.starts_at for other in own):
            own.append(plan)
            free.append(plan)
    return free


async def extend_shifts(session: AsyncSession, until: datetime) -> int:
    """Write out all duties until `until`; how many shifts are new. Doing it again adds nothing."""
    now = clock.now()
    duties = [_duty(pattern) for pattern in (await session.scalars(sa.select(DutyPattern))).all()]
    kept = await session.execute(
        sa.select(Shift.worker_id, Shift.starts_at, Shift.ends_at).where(Shift.ends_at > now, Shift.starts_at < until)
    )
    new = without_overlaps(planned(duties, now, until), (PlannedShift(*row) for row in kept))
    if new:
        rows = [_values(shift) for shift in new]
        await session.execute(insert(Shift).values(rows).on_conflict_do_nothing())
    return len(new)


def extend_now(connection: psycopg.Connection[Any], until: datetime) -> int:
    """The same on a plain connection, in the caller's transaction."""
    now = clock.now()
    patterns = connection.execute("SELECT worker_id, weekdays, starts, ends FROM duty_patterns").fetchall()
    duties = [Duty(row[0], tuple(row[1]), row[2], row[3]) for row in patterns]
    kept = connection.execute(
        "SELECT worker_id, starts_at, ends_at FROM shifts WHERE ends_at > %s AND starts_at < %s", (now, until)
    ).fetchall()
    new = without_overlaps(planned(duties, now, until), (PlannedShift(*row) for row in kept))
    _copy(connection, new)
    return len(new)


def _copy(connection: psycopg.Connection[Any], shifts: Sequence[PlannedShift]) -> None:
    # Beside the table at first: where row-level security holds, COPY brings nothing in.
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE new_shifts (LIKE shifts) ON COMMIT DROP")
        with cursor.copy("COPY new_shifts (id, worker_id, starts_at, ends_at) FROM STDIN") as copy:
            for shift in shifts:
                copy.write_row((new_id(), shift.worker_id, shift.starts_at, shift.ends_at))
        cursor.execute("INSERT INTO shifts TABLE new_shifts")
        cursor.execute("DROP TABLE new_shifts")


def _values(shift: PlannedShift) -> dict[str, Any]:
    return {"id": new_id(), "worker_id": shift.worker_id, "starts_at": shift.starts_at, "ends_at": shift.ends_at}


def _duty(pattern: DutyPattern) -> Duty:
    return Duty(pattern.worker_id, tuple(pattern.weekdays), pattern.starts, pattern.ends)
