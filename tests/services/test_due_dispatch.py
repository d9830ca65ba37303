"""DISPATCH timers by the many: lent to one process, due again when that one dies; and presses that go first."""

import asyncio
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from services import clock, due_dispatch, sweep, timers
from services.call_timers import HANDLERS
from services.dispatcher import Dispatcher
from services.ladder import CallRules
from services.models import CallEventKind, CallStatus, TerminalButton, Timer
from services.models.timers import TimerKind
from tests.callroom import CallRoom
from tests.conftest import StandingClock


async def _pressed(room: CallRoom, count: int) -> list[uuid.UUID]:
    numbers = [await room.add_home(0, 100 + 10 * n) for n in range(count)]
    return [(await room.press(number)).call.id for number in numbers]


async def _lent(room: CallRoom) -> dict[uuid.UUID, int]:
    async with room.database.write() as session:
        return await due_dispatch.lend(session, room.rules.surge_calls, room.rules)


async def _due(room: CallRoom) -> set[float]:
    """In how many seconds the DISPATCH timers are due."""
    async with room.database.read() as session:
        found = await session.scalars(sa.select(Timer.due_at).where(Timer.kind == TimerKind.DISPATCH))
        return {(due_at - clock.now()).total_seconds() for due_at in found}


async def test_many_that_are_due_are_lent_for_two_seconds(room: CallRoom, standing_clock: StandingClock) -> None:
    calls = await _pressed(room, 5)
    assert await _lent(room) == {}  # a press is given two seconds
    standing_clock.forward(seconds=2)
    assert set(await _lent(room)) == set(calls)
    assert await _due(room) == {2.0}
    assert await _lent(room) == {}
    standing_clock.forward(seconds=2)  # whoever had them has died
    assert set(await _lent(room)) == set(calls)


async def test_a_few_are_left_to_go_one_by_one(room: CallRoom, standing_clock: StandingClock) -> None:
    await _pressed(room, 4)
    standing_clock.forward(seconds=2)
    assert await _lent(room) == {}
    assert await _due(room) == {0.0}
    assert await timers.run_due(room.database, HANDLERS, rules=room.rules, but=[TimerKind.DISPATCH]) == 0
    assert await room.tick() == 4


async def test_an_emergency_is_lent_as_one_so_that_it_does_not_wait_with_the_others(
    room: CallRoom, standing_clock: StandingClock
) -> None:
    calls = await _pressed(room, 5)
    urgent = (await room.press(await room.add_home(0, 200), button=TerminalButton.EMERGENCY)).call.id
    standing_clock.forward(seconds=2)
    assert await _lent(room) == {**dict.fromkeys(calls, 3), urgent: 6}


async def test_no_two_processes_are_lent_the_same(room: CallRoom, standing_clock: StandingClock) -> None:
    calls = await _pressed(room, 20)
    standing_clock.forward(seconds=2)
    lent = await asyncio.gather(*(_lent(room) for _ in range(4)))
    assert sorted(call_id for some in lent for call_id in some) == sorted(calls)


async def test_what_a_process_has_in_hand_is_not_lent_to_another(room: CallRoom, standing_clock: StandingClock) -> None:
    """Three of nine are kept: they are due two seconds later, as if they had been lent."""
    calls = await _pressed(room, 9)
    standing_clock.forward(seconds=2)
    async with room.database.write() as session:
        await due_dispatch.keep(session, calls[:3], room.rules)
    assert await _due(room) == {0.0, 2.0}
    assert set(await _lent(room)) == set(calls[3:])


async def test_calls_whose_server_died_go_together_at_another(room: CallRoom) -> None:
    """Six presses that nobody dispatches: the timers bring them to the other server's dispatcher, and all ring."""
    rules = CallRules(dispatch_retry_seconds=0.2)
    room.rules = rules

    with clock.frozen(clock._system):
        calls = await _pressed(room, 6)
        async with room.server(rules).running(), asyncio.timeout(60):
            while {(await room.call(call_id)).status for call_id in calls} != {CallStatus.RINGING}:
                await asyncio.sleep(0.1)
    for call_id in calls:
        skipped = [CallEventKind.RUNG_SKIPPED] * 4
        assert await room.kinds(call_id) == [CallEventKind.OPENED, *skipped, CallEventKind.RANG]
    assert (await sweep.sweep(room.database, rules)).count == 0


class Running:
    """A dispatcher at work, and a crowd that the test opens and closes."""

    def __init__(self, room: CallRoom) -> None:
        self.crowded = True
        self.dispatcher = Dispatcher(room.database, room.rules)
        self.dispatcher.give_way_to(lambda: self.crowded)
        self.task = asyncio.create_task(self.dispatcher.run())

    async def rest(self) -> None:
        """Until all is done that was put in."""
        async with asyncio.timeout(60):
            while not self.dispatcher.idle:
                await asyncio.sleep(0.01)
        self.task.cancel()


async def test_presses_go_first_but_no_emergency_waits_for_them(
    room: CallRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.dispatcher.MOST_PATIENCE_SECONDS", 3600.0)
    (call_id,) = await _pressed(room, 1)
    urgent = (await room.press(0, button=TerminalButton.EMERGENCY)).call
    running = Running(room)
    running.dispatcher.put(call_id, 3)
    running.dispatcher.put(urgent.id, urgent.priority)
    async with asyncio.timeout(60):
        while (await room.call(urgent.id)).status is not CallStatus.RINGING:
            await asyncio.sleep(0.01)
    assert (await room.call(call_id)).status is CallStatus.OPEN
    running.crowded = False
    await running.rest()
    assert (await room.call(call_id)).status is CallStatus.RINGING


async def test_a_flood_that_does_not_end_keeps_nobody_from_help(
    room: CallRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.dispatcher.MOST_PATIENCE_SECONDS", 0.05)
    calls = await _pressed(room, 6)
    running = Running(room)
    for call_id in calls:
        running.dispatcher.put(call_id)
    await running.rest()
    assert running.crowded
    assert {(await room.call(call_id)).status for call_id in calls} == {CallStatus.RINGING}
    assert max(await _due(room)) <= timedelta(seconds=2).total_seconds()
