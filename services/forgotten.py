"""Acknowledged and then forgotten: no arrival and no movement is asked after, and then the call is open again."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, dispatch, messages, offers, timelines, timers
from services.ladder import CallRules
from services.models.calls import Call, CallEventKind, CallStatus
from services.models.offers import Offer
from services.models.timers import Timer, TimerKind
from services.models.workers import Position
from services.reach import Place, straight_meters


async def on_ask_after(session: AsyncSession, timer: Timer, rules: CallRules) -> None:
    """The holder should be there by now: when he has not moved either, he is asked whether he still comes."""
    call = await timelines.lock(session, timer.subject_id)
    offer = await _still_on_the_way(session, call, timer)
    if offer is None:
        return
    if await _has_moved(session, offer, rules):
        await _look_again(session, call, offer, TimerKind.ASK_AFTER, rules.ask_after_seconds)
        return
    await timelines.record(session, call, CallEventKind.ASKED_AFTER, worker_id=offer.worker_id)
    await messages.tell_worker(session, call, offer.worker_id, "STILL_COMING", offer=str(offer.id))
    await _look_again(session, call, offer, TimerKind.REOPEN_FORGOTTEN, rules.ask_after_answer_seconds)


async def on_reopen_forgotten(session: AsyncSession, timer: Timer, rules: CallRules) -> None:
    """Asked and no answer: the call is open again and goes to the next. An answer or movement meanwhile counts."""
    call = await timelines.lock(session, timer.subject_id)
    offer = await _still_on_the_way(session, call, timer)
    if offer is None or not call.asked_after:
        return
    if await _has_moved(session, offer, rules):
        await timelines.record(session, call, CallEventKind.CONFIRMED, worker_id=offer.worker_id, by="MOVEMENT")
        await _look_again(session, call, offer, TimerKind.ASK_AFTER, rules.ask_after_seconds)
        return
    await offers.release_holder(session, call, "FORGOTTEN")
    await dispatch.go_on(session, call, rules)


async def _still_on_the_way(session: AsyncSession, call: Call, timer: Timer) -> Offer | None:
    if call.status is not CallStatus.ACCEPTED or str(call.offer_id) != timer.guard["offer"]:
        return None
    return await offers.binding_offer(session, call.id)


async def _look_again(session: AsyncSession, call: Call, offer: Offer, kind: TimerKind, seconds: float) -> None:
    """Remember where he is now, so that the next look sees movement since this one."""
    here = await _place(session, offer)
    if here is not None:
        offer.from_longitude, offer.from_latitude = here.longitude, here.latitude
    await session.flush()
    await timers.put(session, kind, call.id, clock.now() + timedelta(seconds=seconds), offer=offer.id)


async def _has_moved(session: AsyncSession, offer: Offer, rules: CallRules) -> bool:
    here = await _place(session, offer)
    before = Place(offer.from_longitude, offer.from_latitude)
    return here is not None and straight_meters(before, here) >= rules.moved_meters


async def _place(session: AsyncSession, offer: Offer) -> Place | None:
    """Where the worker was reported since he accepted."""
    since = Position.received_at >= (offer.answered_at or offer.offered_at)
    here = sa.select(sa.func.ST_X(Position.location), sa.func.ST_Y(Position.location))
    row = (await session.execute(here.where(Position.worker_id == offer.worker_id, since))).one_or_none()
    return Place(*row) if row else None
