"""From an open call up the ladder: who is asked, for how long, what is skipped and why, and the desk at the end."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from geoalchemy2.shape import to_shape

from fixtures import makers
from services import candidates, dispatch, ladders, offers, timers, workers
from services.call_timers import HANDLERS
from services.candidates import Need
from services.database import platform
from services.ladder import DEFAULT_RUNGS, RULES
from services.models import (
    CallEventKind,
    CallStatus,
    Message,
    Offer,
    OfferStatus,
    Role,
    TerminalButton,
    Worker,
    WorkerRole,
    WorkerStatus,
)
from services.offers import OfferExpired, OfferTaken, OfferWithdrawn
from services.reach import Door
from tests.callroom import CallRoom
from tests.conftest import StandingClock

Kind = CallEventKind


async def test_the_nearest_is_asked_for_45_seconds_and_told(room: CallRoom, standing_clock: StandingClock) -> None:
    # home 0 is at (250, 500): 130 m are 130 * 1.4 / 1.3 = 140 s, 260 m are 280 s
    near, far = await room.worker(380), await room.worker(510)
    call = await room.call_for_help()
    offer = await room.offer(call.offer_id)
    assert (call.status, call.rung, offer.worker_id) == (CallStatus.OFFERED, 1, near.id)
    assert offer.eta_seconds == pytest.approx(140, abs=0.5)
    assert offer.distance_meters == pytest.approx(182, abs=1)
    assert (offer.rung, offer.reason) == ("NEAREST_GRID_WORKER", "NEAREST")
    assert offer.expires_at == standing_clock.moment + timedelta(seconds=45)
    assert [row["worker"] for row in offer.considered] == [str(near.id), str(far.id)]
    assert [row["reason"] for row in offer.considered] == ["NEAREST", "FREE"]
    assert await _status(room, near) is WorkerStatus.OFFERED
    async with room.database.read() as session:
        message = (await session.scalars(sa.select(Message))).one()
    assert (message.template, message.recipient_id, message.body["offer"]) == ("OFFER", near.id, str(offer.id))


async def test_the_own_grid_is_preferred_within_a_minute(room: CallRoom) -> None:
    # 200 m are 215 s, 250 m are 269 s: 54 s slower
    await room.worker(450)
    own = await room.worker(0, 500, room.grids[0])
    call = await room.call_for_help()
    assert await room.asked(call.id) == own.id
    assert (await room.offer(call.offer_id)).reason == "OWN_GRID"


async def test_an_emergency_gives_each_rung_30_seconds(room: CallRoom, standing_clock: StandingClock) -> None:
    await room.worker(380)
    call = await room.call_for_help(button=TerminalButton.EMERGENCY)
    assert (await room.offer(call.offer_id)).expires_at == standing_clock.moment + timedelta(seconds=30)


async def test_nobody_is_available_by_default(room: CallRoom) -> None:
    await room.worker(250, duty=False)
    call = await room.call_for_help()
    assert call.status is CallStatus.RINGING
    skipped = [line.detail for line in await room.lines(call.id) if line.kind is Kind.RUNG_SKIPPED]
    assert [(line["rung"], line["reason"]) for line in skipped] == [
        ("NEAREST_GRID_WORKER", "OFF_DUTY"),
        ("NEXT_GRID_WORKER", "OFF_DUTY"),
        ("NEIGHBOURING_VOLUNTEER", "NOBODY_THERE"),
        ("COMMUNITY_STAFF", "NOBODY_THERE"),
    ]


async def test_the_whole_ladder_by_declining(room: CallRoom) -> None:
    first, second = await room.worker(300), await room.worker(350)
    third = await room.worker(400)
    volunteer = await room.worker(400, role=WorkerRole.VOLUNTEER)
    # 600 s at 1.3 m/s are 780 m, 557 m in the straight line times 1.4
    await room.worker(250 + 560, role=WorkerRole.VOLUNTEER)
    await room.worker(260, role=WorkerRole.COMMUNITY_STAFF)
    staff = await room.worker(900, 500, room.grids[1], role=WorkerRole.COMMUNITY_STAFF)
    call = await room.call_for_help()
    asked = []
    while (worker_id := await room.asked(call.id)) is not None:
        asked.append(worker_id)
        await room.decline(call.id)
    # two rungs of grid workers, so the third is not asked; staff only of the own community
    assert asked == [first.id, second.id, volunteer.id, staff.id]
    assert (await room.call(call.id)).status is CallStatus.RINGING
    for worker in (first, second, third, volunteer, staff):
        assert await _status(room, worker) is WorkerStatus.AVAILABLE


async def test_an_offer_that_is_not_answered_goes_on_at_its_second_and_not_before(
    room: CallRoom, standing_clock: StandingClock
) -> None:
    first, second = await room.worker(300), await room.worker(350)
    call = await room.call_for_help()
    standing_clock.forward(seconds=44)
    await room.tick()
    assert await room.asked(call.id) == first.id
    standing_clock.forward(seconds=1)
    await room.tick()
    assert await room.asked(call.id) == second.id
    assert await room.kinds(call.id) == [Kind.OPENED, Kind.OFFERED, Kind.EXPIRED, Kind.OFFERED]


async def test_a_worker_is_asked_for_one_call_at_a_time(room: CallRoom) -> None:
    one = await room.worker(300)
    first = await room.call_for_help(0)
    second = await room.call_for_help(1)
    assert await room.asked(first.id) == one.id
    assert second.status is CallStatus.RINGING
    reasons = [line.detail["reason"] for line in await room.lines(second.id) if line.kind is Kind.RUNG_SKIPPED]
    assert reasons[:2] == ["BUSY", "BUSY"]


async def test_accepting_binds_both_and_twice_is_once(room: CallRoom) -> None:
    worker = await room.worker(300)
    call = await room.call_for_help()
    first, second = await room.accept(call.id), await room.accept(call.id)
    assert (first.id, second.status) == (second.id, OfferStatus.ACCEPTED)
    call = await room.call(call.id)
    assert (call.status, call.holder_id, call.answered_at) == (CallStatus.ACCEPTED, worker.id, call.opened_at)
    assert await _status(room, worker) is WorkerStatus.COMMITTED
    assert (await room.kinds(call.id)).count(Kind.ACCEPTED) == 1


async def test_who_accepts_too_late_is_told_who_has_the_call(room: CallRoom, standing_clock: StandingClock) -> None:
    late = await room.worker(300)
    quick = await room.worker(350)
    call = await room.call_for_help()
    offer_id = (await room.call(call.id)).offer_id
    standing_clock.forward(seconds=45)
    with pytest.raises(OfferExpired):
        await _accept(room, offer_id, late.id)
    await room.tick()
    with pytest.raises(OfferExpired) as expired:
        await _accept(room, offer_id, late.id)
    assert expired.value.details["holder"] == str(quick.id)
    assert f"{quick.name} is being asked" in str(expired.value)
    await room.accept(call.id)
    with pytest.raises(OfferTaken) as taken:
        await _accept(room, offer_id, late.id)
    assert f"{quick.name} has it" in str(taken.value)
    assert (await room.call(call.id)).holder_id == quick.id


async def test_a_worker_who_goes_off_duty_is_passed_over_at_once(room: CallRoom) -> None:
    first, second = await room.worker(300), await room.worker(350)
    call = await room.call_for_help()
    async with room.database.write() as session:
        await workers.end_shift(session, first.id)
    await room.tick()
    assert await room.asked(call.id) == second.id
    assert await _status(room, first) is WorkerStatus.OFF_DUTY
    with pytest.raises(OfferWithdrawn):
        await _accept(room, call.offer_id, first.id)


async def test_a_phone_that_goes_offline_is_passed_over_but_stays_on_duty(room: CallRoom) -> None:
    first, second = await room.worker(300), await room.worker(350)
    call = await room.call_for_help()
    async with room.database.write() as session:
        await workers.went_offline(session, first.id)
    await room.tick()
    assert await room.asked(call.id) == second.id
    assert await _status(room, first) is WorkerStatus.AVAILABLE


async def test_a_holder_on_the_way_who_goes_off_duty_hands_the_call_on(room: CallRoom) -> None:
    first, second = await room.worker(300), await room.worker(350)
    call = await room.call_for_help()
    await room.accept(call.id)
    async with room.database.write() as session:
        await workers.end_shift(session, first.id)
    await room.tick()
    call = await room.call(call.id)
    assert (call.status, call.round, await room.asked(call.id)) == (CallStatus.OFFERED, 2, second.id)


async def test_the_end_of_a_shift_passes_offers_on_and_leaves_a_call_on_the_way(
    room: CallRoom, standing_clock: StandingClock
) -> None:
    first = await room.worker(300)
    call = await room.call_for_help()
    await room.accept(call.id)
    # a shift begun without a plan lasts four hours; the holder reports every minute that he moves
    standing_clock.forward(hours=4)
    async with room.database.write() as session:
        timer = (await session.scalars(sa.select(timers.Timer).where(timers.Timer.kind == "WORKER_LEFT"))).one()
        await HANDLERS[timer.kind](session, timer, room.rules)
    assert (await room.call(call.id)).holder_id == first.id


async def test_nothing_goes_wrong_when_routing_does(room: CallRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    await room.worker(300)
    monkeypatch.setattr("services.reach.trips", _broken)
    call = await room.call_for_help()
    assert (call.status, await room.kinds(call.id)) == (CallStatus.OPEN, [Kind.OPENED])
    monkeypatch.undo()


async def test_after_a_fault_the_timer_finds_help(
    room: CallRoom, standing_clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = await room.worker(300)
    with monkeypatch.context() as broken:
        broken.setattr("services.reach.trips", _broken)
        call = await room.call_for_help()
    standing_clock.forward(seconds=2)
    await room.tick()
    assert await room.asked(call.id) == worker.id


async def test_a_press_whose_server_died_is_dispatched_by_the_timer_two_seconds_later(
    room: CallRoom, standing_clock: StandingClock
) -> None:
    worker = await room.worker(300)
    call = (await room.press()).call
    standing_clock.forward(seconds=2)
    assert await room.tick() == 1
    assert await room.asked(call.id) == worker.id


async def test_skills_and_languages_that_the_care_category_wants(room: CallRoom) -> None:
    async with room.database.write() as session:
        category = await makers.make_category(session, "SIGNS", skills=["sign", "language:yue"])
        await makers.make_care_record(session, await makers.make_resident(session, room.homes[0]), category)
    await room.worker(260)
    able = await room.worker(400)
    async with room.database.write() as session:
        values = {"skills": ["sign", "first-aid"], "languages": ["yue"]}
        await session.execute(sa.update(Worker).where(Worker.id == able.id).values(values))
    call = await room.call_for_help()
    assert await room.asked(call.id) == able.id


async def test_a_fresh_position_counts_and_a_stale_one_gives_way_to_the_post(
    room: CallRoom, standing_clock: StandingClock
) -> None:
    walker, sitter = await room.worker(900), await room.worker(400)
    longitude, latitude = makers.degrees(260, 500)
    async with room.database.write() as session:
        await workers.report_position(session, walker.id, longitude, latitude, standing_clock.moment, 10)
    standing_clock.forward(seconds=300)
    call = await room.call_for_help()
    assert await room.asked(call.id) == walker.id
    assert (await room.offer(call.offer_id)).considered[0]["position"] == "POSITION"
    await room.decline(call.id)
    standing_clock.forward(seconds=1)
    call = await room.call_for_help(1)
    # home 1 is at (750, 500): the walker's post at 900 is 150 m away, the sitter is being asked for the other call
    assert await room.asked(call.id) == walker.id
    assert (await room.offer(call.offer_id)).considered[0]["position"] == "POST_FOR_STALE_POSITION"
    assert sitter.id != walker.id


async def test_stairs_behind_the_door_delay_everybody_alike(room: CallRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the fifth floor without a lift: 4 floors of 20 s. 26 m take 26 x 1.4 / 1.3 = 28 s and the stairs, 108 s.

    Of three the two nearest are looked at: 26 m and 60 m away. Whoever is farther than these 60 m takes 60 / 1.3 = 46 s
    and the stairs as well, 126 s: the third is not looked up, which 46 s alone could not tell.
    """
    near, far, _ = [await room.worker(250 + meters) for meters in (26, 60, 70)]
    rules = replace(RULES, candidates_searched=2)
    async with room.database.read(platform("dispatch")) as session:
        location = to_shape(room.homes[0].location)
        need = Need(Door(location.x, location.y, floor=5, has_lift=False))
        found = await candidates.fetch(session, need, [WorkerRole.GRID_WORKER], rules=rules)
    assert [one.worker_id for one in found] == [near.id, far.id]


