"""Wake-ups: who waits is told, and a line that does not carry any longer is found out."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa

from services import events, wakeups
from services.database import Database
from services.models import Area, AreaLevel, TerminalButton
from services.press_batches import PressBatches
from services.press_orders import PressOrder
from services.wakeups import Bell, Wakeups
from tests.callroom import KEYRING, CallRoom

PATIENCE_SECONDS = 20


@asynccontextmanager
async def listening(database: Database) -> AsyncIterator[Wakeups]:
    """Wake-ups that hear."""
    found = Wakeups(database)
    running = asyncio.create_task(found.run())
    try:
        await hears(found)
        yield found
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def hears(found: Wakeups) -> None:
    """Until the line stands."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while found.patience != wakeups.RING_ANYHOW_WHILE_HEARING_SECONDS:
            await asyncio.sleep(0.01)


async def tell(room: CallRoom, channel: str, subject: str) -> None:
    """Committed."""
    async with room.database.write() as session:
        await session.execute(sa.select(sa.func.pg_notify(channel, subject)))


async def is_told(room: CallRoom, bell: Bell) -> None:
    """What is told from now on rings the bell of the one who waits for it."""
    while await bell.wait(0):
        pass
    await tell(room, events.CALLS, "somebody")
    assert await bell.wait(PATIENCE_SECONDS)


async def test_a_subject_is_told_on_its_channel_only(room: CallRoom) -> None:
    """The same id on another channel stays silent, and so does another id."""
    async with listening(room.database) as found:
        with (
            found.bell(events.OFFERS, "one") as told,
            found.bell(events.ACCOUNTS, "one") as other,
            found.bell(events.OFFERS, "two") as neighbour,
        ):
            await tell(room, events.OFFERS, "one")
            assert await told.wait(PATIENCE_SECONDS)
            assert not await other.wait(0)
            assert not await neighbour.wait(0)


@pytest.mark.parametrize("presses", [1, 4])
async def test_a_press_is_told_to_every_server(room: CallRoom, presses: int) -> None:
    """Also to one that did not take it, and whoever follows the district; alone, and as one of a batch."""
    for x in (100, 200):
        await room.add_home(0, x)
    batches = PressBatches(room.database, KEYRING, room.rules)
    async with listening(room.database) as found, room.database.read() as session:
        district = await session.scalar(sa.select(Area.id).where(Area.level == AreaLevel.DISTRICT))
        orders = [PressOrder(room.terminals[n].serial, "one", TerminalButton.HELP) for n in range(presses)]
        with found.bell(events.CALLS, district) as bell:
            while await bell.wait(0):
                pass
            await asyncio.gather(*(batches.press(order, room.signed(n, order)) for n, order in enumerate(orders)))
            assert await bell.wait(PATIENCE_SECONDS)


async def test_who_is_not_heard_of_looks_sooner(room: CallRoom) -> None:
    """A second without a listener, fifteen with one whose line is proven each second."""
    assert Wakeups(room.database).patience == 1.0
    async with listening(room.database) as found:
        assert found.patience == 15.0


async def test_a_line_that_is_cut_wakes_everybody_and_is_laid_again(room: CallRoom) -> None:
    """What was told in between is lost: all look."""
    async with listening(room.database) as found:
        with found.bell(events.CALLS, "somebody") as bell:
            os.kill(await listener(room), signal.SIGTERM)
            assert await bell.wait(PATIENCE_SECONDS)
            await hears(found)
            await is_told(room, bell)


async def test_a_line_that_is_silent_is_found_out(room: CallRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    """The backend of the line is frozen: nothing says so but that it does not answer. All look, by another line."""
    monkeypatch.setattr(wakeups, "PROVE_SECONDS", 0.05)
    monkeypatch.setattr(wakeups, "ANSWER_SECONDS", 0.5)
    async with listening(room.database) as found:
        frozen = await listener(room)
        os.kill(frozen, signal.SIGSTOP)
        try:
            with found.bell(events.CALLS, "somebody") as bell:
                assert await bell.wait(PATIENCE_SECONDS)
                await hears(found)
                await is_told(room, bell)
        finally:
            os.kill(frozen, signal.SIGCONT)


async def listener(room: CallRoom) -> int:
    """The process of the server that serves the line."""
    own = sa.text("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = :name")
    async with room.database.read() as session:
        pid: int = (await session.execute(own, {"name": wakeups.NAME})).scalar_one()
    return pid
