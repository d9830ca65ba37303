"""Terminals between presses: signs of life, and what is wrong with them: told once, and again when it lasts."""

from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from fixtures import makers
from services import terminal_keys, terminals, troubles
from services.errors import NotFound
from services.models import Message, Role, Terminal, TerminalCondition, TerminalKey, TerminalStatus, TerminalTrouble
from services.terminal_keys import PressNotAuthentic, Signed
from tests.callroom import KEYRING, CallRoom
from tests.conftest import StandingClock


async def test_a_signed_heartbeat_is_a_sign_of_life(room: CallRoom, standing_clock: StandingClock) -> None:
    terminal = await _beat(room, battery=80)
    assert (terminal.status, terminal.battery_percent) == (TerminalStatus.ONLINE, 80)
    assert terminal.last_seen_at == standing_clock.moment


async def test_a_heartbeat_of_somebody_else_is_refused_and_changes_nothing(room: CallRoom) -> None:
    with pytest.raises(PressNotAuthentic):
        await _beat(room, key=room.keys[1])
    gateway = await room.actor(Role.TERMINAL)
    with pytest.raises(NotFound):
        async with room.database.write() as session:
            await terminals.heartbeat(session, "NEVER-ENTERED", gateway, KEYRING)
    async with room.database.read() as session:
        assert (await session.get_one(Terminal, room.terminals[0].id)).status is TerminalStatus.NEVER_SEEN


@pytest.mark.parametrize(
    ("battery", "mains", "status"),
    [
        (21, None, TerminalStatus.ONLINE),
        (20, None, TerminalStatus.LOW_BATTERY),
        (90, False, TerminalStatus.MAINS_LOST),
        (5, False, TerminalStatus.LOW_BATTERY),
        (None, True, TerminalStatus.ONLINE),
    ],
)
async def test_what_a_terminal_tells_of_its_power(
    room: CallRoom, battery: int | None, mains: bool | None, status: TerminalStatus
) -> None:
    assert (await _beat(room, battery=battery, mains=mains)).status is status


async def test_lost_mains_stay_lost_until_told_otherwise(room: CallRoom) -> None:
    await _beat(room, mains=False)
    assert (await _beat(room)).status is TerminalStatus.MAINS_LOST
    assert (await _beat(room, mains=True)).status is TerminalStatus.ONLINE


async def test_silence_is_seen_after_three_missed_beats_and_told_once_then_every_four_hours(
    room: CallRoom, standing_clock: StandingClock
) -> None:
    await _beat(room)
    assert await _look_over(room, standing_clock, 3 * 60) == []
    # heartbeats are due hourly: after 3 h and a minute it is silent; told then, and after four more hours again
    assert await _look_over(room, standing_clock, 1) == [1]
    assert await _look_over(room, standing_clock, 239) == []
    assert await _look_over(room, standing_clock, 1) == [2]
    assert (await _terminal(room)).status is TerminalStatus.SILENT
    await _beat(room)
    assert await _look_over(room, standing_clock, 120) == []
    async with room.database.read() as session:
        trouble = (await session.scalars(sa.select(TerminalTrouble))).one()
    assert trouble.ended_at is not None


async def test_a_press_ends_a_silence_too(room: CallRoom, standing_clock: StandingClock) -> None:
    await _beat(room)
    standing_clock.forward(hours=4)
    await troubles.look(room.database)
    assert (await _terminal(room)).status is TerminalStatus.SILENT
    await room.press()
    assert (await _terminal(room)).status is TerminalStatus.ONLINE
    await troubles.look(room.database)
    async with room.database.read() as session:
        assert await troubles.standing(session, room.terminals[0].id) == frozenset()


@pytest.mark.parametrize(
    ("levels", "minutes", "again"),
    [
        # beats are hourly: a home in care may miss two, and is told of hourly
        (("GENERAL",), 120, 60),
        ((None,), 120, 60),
        # HIGH is visited weekly: one and a half, and told of half-hourly; the closest level in the home counts
        (("HIGH",), 90, 30),
        (("GENERAL", "HIGH"), 90, 30),
    ],
)
async def test_the_closer_the_care_the_sooner_a_silence_is_told_and_told_again(
    room: CallRoom, standing_clock: StandingClock, levels: tuple[str | None, ...], minutes: int, again: int
) -> None:
    async with room.database.write() as session:
        days = {"HIGH": 7, "GENERAL": 90}
        category = await makers.make_category(session, visit_every_days=30, visit_days_by_level=days)
        for level in levels:
            resident = await makers.make_resident(session, room.homes[0])
            await makers.make_care_record(session, resident, category, level=level)
    await _beat(room)
    assert await _look_over(room, standing_clock, minutes) == []
    assert await _look_over(room, standing_clock, 1) == [1]
    assert await _look_over(room, standing_clock, again - 1) == []
    assert await _look_over(room, standing_clock, 1) == [2]


async def test_a_flapping_battery_is_told_for_each_time_that_it_begins(
    room: CallRoom, standing_clock: StandingClock
) -> None:
    for battery in (10, 10, 90, 10):
        await _beat(room, battery=battery)
        await troubles.look(room.database)
    assert [message.body["times"] for message in await _told(room)] == [1, 1]


async def test_a_new_key_ends_the_old_and_is_stored_sealed(room: CallRoom) -> None:
    old = room.keys[0]
    async with room.database.write() as session:
        new = await terminal_keys.give(session, KEYRING, room.terminals[0].id)
    with pytest.raises(PressNotAuthentic):
        await _beat(room, key=old)
    assert (await _beat(room, key=new)).status is TerminalStatus.ONLINE
    async with room.database.read() as session:
        row = await session.get_one(TerminalKey, room.terminals[0].id)
    assert new not in row.key_sealed
    assert new.hex().encode() not in row.key_sealed


async def test_every_condition_has_a_status_of_its_name() -> None:
    assert {condition.value for condition in TerminalCondition} <= {status.value for status in TerminalStatus}


async def _beat(
    room: CallRoom, battery: int | None = None, mains: bool | None = None, key: bytes | None = None
) -> Terminal:
    serial = room.terminals[0].serial
    told = "" if battery is None else str(battery)
    proof = Signed(terminal_keys.signature(key or room.keys[0], serial, "heartbeat", told, "12:00"), "12:00")
    async with room.database.write() as session:
        return await terminals.heartbeat(session, serial, proof, KEYRING, battery, mains)


async def _look_over(room: CallRoom, standing_clock: StandingClock, minutes: int) -> Sequence[int]:
    """Look once a minute; the `times` of what was announced meanwhile."""
    before = len(await _told(room))
    for _ in range(minutes):
        standing_clock.forward(minutes=1)
        await troubles.look(room.database)
    return [message.body["times"] for message in (await _told(room))[before:]]


async def _told(room: CallRoom) -> list[Message]:
    async with room.database.read() as session:
        wanted = sa.select(Message).where(Message.template == "TERMINAL_TROUBLE").order_by(Message.created_at)
        return list(await session.scalars(wanted))


async def _terminal(room: CallRoom) -> Terminal:
    async with room.database.read() as session:
        return await session.get_one(Terminal, room.terminals[0].id)
