"""Calls that nobody at the desk has answered ring again together, each as if by itself."""

import uuid
from datetime import timedelta

import sqlalchemy as sa

from services import bells, clock, surge, sweep, timelines
from services.models import CallEventKind, Message, TerminalButton, Timer
from services.models.timers import TimerKind
from tests.callroom import CallRoom
from tests.conftest import StandingClock


async def _ringing(room: CallRoom, count: int, first: TerminalButton = TerminalButton.HELP) -> list[uuid.UUID]:
    numbers = [await room.add_home(0, 100 + 10 * n) for n in range(count)]
    buttons = [first] + [TerminalButton.HELP] * (count - 1)
    calls = [(await room.press(number, button=one)).call.id for number, one in zip(numbers, buttons, strict=True)]
    await surge.attempt(room.database, calls)
    return calls


async def _ring(room: CallRoom) -> int:
    async with room.database.write() as session:
        return await bells.ring_again(session, room.rules)


async def _bells(room: CallRoom) -> dict[uuid.UUID, float]:
    """In how many seconds each call rings again; one bell each."""
    async with room.database.read() as session:
        found = list(await session.scalars(sa.select(Timer).where(Timer.kind == TimerKind.RING_AGAIN)))
    assert len({timer.subject_id for timer in found}) == len(found)
    return {timer.subject_id: (timer.due_at - clock.now()) / timedelta(seconds=1) for timer in found}


async def _rung(room: CallRoom, call_id: uuid.UUID) -> list[str]:
    """The reason of each ring."""
    await room.call(call_id)  # which folds the timeline
    return [line.detail["reason"] for line in await room.lines(call_id) if line.kind is CallEventKind.RANG]


async def test_many_ring_again_together(room: CallRoom, standing_clock: StandingClock) -> None:
    """All but the emergency, which rings each 15 s, after 30 s."""
    calls = await _ringing(room, 6, TerminalButton.EMERGENCY)
    assert await _bells(room) == {calls[0]: 15.0, **dict.fromkeys(calls[1:], 30.0)}
    standing_clock.forward(seconds=30)
    assert await _ring(room) == 6
    assert await _ring(room) == 0
    assert await _bells(room) == {calls[0]: 15.0, **dict.fromkeys(calls[1:], 30.0)}
    for call_id in calls:
        assert await _rung(room, call_id) == ["DUTY_DESK", "NOBODY_ANSWERED"]
    async with room.database.read() as session:
        told = list(await session.scalars(sa.select(Message).where(Message.template == "DUTY_DESK_RINGS")))
    assert sorted(message.body["reason"] for message in told) == ["DUTY_DESK"] * 6 + ["NOBODY_ANSWERED"] * 6
    assert (await sweep.sweep(room.database)).count == 0


async def test_a_few_ring_one_by_one(room: CallRoom, standing_clock: StandingClock) -> None:
    calls = await _ringing(room, 4)
    standing_clock.forward(seconds=30)
    assert await _ring(room) == 0
    assert await room.tick() >= 4  # the DISPATCH of each is due, too
    assert [await _rung(room, call_id) for call_id in calls] == [["DUTY_DESK", "NOBODY_ANSWERED"]] * 4
    assert set((await _bells(room)).values()) == {30.0}


async def test_a_call_that_somebody_answers_just_now_is_not_rung_over(
    room: CallRoom, standing_clock: StandingClock
) -> None:
    calls = await _ringing(room, 6)
    standing_clock.forward(seconds=30)
    async with room.database.write() as session:
        await timelines.lock(session, calls[0])
        assert await _ring(room) == 5
    assert await _bells(room) == {calls[0]: 0.0, **dict.fromkeys(calls[1:], 30.0)}
    assert await _rung(room, calls[0]) == ["DUTY_DESK"]
