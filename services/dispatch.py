"""Dispatch: from an open call up the ladder to the first who can be asked; the last rung rings at the duty desk."""

import uuid
from collections.abc import Sequence
from dataclasses import replace

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from gis.profiles import WALK, Profile
from services import candidates, clock, contacts, desk, dispatch_sheets, ladder, offers, timelines, timers
from services.access import Actor
from services.candidates import Need
from services.choosing import Candidate, Choice, Verdict, choose, judge
from services.database import Database
from services.dispatch_sheets import Sheet
from services.errors import Refusal
from services.ladder import RULES, CallRules, Rung
from services.models.calls import Call, CallEventKind, CallStatus
from services.models.offers import OfferStatus
from services.models.timers import Timer, TimerKind
from services.models.workers import WorkerRole, WorkerStatus
from services.reach import Door

log = structlog.get_logger()


class WorkerNotFree(Refusal):
    """This worker cannot be asked now ({reason}). Choose another, or wait until the worker is free."""


async def attempt(database: Database, call_id: uuid.UUID, rules: CallRules = RULES) -> uuid.UUID | None:
    """Find help for a call that was just committed, in a transaction of its own; the live offer, None at the desk.

    When this fails the call stays open, and the timer that was committed with it tries again.
    """
    try:
        async with database.write() as session:
            sheet = await dispatch_sheets.locked(session, call_id, rules)
            return await _climb(session, sheet, rules) if sheet.call.status is CallStatus.OPEN else None
    except Refusal:
        raise
    except Exception as problem:
        log.error("dispatch failed, the timer tries again", call=str(call_id), exc_info=problem)
        return None


async def go_on(
    session: AsyncSession, call: Call, rules: CallRules = RULES, sheet: Sheet | None = None
) -> uuid.UUID | None:
    """Take a locked call that is OPEN to the next rung; any other is left as it is. Gives the live offer.

    A fault on the way (routing, a bad ladder) is undone and written to the log; the call stays open with a timer, and
    what the caller has written before in this transaction stands.
    """
    if call.status is not CallStatus.OPEN:
        return None
    try:
        async with session.begin_nested():
            return await _climb(session, sheet or await dispatch_sheets.of(session, call, rules), rules)
    except Exception as problem:
        log.error("dispatch failed, the timer tries again", call=str(call.id), exc_info=problem)
        await session.refresh(call)
        due = ladder.add_seconds(clock.now(), rules.dispatch_retry_seconds)
        await timers.put_once(session, TimerKind.DISPATCH, call.id, due)
        return None


async def on_timer(session: AsyncSession, timer: Timer, rules: CallRules) -> None:
    """DISPATCH is due: nothing is left to do when the call has gone on meanwhile."""
    sheet = await dispatch_sheets.locked(session, timer.subject_id, rules)
    if sheet.call.status is CallStatus.OPEN:
        await _climb(session, sheet, rules)


async def offer_to(
    session: AsyncSession, call_id: uuid.UUID, worker_id: uuid.UUID, actor: Actor, rules: CallRules = RULES
) -> Call:
    """A dispatcher asks one worker. A live offer to another is taken back. Raises WorkerNotFree, ClaimedByOther."""
    call, actor_id = await desk.take(session, call_id, actor, rules), actor.account_id
    sheet = await dispatch_sheets.of(session, call, rules)
    verdict = await _verdict_on(session, sheet.need, worker_id, rules)
    if not verdict.eligible:
        raise WorkerNotFree(worker_id, reason=verdict.reason.value)
    await offers.withdraw(session, call, "REROUTED", actor_id)
    if call.status is CallStatus.ACCEPTED:
        await offers.release_holder(session, call, "REROUTED", actor_id)
    rung = sheet.rungs[min(call.rung, len(sheet.rungs) - 1)]
    seconds = rung.emergency_time if rules.is_emergency(call.priority) else rung.time
    written = await offers.write(session, call, verdict, [verdict], offers.MANUAL, call.rung, seconds, actor_id)
    if written is None:
        raise WorkerNotFree(worker_id, reason="BUSY")
    return call


async def on_offer_expired(session: AsyncSession, timer: Timer, rules: CallRules) -> None:
    """An offer's time is over: next rung at once. Nothing to do when it was answered before."""
    sheet = await dispatch_sheets.locked(session, timer.subject_id, rules)
    call = sheet.call
    if call.status is not CallStatus.OFFERED or str(call.offer_id) != timer.guard["offer"]:
        return
    offer = await offers.binding_offer(session, call.id)
    if offer is not None and offer.expires_at <= clock.now():
        await offers.end(session, offer, OfferStatus.EXPIRED)
        kind = CallEventKind.EXPIRED
        await timelines.record(session, call, kind, worker_id=offer.worker_id, offer=str(offer.id))
        await go_on(session, call, rules, sheet)