async def test_somebody_of_the_own_grid_goes_first_also_behind_those_who_are_searched(room: CallRoom) -> None:
    """Two are searched, 10 and 15 m away: 11 and 16 s. The own worker, 60 m away, takes 65 s, 54 s more."""
    await room.worker(260)
    await room.worker(265)
    own = await room.worker(310, 500, room.grids[0])
    room.rules = replace(RULES, candidates_searched=2)
    call = await room.call_for_help()
    assert await room.asked(call.id) == own.id


async def test_a_community_may_have_its_own_ladder(room: CallRoom) -> None:
    await room.worker(300)
    volunteer = await room.worker(400, role=WorkerRole.VOLUNTEER)
    assert room.community is not None
    async with room.database.write() as session:
        await ladders.change(session, room.community.id, [DEFAULT_RUNGS[2], DEFAULT_RUNGS[4]])
    call = await room.call_for_help()
    assert await room.asked(call.id) == volunteer.id
    await room.decline(call.id)
    assert (await room.call(call.id)).status is CallStatus.RINGING


async def test_a_dispatcher_asks_somebody_else(room: CallRoom) -> None:
    first, second = await room.worker(300), await room.worker(900)
    dispatcher = await room.actor(Role.DISPATCHER)
    call = await room.call_for_help()
    async with room.database.write() as session:
        await dispatch.offer_to(session, call.id, second.id, dispatcher)
    assert await room.asked(call.id) == second.id
    assert await _status(room, first) is WorkerStatus.AVAILABLE
    assert [line.kind for line in await room.lines(call.id)][-2:] == [Kind.WITHDRAWN, Kind.OFFERED]
    await room.decline(call.id)
    # the ladder goes on where it was: its first rung had been used
    assert await room.asked(call.id) is None
    assert (await room.call(call.id)).status is CallStatus.RINGING


