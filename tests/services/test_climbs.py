"""Calls that climb together leave what calls leave that climb one by one: lines, bells, messages, live events."""

import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from services import choosing, climbs, clock, contacts, dispatch, offers, surge, sweep, timelines
from services.models import (
    CallEventKind,
    CallStatus,
    LiveEvent,
    Message,
    TerminalButton,
    Timer,
    WorkerRole,
)
from services.models.contacts import ContactChannel
from services.models.timers import TimerKind
from tests.callroom import KEYRING, CallRoom
from tests.conftest import StandingClock

RUNGS = ("NEAREST_GRID_WORKER", "NEXT_GRID_WORKER", "NEIGHBOURING_VOLUNTEER", "COMMUNITY_STAFF")


async def _pressed(room: CallRoom, count: int, first: TerminalButton = TerminalButton.HELP) -> list[uuid.UUID]:
    """Calls of homes at x = 100, 110, 120...; the first is pressed with the button given."""
    numbers = [await room.add_home(0, 100 + 10 * n) for n in range(count)]
    buttons = [first] + [TerminalButton.HELP] * (count - 1)
    return [(await room.press(number, button=one)).call.id for number, one in zip(numbers, buttons, strict=True)]


async def _skipped(room: CallRoom, call_id: uuid.UUID) -> dict[str, str]:
    lines = await room.lines(call_id)
    return {line.detail["rung"]: line.detail["reason"] for line in lines if line.kind is CallEventKind.RUNG_SKIPPED}


async def _messages(room: CallRoom, template: str) -> Sequence[Message]:
    async with room.database.read() as session:
        return (await session.scalars(sa.select(Message).where(Message.template == template))).all()


async def test_together_leaves_what_one_by_one_leaves(room: CallRoom, standing_clock: StandingClock) -> None:
    *together, alone = await _pressed(room, 6)
    assert await surge.attempt(room.database, together) == 0
    await dispatch.attempt(room.database, alone)
    skipped = [(CallEventKind.RUNG_SKIPPED, rung, "NOBODY_THERE") for rung in RUNGS]
    for call_id in (*together, alone):
        lines = await room.lines(call_id)
        said = [(line.kind, line.detail.get("rung"), line.detail.get("reason")) for line in lines[1:]]
        assert said == [*skipped, (CallEventKind.RANG, "DUTY_DESK", "DUTY_DESK")]
        assert [line.number for line in lines] == [1, 2, 3, 4, 5, 6]
        assert (await room.call(call_id)).status is CallStatus.RINGING  # which also folds the timeline
    async with room.database.read() as session:
        bells = (await session.scalars(sa.select(Timer).where(Timer.kind == TimerKind.RING_AGAIN))).all()
        live = await session.scalar(sa.select(sa.func.count()).select_from(LiveEvent))
    assert {bell.subject_id: bell.due_at for bell in bells} == dict.fromkeys(
        (*together, alone), clock.now() + timedelta(seconds=30)
    )
    assert live == 6 * 6 * 4  # calls, lines of each, areas around each
    told = await _messages(room, "DUTY_DESK_RINGS")
    assert {message.body["call"] for message in told} == {str(call_id) for call_id in (*together, alone)}
    shapes = {(message.key.replace(message.body["call"], ""), *sorted(message.body)) for message in told}
    assert len(shapes) == 1
    assert (await sweep.sweep(room.database)).count == 0


async def test_a_rung_is_empty_for_the_reason_of_most_of_its_people(room: CallRoom) -> None:
    """The only grid worker is asked by the first call, volunteers are at home, and there is no community staff."""
    await room.worker(100)
    await room.worker(100, role=WorkerRole.VOLUNTEER, duty=False)
    calls = await _pressed(room, 6, TerminalButton.EMERGENCY)
    assert await surge.attempt(room.database, calls) == 1
    assert (await room.call(calls[0])).status is CallStatus.OFFERED
    for call_id in calls[1:]:
        reasons = dict(zip(RUNGS, ("BUSY", "BUSY", "OFF_DUTY", "NOBODY_THERE"), strict=True))
        assert await _skipped(room, call_id) == reasons


