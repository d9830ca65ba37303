"""The duty desk: rings until somebody answers; one claims and the other is told; a silent claimer loses the claim."""

import asyncio

import pytest
import sqlalchemy as sa

from services import calls, desk, dispatch
from services.access import Actor
from services.desk import ClaimedByOther, ClaimLapsed, ClaimNotYours
from services.errors import NotAllowed, NotFound, Refusal
from services.models import Call, CallEventKind, CallOutcome, CallStatus, Message, Role
from tests.callroom import KEYRING, CallRoom
from tests.conftest import StandingClock

Kind = CallEventKind


async def test_the_desk_rings_every_half_minute_for_as_long_as_it_takes(
    room: CallRoom, standing_clock: StandingClock
) -> None:
    call = await room.call_for_help()
    for _ in range(100):
        standing_clock.forward(seconds=30)
        await room.tick()
    assert (await room.kinds(call.id)).count(Kind.RANG) == 101
    assert (await room.call(call.id)).status is CallStatus.RINGING
    async with room.database.read() as session:
        told = await session.scalar(sa.select(sa.func.count()).where(Message.template == "DUTY_DESK_RINGS"))
    assert told == 101


async def test_one_of_two_who_claim_at_once_wins_and_the_other_is_told_who(room: CallRoom) -> None:
    one, other = await room.actor(Role.DISPATCHER, name="Desk One"), await room.actor(Role.DISPATCHER, name="Desk Two")
    call = await room.call_for_help()
    answers = await asyncio.gather(*(_claim(room, call, who) for who in (one, other)), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, ClaimedByOther)]
    won = [answer for answer in answers if isinstance(answer, Call)]
    assert (len(won), len(refused)) == (1, 1)
    winner = one if won[0].claimed_by == one.account_id else other
    assert refused[0].details["name"] == winner.name
    held = await room.call(call.id)
    assert (held.status, held.claimed_by) == (CallStatus.HELD, winner.account_id)
    assert (await room.kinds(call.id)).count(Kind.CLAIMED) == 1


async def test_claiming_twice_is_claiming_once(room: CallRoom) -> None:
    one = await room.actor(Role.DISPATCHER)
    call = await room.call_for_help()
    await _claim(room, call, one)
    await _claim(room, call, one)
    assert (await room.kinds(call.id)).count(Kind.CLAIMED) == 1


async def test_three_missed_beats_end_a_claim_and_the_desk_rings_again(
    room: CallRoom, standing_clock: StandingClock
) -> None:
    one, other = await room.actor(Role.DISPATCHER), await room.actor(Role.DISPATCHER)
    call = await room.call_for_help()
    await _claim(room, call, one)
    for _ in range(10):
        standing_clock.forward(seconds=15)
        async with room.database.write() as session:
            await desk.beat(session, call.id, one)
        await room.tick()
    assert (await room.call(call.id)).claimed_by == one.account_id
    standing_clock.forward(seconds=44)
    await room.tick()
    assert (await room.call(call.id)).claimed_by == one.account_id
    standing_clock.forward(seconds=1)
    await room.tick()
    after = await room.call(call.id)
    assert (after.status, after.claimed_by) == (CallStatus.RINGING, None)
    with pytest.raises(ClaimLapsed):
        async with room.database.write() as session:
            await desk.beat(session, call.id, one)
    assert (await _claim(room, call, other)).claimed_by == other.account_id


async def test_only_the_claimer_or_a_supervisor_with_a_reason_releases(room: CallRoom) -> None:
    one, other = await room.actor(Role.DISPATCHER), await room.actor(Role.DISPATCHER)
    supervisor = await room.actor(Role.SUPERVISOR)
    call = await room.call_for_help()
    await _claim(room, call, one)
    for who, reason in ((other, "mine"), (supervisor, None), (supervisor, " ")):
        with pytest.raises(ClaimNotYours):
            async with room.database.write() as session:
                await desk.release(session, KEYRING, call.id, who, reason)
    assert (await room.call(call.id)).claimed_by == one.account_id
    async with room.database.write() as session:
        await desk.release(session, KEYRING, call.id, supervisor, "he went home")
    assert (await room.call(call.id)).status is CallStatus.RINGING
    line = (await room.lines(call.id))[-1]
    assert (line.kind, line.actor_id, set(line.detail)) == (Kind.RELEASED, supervisor.account_id, {"note"})


async def test_a_claim_beneath_an_offer_lets_the_ladder_climb_and_comes_back_to_the_claimer(room: CallRoom) -> None:
    one = await room.actor(Role.DISPATCHER)
    await room.worker(300)
    call = await room.call_for_help()
    await _claim(room, call, one)
    assert (await room.call(call.id)).status is CallStatus.OFFERED
    await room.decline(call.id)
    assert (await room.call(call.id)).status is CallStatus.HELD


async def test_what_another_has_claimed_cannot_be_moved_by_a_second(room: CallRoom) -> None:
    one, other = await room.actor(Role.DISPATCHER), await room.actor(Role.DISPATCHER)
    worker = await room.worker(300)
    async with room.database.write() as session:
        await session.execute(sa.text("UPDATE workers SET status = 'OFF_DUTY'"))
    call = await room.call_for_help()
    await _claim(room, call, one)
    before = (await room.call(call.id)).version
    async with room.database.write() as session:
        await session.execute(sa.text("UPDATE workers SET status = 'AVAILABLE'"))
    with pytest.raises(ClaimedByOther):
        async with room.database.write() as session:
            await dispatch.offer_to(session, call.id, worker.id, other)
    with pytest.raises(ClaimedByOther):
        async with room.database.write() as session:
            await calls.cancel(session, KEYRING, call.id, other, "no")
    with pytest.raises(ClaimedByOther):
        async with room.database.write() as session:
            await calls.escalate(session, KEYRING, call.id, other, "no")
    assert (await room.call(call.id)).version == before


async def test_who_holds_a_call_at_the_desk_may_resolve_it_by_telephone(room: CallRoom) -> None:
    one = await room.actor(Role.DISPATCHER)
    call = await room.call_for_help()
    await _claim(room, call, one)
    async with room.database.write() as session:
        await calls.resolve(session, KEYRING, call.id, one, CallOutcome.FALSE_ALARM)
    assert (await room.call(call.id)).status is CallStatus.RESOLVED


async def test_a_dispatcher_of_another_place_finds_no_such_call(room: CallRoom) -> None:
    stranger = await room.actor(Role.DISPATCHER, room.grids[1])
    worker = await room.actor(Role.GRID_WORKER, room.grids[0])
    call = await room.call_for_help(0)
    refusals: list[tuple[Actor, type[Refusal]]] = [(stranger, NotFound), (worker, NotAllowed)]
    for who, refusal in refusals:
        with pytest.raises(refusal):
            await _claim(room, call, who)
    assert (await room.call(call.id)).claimed_by is None


async def _claim(room: CallRoom, call: Call, who: Actor) -> Call:
    async with room.database.write() as session:
        return await desk.claim(session, call.id, who)
