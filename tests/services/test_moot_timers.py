"""Timers that have nothing left to do go all at once; none that a call still needs goes with them."""

import sqlalchemy as sa

from services import moot_timers, sweep, timers
from services.call_timers import HANDLERS
from services.models import CallStatus, Timer, TimerKind
from tests.callroom import CallRoom
from tests.conftest import StandingClock


async def _waiting(room: CallRoom) -> list[str]:
    async with room.database.read() as session:
        others = (TimerKind.CONTACTS_UNANSWERED, TimerKind.WORKER_LEFT)
        return sorted(await session.scalars(sa.select(Timer.kind).where(Timer.kind.not_in(others))))


async def _cleared(room: CallRoom) -> int:
    async with room.database.write() as session:
        return await moot_timers.clear(session)


async def test_what_an_accepted_call_has_left_behind_is_cleared(room: CallRoom, standing_clock: StandingClock) -> None:
    """The press's own timer and the offer's expiry have nothing to do; asking after still has."""
    await room.worker(300)
    call = await room.call_for_help()
    await room.accept(call.id)
    standing_clock.forward(seconds=45)
    assert await _cleared(room) == 2
    assert await _waiting(room) == [TimerKind.ASK_AFTER]


async def test_contacts_need_not_hear_of_a_call_that_was_answered(
    room: CallRoom, standing_clock: StandingClock
) -> None:
    """After 180 s the timers of the press (two) and of the offer are due and moot for the call that was accepted."""
    await room.worker(300)
    answered = await room.call_for_help(0)
    await room.accept(answered.id)
    await room.press(1)
    standing_clock.forward(seconds=180)
    assert await _cleared(room) == 3
    async with room.database.read() as session:
        left = sa.select(Timer.subject_id).where(Timer.kind == TimerKind.CONTACTS_UNANSWERED)
        assert answered.id not in set(await session.scalars(left))


async def test_nothing_is_cleared_before_it_is_due(room: CallRoom) -> None:
    await room.worker(300)
    call = await room.call_for_help()
    await room.accept(call.id)
    assert await _cleared(room) == 0


async def test_what_a_call_needs_stays(room: CallRoom, standing_clock: StandingClock) -> None:
    """One call is open since its server died, one is offered and runs out, one rings: each goes on by its timer."""
    await room.worker(300)
    offered = await room.call_for_help(0)
    standing_clock.forward(seconds=43)
    opened = (await room.press(1)).call
    standing_clock.forward(seconds=2)
    assert await _cleared(room) == 1  # the DISPATCH of the first, which was dispatched
    assert await _waiting(room) == [TimerKind.DISPATCH, TimerKind.OFFER_EXPIRES]
    await timers.run_due(room.database, HANDLERS)
    assert (await room.call(offered.id)).status is CallStatus.RINGING
    assert (await room.call(opened.id)).status is CallStatus.OFFERED
    standing_clock.forward(seconds=30)
    await _cleared(room)
    await timers.run_due(room.database, HANDLERS)
    assert (await sweep.sweep(room.database)).count == 0


async def test_a_call_that_is_in_other_hands_is_left_alone(room: CallRoom, standing_clock: StandingClock) -> None:
    """Whoever holds the call's lock may be about to open it again, counting on the timer that is there."""
    await room.worker(300)
    call = await room.call_for_help()
    await room.accept(call.id)
    standing_clock.forward(seconds=45)
    async with room.database.write() as session:
        await session.execute(sa.text("SELECT FROM calls WHERE id = :id FOR UPDATE"), {"id": call.id})
        assert await _cleared(room) == 0
    assert await _cleared(room) == 2
