"""Contacts hear of many calls that nobody has taken; and no call's next step waits behind such messages."""

import asyncio
import uuid

import sqlalchemy as sa

from services import clock, contacts, timelines, unanswered
from services.models import CallEventKind, Message, Timer
from services.models.contacts import ContactChannel
from services.models.timers import TimerKind
from tests.callroom import KEYRING, CallRoom
from tests.conftest import StandingClock


async def _pressed(room: CallRoom, count: int) -> list[uuid.UUID]:
    """Calls from homes with a contact each."""
    calls = []
    for n in range(count):
        number = await room.add_home(0, 20 + 10 * n)
        async with room.database.write() as session:
            home = room.homes[number].id
            await contacts.add(session, KEYRING, home, ContactChannel.SMS, "A daughter", "+8613900000000")
        calls.append((await room.press(number)).call.id)
    return calls


async def _tell(room: CallRoom) -> int:
    async with room.database.write() as session:
        return await unanswered.tell_many(session, room.rules)


async def _told(room: CallRoom) -> list[str]:
    """The calls that contacts were told of."""
    async with room.database.read() as session:
        found = await session.scalars(sa.select(Message.body).where(Message.template == "CONTACT_UNANSWERED"))
        return sorted(body["call"] for body in found)


async def _waiting(room: CallRoom, kind: TimerKind) -> int:
    async with room.database.read() as session:
        return await session.scalar(sa.select(sa.func.count()).where(Timer.kind == kind)) or 0


async def test_contacts_of_many_calls_are_told_once(room: CallRoom, standing_clock: StandingClock) -> None:
    calls = await _pressed(room, 70)
    standing_clock.forward(seconds=179)
    assert await _tell(room) == 0
    standing_clock.forward(seconds=1)
    assert [await _tell(room) for _ in range(3)] == [64, 6, 0]
    assert await _told(room) == sorted(map(str, calls))
    assert await _waiting(room, TimerKind.CONTACTS_UNANSWERED) == 0


async def test_who_has_taken_a_call_is_not_reported_as_missing(room: CallRoom, standing_clock: StandingClock) -> None:
    """One call was accepted, and one is in somebody's hands just now: it is looked at again."""
    await room.worker(20)
    calls = await _pressed(room, 3)
    taken = await room.call_for_help(2)
    assert taken.id == calls[0]
    await room.accept(taken.id)
    standing_clock.forward(seconds=180)
    async with room.database.write() as session:
        await timelines.lock(session, calls[1])
        assert await _tell(room) == 1
    assert await _told(room) == [str(calls[2])]
    assert await _tell(room) == 1
    assert await _told(room) == sorted(map(str, calls[1:]))


async def test_no_next_step_waits_behind_what_can_wait(room: CallRoom) -> None:
    """Thousands of reminders fell due long ago, and an offer ends just now: the call is asked on at once."""
    with clock.frozen(clock._system):
        await room.worker(380)
        await room.worker(390)
        call = await room.call_for_help(0)
        async with room.database.write() as session:
            await session.execute(sa.text("UPDATE offers SET expires_at = now()"))
            await session.execute(sa.text("UPDATE timers SET due_at = now() WHERE kind = 'OFFER_EXPIRES'"))
            await session.execute(REMINDERS, {"call_id": call.id})
        async with room.server().running(), asyncio.timeout(60):
            while CallEventKind.EXPIRED not in await room.kinds(call.id):
                await asyncio.sleep(0.01)
            assert await _waiting(room, TimerKind.FOLLOW_UP_DUE) > 1000


REMINDERS = sa.text("""
INSERT INTO timers (id, kind, subject_id, due_at, guard, attempts)
SELECT gen_random_uuid(), 'FOLLOW_UP_DUE', :call_id, now() - interval '1 hour', '{"round": 0}', 0
FROM generate_series(1, 2000)
""").bindparams(sa.bindparam("call_id", type_=sa.Uuid()))
