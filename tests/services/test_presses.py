"""A press: committed before it is answered, the same when sent again, joined to the open call, never without a call."""

import asyncio
import uuid
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from fixtures import makers
from services import actors, dispatch, terminal_keys, terminals
from services.access import Actor
from services.models import (
    Call,
    CallEventKind,
    CallMark,
    CallStatus,
    Press,
    Role,
    Terminal,
    TerminalButton,
    TerminalStatus,
    Timer,
)
from services.press_orders import PressOrder
from services.terminal_keys import PressNotAuthentic, Signed
from tests.callroom import KEYRING, CallRoom
from tests.conftest import StandingClock


async def test_a_press_is_a_call_with_its_first_line_and_its_timers_in_one_commit(room: CallRoom) -> None:
    pressed = await room.press()
    assert (pressed.repeated, pressed.joined) == (False, False)
    call = await room.call(pressed.call.id)
    # HELP is 3; nobody in the home is in care
    assert (call.status, call.priority, call.press_count, call.version) == (CallStatus.OPEN, 3, 1, 1)
    assert (call.household_id, call.grid_id) == (room.homes[0].id, room.grids[0].id)
    assert len(call.area_ids) == 4
    assert await room.kinds(call.id) == [CallEventKind.OPENED]
    async with room.database.read() as session:
        timers = (await session.scalars(sa.select(Timer).order_by(Timer.due_at))).all()
    # help is looked for again after 2 s, should nobody have; contacts hear after 180 s that nobody has answered
    due = [(timer.kind, (timer.due_at - call.opened_at).total_seconds()) for timer in timers]
    assert due == [("DISPATCH", 2.0), ("CONTACTS_UNANSWERED", 180.0)]
    assert {timer.subject_id for timer in timers} == {call.id}


async def test_twenty_parallel_sends_of_one_press_are_one_press(room: CallRoom) -> None:
    answers = await asyncio.gather(*(room.press(reference="same") for _ in range(20)))
    assert len({answer.call.id for answer in answers}) == 1
    assert sum(not answer.repeated for answer in answers) == 1
    assert {(answer.call.press_count, answer.call.priority, answer.joined) for answer in answers} == {(1, 3, False)}
    assert (await room.count(Call), await room.count(Press)) == (1, 1)


async def test_twenty_different_presses_at_once_are_one_call_pressed_twenty_times(room: CallRoom) -> None:
    answers = await asyncio.gather(*(room.press() for _ in range(20)))
    assert len({answer.call.id for answer in answers}) == 1
    call = await room.call(answers[0].call.id)
    # 3, and one more with each further press, up to the most urgent 9
    assert (call.press_count, call.priority) == (20, 9)
    assert sum(answer.joined for answer in answers) == 19


async def test_a_press_joins_within_three_minutes_of_the_last_and_opens_a_call_afterwards(
    room: CallRoom, standing_clock: StandingClock
) -> None:
    first = await room.press()
    standing_clock.forward(seconds=180)
    second = await room.press()
    assert (second.joined, second.call.id) == (True, first.call.id)
    standing_clock.forward(seconds=181)
    third = await room.press()
    assert third.joined is False
    assert third.call.id != first.call.id


async def test_a_second_terminal_of_the_same_home_joins_the_same_call(room: CallRoom) -> None:
    first = await room.press()
    async with room.database.write() as session:
        terminal = await makers.make_terminal(session, room.homes[0])
        room.keys.append(await terminal_keys.give(session, KEYRING, terminal.id))
    room.terminals.append(terminal)
    second = await room.press(len(room.terminals) - 1)
    assert second.call.id == first.call.id


async def test_the_emergency_button_raises_an_open_help_call_to_an_emergency(room: CallRoom) -> None:
    await room.press()
    again = await room.press(button=TerminalButton.EMERGENCY)
    assert (again.call.priority, again.call.press_count) == (6, 2)


async def test_somebody_in_care_raises_the_priority(room: CallRoom) -> None:
    async with room.database.write() as session:
        category = await makers.make_category(session)
        await makers.make_care_record(session, await makers.make_resident(session, room.homes[0]), category)
    assert (await room.press()).call.priority == 4
    assert (await room.press(1)).call.priority == 3


async def test_cancel_is_written_down_and_ends_nothing(room: CallRoom, standing_clock: StandingClock) -> None:
    call = (await room.press()).call
    standing_clock.forward(minutes=30)
    cancelled = await room.press(button=TerminalButton.CANCEL)
    assert cancelled.call.id == call.id
    after = await room.call(call.id)
    assert (after.status, after.cancel_pressed, after.press_count) == (CallStatus.OPEN, True, 1)


