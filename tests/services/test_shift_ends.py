"""At the end of a shift all leave together; and nobody who is asked, or on duty again, is sent home."""

import asyncio
import uuid
from collections import Counter

import pytest
import sqlalchemy as sa

from services import clock, shift_ends, sweep, timers, workers
from services.call_timers import HANDLERS
from services.models import CallEventKind, Timer, Worker
from services.models.timers import TimerKind
from services.models.workers import WorkerStatus
from tests.callroom import CallRoom
from tests.conftest import StandingClock


async def _leave(room: CallRoom) -> int:
    async with room.database.write() as session:
        return await shift_ends.leave_many(session, room.rules)


async def _statuses(room: CallRoom) -> dict[uuid.UUID, WorkerStatus]:
    async with room.database.read() as session:
        return {row.id: row.status for row in await session.execute(sa.select(Worker.id, Worker.status))}


async def _timers(room: CallRoom) -> int:
    left = sa.select(sa.func.count()).where(Timer.kind == TimerKind.WORKER_LEFT)
    async with room.database.read() as session:
        return await session.scalar(left) or 0


async def test_whose_shift_is_over_is_off_duty(room: CallRoom, standing_clock: StandingClock) -> None:
    crew = [await room.worker(20 + 10 * n) for n in range(12)]
    standing_clock.forward(seconds=room.rules.unplanned_shift_seconds - 1)
    assert await _leave(room) == 0
    standing_clock.forward(seconds=1)
    assert (await _leave(room), await _leave(room), await _timers(room)) == (12, 0, 0)
    assert await _statuses(room) == {worker.id: WorkerStatus.OFF_DUTY for worker in crew}
    assert (await sweep.sweep(room.database)).count == 0


async def test_who_is_on_duty_again_stays(room: CallRoom, standing_clock: StandingClock) -> None:
    """The timer of a shift that is over sends nobody home from the next; nor does one that comes twice."""
    back, home = await room.worker(100), await room.worker(200)
    async with room.database.write() as session:
        await workers.end_shift(session, home.id)
        for worker in (back, home, home):
            await timers.put(session, TimerKind.WORKER_LEFT, worker.id, clock.now(), reason="SHIFT_ENDED")
    assert await _leave(room) == 3
    assert await _statuses(room) == {back.id: WorkerStatus.AVAILABLE, home.id: WorkerStatus.OFF_DUTY}
    assert await _timers(room) == 2  # the ends of the shifts that they began


async def test_who_is_asked_or_being_asked_is_left_to_their_own_timers(
    room: CallRoom, standing_clock: StandingClock
) -> None:
    asked, busy, free = await room.worker(300), await room.worker(600), await room.worker(900)
    call = await room.call_for_help(0)
    assert await room.asked(call.id) == asked.id
    standing_clock.forward(seconds=room.rules.unplanned_shift_seconds)
    async with room.database.write() as session:
        await session.execute(sa.select(Worker).where(Worker.id == busy.id).with_for_update())
        assert await _leave(room) == 1
    statuses = await _statuses(room)
    assert [statuses[one.id] for one in (asked, busy, free)] == [
        WorkerStatus.OFFERED, WorkerStatus.AVAILABLE, WorkerStatus.OFF_DUTY
    ]  # fmt: skip
    assert await _leave(room) == 1
    while await room.tick():
        pass
    assert set((await _statuses(room)).values()) == {WorkerStatus.OFF_DUTY}
    assert CallEventKind.RANG in await room.kinds(call.id)


async def test_a_change_of_shifts_holds_up_no_call(room: CallRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three thousand leave before an offer ends: it waits for none of them, since none is done by itself."""
    by_themselves = []

    async def alone(_: object, timer: Timer, __: object) -> None:
        by_themselves.append(timer.subject_id)

    monkeypatch.setitem(HANDLERS, TimerKind.WORKER_LEFT, alone)  # type: ignore[arg-type]
    with clock.frozen(clock._system):
        await room.worker(380)
        await room.worker(390)
        call = await room.call_for_help(0)
        async with room.database.write() as session:
            await session.execute(MANY_WORKERS, {"count": 3000})
            await session.execute(sa.text("UPDATE offers SET expires_at = now()"))
            await session.execute(sa.text("UPDATE timers SET due_at = now() WHERE kind = 'OFFER_EXPIRES'"))
        async with room.server().running(), asyncio.timeout(60):
            while CallEventKind.EXPIRED not in await room.kinds(call.id):
                await asyncio.sleep(0.01)
    assert Counter((await _statuses(room)).values())[WorkerStatus.OFF_DUTY] == 3000
    assert by_themselves == []


MANY_WORKERS = sa.text("""
WITH new AS (
  INSERT INTO workers (id, code, name, role, status, post, skills, languages)
  SELECT gen_random_uuid(), 'MANY-' || generate_series, 'Many', role, 'AVAILABLE', post, skills, languages
  FROM (SELECT * FROM workers LIMIT 1) AS one, generate_series(1, :count) RETURNING id
)
INSERT INTO timers (id, kind, subject_id, due_at, guard, attempts)
SELECT gen_random_uuid(), 'WORKER_LEFT', id, now() - interval '1 minute', '{"reason": "SHIFT_ENDED"}', 0 FROM new
""")
