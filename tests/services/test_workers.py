"""On duty by shift and by own word; positions that are one, and only those."""

from datetime import datetime, time, timedelta

import pytest
import sqlalchemy as sa

from fixtures import makers
from services import calls, clock, shifts, workers
from services.errors import Invalid, NotFound
from services.models import DutyPattern, Position, Shift, Worker, WorkerStatus
from services.workers import PositionInFuture, PositionInvalid
from tests.callroom import CallRoom
from tests.conftest import StandingClock


async def test_the_planned_shift_begins_with_the_workers_word(room: CallRoom, standing_clock: StandingClock) -> None:
    worker = await room.worker(300, duty=False)
    starts, ends = await _plan(room, worker, hours=(0.5, 8))
    assert (await _start(room, worker)).status is WorkerStatus.AVAILABLE
    async with room.database.read() as session:
        shift = (await session.scalars(sa.select(Shift))).one()
    assert (shift.starts_at, shift.ends_at, shift.began_at) == (starts, ends, standing_clock.moment)


async def test_without_a_plan_the_own_word_makes_a_shift_of_four_hours(
    room: CallRoom, standing_clock: StandingClock
) -> None:
    worker = await room.worker(300, duty=False)
    await _plan(room, worker, hours=(1, 8))
    await _start(room, worker)
    standing_clock.forward(hours=4)
    await room.tick()
    assert await _status(room, worker) is WorkerStatus.OFF_DUTY


async def test_a_shift_over_midnight_lasts_until_the_morning(room: CallRoom, standing_clock: StandingClock) -> None:
    worker = await room.worker(300, duty=False)
    # Wednesday 22:00 to Thursday 06:00 in Shanghai, where it is 09:00 on Wednesday now
    async with room.database.write() as session:
        session.add(DutyPattern(worker_id=worker.id, weekdays=[3], starts=time(22), ends=time(6)))
        await session.flush()
        await shifts.extend_shifts(session, clock.now() + timedelta(days=1))
    standing_clock.forward(hours=13)
    await _start(room, worker)
    standing_clock.forward(hours=7, minutes=59)
    await room.tick()
    assert await _status(room, worker) is WorkerStatus.AVAILABLE
    standing_clock.forward(minutes=1)
    await room.tick()
    assert await _status(room, worker) is WorkerStatus.OFF_DUTY


async def test_who_says_off_duty_is_off_duty_and_may_come_back(room: CallRoom) -> None:
    worker = await room.worker(300)
    async with room.database.write() as session:
        assert (await workers.end_shift(session, worker.id)).status is WorkerStatus.OFF_DUTY
    assert (await _start(room, worker)).status is WorkerStatus.AVAILABLE
    assert (await _start(room, worker)).status is WorkerStatus.AVAILABLE


async def test_who_leaves_while_at_the_door_stays_bound_until_it_is_over(room: CallRoom) -> None:
    worker = await room.worker(300)
    call = await room.call_for_help()
    await room.accept(call.id)
    async with room.database.write() as session:
        await calls.arrive(session, call.id, worker.id)
    async with room.database.write() as session:
        await workers.end_shift(session, worker.id)
    await room.tick()
    assert (await room.call(call.id)).holder_id == worker.id
    assert await _status(room, worker) is WorkerStatus.COMMITTED


async def test_a_disabled_worker_cannot_go_on_duty(room: CallRoom) -> None:
    worker = await room.worker(300, duty=False)
    async with room.database.write() as session:
        await session.execute(sa.update(Worker).values(disabled_at=clock.now()))
    with pytest.raises(NotFound):
        await _start(room, worker)


async def test_the_newest_fix_stands(room: CallRoom, standing_clock: StandingClock) -> None:
    worker = await room.worker(300)
    now = standing_clock.moment
    for x, age in ((400, 10), (500, 5), (600, 20)):
        await _report(room, worker, *makers.degrees(x, 500), now - timedelta(seconds=age))
    async with room.database.read() as session:
        position = (await session.scalars(sa.select(Position))).one()
    assert position.fixed_at == now - timedelta(seconds=5)


async def test_many_positions_are_kept_in_one_statement_the_newest_of_each_worker(room: CallRoom) -> None:
    crew = [await room.worker(300, duty=False) for _ in range(3)]
    now = clock.now()
    fixes = [
        workers.Fix(worker.id, *makers.degrees(100 * n + age, 500), now - timedelta(seconds=age))
        for n, worker in enumerate(crew)
        for age in (5, 20, 10)
    ]
    async with room.database.write() as session:
        await workers.keep_positions(session, fixes)
        await workers.keep_positions(session, [])
    async with room.database.read() as session:
        kept = {position.worker_id: position for position in await session.scalars(sa.select(Position))}
    assert {worker.id: now - kept[worker.id].fixed_at for worker in crew} == {
        worker.id: timedelta(seconds=5) for worker in crew
    }


@pytest.mark.parametrize(
    ("longitude", "latitude", "accuracy", "seconds_ahead", "refusal"),
    [
        (0.0, 0.0, 5, 0, PositionInvalid),
        (float("nan"), 26.5, 5, 0, PositionInvalid),
        (181.0, 26.5, 5, 0, PositionInvalid),
        (106.7, 26.5, 2001, 0, PositionInvalid),
        (106.7, 26.5, -1, 0, PositionInvalid),
        (106.7, 26.5, 5, 61, PositionInFuture),
    ],
)
async def test_what_is_no_position_is_refused_and_the_old_one_stays(
    room: CallRoom,
    longitude: float,
    latitude: float,
    accuracy: float,
    seconds_ahead: float,
    refusal: type[Invalid],
) -> None:
    worker = await room.worker(300)
    await _report(room, worker, *makers.degrees(400, 500), clock.now())
    with pytest.raises(refusal):
        await _report(room, worker, longitude, latitude, clock.now() + timedelta(seconds=seconds_ahead), accuracy)
    async with room.database.read() as session:
        place = sa.select(sa.func.ST_X(Position.location), sa.func.ST_Y(Position.location))
        assert tuple((await session.execute(place)).one()) == pytest.approx(makers.degrees(400, 500))


async def _start(room: CallRoom, worker: Worker) -> Worker:
    async with room.database.write() as session:
        return await workers.start_shift(session, worker.id)


async def _plan(room: CallRoom, worker: Worker, hours: tuple[float, float]) -> tuple[datetime, datetime]:
    starts, ends = (clock.now() + timedelta(hours=hour) for hour in hours)
    async with room.database.write() as session:
        session.add(Shift(worker_id=worker.id, starts_at=starts, ends_at=ends))
    return starts, ends


async def _report(
    room: CallRoom, worker: Worker, longitude: float, latitude: float, fixed_at: datetime, accuracy: float = 10
) -> None:
    async with room.database.write() as session:
        await workers.report_position(session, worker.id, longitude, latitude, fixed_at, accuracy)


async def _status(room: CallRoom, worker: Worker) -> WorkerStatus:
    async with room.database.read() as session:
        return (await session.get_one(Worker, worker.id)).status