def test_of_two_reasons_that_are_as_many_one_is_told_always() -> None:
    assert choosing.why_empty(Counter({"BUSY": 2, "OFF_DUTY": 2})) == "OFF_DUTY"
    assert choosing.why_empty(Counter({"BUSY": 3, "OFF_DUTY": 2})) == "BUSY"
    assert choosing.why_empty(Counter()) == "NOBODY_THERE"


async def test_a_higher_rung_that_has_somebody_is_assigned_together_too(room: CallRoom) -> None:
    """One of the own community's staff is free: one call is offered there, and the others find him busy."""
    assert room.community
    staff = await room.worker(100, 500, room.community, role=WorkerRole.COMMUNITY_STAFF)
    calls = await _pressed(room, 6)
    assert await surge.attempt(room.database, calls) == 1
    found = [await room.call(call_id) for call_id in calls]
    (offered,) = [call for call in found if call.status is CallStatus.OFFERED]
    assert await room.asked(offered.id) == staff.id
    assert (await room.offer(offered.offer_id)).rung == "COMMUNITY_STAFF"
    assert (offered.rung, offered.version) == (4, 5)  # three rungs passed over, then offered
    others = [call for call in found if call.id != offered.id]
    assert {call.status for call in others} == {CallStatus.RINGING}
    assert {(await _skipped(room, call.id))["COMMUNITY_STAFF"] for call in others} == {"BUSY"}


async def test_staff_who_do_not_serve_the_community_are_not_asked(room: CallRoom) -> None:
    await room.worker(100, role=WorkerRole.COMMUNITY_STAFF)
    calls = await _pressed(room, 5)
    assert await surge.attempt(room.database, calls) == 0
    assert {(await _skipped(room, call_id))["COMMUNITY_STAFF"] for call_id in calls} == {"OTHER_TERRITORY"}


async def test_who_has_declined_a_call_is_not_asked_again_in_a_surge(room: CallRoom) -> None:
    """The worker stands at the door of the call that he declined; the next nearest gets him."""
    worker = await room.worker(100)
    calls = await _pressed(room, 5)
    await dispatch.attempt(room.database, calls[0])
    declined = await room.offer((await room.call(calls[0])).offer_id)
    async with room.database.write() as session:
        await offers.decline(session, declined.id, worker.id, "BUSY", KEYRING)
    assert await surge.attempt(room.database, calls) == 1
    assert await room.asked(calls[1]) == worker.id
    assert (await room.call(calls[0])).status is CallStatus.RINGING
    assert (await _skipped(room, calls[0]))["NEXT_GRID_WORKER"] == "BUSY"


async def test_a_call_that_somebody_is_changing_is_left_to_them(room: CallRoom) -> None:
    calls = await _pressed(room, 3)
    async with room.database.write() as session:
        await timelines.lock(session, calls[0])
        climbed = await climbs.take_up(room.database, calls, {})
    assert {one.call.id for one in climbed} == set(calls[1:])
    assert [(await room.call(call_id)).status for call_id in calls] == [
        CallStatus.OPEN,
        CallStatus.RINGING,
        CallStatus.RINGING,
    ]


async def test_family_hears_once_of_an_emergency_that_climbs_with_others(room: CallRoom) -> None:
    calls = await _pressed(room, 5, TerminalButton.EMERGENCY)
    async with room.database.write() as session:
        await contacts.add(session, KEYRING, room.homes[2].id, ContactChannel.SMS, "Child", "13800000001", "en")
    await surge.attempt(room.database, calls)
    (told,) = await _messages(room, "CONTACT_EMERGENCY")
    assert told.body["call"] == str(calls[0])
