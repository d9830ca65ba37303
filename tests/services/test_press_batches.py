"""Presses that come together are committed together, and each is answered as if it had come alone."""

import asyncio

import pytest
import sqlalchemy as sa

from services.models import Call, CallEventKind, CallMark, CallStatus, LiveEvent, Press, TerminalButton, Timer
from services.models.timers import TimerKind
from services.press_batches import PressBatches
from services.press_orders import PressOrder
from services.presses import Pressed
from services.terminal_keys import PressNotAuthentic, Signed
from services.terminals import PressInvalid
from tests.callroom import KEYRING, CallRoom

HELP = TerminalButton.HELP


@pytest.fixture
def batches(room: CallRoom) -> PressBatches:
    """Those of one server."""
    return PressBatches(room.database, KEYRING, room.rules)


def _order(room: CallRoom, number: int, reference: str, button: TerminalButton = HELP) -> tuple[PressOrder, Signed]:
    order = PressOrder(room.terminals[number].serial, reference, button)
    return order, room.signed(number, order)


async def _together(batches: PressBatches, *orders: tuple[PressOrder, Signed]) -> list[Pressed | BaseException]:
    """All at once: the first begins alone, the others make up the next batch."""
    return await asyncio.gather(*(batches.press(*order) for order in orders), return_exceptions=True)


async def _pressed(batches: PressBatches, *orders: tuple[PressOrder, Signed]) -> list[Pressed]:
    found = await _together(batches, *orders)
    assert all(isinstance(one, Pressed) for one in found), found
    return [one for one in found if isinstance(one, Pressed)]


async def test_each_home_has_its_call_with_all_that_belongs_to_it(room: CallRoom, batches: PressBatches) -> None:
    for x in (100, 200, 300, 400):
        await room.add_home(0, x)
    found = await _pressed(batches, *(_order(room, number, f"r{number}") for number in range(6)))
    assert len({one.call.id for one in found}) == 6
    assert not any(one.repeated or one.joined for one in found)
    for number, one in enumerate(found):
        call = await room.call(one.call.id)  # which also folds the timeline
        assert (call.household_id, call.terminal_serial) == (room.homes[number].id, room.terminals[number].serial)
        assert (call.status, call.priority, call.press_count) == (CallStatus.OPEN, 3, 1)
        assert call.location is not None
        assert await room.kinds(call.id) == [CallEventKind.OPENED]
    async with room.database.read() as session:
        kinds = sorted(await session.scalars(sa.select(Timer.kind)))
        lines = await session.scalar(sa.select(sa.func.count()).select_from(LiveEvent))
        references = set(await session.scalars(sa.select(Press.reference)))
    assert kinds == [TimerKind.CONTACTS_UNANSWERED] * 6 + [TimerKind.DISPATCH] * 6
    assert lines == 6 * 4  # grid, community, street, district
    assert references == {f"r{number}" for number in range(6)}


async def test_the_same_reference_is_the_same_press(room: CallRoom, batches: PressBatches) -> None:
    orders = [_order(room, 0, "lead"), *(_order(room, 1, "same") for _ in range(20))]
    _, *found = await _pressed(batches, *orders)
    assert len({one.call.id for one in found}) == 1
    assert sum(not one.repeated for one in found) == 1
    assert await room.count(Press) == 2
    assert (await room.call(found[0].call.id)).press_count == 1


async def test_two_presses_of_one_home_are_one_call(room: CallRoom, batches: PressBatches) -> None:
    orders = [_order(room, 0, "lead"), *(_order(room, 1, f"r{number}") for number in range(3))]
    _, *found = await _pressed(batches, *orders)
    assert len({one.call.id for one in found}) == 1
    assert sorted(one.joined for one in found) == [False, True, True]
    assert (await room.call(found[0].call.id)).press_count == 3


async def test_batches_of_two_servers_open_one_call_a_home(room: CallRoom, batches: PressBatches) -> None:
    """Each of six homes presses at both at once, by two references: six calls, each pressed twice."""
    other = PressBatches(room.database, KEYRING, room.rules)
    homes = [0, 1, *[await room.add_home(0, x) for x in (100, 200, 300, 400)]]
    both = zip((batches, other), ("a", "b"), strict=True)
    under_way = [_pressed(each, *(_order(room, home, name) for home in homes)) for each, name in both]
    found = [one for some in await asyncio.gather(*under_way) for one in some]
    assert len({one.call.id for one in found}) == len(homes)
    assert {(await room.call(one.call.id)).press_count for one in found} == {2}
    assert (await room.count(Call), await room.count(Press)) == (6, 12)


async def test_a_press_of_an_open_call_joins_it(room: CallRoom, batches: PressBatches) -> None:
    before = await room.press(1)
    _, joined = await _pressed(batches, _order(room, 0, "lead"), _order(room, 1, "again"))
    assert (joined.call.id, joined.joined) == (before.call.id, True)


async def test_a_wrong_signature_is_refused_and_the_others_stand(room: CallRoom, batches: PressBatches) -> None:
    far = await room.add_home(0, 100)
    forged = (_order(room, 1, "forged")[0], _order(room, 0, "forged")[1])
    lead, wrong, good = await _together(batches, _order(room, 0, "lead"), forged, _order(room, far, "good"))
    assert isinstance(wrong, PressNotAuthentic)
    assert isinstance(lead, Pressed)
    assert isinstance(good, Pressed)
    assert await room.count(Press) == 2


async def test_cancel_alone_and_what_cannot_be_read_go_their_own_way(room: CallRoom, batches: PressBatches) -> None:
    cancel = _order(room, 1, "cancel", TerminalButton.CANCEL)
    _, alone, bad = await _together(batches, _order(room, 0, "lead"), cancel, _order(room, 0, ""))
    assert isinstance(alone, Pressed)
    assert alone.call.mark is CallMark.CANCEL_ALONE
    assert isinstance(bad, PressInvalid)


async def test_when_a_batch_fails_each_press_is_taken_by_itself(
    room: CallRoom, batches: PressBatches, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise RuntimeError("the store refused the batch")

    monkeypatch.setattr(batches, "_open", fails)
    homes = [await room.add_home(0, x) for x in (100, 200)]
    found = await _pressed(batches, *(_order(room, number, f"r{number}") for number in (0, *homes)))
    assert len({one.call.id for one in found}) == 3
    assert not any(one.repeated for one in found)


@pytest.mark.parametrize("flood_seconds", [0.0, 3600.0])
async def test_presses_crowd_while_they_wait_for_each_other_and_for_a_moment_after(
    room: CallRoom, batches: PressBatches, monkeypatch: pytest.MonkeyPatch, flood_seconds: float
) -> None:
    monkeypatch.setattr("services.press_batches.FLOOD_SECONDS", flood_seconds)
    seen = [batches.is_crowded]
    homes = [await room.add_home(0, x) for x in (100, 200, 300, 400)]  # the first begins alone, the other five together
    under_way = [asyncio.ensure_future(batches.press(*_order(room, number, "r"))) for number in (0, 1, *homes)]
    await asyncio.sleep(0)
    seen.append(batches.is_crowded)
    await asyncio.gather(*under_way)
    seen.append(batches.is_crowded)
    assert seen == [False, True, flood_seconds > 0]
