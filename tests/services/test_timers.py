"""Timers: rows that any process takes, done once, lost by no crash, not held up by one that fails."""

import asyncio
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, connections, timers
from services.database import Database
from services.ladder import CallRules
from services.models import Timer
from tests.callroom import CallRoom
from tests.conftest import StandingClock


async def test_a_timer_is_done_when_it_is_due_and_not_before(room: CallRoom, standing_clock: StandingClock) -> None:
    done: list[str] = []

    async def note(session: AsyncSession, timer: Timer, rules: CallRules) -> None:
        done.append(timer.guard["name"])

    await _put(room, ("late", 20), ("early", 10))
    standing_clock.forward(seconds=9)
    assert await timers.run_due(room.database, {"NOTE": note}) == 0
    standing_clock.forward(seconds=11)
    assert await timers.run_due(room.database, {"NOTE": note}) == 2
    assert done == ["early", "late"]
    assert await timers.run_due(room.database, {"NOTE": note}) == 0


async def test_eight_processes_do_each_of_a_hundred_timers_once(room: CallRoom) -> None:
    done: list[str] = []

    async def note(session: AsyncSession, timer: Timer, rules: CallRules) -> None:
        await asyncio.sleep(0)
        done.append(timer.guard["name"])

    await _put(room, *((str(number), 0) for number in range(100)))
    counts = await asyncio.gather(*(timers.run_due(room.database, {"NOTE": note}) for _ in range(8)))
    assert (sum(counts), len(done), len(set(done))) == (100, 100, 100)


async def test_one_that_fails_is_undone_stays_and_holds_up_no_other(
    room: CallRoom, standing_clock: StandingClock
) -> None:
    done: list[str] = []

    async def note(session: AsyncSession, timer: Timer, rules: CallRules) -> None:
        if timer.guard["name"] == "bad" and timer.attempts == 0:
            await timers.put(session, "NOTE", uuid.uuid4(), clock.now() + timedelta(days=1), name="half done")
            raise RuntimeError("broken")
        done.append(timer.guard["name"])

    await _put(room, ("bad", 0), ("good", 1))
    standing_clock.forward(seconds=1)
    await timers.run_due(room.database, {"NOTE": note})
    assert done == ["good"]
    async with room.database.read() as session:
        left = (await session.scalars(sa.select(Timer))).one()
    assert (left.guard["name"], left.attempts, left.problem) == ("bad", 1, "RuntimeError")
    standing_clock.forward(seconds=2)
    await timers.run_due(room.database, {"NOTE": note})
    assert done == ["good", "bad"]


async def test_a_process_that_dies_in_the_middle_loses_no_timer(room: CallRoom) -> None:
    await _put(room, ("one", 0))

    async def die(session: AsyncSession, timer: Timer, rules: CallRules) -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await timers.run_one(room.database, {"NOTE": die})
    done: list[str] = []

    async def note(session: AsyncSession, timer: Timer, rules: CallRules) -> None:
        done.append(timer.guard["name"])

    assert await timers.run_one(room.database, {"NOTE": note})
    assert done == ["one"]


async def test_a_kind_that_this_server_does_not_know_waits_for_one_that_does(room: CallRoom) -> None:
    await _put(room, ("one", 0))
    await timers.run_due(room.database, {})
    async with room.database.read() as session:
        assert (await session.scalars(sa.select(Timer.problem))).one() == "KeyError"


async def test_one_of_a_kind_is_put_once(room: CallRoom) -> None:
    subject = uuid.uuid4()
    async with room.database.write() as session:
        for _ in range(3):
            await timers.put_once(session, "NOTE", subject, clock.now())
        assert await session.scalar(sa.select(sa.func.count()).select_from(Timer)) == 1
        assert await timers.next_due_at(session) == clock.now()


async def _put(room: CallRoom, *named: tuple[str, float]) -> None:
    async with room.database.write() as session:
        for name, seconds in named:
            await timers.put(session, "NOTE", uuid.uuid4(), clock.now() + timedelta(seconds=seconds), name=name)


async def test_a_server_that_freezes_with_a_timer_in_its_hands_does_not_keep_it(
    room: CallRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others pass over what is in somebody's hands; the store opens the frozen hand, and then another does it."""
    monkeypatch.setattr(connections, "STANDS_STILL_SECONDS", 0.3)
    url = room.database.engine.url.render_as_string(hide_password=False)
    frozen, done = Database(url, 1).acting_as("background"), list[str]()

    async def note(session: AsyncSession, timer: Timer, rules: CallRules) -> None:
        done.append(timer.guard["name"])

    async def freeze(session: AsyncSession, timer: Timer, rules: CallRules) -> None:
        assert await timers.run_one(room.database, {"NOTE": note}) is False
        async with asyncio.timeout(30):
            while not await timers.run_one(room.database, {"NOTE": note}):
                await asyncio.sleep(0.05)

    await _put(room, ("held", 0))
    with pytest.raises(sa.exc.DBAPIError):
        await timers.run_one(frozen, {"NOTE": freeze})
    assert done == ["held"]
    await frozen.close()