async def test_a_dispatcher_cannot_ask_who_is_busy_or_off_duty(room: CallRoom) -> None:
    busy, off = await room.worker(300), await room.worker(350, duty=False)
    dispatcher = await room.actor(Role.DISPATCHER)
    await room.call_for_help(0)
    call = await room.call_for_help(1)
    for worker, reason in ((busy, "BUSY"), (off, "OFF_DUTY")):
        with pytest.raises(dispatch.WorkerNotFree) as refused:
            async with room.database.write() as session:
                await dispatch.offer_to(session, call.id, worker.id, dispatcher)
        assert refused.value.details["reason"] == reason
    assert (await room.call(call.id)).version == call.version


async def test_candidates_are_told_with_reasons(room: CallRoom) -> None:
    near, off = await room.worker(300), await room.worker(260, duty=False)
    call = (await room.press()).call
    async with room.database.read() as session:
        verdicts = await dispatch.candidates_for(session, call)
    assert [(v.candidate.worker_id, v.eligible, v.reason.value) for v in verdicts] == [
        (near.id, True, "FREE"),
        (off.id, False, "OFF_DUTY"),
    ]


def _broken(*_: object, **__: object) -> None:
    raise RuntimeError("no streets today")


async def _accept(room: CallRoom, offer_id: uuid.UUID | None, worker_id: uuid.UUID) -> Offer:
    assert offer_id is not None
    async with room.database.write() as session:
        return await offers.accept(session, offer_id, worker_id)


async def _status(room: CallRoom, worker: Worker) -> WorkerStatus:
    async with room.database.read() as session:
        return (await session.get_one(Worker, worker.id)).status
