"""The sweep: finds nothing in what we do, and everything that is broken on purpose; and puts it right."""

import pytest
import sqlalchemy as sa

from services import sweep as sweeping
from services.models import CallStatus, TerminalButton
from services.sweep import sweep
from tests.callroom import CallRoom
from tests.conftest import StandingClock


async def test_nothing_is_wrong_at_any_step_of_a_call(room: CallRoom, standing_clock: StandingClock) -> None:
    await room.worker(300)
    call = (await room.press()).call
    assert (await sweep(room.database)).open_calls == 1
    for seconds in (2, 45, 30, 30):
        standing_clock.forward(seconds=seconds)
        await room.tick()
        found = await sweep(room.database)
        assert (found.open_calls, found.count) == (1, 0)
    assert (await room.call(call.id)).status is CallStatus.RINGING


@pytest.mark.parametrize(
    ("fault", "broken_by", "status"),
    [
        ("OPEN_WITHOUT_DISPATCH", "DELETE FROM timers WHERE kind = 'DISPATCH'", CallStatus.OPEN),
        ("OFFERED_WITHOUT_LIVE_OFFER", "UPDATE offers SET status = 'WITHDRAWN'", CallStatus.OFFERED),
        ("HELD_BY_NOBODY", "UPDATE offers SET status = 'ENDED'", CallStatus.ACCEPTED),
        ("RINGING_WITHOUT_BELL", "DELETE FROM timers WHERE kind = 'RING_AGAIN'", CallStatus.RINGING),
    ],
)
async def test_what_is_broken_on_purpose_is_found_named_and_put_right(
    room: CallRoom, standing_clock: StandingClock, fault: str, broken_by: str, status: CallStatus
) -> None:
    if status in (CallStatus.OFFERED, CallStatus.ACCEPTED):
        await room.worker(300)
    call = (await room.press()).call if status is CallStatus.OPEN else await room.call_for_help()
    if status is CallStatus.ACCEPTED:
        await room.accept(call.id)
    assert (await room.call(call.id)).status is status
    async with room.database.write() as session:
        await session.execute(sa.text(broken_by))
    standing_clock.forward(seconds=6)
    found = await sweep(room.database)
    assert found.wrong[fault] == (call.id,)
    await room.tick()
    again = await sweep(room.database)
    assert {name for name, ids in again.wrong.items() if ids} == set()


async def test_a_call_that_waits_for_its_turn_is_no_finding_until_it_waits_too_long(
    room: CallRoom, standing_clock: StandingClock
) -> None:
    """Dispatch is due after 2 s. In a flood it comes later, and is on its way; a minute overdue nobody does timers."""
    call = (await room.press()).call
    standing_clock.forward(seconds=62)
    assert (await sweep(room.database)).count == 0
    standing_clock.forward(seconds=1)
    assert {name: ids for name, ids in (await sweep(room.database)).wrong.items() if ids} == {
        sweeping.OVERDUE: (call.id,)
    }
    await room.tick()
    assert (await sweep(room.database)).count == 0


async def test_an_offer_without_its_expiry_gets_it_back(room: CallRoom, standing_clock: StandingClock) -> None:
    """Due when the offer's 45 s are over, not at once: the worker has his whole time."""
    await room.worker(300)
    call = await room.call_for_help()
    async with room.database.write() as session:
        await session.execute(sa.text("DELETE FROM timers WHERE kind = 'OFFER_EXPIRES'"))
    assert (await sweep(room.database)).wrong["OFFERED_WITHOUT_LIVE_OFFER"] == (call.id,)
    assert (await sweep(room.database)).count == 0
    standing_clock.forward(seconds=44)
    await room.tick()
    assert (await room.call(call.id)).status is CallStatus.OFFERED
    standing_clock.forward(seconds=1)
    await room.tick()
    assert (await room.call(call.id)).status is CallStatus.RINGING


async def test_a_worker_who_is_bound_to_nothing_is_freed(room: CallRoom) -> None:
    worker = await room.worker(300)
    async with room.database.write() as session:
        await session.execute(sa.text("UPDATE workers SET status = 'OFFERED'"))
    assert (await sweep(room.database)).wrong[sweeping.LOOSE_WORKER] == (worker.id,)
    assert (await sweep(room.database)).count == 0
    call = await room.call_for_help(button=TerminalButton.EMERGENCY)
    assert await room.asked(call.id) == worker.id
