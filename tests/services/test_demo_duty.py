"""In the demo town somebody is on duty a day after the load; in any other town nobody is, but by the own word."""

from datetime import timedelta

from fixtures import makers
from services import clock, demo_duty, shifts, workers
from services.models import Role, Shift, Worker, WorkerStatus, new_id
from services.tokens import demo_login
from tests.callroom import CallRoom
from tests.conftest import StandingClock


async def _planned(room: CallRoom, starts_in: timedelta, *, demo: bool) -> Worker:
    """A worker with a shift of eight hours, in a town that is the demo's or not."""
    worker = await room.worker(300, duty=False)
    starts = clock.now() + starts_in
    async with room.database.write() as session:
        shift = Shift(id=new_id(), worker_id=worker.id, starts_at=starts, ends_at=starts + timedelta(hours=8))
        session.add(shift)
        if demo:
            await makers.make_account(session, Role.ADMIN, login=demo_login(Role.ADMIN))
    return worker


async def _status(room: CallRoom, worker: Worker) -> WorkerStatus:
    async with room.database.read() as session:
        return (await session.get_one(Worker, worker.id)).status


async def test_a_shift_of_tomorrow_begins_tomorrow(room: CallRoom, standing_clock: StandingClock) -> None:
    """And a call is offered then, though nobody has said a word."""
    worker = await _planned(room, timedelta(days=1), demo=True)
    assert await demo_duty.keep(room.database) == 0
    standing_clock.forward(days=1)
    assert await demo_duty.keep(room.database) == 1
    assert await demo_duty.keep(room.database) == 0
    call = await room.call_for_help()
    assert await room.asked(call.id) == worker.id


async def test_who_has_left_the_shift_is_not_called_back(room: CallRoom, standing_clock: StandingClock) -> None:
    worker = await _planned(room, timedelta(), demo=True)
    await demo_duty.keep(room.database)
    async with room.database.write() as session:
        await workers.end_shift(session, worker.id)
    assert await demo_duty.keep(room.database) == 0
    assert await _status(room, worker) is WorkerStatus.OFF_DUTY


async def test_in_any_other_town_only_the_own_word_counts(room: CallRoom, standing_clock: StandingClock) -> None:
    worker = await _planned(room, timedelta(), demo=False)
    assert await demo_duty.keep(room.database) == 0
    assert await _status(room, worker) is WorkerStatus.OFF_DUTY


def test_shifts_are_planned_farther_ahead_than_a_week() -> None:
    """The planner asks for the coming week; a town that nobody imports into again has shifts for it."""
    assert shifts.HORIZON >= timedelta(days=7)