async def test_cancel_without_an_open_call_is_a_call_for_the_desk(room: CallRoom) -> None:
    call = await room.call_for_help(button=TerminalButton.CANCEL)
    assert (call.mark, call.status, call.priority) == (CallMark.CANCEL_ALONE, CallStatus.RINGING, 1)


async def test_the_clock_of_a_terminal_is_kept_and_not_used(room: CallRoom, standing_clock: StandingClock) -> None:
    yesterday = datetime(2026, 5, 19, 1, 0, tzinfo=UTC)
    order = PressOrder(room.terminals[0].serial, "one", TerminalButton.HELP, yesterday)
    pressed = await terminals.press(room.database, order, room.signed(0, order), KEYRING)
    assert pressed.call.opened_at == standing_clock.moment
    async with room.database.read() as session:
        kept = (await session.scalars(sa.select(Press))).one()
    assert (kept.pressed_at, kept.received_at) == (yesterday, standing_clock.moment)


@pytest.mark.parametrize("wrong", ["another's key", "another reference", "another button", "nothing", "no key here"])
async def test_a_press_that_the_terminal_did_not_sign_is_refused_and_changes_nothing(
    room: CallRoom, wrong: str
) -> None:
    order = PressOrder(room.terminals[0].serial, "one", TerminalButton.HELP)
    proof = {
        "another's key": room.signed(1, order),
        "another reference": room.signed(0, PressOrder(order.serial, "two", TerminalButton.HELP)),
        "another button": room.signed(0, PressOrder(order.serial, "one", TerminalButton.EMERGENCY)),
        "nothing": Signed(""),
        "no key here": Signed(terminal_keys.signature(b"", order.serial, "one", "HELP", "")),
    }[wrong]
    with pytest.raises(PressNotAuthentic):
        await terminals.press(room.database, order, proof, KEYRING)
    assert (await room.count(Call), await room.count(Press)) == (0, 0)


async def test_the_token_of_another_terminal_or_of_no_terminal_is_refused(room: CallRoom) -> None:
    order = PressOrder(room.terminals[0].serial, "one", TerminalButton.HELP)
    async with room.database.write() as session:
        accounts = [await makers.make_account(session, Role.TERMINAL, terminal_id=t.id) for t in room.terminals]
    own, other = [await _actor(room, account.id) for account in accounts]
    for stranger in (other, await room.actor(Role.DISPATCHER)):
        with pytest.raises(PressNotAuthentic):
            await terminals.press(room.database, order, stranger, KEYRING)
    assert await room.count(Call) == 0
    assert (await terminals.press(room.database, order, own, KEYRING)).repeated is False


async def test_an_authentic_press_that_fits_nothing_still_rings_at_the_desk(room: CallRoom) -> None:
    async with room.database.write() as session:
        retired = await makers.make_terminal(session, room.homes[0], retired_at=datetime(2026, 1, 1, tzinfo=UTC))
        stored = await makers.make_terminal(session, None)
        gone = await makers.make_household(session, room.grids[0], 10, 10, closed_at=datetime(2026, 1, 1, tzinfo=UTC))
        left = await makers.make_terminal(session, gone)
    await room.worker(250, 500, room.grids[0])
    gateway = await room.actor(Role.TERMINAL, room.grids[0])
    marks = {}
    for serial in (retired.serial, stored.serial, left.serial, "NEVER-ENTERED"):
        order = PressOrder(serial, "one", TerminalButton.HELP)
        pressed = await terminals.press(room.database, order, gateway, KEYRING)
        assert (await _dispatched(room, pressed.call.id)).status is CallStatus.RINGING
        marks[serial] = pressed.call.mark
        assert room.grids[0].id in pressed.call.area_ids
    assert list(marks.values()) == [
        CallMark.RETIRED_TERMINAL,
        CallMark.NO_HOUSEHOLD,
        CallMark.HOUSEHOLD_GONE,
        CallMark.UNKNOWN_SERIAL,
    ]


async def test_a_press_is_a_sign_of_life(room: CallRoom, standing_clock: StandingClock) -> None:
    await room.press()
    async with room.database.read() as session:
        terminal = await session.get_one(Terminal, room.terminals[0].id)
    assert (terminal.status, terminal.last_seen_at) == (TerminalStatus.ONLINE, standing_clock.moment)


async def _actor(room: CallRoom, account_id: uuid.UUID) -> Actor:
    async with room.database.read() as session:
        return await actors.actor_of(session, account_id)


async def _dispatched(room: CallRoom, call_id: uuid.UUID) -> Call:
    await dispatch.attempt(room.database, call_id)
    return await room.call(call_id)
