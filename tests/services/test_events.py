"""Live events: numbered without a gap in every area, whoever writes and reads; nothing twice, nothing missed."""

import asyncio

import pytest
import sqlalchemy as sa

from services import connections, events, timelines
from services.database import Database
from services.events import Live
from services.models import CallEventKind
from tests.callroom import CallRoom
from tests.conftest import StandingClock


async def test_each_area_on_the_way_up_sees_the_calls_in_it_numbered_from_one(room: CallRoom) -> None:
    first, second = (await room.press(0)).call, (await room.press(1)).call
    await room.press(0)
    community, *_ = [await events.read_after(room.database, area, 0) for area in first.area_ids[1:]]
    assert [(live.sequence, live.call_id, live.kind) for live in community] == [
        (1, first.id, CallEventKind.OPENED),
        (2, second.id, CallEventKind.OPENED),
        (3, first.id, CallEventKind.PRESSED_AGAIN),
    ]
    assert [(live.status.value, live.priority) for live in community] == [("OPEN", 3), ("OPEN", 3), ("OPEN", 4)]
    grid = await events.read_after(room.database, room.grids[1].id, 0)
    assert [(live.sequence, live.call_id) for live in grid] == [(1, second.id)]


async def test_a_client_that_comes_back_goes_on_where_it_was(room: CallRoom) -> None:
    call = (await room.press()).call
    area = call.area_ids[1]
    seen = await events.read_after(room.database, area, 0)
    assert await events.read_after(room.database, area, seen[-1].sequence) == []
    await room.press()
    await room.press()
    assert [live.sequence for live in await events.read_after(room.database, area, seen[-1].sequence)] == [2, 3]
    assert [live.sequence for live in await events.read_after(room.database, area, 0, limit=2)] == [1, 2]


async def test_what_commits_late_gets_a_late_number_and_is_not_missed(room: CallRoom) -> None:
    await room.press(0)
    area = room.community.id if room.community else room.grids[0].id
    async with room.database.write() as slow:
        call = await timelines.lock(slow, (await room.press(1)).call.id)
        await timelines.record(slow, call, CallEventKind.ESCALATED)
        await room.press(0)
        before = await events.read_after(room.database, area, 0)
    after = await events.read_after(room.database, area, before[-1].sequence)
    assert [live.sequence for live in before] == [1, 2, 3]
    assert [(live.sequence, live.kind) for live in after] == [(4, CallEventKind.ESCALATED)]


async def test_many_writers_and_readers_leave_no_gap_and_no_double(
    room: CallRoom, standing_clock: StandingClock
) -> None:
    for number in range(8):
        await room.add_home(number % 2, 20 + 30 * number)
    assert room.community is not None
    area, done = room.community.id, asyncio.Event()

    async def read() -> list[Live]:
        seen: list[Live] = []
        while True:
            finished = done.is_set()
            new = await events.read_after(room.database, area, seen[-1].sequence if seen else 0, limit=7)
            seen += new
            if finished and not new:
                return seen

    readers = [asyncio.create_task(read()) for _ in range(3)]
    await asyncio.gather(*(room.press(number) for number in range(10) for _ in range(12)))
    done.set()
    for reader in readers:
        seen = await reader
        assert [live.sequence for live in seen] == list(range(1, 121))
        # in each call the presses come in order: the priority of HELP rises from 3 to 9 and stays
        for call_id in {live.call_id for live in seen}:
            rises = [live.priority for live in seen if live.call_id == call_id]
            assert rises == [3, 4, 5, 6, 7, 8, 9, 9, 9, 9, 9, 9]


async def test_streams_that_nobody_reads_are_numbered_in_passing(room: CallRoom) -> None:
    call = (await room.press()).call
    assert await events.number_all(room.database) == 4
    assert await events.number_all(room.database) == 0
    async with room.database.read() as session:
        assert [await events.last_sequence(session, area) for area in call.area_ids] == [1, 1, 1, 1]


async def test_a_frozen_writer_holds_up_no_press_and_no_reader(room: CallRoom) -> None:
    frozen = Database(str(room.database.engine.url.render_as_string(hide_password=False)), 1).acting_as("tests")
    try:
        async with frozen.write() as session:
            call = await timelines.lock(session, (await room.press(1)).call.id)
            await timelines.record(session, call, CallEventKind.ESCALATED)
            async with asyncio.timeout(5):
                pressed = await room.press(0)
                seen = await events.read_after(room.database, pressed.call.area_ids[1], 0)
            assert [live.sequence for live in seen] == [1, 2]
    finally:
        await frozen.close()


async def test_a_server_that_freezes_while_it_numbers_keeps_no_stream(
    room: CallRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds the lock of the stream, for which everybody who follows the area waits; the store takes it away."""
    monkeypatch.setattr(connections, "STANDS_STILL_SECONDS", 0.3)
    frozen = Database(str(room.database.engine.url.render_as_string(hide_password=False)), 1).acting_as("events")
    area = (await room.press(0)).call.area_ids[1]
    seen: list[Live] = []

    async def freeze() -> None:
        async with frozen.write() as session:
            assert await events.number(session, area) == 1
            async with asyncio.timeout(30):
                seen.extend(await events.read_after(room.database, area, 0))

    with pytest.raises(sa.exc.DBAPIError):
        await freeze()
    assert [live.sequence for live in seen] == [1]
    await frozen.close()


async def test_numbering_in_passing_wakes_those_who_follow(room: CallRoom) -> None:
    """Whoever has missed what the press told hears of it by the sweep."""
    areas = (await room.press()).call.area_ids
    async with await connections.own_line(room.database.engine.url) as listener:
        await listener.execute(f"LISTEN {events.CALLS}")
        assert await events.number_all(room.database) == 4
        told = [notice.payload async for notice in listener.notifies(timeout=30, stop_after=4)]
    assert sorted(told) == sorted(map(str, areas))
