"""After somebody has taken a call: at the door, resolved, looked after; escalated, cancelled, asked after."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from fixtures import makers
from services import calls, contacts, notes, workers
from services.access import Actor
from services.call_states import TRANSITIONS, Happening, NotNow, advance, rebuild
from services.calls import NotYourCall, ProviderMissing
from services.errors import NotAllowed
from services.models import (
    Call,
    CallEventKind,
    CallOutcome,
    CallStatus,
    ContactChannel,
    Message,
    OfferStatus,
    Role,
    ServiceMode,
    TerminalButton,
    Worker,
    WorkerStatus,
)
from tests.callroom import KEYRING, CallRoom
from tests.conftest import StandingClock

Kind = CallEventKind


async def test_the_story_of_a_call_to_its_return_visit(room: CallRoom, standing_clock: StandingClock) -> None:
    worker = await room.worker(300, 500, room.grids[0])
    holder = await room.actor(Role.GRID_WORKER, room.grids[0], worker=worker)
    call = await room.call_for_help()
    standing_clock.forward(seconds=20)
    await room.accept(call.id)
    standing_clock.forward(seconds=60)
    async with room.database.write() as session:
        await calls.arrive(session, call.id, worker.id)
    standing_clock.forward(minutes=10)
    async with room.database.write() as session:
        await calls.resolve(session, KEYRING, call.id, holder, CallOutcome.HELP_GIVEN, ServiceMode.SOCIAL_WORKER, "tea")
    done = await room.call(call.id)
    waited = [moment - call.opened_at for moment in (done.answered_at, done.arrived_at, done.ended_at) if moment]
    assert waited == [timedelta(seconds=20), timedelta(seconds=80), timedelta(seconds=680)]
    assert (done.status, done.outcome, done.holder_id) == (CallStatus.RESOLVED, CallOutcome.HELP_GIVEN, None)
    assert await _status(room, worker) is WorkerStatus.AVAILABLE
    async with room.database.write() as session:
        await calls.follow_up(session, KEYRING, call.id, holder, satisfied=True)
    assert (await room.call(call.id)).status is CallStatus.CLOSED
    assert await room.kinds(call.id) == [
        Kind.OPENED, Kind.OFFERED, Kind.ACCEPTED, Kind.ARRIVED, Kind.RESOLVED, Kind.FOLLOWED_UP,
    ]  # fmt: skip


async def test_the_housekeeper_is_found_on_the_market_with_a_provider_and_an_appointment(room: CallRoom) -> None:
    call, holder = await _at_the_door(room)
    tomorrow = datetime.fromisoformat("2026-05-21T09:00:00+08:00")
    done = CallOutcome.SERVICE_ARRANGED
    with pytest.raises(ProviderMissing):
        async with room.database.write() as session:
            await calls.resolve(session, KEYRING, call.id, holder, done, ServiceMode.MARKET, provider="Agency 7")
    assert (await room.call(call.id)).status is CallStatus.ARRIVED
    async with room.database.write() as session:
        await calls.resolve(
            session, KEYRING, call.id, holder, done, ServiceMode.MARKET, provider="Agency 7", appointment_at=tomorrow
        )
    after = await room.call(call.id)
    assert (after.service_mode, after.provider, after.appointment_at) == (ServiceMode.MARKET, "Agency 7", tomorrow)


async def test_not_satisfied_opens_the_same_call_again_and_finds_help(room: CallRoom) -> None:
    call, holder = await _at_the_door(room)
    async with room.database.write() as session:
        await calls.resolve(session, KEYRING, call.id, holder, CallOutcome.HELP_GIVEN)
    async with room.database.write() as session:
        await calls.follow_up(session, KEYRING, call.id, holder, satisfied=False, note="the tap still drips")
    after = await room.call(call.id)
    assert (after.status, after.round, after.satisfied, after.outcome) == (CallStatus.OFFERED, 2, False, None)
    assert await room.asked(call.id) == holder.worker_id
    with pytest.raises(NotNow):
        async with room.database.write() as session:
            await calls.follow_up(session, KEYRING, call.id, holder, satisfied=True)


async def test_only_the_holder_arrives_and_resolves(room: CallRoom) -> None:
    worker, other = await room.worker(300), await room.worker(600)
    stranger = await room.actor(Role.GRID_WORKER, worker=other)
    call = await room.call_for_help()
    await room.accept(call.id)
    with pytest.raises(NotYourCall) as refused:
        async with room.database.write() as session:
            await calls.arrive(session, call.id, other.id)
    assert f"{worker.name} has it" in str(refused.value)
    with pytest.raises(NotYourCall):
        async with room.database.write() as session:
            await calls.resolve(session, KEYRING, call.id, stranger, CallOutcome.HELP_GIVEN)
    assert (await room.call(call.id)).status is CallStatus.ACCEPTED


async def test_cancelling_is_a_persons_decision_with_a_sealed_reason(room: CallRoom) -> None:
    worker = await room.worker(300)
    dispatcher, planner = await room.actor(Role.DISPATCHER), await room.actor(Role.PLANNER)
    call = await room.call_for_help()
    with pytest.raises(NotAllowed):
        async with room.database.write() as session:
            await calls.cancel(session, KEYRING, call.id, planner, "no")
    async with room.database.write() as session:
        await calls.cancel(session, KEYRING, call.id, dispatcher, "her daughter says all is well")
    after = await room.call(call.id)
    assert (after.status, after.offer_id) == (CallStatus.CANCELLED, None)
    assert (await room.offer(call.offer_id)).status is OfferStatus.WITHDRAWN
    assert await _status(room, worker) is WorkerStatus.AVAILABLE
    line = (await room.lines(call.id))[-1]
    assert set(line.detail) == {"note"}
    async with room.database.read() as session:
        assert await notes.read(session, KEYRING, line.detail["note"]) == "her daughter says all is well"
        templates = list(await session.scalars(sa.select(Message.template).order_by(Message.id)))
    assert templates == ["OFFER", "CALL_CANCELLED"]


async def test_escalating_goes_to_the_next_rung_and_raises_the_priority(room: CallRoom) -> None:
    first, second = await room.worker(300), await room.worker(350)
    dispatcher = await room.actor(Role.DISPATCHER)
    call = await room.call_for_help()
    async with room.database.write() as session:
        await calls.escalate(session, KEYRING, call.id, dispatcher, "too slow")
    after = await room.call(call.id)
    assert (await room.asked(call.id), after.priority) == (second.id, 4)
    assert await _status(room, first) is WorkerStatus.AVAILABLE


async def test_a_forgotten_call_is_asked_after_and_then_given_to_the_next(
    room: CallRoom, standing_clock: StandingClock
) -> None:
    first, second = await room.worker(300), await room.worker(600)
    call = await room.call_for_help()
    await room.accept(call.id)
    # 50 m are 54 s, times 1.5 is under the least wait of 120 s
    standing_clock.forward(seconds=120)
    await room.tick()
    assert (await room.kinds(call.id))[-1] is Kind.ASKED_AFTER
    standing_clock.forward(seconds=60)
    await room.tick()
    assert await room.asked(call.id) == second.id
    assert (await room.kinds(call.id))[-2:] == [Kind.HOLDER_LOST, Kind.OFFERED]
    assert await _status(room, first) is WorkerStatus.AVAILABLE


@pytest.mark.parametrize("how", ["says so", "moves"])
async def test_who_answers_or_moves_keeps_the_call(room: CallRoom, standing_clock: StandingClock, how: str) -> None:
    worker = await room.worker(300)
    call = await room.call_for_help()
    await room.accept(call.id)
    standing_clock.forward(seconds=120)
    await room.tick()
    async with room.database.write() as session:
        if how == "says so":
            await calls.confirm(session, call.id, worker.id)
        else:
            longitude, latitude = makers.degrees(340, 500)
            await workers.report_position(session, worker.id, longitude, latitude, standing_clock.moment)
    standing_clock.forward(seconds=60)
    await room.tick()
    after = await room.call(call.id)
    assert (after.status, after.holder_id, after.asked_after) == (CallStatus.ACCEPTED, worker.id, False)


async def test_a_timer_of_an_earlier_round_does_nothing_to_a_later_one(
    room: CallRoom, standing_clock: StandingClock
) -> None:
    call, holder = await _at_the_door(room)
    async with room.database.write() as session:
        await calls.resolve(session, KEYRING, call.id, holder, CallOutcome.HELP_GIVEN)
    async with room.database.write() as session:
        await calls.follow_up(session, KEYRING, call.id, holder, satisfied=False)
    await room.accept(call.id)
    before = (await room.call(call.id)).version
    # what was due in round 1: the offer's end at 45 s, the asking at 120 s; round 2 asks at 120 s as well
    standing_clock.forward(seconds=119)
    await room.tick()
    assert (await room.call(call.id)).version == before


async def test_contacts_hear_of_an_emergency_once_and_of_its_end(room: CallRoom) -> None:
    await _with_contact(room)
    call, holder = await _at_the_door(room, TerminalButton.EMERGENCY)
    await room.press(button=TerminalButton.EMERGENCY)
    async with room.database.write() as session:
        await calls.resolve(session, KEYRING, call.id, holder, CallOutcome.TAKEN_TO_HOSPITAL)
    told = await _told_contacts(room)
    assert [message.template for message in told] == ["CONTACT_EMERGENCY", "CONTACT_ENDED"]
    assert set(told[0].body) == {"call", "language", "channel"}


async def test_contacts_hear_that_nobody_has_taken_a_call_after_three_minutes(
    room: CallRoom, standing_clock: StandingClock
) -> None:
    await _with_contact(room)
    await room.call_for_help(0)
    standing_clock.forward(seconds=179)
    await room.tick()
    assert await _told_contacts(room) == []
    standing_clock.forward(seconds=1)
    await room.tick()
    assert [message.template for message in await _told_contacts(room)] == ["CONTACT_UNANSWERED"]


async def test_the_visit_is_asked_for_daily_until_it_is_made(room: CallRoom, standing_clock: StandingClock) -> None:
    call, holder = await _at_the_door(room)
    async with room.database.write() as session:
        await calls.resolve(session, KEYRING, call.id, holder, CallOutcome.HELP_GIVEN)
    for _ in range(3):
        standing_clock.forward(days=1)
        await room.tick()
    async with room.database.read() as session:
        due = list(await session.scalars(sa.select(Message).where(Message.template == "FOLLOW_UP_DUE")))
    assert [message.recipient_id for message in due] == [call.grid_id] * 3


def test_every_event_is_in_the_table_and_every_open_state_can_end() -> None:
    assert set(TRANSITIONS) == set(Kind) - {Kind.OPENED}
    for status in CallStatus:
        if status.is_open:
            assert TRANSITIONS[Kind.CANCELLED][status] is CallStatus.CANCELLED


def test_what_the_table_does_not_allow_is_refused_by_name() -> None:
    opened = Happening(Kind.OPENED, datetime.fromisoformat("2026-05-20T09:00:00+08:00"), detail={"priority": 3})
    state = rebuild([opened])
    with pytest.raises(NotNow) as refused:
        advance(state, Happening(Kind.ARRIVED, opened.at))
    assert str(refused.value).startswith("A call that is OPEN cannot be ARRIVED.")
    with pytest.raises(NotNow):
        rebuild([Happening(Kind.ARRIVED, opened.at)])


async def test_the_timeline_names_nobody(room: CallRoom) -> None:
    call, holder = await _at_the_door(room)
    async with room.database.write() as session:
        await makers.make_resident(session, room.homes[0], name="Ping An", phone="13800000000")
        await calls.resolve(session, KEYRING, call.id, holder, CallOutcome.HELP_GIVEN, None, "Ping An fell")
    everything = " ".join(str(line.detail) for line in await room.lines(call.id))
    assert "Ping" not in everything
    assert room.homes[0].address not in everything


async def _at_the_door(room: CallRoom, button: TerminalButton = TerminalButton.HELP) -> tuple[Call, Actor]:
    worker = await room.worker(300, 500, room.grids[0])
    holder = await room.actor(Role.GRID_WORKER, room.grids[0], worker=worker)
    call = await room.call_for_help(button=button)
    await room.accept(call.id)
    async with room.database.write() as session:
        await calls.arrive(session, call.id, worker.id)
    return await room.call(call.id), holder


async def _with_contact(room: CallRoom) -> None:
    async with room.database.write() as session:
        home = room.homes[0].id
        await contacts.add(session, KEYRING, home, ContactChannel.SMS, "Ping Far", "13900000000", "en")


async def _told_contacts(room: CallRoom) -> list[Message]:
    async with room.database.read() as session:
        wanted = (
            sa.select(Message).where(Message.template.startswith("CONTACT_")).order_by(Message.created_at, Message.id)
        )
        return list(await session.scalars(wanted))


async def _status(room: CallRoom, worker: Worker) -> WorkerStatus:
    async with room.database.read() as session:
        return (await session.get_one(Worker, worker.id)).status