async def candidates_for(session: AsyncSession, call: Call, first: int = 5, rules: CallRules = RULES) -> list[Verdict]:
    """Who is near a call and whether they could be asked now, the able by time first, each with the reason."""
    need = (await dispatch_sheets.of(session, call, rules)).need
    return await _around(session, need, first, WALK, rules) if need else []


async def nearest_workers(
    session: AsyncSession, door: Door, first: int = 5, profile: Profile = WALK, rules: CallRules = RULES
) -> list[Verdict]:
    """Who could be first at a place, whether or not there is a call."""
    return await _around(session, Need(door), first, profile, rules)


async def _around(session: AsyncSession, need: Need, first: int, profile: Profile, rules: CallRules) -> list[Verdict]:
    """Free ones are searched so that none is missed; then those who are nearest anyhow, to say why not they."""
    roles = list(WorkerRole)
    free = await candidates.fetch(session, need, roles, profile=profile, rules=rules)
    near = await candidates.fetch(session, need, roles, free_only=False, first=first, profile=profile, rules=rules)
    everybody = {candidate.worker_id: candidate for candidate in (*free, *near)}
    judged = [judge(candidate, None, need.wanted) for candidate in everybody.values()]
    return sorted(judged, key=_order)[:first]


def _order(verdict: Verdict) -> tuple[bool, float, uuid.UUID]:
    trip = verdict.candidate.trip
    return (not verdict.eligible, trip.seconds if trip else float("inf"), verdict.candidate.worker_id)


async def prepare(session: AsyncSession, calls: Sequence[Call], rules: CallRules = RULES) -> None:
    """What is due once before the first rung: contacts hear of an emergency."""
    urgent = [call for call in calls if call.rung == 0 and call.answered_at is None and call.household_id is not None]
    urgent = [call for call in urgent if rules.is_emergency(call.priority)]
    if urgent:
        await contacts.tell_all(session, urgent, contacts.Moment.EMERGENCY)


async def _climb(session: AsyncSession, sheet: Sheet, rules: CallRules) -> uuid.UUID | None:
    """From the call's rung upwards: the first offer that holds, or the desk."""
    call, rungs = sheet.call, sheet.rungs
    await prepare(session, [call], rules)
    need = None if call.mark else sheet.need
    for number in range(min(call.rung, len(rungs) - 1), len(rungs)):
        rung = rungs[number]
        if rung.is_desk or need is None:
            await desk.ring(session, call, rung, rules)
            return None
        offer, why = await _ask(session, call, need, rung, number, rules)
        if offer is not None:
            return offer
        kind = CallEventKind.RUNG_SKIPPED
        await timelines.record(session, call, kind, rung=rung.code, reason=why, next_rung=number + 1)
    raise ladder.LadderWrong(reason="it has no duty desk.")


async def _ask(
    session: AsyncSession, call: Call, need: Need, rung: Rung, number: int, rules: CallRules
) -> tuple[uuid.UUID | None, str]:
    """Offer to the best of a rung; when others were quicker with that worker, to the next best."""
    assert rung.role is not None
    seconds = rung.emergency_time if rules.is_emergency(call.priority) else rung.time
    found = await candidates.fetch(session, need, [rung.role], rung.limit_seconds, rules=rules)
    while True:
        choice = choose(found, rung, need.wanted, rules)
        if choice.chosen is None:
            return None, choice.why_nobody if found else await _why_nobody(session, need, rung, rules)
        offer = await offers.write(session, call, choice.chosen, choice.verdicts, rung.code, number + 1, seconds)
        if offer is not None:
            return offer, choice.chosen.reason.value
        found = _without(found, choice)


def _without(found: Sequence[Candidate], choice: Choice) -> list[Candidate]:
    """The candidates, with the one whom another call was quicker to ask as busy."""
    taken = choice.chosen.candidate.worker_id if choice.chosen else None
    return [replace(c, status=WorkerStatus.OFFERED) if c.worker_id == taken else c for c in found]


async def _why_nobody(session: AsyncSession, need: Need, rung: Rung, rules: CallRules) -> str:
    """Nobody on the rung is free: what stands in the way of those nearest."""
    assert rung.role is not None
    near = await candidates.fetch(
        session, need, [rung.role], rung.limit_seconds, free_only=False, first=20, rules=rules
    )
    return choose(near, rung, need.wanted, rules).why_nobody


async def _verdict_on(session: AsyncSession, need: Need | None, worker_id: uuid.UUID, rules: CallRules) -> Verdict:
    """A dispatcher may ask anybody who is on duty and free, however far and whatever was answered before."""
    return judge(await candidates.one(session, need, worker_id, rules), None, reach_matters=False)
