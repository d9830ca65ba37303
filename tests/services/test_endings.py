"""Whatever was asked to end ends, also when the asking meets a fault or an answer."""

import asyncio

import pytest

from services import background, endings
from services.background import again
from services.wakeups import Wakeups
from tests.callroom import CallRoom


async def test_a_loop_that_loses_what_it_is_told_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancelled twice, and the faults of those that end are kept from nobody else."""
    monkeypatch.setattr(endings, "ASK_AGAIN_SECONDS", 0.05)
    asked = 0

    async def hard_of_hearing() -> None:
        nonlocal asked
        while asked < 2:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                asked += 1

    async def stumbles() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            raise OSError

    tasks = [asyncio.create_task(each()) for each in (hard_of_hearing, stumbles)]
    await asyncio.sleep(0)
    await endings.end(*tasks)
    assert asked == 2
    assert isinstance(tasks[1].exception(), OSError)


async def test_a_fault_on_leaving_does_not_keep_a_round_going() -> None:
    """What a library raises in the place of the cancellation is a fault like others, but it is the last round."""
    rounds = 0

    async def act() -> None:
        nonlocal rounds
        rounds += 1
        try:
            await asyncio.sleep(60)
        finally:
            raise OSError

    task = asyncio.create_task(again(act, 0))
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait({task}, timeout=10)
    assert (task.cancelled(), rounds) == (True, 1)


async def test_a_loop_that_fails_is_begun_again(room: CallRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those that are endless by themselves, such as the line to the broker: no fault ends them for good."""
    monkeypatch.setattr(background, "AFTER_FAULT_SECONDS", 0.05)
    begun = asyncio.Queue[None]()

    async def fails() -> None:
        begun.put_nowait(None)
        raise ZeroDivisionError

    async with room.server(None, fails).running(), asyncio.timeout(30):
        for _ in range(3):
            await begun.get()


@pytest.mark.parametrize("steps", range(4))
async def test_whoever_waits_for_a_bell_hears_that_it_is_over(room: CallRoom, steps: int) -> None:
    """Rung, and told to end some steps of the event loop later: who still waits ends."""
    wakeups = Wakeups(room.database)
    with wakeups.bell("calls", "somewhere") as bell:
        waiting = asyncio.create_task(bell.wait(60))
        await asyncio.sleep(0.01)
        bell.ring()
        for _ in range(steps):
            await asyncio.sleep(0)
        was_waiting = waiting.cancel()
        await asyncio.wait({waiting}, timeout=10)
    assert waiting.cancelled() == was_waiting
