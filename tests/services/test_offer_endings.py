"""Offers that end by the many end as one by one, and their calls are dispatched together."""

import asyncio
import uuid

import pytest
import sqlalchemy as sa

from services import clock, events, moot_timers, offer_endings, offers, presences, surge, sweep, timelines
from services.models import Call, CallEventKind, CallStatus, Message, OfferStatus, TerminalButton, Timer, Worker
from services.models.timers import TimerKind
from services.models.workers import WorkerStatus
from services.presences import Presences
from services.workers import end_shift
from tests.callroom import CallRoom
from tests.conftest import StandingClock

Kind = CallEventKind


async def _asked(room: CallRoom, count: int, first: TerminalButton = TerminalButton.HELP) -> list[uuid.UUID]:
    """So many calls, each with a live offer to a worker of its own."""
    numbers = [await room.add_home(0, 50 + 50 * n) for n in range(count)]
    for n in range(count):
        await room.worker(60 + 50 * n)
    buttons = [first] + [TerminalButton.HELP] * (count - 1)
    calls = [(await room.press(number, button=one)).call.id for number, one in zip(numbers, buttons, strict=True)]
    assert await surge.attempt(room.database, calls) == count
    async with room.database.write() as session:
        await session.execute(sa.delete(Timer).where(Timer.kind == TimerKind.CONTACTS_UNANSWERED))
    return calls


async def _end(room: CallRoom) -> dict[uuid.UUID, int]:
    """As a server does it: what is moot goes first."""
    async with room.database.write() as session:
        await moot_timers.clear(session)
        return await offer_endings.end_many(session, room.rules)


async def _timers(room: CallRoom, kind: TimerKind) -> dict[uuid.UUID, float]:
    """In how many seconds each is due, one for each call."""
    async with room.database.read() as session:
        found = list(await session.scalars(sa.select(Timer).where(Timer.kind == kind)))
    assert len({timer.subject_id for timer in found}) == len(found)
    return {timer.subject_id: (timer.due_at - clock.now()).total_seconds() for timer in found}


async def _statuses(room: CallRoom) -> list[WorkerStatus]:
    async with room.database.read() as session:
        return list(await session.scalars(sa.select(Worker.status).order_by(Worker.id)))


async def _lines(room: CallRoom, kind: Kind) -> dict[uuid.UUID, tuple[uuid.UUID | None, dict[str, str]]]:
    """Worker and detail of the last line of each call that ends with such a line."""
    async with room.database.read() as session:
        ids = list(await session.scalars(sa.select(Call.id)))
    last = [(await room.lines(call_id))[-1] for call_id in ids]
    return {line.call_id: (line.worker_id, line.detail) for line in last if line.kind is kind}


async def test_many_expire_together_as_each_by_itself(room: CallRoom, standing_clock: StandingClock) -> None:
    """The emergency's 30 s and the others' 45 are over; one call is left alone, to be done by its own timer."""
    calls = await _asked(room, 7, TerminalButton.EMERGENCY)
    before = {call_id: await room.offer((await room.call(call_id)).offer_id) for call_id in calls}
    standing_clock.forward(seconds=45)
    async with room.database.write() as holder:  # somebody has the last call in hand, and will leave it as it is
        await timelines.lock(holder, calls[6])
        ended = await _end(room)
    assert ended == {calls[0]: 6, **dict.fromkeys(calls[1:6], 3)}
    assert await _end(room) == {}
    for call_id in calls[:6]:
        call, offer = await room.call(call_id), await room.offer(before[call_id].id)
        assert (call.status, call.offer_id, call.rung, call.version) == (CallStatus.OPEN, None, 1, 3)
        assert (offer.status, offer.answered_at, offer.ended_at) == (OfferStatus.EXPIRED, clock.now(), clock.now())
    assert await _lines(room, Kind.EXPIRED) == {
        call_id: (before[call_id].worker_id, {"offer": str(before[call_id].id)}) for call_id in calls[:6]
    }
    assert await _timers(room, TimerKind.DISPATCH) == dict.fromkeys(calls[:6], 2.0)
    assert await _timers(room, TimerKind.OFFER_EXPIRES) == {calls[6]: 0.0}
    assert sorted(await _statuses(room)) == [WorkerStatus.AVAILABLE] * 6 + [WorkerStatus.OFFERED]
    assert (await sweep.sweep(room.database)).count == 0
    assert await room.tick() == 1  # the one that was left alone
    assert (await room.kinds(calls[6]))[2:4] == [Kind.EXPIRED, Kind.OFFERED]


async def test_a_few_expire_one_by_one(room: CallRoom, standing_clock: StandingClock) -> None:
    calls = await _asked(room, 5)
    await room.accept(calls[0])
    standing_clock.forward(seconds=45)
    assert await _end(room) == {}
    assert await _lines(room, Kind.EXPIRED) == {}
    assert (await room.call(calls[0])).status is CallStatus.ACCEPTED


async def test_who_has_gone_off_duty_meanwhile_is_not_asked_again(
    room: CallRoom, standing_clock: StandingClock
) -> None:
    """Unplanned duty ends after so many seconds; the offers end later."""
    await _asked(room, 5)
    standing_clock.forward(seconds=room.rules.unplanned_shift_seconds)
    async with room.database.write() as session:
        await session.execute(sa.delete(Timer).where(Timer.kind == TimerKind.WORKER_LEFT))
    assert len(await _end(room)) == 5
    assert await _statuses(room) == [WorkerStatus.OFF_DUTY] * 5


