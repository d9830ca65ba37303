"""Messages of terminals that somebody recorded and sends again."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from services import clock, replays, terminal_keys, terminals
from services.models import Call, Press, Terminal, TerminalButton
from services.press_orders import PressOrder
from services.presses import Pressed
from services.replays import SignOfLifeReplayed
from services.terminal_keys import PressNotAuthentic, Signed
from tests.callroom import KEYRING, CallRoom
from tests.conftest import StandingClock

NOW = datetime.fromisoformat("2026-05-20T09:00:00+08:00")
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("told", "last", "new"),
    [
        (NOW, None, True),
        (NOW, NOW - MINUTE, True),
        (NOW, NOW, False),  # the same again
        (NOW - 30 * MINUTE, NOW - 20 * MINUTE, False),  # an older one
        (NOW + 24 * 60 * MINUTE, NOW + 23 * 60 * MINUTE, True),  # a clock that is a day ahead
        (NOW - 24 * 60 * MINUTE, NOW - 25 * 60 * MINUTE, True),  # or behind
        (NOW + 2 * MINUTE, NOW + 24 * 60 * MINUTE, True),  # that clock was set right: near the truth
        (NOW - 10 * MINUTE, NOW + 24 * 60 * MINUTE, True),
        (NOW - 11 * MINUTE, NOW + 24 * 60 * MINUTE, False),  # recorded before it went wrong
    ],
)
def test_a_sign_of_life_is_new_by_the_terminals_own_clock(told: datetime, last: datetime | None, new: bool) -> None:
    assert replays.is_new(told, last, NOW) is new


async def test_a_dead_terminal_is_not_kept_alive_by_a_recording(room: CallRoom, standing_clock: StandingClock) -> None:
    """The same message an hour later is refused and leaves the last sign of life where it was; a new one is taken."""
    recorded = standing_clock.moment.isoformat()
    alive = await beat(room, recorded)
    standing_clock.forward(hours=1)
    with pytest.raises(SignOfLifeReplayed):
        await beat(room, recorded)
    async with room.database.read() as session:
        stored = await session.get_one(Terminal, room.terminals[0].id)
    assert stored.last_seen_at == alive.last_seen_at == standing_clock.moment - timedelta(hours=1)
    assert (await beat(room, standing_clock.moment.isoformat())).last_seen_at == standing_clock.moment


async def test_a_recorded_press_opens_nothing_and_a_new_one_is_never_lost(
    room: CallRoom, standing_clock: StandingClock
) -> None:
    """A day later the recording is told its old call; a press by a clock that is a day wrong, or none, is a call."""
    first = await press(room, "1", standing_clock.moment.isoformat())
    standing_clock.forward(days=1)
    again = await press(room, "1", (standing_clock.moment - timedelta(days=1)).isoformat())
    assert (again.repeated, again.call.id) == (True, first.call.id)
    for reference, time in (
        ("2", "2026-05-22T09:00:00+08:00"),
        ("3", "2020-01-01T00:00:00Z"),
        ("4", ""),
        ("5", "noon"),
    ):
        assert not (await press(room, reference, time)).repeated
    with pytest.raises(PressNotAuthentic):  # a recording under a new reference does not fit its signature
        await press(room, "6", standing_clock.moment.isoformat(), signed_as="1")
    async with room.database.read() as session:
        assert await session.scalar(sa.select(sa.func.count()).select_from(Press)) == 5
        assert await session.scalar(sa.select(sa.func.count()).select_from(Call)) == 2  # 2 to 5 joined one


async def beat(room: CallRoom, time: str) -> Terminal:
    """A signed sign of life."""
    serial = room.terminals[0].serial
    proof = Signed(terminal_keys.signature(room.keys[0], serial, "heartbeat", "80", time), time)
    async with room.database.write() as session:
        return await terminals.heartbeat(session, serial, proof, KEYRING, 80)


async def press(room: CallRoom, reference: str, time: str, signed_as: str | None = None) -> Pressed:
    """A signed press."""
    serial = room.terminals[0].serial
    proof = Signed(terminal_keys.signature(room.keys[0], serial, signed_as or reference, "HELP", time), time)
    order = PressOrder(serial, reference, TerminalButton.HELP, clock.now())
    return await terminals.press(room.database, order, proof, KEYRING)
