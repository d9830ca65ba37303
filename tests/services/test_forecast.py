"""The coming week's empty rungs, from planned shifts and weekly duties, in local time."""

import uuid
from datetime import datetime, time, timedelta

from services import clock, forecast
from services.models import DutyPattern, Shift, WorkerRole
from services.shifts import PlannedShift
from tests.callroom import CallRoom

START = datetime.fromisoformat("2026-05-20T09:00:00+08:00")


def span(worker: int, begins: float, ends: float) -> PlannedShift:
    """A shift from so many hours after the start to so many."""
    return PlannedShift(uuid.UUID(int=worker), START + timedelta(hours=begins), START + timedelta(hours=ends))


def hours(found: list[tuple[datetime, datetime, int]]) -> list[tuple[float, float, int]]:
    """The stretches in hours after the start."""
    return [((a - START) / timedelta(hours=1), (b - START) / timedelta(hours=1), there) for a, b, there in found]


def test_the_gaps_between_shifts() -> None:
    planned = [span(1, -2, 4), span(2, 3, 8), span(1, 10, 14), span(3, 13, 30)]
    assert hours(forecast.too_few(planned, 1, START, START + timedelta(hours=24))) == [(8, 10, 0)]
    # two at once: 3 to 4 and 13 to 14
    assert hours(forecast.too_few(planned, 2, START, START + timedelta(hours=24))) == [
        (0, 3, 1),
        (4, 8, 1),
        (8, 10, 0),
        (10, 13, 1),
        (14, 24, 1),
    ]


def test_one_worker_on_two_overlapping_shifts_is_one() -> None:
    planned = [span(1, 0, 10), span(1, 5, 12)]
    assert hours(forecast.too_few(planned, 2, START, START + timedelta(hours=12))) == [(0, 12, 1)]


def test_without_shifts_the_whole_week_is_empty() -> None:
    assert hours(forecast.too_few([], 1, START, START + timedelta(days=7))) == [(0, 168, 0)]


async def test_a_community_is_told_its_empty_rungs(room: CallRoom) -> None:
    assert room.community is not None
    first, second = await room.worker(300, duty=False), await room.worker(700, duty=False)
    now = clock.now()
    # it is Wednesday 09:00 in Shanghai; from 22:00 to 06:00 every night by weekly duty, and once by a written shift
    async with room.database.write() as session:
        every_night = list(range(1, 8))
        session.add(DutyPattern(worker_id=first.id, weekdays=every_night, starts=time(22), ends=time(6)))
        session.add(Shift(worker_id=second.id, starts_at=now, ends_at=now + timedelta(hours=15)))
    async with room.database.read() as session:
        found = await forecast.empty_rungs(session, room.community.id, timedelta(days=1))
    told = [(e.rung, (e.starts_at - now) / timedelta(hours=1), (e.ends_at - now) / timedelta(hours=1)) for e in found]
    # hours from 09:00: the written shift 0 to 15, the night 13 to 21
    assert told == [
        ("NEAREST_GRID_WORKER", 21, 24),
        ("NEXT_GRID_WORKER", 0, 13),
        ("NEXT_GRID_WORKER", 15, 21),
        ("NEXT_GRID_WORKER", 21, 24),
        ("NEIGHBOURING_VOLUNTEER", 0, 24),
        ("COMMUNITY_STAFF", 0, 24),
    ]
    assert [(e.planned, e.needed) for e in found[:4]] == [(0, 1), (1, 2), (1, 2), (0, 2)]
    assert WorkerRole.VOLUNTEER.value == "VOLUNTEER"
