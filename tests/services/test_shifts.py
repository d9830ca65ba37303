"""Weekly duties written out as shifts, in Shanghai's time."""

import uuid
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fixtures import makers
from services.models import DutyPattern, Shift
from services.shifts import Duty, PlannedShift, extend_shifts, planned, without_overlaps
from tests.conftest import StandingClock

WORKER = uuid.UUID(int=1)
WEDNESDAY = datetime(2026, 5, 20, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai


def spans(duty: Duty, now: datetime, days: int) -> list[tuple[str, str]]:
    """Starts and ends in UTC."""
    found = planned([duty], now, now + timedelta(days=days))
    return [(f"{s.starts_at.astimezone(UTC):%m-%d %H:%M}", f"{s.ends_at.astimezone(UTC):%m-%d %H:%M}") for s in found]


def test_local_hours_are_eight_ahead() -> None:
    """08:30 in Shanghai is 00:30 in UTC; the shift that runs now is among them, the one before is not."""
    duty = Duty(WORKER, (2, 3, 4), time(8, 30), time(17, 30))
    assert spans(duty, WEDNESDAY, 2) == [("05-20 00:30", "05-20 09:30"), ("05-21 00:30", "05-21 09:30")]


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    """Tuesday 22:00 to Wednesday 10:00 runs still at 09:00; a weekday before 08:00 local is yesterday in UTC."""
    duty = Duty(WORKER, (2,), time(22, 0), time(10, 0))
    assert spans(duty, WEDNESDAY, 7) == [("05-19 14:00", "05-20 02:00"), ("05-26 14:00", "05-27 02:00")]
    early = Duty(WORKER, (4,), time(6, 0), time(8, 0))
    assert spans(early, WEDNESDAY, 7) == [("05-20 22:00", "05-21 00:00")]


def test_the_same_hour_is_a_whole_day() -> None:
    """An end at the start is on the next day."""
    duty = Duty(WORKER, (3,), time(8, 0), time(8, 0))
    assert spans(duty, WEDNESDAY, 1) == [("05-20 00:00", "05-21 00:00")]


def test_nobody_is_on_duty_twice_at_a_time() -> None:
    """What touches is kept, what overlaps a kept shift is not planned."""
    nine, ten, noon = (WEDNESDAY + timedelta(hours=hours) for hours in (0, 1, 3))
    kept = [PlannedShift(WORKER, nine, ten)]
    plans = [PlannedShift(WORKER, nine, noon), PlannedShift(WORKER, ten, noon)]
    assert without_overlaps(plans, kept) == [PlannedShift(WORKER, ten, noon)]


async def test_shifts_are_extended_once(session: AsyncSession, standing_clock: StandingClock) -> None:
    """Seven days from Wednesday 09:00: Wed to Fri, Mon, Tue, and Wed 08:30 is 5 + 1; again nothing, a day later one."""
    community = await makers.make_community(session)
    grid = await makers.make_grid(session, community, makers.box(0, 0, 500, 500))
    worker = await makers.make_worker(session, grid, x=10, y=10)
    session.add(DutyPattern(worker_id=worker.id, weekdays=[1, 2, 3, 4, 5], starts=time(8, 30), ends=time(17, 30)))
    await session.flush()
    until = standing_clock.moment + timedelta(days=7)
    assert await extend_shifts(session, until) == 6
    assert await extend_shifts(session, until) == 0
    standing_clock.forward(days=1)
    assert await extend_shifts(session, standing_clock.moment + timedelta(days=7)) == 1
    starts = (await session.scalars(select(Shift.starts_at).where(Shift.worker_id == worker.id))).all()
    assert max(starts) == datetime(2026, 5, 28, 0, 30, tzinfo=UTC)