async def test_phones_that_are_gone_are_passed_over_together(room: CallRoom, standing_clock: StandingClock) -> None:
    """Six sockets drop; one comes back within the ten seconds and keeps its offer. The others are told, as by one."""
    calls = await _asked(room, 6)
    offered = [await room.offer((await room.call(call_id)).offer_id) for call_id in calls]
    server = Presences(room.database, room.rules)
    standing_clock.forward(seconds=10)
    async with room.database.write() as session:
        for offer in offered:
            await session.execute(
                sa.insert(Timer).values(id=uuid.uuid4(), kind=TimerKind.WORKER_LEFT, subject_id=offer.worker_id,
                                        due_at=clock.now(), attempts=0,
                                        guard={"reason": presences.OFFLINE, "offer": str(offer.id)})
            )  # fmt: skip
    with server.connected(offered[5].worker_id):
        await server.look()
        assert set(await _end(room)) == set(calls[:5])
        assert await _lines(room, Kind.WITHDRAWN) == {
            offer.call_id: (offer.worker_id, {"offer": str(offer.id), "reason": "OFFLINE"}) for offer in offered[:5]
        }
        assert await _timers(room, TimerKind.DISPATCH) == dict.fromkeys(calls[:5], 2.0)
        await room.tick()
    assert (await room.call(calls[5])).offer_id == offered[5].id
    async with room.database.read() as session:
        told = list(await session.scalars(sa.select(Message).where(Message.template == "OFFER_WITHDRAWN")))
    assert {(m.recipient_id, m.body["call"], m.body["offer"]) for m in told} == {
        (offer.worker_id, str(offer.call_id), str(offer.id)) for offer in offered[:5]
    }
    assert (await sweep.sweep(room.database)).count == 0


async def test_offers_of_those_whose_shift_is_over_go_on_and_nobody_is_asked_twice(
    room: CallRoom, standing_clock: StandingClock
) -> None:
    """Two reasons at once for each worker (off duty by his own word, and by the shift) end an offer once."""
    calls = await _asked(room, 5)
    async with room.database.read() as session:
        crew = list(await session.scalars(sa.select(Worker.id)))
    for worker_id in crew:
        for _ in range(2):
            async with room.database.write() as session:
                await end_shift(session, worker_id)
    assert set(await _end(room)) == set(calls)
    assert {kind for _, (_, detail) in (await _lines(room, Kind.WITHDRAWN)).items() for kind in [detail["reason"]]} == {
        "OFF_DUTY"
    }
    assert await _statuses(room) == [WorkerStatus.OFF_DUTY] * 5
    while await room.tick():
        pass
    assert [(await room.call(call_id)).version for call_id in calls] == [3] * 5


async def test_who_accepts_in_that_moment_has_the_call(room: CallRoom, standing_clock: StandingClock) -> None:
    """An answer and the end of the offer at once: the call has one of the two, never both."""
    calls = await _asked(room, 6)
    offered = [await room.offer((await room.call(call_id)).offer_id) for call_id in calls]
    standing_clock.forward(seconds=44.9)

    async def accept(number: int) -> None:
        async with room.database.write() as session:
            await offers.accept(session, offered[number].id, offered[number].worker_id, room.rules)
            if number == 0:
                standing_clock.forward(seconds=0.1)
                assert set(await _end(room)) == set(calls[1:])

    await accept(0)
    with pytest.raises(offers.OfferExpired):
        await accept(1)
    assert (await room.call(calls[0])).status is CallStatus.ACCEPTED
    assert (await room.offer(offered[0].id)).status is OfferStatus.ACCEPTED


async def test_many_silent_phones_hold_nobody_up(room: CallRoom) -> None:
    """A server's own rounds: forty offers end at once, and each call is asked on or rings; the streams have no gap."""
    with clock.frozen(clock._system):
        calls = await _asked_in_rows(room, 40)
        await _all_over(room)
        async with room.server().running(), asyncio.timeout(60):
            while not all([Kind.EXPIRED in (kinds := await room.kinds(each)) and kinds[-1] is not Kind.EXPIRED
                           for each in calls]):  # fmt: skip
                await asyncio.sleep(0.1)
    assert room.community is not None
    stream = await events.read_after(room.database, room.community.id, 0, limit=100_000)
    assert [live.sequence for live in stream] == list(range(1, len(stream) + 1))
    assert (await sweep.sweep(room.database)).count == 0


async def test_what_cannot_be_done_together_is_done_one_by_one(room: CallRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours in what is done for many keeps no call from its next step."""

    async def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("services.offer_endings.end_many", fail)
    with clock.frozen(clock._system):
        calls = await _asked_in_rows(room, 8)
        await _all_over(room)
        async with room.server().running(), asyncio.timeout(60):
            while not all([Kind.EXPIRED in await room.kinds(call_id) for call_id in calls]):
                await asyncio.sleep(0.1)
    assert (await sweep.sweep(room.database)).count == 0


async def _asked_in_rows(room: CallRoom, count: int) -> list[uuid.UUID]:
    numbers = [await room.add_home(0, 20 + 10 * n, 300) for n in range(count)]
    for n in range(count):
        await room.worker(22 + 10 * n, 305)
    calls = [(await room.press(number)).call.id for number in numbers]
    assert await surge.attempt(room.database, calls) == count
    return calls


async def _all_over(room: CallRoom) -> None:
    """The time of all offers is over by the real clock."""
    async with room.database.write() as session:
        await session.execute(sa.text("UPDATE timers SET due_at = now() WHERE kind = 'OFFER_EXPIRES'"))
        await session.execute(sa.text("UPDATE offers SET expires_at = now()"))
