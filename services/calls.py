"""Calls after somebody has taken them: on the way, at the door, resolved, looked after; or escalated, or cancelled."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, contacts, desk, dispatch, messages, notes, offers, outbox, timelines, timers
from services.access import Actor
from services.call_states import CallState, NotNow, rebuild
from services.errors import Refusal
from services.ladder import RULES, CallRules
from services.models.accounts import Role
from services.models.calls import Call, CallEvent, CallEventKind, CallOutcome, CallStatus, timeline
from services.models.offers import OfferStatus
from services.models.outbox import Recipient
from services.models.service_points import ServiceMode
from services.models.timers import Timer, TimerKind
from services.sealing import Keyring

DESK_ROLES = (Role.DISPATCHER, Role.SUPERVISOR)
VISITOR_ROLES = (Role.GRID_WORKER, Role.SOCIAL_WORKER, Role.COMMUNITY_STAFF, Role.MANAGER, *DESK_ROLES)


class NotYourCall(Refusal):
    """You do not hold this call. {now_with}"""


class ProviderMissing(Refusal):
    """A paid market service needs who provides it and when: send `provider` and `appointmentAt`."""


async def arrive(session: AsyncSession, call_id: uuid.UUID, worker_id: uuid.UUID) -> Call:
    """The holder is at the door. Twice is once. Raises NotYourCall."""
    call = await timelines.lock(session, call_id)
    await _refuse_unless_holder(session, call, worker_id)
    if call.status is not CallStatus.ARRIVED:
        await timelines.record(session, call, CallEventKind.ARRIVED, worker_id=worker_id)
    return call


async def resolve(
    session: AsyncSession,
    keyring: Keyring,
    call_id: uuid.UUID,
    actor: Actor,
    outcome: CallOutcome,
    service_mode: ServiceMode | None = None,
    note: str | None = None,
    provider: str | None = None,
    appointment_at: datetime | None = None,
    rules: CallRules = RULES,
) -> Call:
    """Help was given: by the holder at the door, or by the dispatcher who holds the call. A visit will follow.

    Raises NotYourCall, NotNow, and ProviderMissing for a market service without provider and appointment.
    """
    call = await timelines.lock(session, call_id)
    await _refuse_unless_in_hand(session, call, actor)
    if service_mode is ServiceMode.MARKET and not (provider and appointment_at):
        raise ProviderMissing(call_id)
    said = await notes.add(session, keyring, call.id, note, actor.account_id)
    mode, meeting = service_mode.value if service_mode else None, appointment_at.isoformat() if appointment_at else None
    how = {"outcome": outcome.value, "service_mode": mode, "provider": provider, "appointment_at": meeting}
    await _end(session, call, CallEventKind.RESOLVED, actor, **how, **said)
    due = clock.now() + timedelta(seconds=rules.follow_up_seconds)
    await timers.put(session, TimerKind.FOLLOW_UP_DUE, call.id, due, round=call.round)
    return call


async def follow_up(
    session: AsyncSession,
    keyring: Keyring,
    call_id: uuid.UUID,
    actor: Actor,
    satisfied: bool,
    note: str | None = None,
    rules: CallRules = RULES,
) -> Call:
    """The return visit: satisfied closes the call, not satisfied opens the same call again and finds help at once."""
    actor.require(*VISITOR_ROLES)
    call = await timelines.lock(session, call_id)
    desk.refuse_outside(call, actor)
    said = await notes.add(session, keyring, call.id, note, actor.account_id)
    kind = CallEventKind.FOLLOWED_UP if satisfied else CallEventKind.REOPENED
    worker_id = actor.worker_id
    await timelines.record(session, call, kind, actor_id=actor.account_id, worker_id=worker_id, **said)
    if not satisfied:
        await dispatch.go_on(session, call, rules)
    return call


async def cancel(session: AsyncSession, keyring: Keyring, call_id: uuid.UUID, actor: Actor, reason: str) -> Call:
    """Somebody has made sure that no help is wanted: a person's decision with a reason, never a button's.

    Raises NotAllowed, NotNow, and ClaimedByOther when another dispatcher has the call in hand.
    """
    call = await _take(session, call_id, actor)
    said = await notes.add(session, keyring, call.id, reason, actor.account_id)
    await _end(session, call, CallEventKind.CANCELLED, actor, **said)
    return call


async def escalate(
    session: AsyncSession,
    keyring: Keyring,
    call_id: uuid.UUID,
    actor: Actor,
    reason: str,
    rules: CallRules = RULES,
) -> Call:
    """More help, sooner: the call rises; who is only being asked is passed over; the desk hears of one that is held."""
    call = await _take(session, call_id, actor)
    said = await notes.add(session, keyring, call.id, reason, actor.account_id)
    urgent_before = rules.is_emergency(call.priority)
    await timelines.record(session, call, CallEventKind.ESCALATED, actor_id=actor.account_id, **said)
    await offers.withdraw(session, call, "ESCALATED", actor.account_id)
    await dispatch.go_on(session, call, rules)
    if call.status is not CallStatus.OFFERED:
        await messages.tell_desk(session, call, "CALL_ESCALATED")
    if rules.is_emergency(call.priority) and not urgent_before:
        await contacts.tell(session, call, contacts.Moment.EMERGENCY)
    return call


async def confirm(session: AsyncSession, call_id: uuid.UUID, worker_id: uuid.UUID, rules: CallRules = RULES) -> Call:
    """Asked after, the holder answers: still coming."""
    call = await timelines.lock(session, call_id)
    await _refuse_unless_holder(session, call, worker_id)
    await timelines.record(session, call, CallEventKind.CONFIRMED, worker_id=worker_id)
    due = clock.now() + timedelta(seconds=rules.ask_after_seconds)
    await timers.put(session, TimerKind.ASK_AFTER, call.id, due, offer=call.offer_id)
    return call


async def state_from_timeline(session: AsyncSession, call_id: uuid.UUID, version: int) -> CallState:
    """The state that the first `version` lines alone add up to; always that of a row of this version."""
    lines = (await session.scalars(timeline(call_id).where(CallEvent.number <= version))).all()
    return rebuild(timelines.happening(line) for line in lines)


async def on_follow_up_due(session: AsyncSession, timer: Timer, rules: CallRules) -> None:
    """Nobody has made the return visit yet: those of the area are reminded, daily."""
    call = await timelines.lock(session, timer.subject_id)
    if call.status is not CallStatus.RESOLVED or call.round != timer.guard["round"]:
        return
    day = clock.today().isoformat()
    body = {"call": str(call.id), "ended_at": call.ended_at.isoformat() if call.ended_at else None}
    key = f"follow-up:{call.id}:{call.round}:{day}"
    await outbox.put(session, key, Recipient.AREA_STAFF, call.grid_id, "FOLLOW_UP_DUE", body)
    again = clock.now() + timedelta(seconds=rules.follow_up_seconds)
    await timers.put(session, TimerKind.FOLLOW_UP_DUE, call.id, again, round=call.round)


async def on_unanswered(session: AsyncSession, timer: Timer, rules: CallRules) -> None:
    """The set time is over: the contacts hear of it when nobody has taken the call."""
    call = await timelines.lock(session, timer.subject_id)
    if call.status.is_open and call.answered_at is None:
        await contacts.tell(session, call, contacts.Moment.UNANSWERED)


async def _take(session: AsyncSession, call_id: uuid.UUID, actor: Actor) -> Call:
    """The call, locked for its holder or for a dispatcher."""
    call = await timelines.lock(session, call_id)
    if call.holder_id is not None and call.holder_id == actor.worker_id:
        return call
    return await desk.take(session, call_id, actor)


async def _end(session: AsyncSession, call: Call, kind: CallEventKind, actor: Actor, **detail: object) -> None:
    """The call is over: whoever was bound by it is free, whoever heard of it hears that."""
    offer = await offers.binding_offer(session, call.id)
    was_asked = offer is not None and offer.status is OfferStatus.OFFERED
    before = (call.holder_id, offer.worker_id if offer else None)
    ids = {"actor_id": actor.account_id, "worker_id": actor.worker_id}
    await timelines.record(session, call, kind, **ids, **detail)  # type: ignore[arg-type]
    if offer is not None:
        await offers.end(session, offer, OfferStatus.WITHDRAWN if was_asked else OfferStatus.ENDED)
    for worker_id in {worker for worker in before if worker and worker != actor.worker_id}:
        await messages.tell_worker(session, call, worker_id, f"CALL_{kind.value}")
    await contacts.tell(session, call, contacts.Moment.ENDED)


async def _refuse_unless_holder(session: AsyncSession, call: Call, worker_id: uuid.UUID | None) -> None:
    if call.holder_id is None or call.holder_id != worker_id:
        raise NotYourCall(call.id, **await offers.now_with(session, call))


async def _refuse_unless_in_hand(session: AsyncSession, call: Call, actor: Actor) -> None:
    """Who resolves must be the holder, or the claimer at the desk."""
    if call.status is CallStatus.HELD and call.claimed_by == actor.account_id:
        return
    if not call.status.is_open:
        raise NotNow(status=call.status.value, event=CallEventKind.RESOLVED.value, current=call.status.value)
    await _refuse_unless_holder(session, call, actor.worker_id)
