"""The duty desk: it rings until somebody answers; a claim is one person's, and lapses when that person goes silent."""

import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, ladder, messages, notes, timelines, timers
from services.access import Actor
from services.errors import NotFound, Refusal
from services.ladder import DUTY_DESK, RULES, CallRules, Rung
from services.models.accounts import Account, Role
from services.models.calls import Call, CallEventKind, CallStatus
from services.models.timers import Timer, TimerKind
from services.sealing import Keyring


class ClaimedByOther(Refusal):
    """{name} has claimed this call. Talk to them, or ask a supervisor to release it."""


class ClaimNotYours(Refusal):
    """Only who has claimed this call may release it, or a supervisor with a reason."""


class ClaimLapsed(Refusal):
    """You do not hold this call (any longer). Claim it again if nobody else has it."""


async def ring(session: AsyncSession, call: Call, rung: Rung, rules: CallRules = RULES) -> None:
    """Ring at the desk for a locked call, or give it back to the one who has claimed it."""
    reason = why_it_rings(call)
    await timelines.record(session, call, CallEventKind.RANG, rung=rung.code, reason=reason)
    if call.status is CallStatus.RINGING:
        await _ring_on(session, call, rules)
    await messages.tell_desk(session, call, "DUTY_DESK_RINGS", reason=reason)


def why_it_rings(call: Call) -> str:
    """The code of a call at the desk: what is odd about it, or that it has come up the whole ladder."""
    return call.mark.value if call.mark else DUTY_DESK


def next_ring(priority: int, now: datetime, rules: CallRules = RULES) -> datetime:
    """When the desk rings again for a call that nobody has answered; for an emergency after half the time."""
    return ladder.add_seconds(now, rules.desk_ring_seconds / (2 if rules.is_emergency(priority) else 1))


async def on_ring_again(session: AsyncSession, timer: Timer, rules: CallRules) -> None:
    """Nobody has answered at the desk: ring again, for as long as it takes."""
    call = await timelines.lock(session, timer.subject_id)
    if call.status is CallStatus.RINGING:
        await timelines.record(session, call, CallEventKind.RANG, rung=DUTY_DESK, reason="NOBODY_ANSWERED")
        await messages.tell_desk(session, call, "DUTY_DESK_RINGS", reason="NOBODY_ANSWERED")
        await timers.put(session, TimerKind.RING_AGAIN, call.id, next_ring(call.priority, clock.now(), rules))


async def claim(session: AsyncSession, call_id: uuid.UUID, actor: Actor, rules: CallRules = RULES) -> Call:
    """One dispatcher takes a call in hand. Twice is once; who comes second is told who has it (ClaimedByOther)."""
    call = await take(session, call_id, actor, rules)
    if call.claimed_by != actor.account_id:
        await _lapse(session, call)
        await timelines.record(session, call, CallEventKind.CLAIMED, actor_id=actor.account_id)
    call.claim_seen_at = clock.now()
    await session.flush()
    await timers.put_once(session, TimerKind.CLAIM_LAPSES, call.id, _lapses_at(call, rules))
    return call


async def beat(session: AsyncSession, call_id: uuid.UUID, actor: Actor) -> None:
    """The claimer is still there (every 15 s). Raises ClaimLapsed when the claim is not (any longer) theirs."""
    mine = sa.update(Call).where(Call.id == call_id, Call.claimed_by == actor.account_id)
    beaten = await session.scalar(mine.values(claim_seen_at=clock.now()).returning(Call.id))
    if beaten is None:
        raise ClaimLapsed(call_id)


async def release(
    session: AsyncSession,
    keyring: Keyring,
    call_id: uuid.UUID,
    actor: Actor,
    reason: str | None = None,
    rules: CallRules = RULES,
) -> Call:
    """Give a claim back: the claimer, or a supervisor with a reason. Nothing to do when nobody has it."""
    call = await timelines.lock(session, call_id)
    refuse_outside(call, actor)
    if call.claimed_by is None:
        return call
    supervises = bool(actor.roles & {Role.SUPERVISOR, Role.ADMIN}) and bool(reason and reason.strip())
    if call.claimed_by != actor.account_id and not supervises:
        raise ClaimNotYours(call_id)
    said = await notes.add(session, keyring, call.id, reason, actor.account_id)
    await timelines.record(session, call, CallEventKind.RELEASED, actor_id=actor.account_id, **said)
    await _after_claim(session, call, rules)
    return call


async def on_claim_lapses(session: AsyncSession, timer: Timer, rules: CallRules) -> None:
    """Look whether a claimer is still there: three missed beats end the claim, and the desk rings again."""
    call = await timelines.lock(session, timer.subject_id)
    if call.claimed_by is None or not call.status.is_open:
        return
    if is_fresh(call, rules):
        await timers.put(session, TimerKind.CLAIM_LAPSES, call.id, _lapses_at(call, rules))
    else:
        await _lapse(session, call)
        await _after_claim(session, call, rules)


async def take(session: AsyncSession, call_id: uuid.UUID, actor: Actor, rules: CallRules = RULES) -> Call:
    """The call, locked for a dispatcher of its area. NotAllowed, NotFound outside the own areas, ClaimedByOther."""
    actor.require(Role.DISPATCHER, Role.SUPERVISOR)
    call = await timelines.lock(session, call_id)
    refuse_outside(call, actor)
    await refuse_unless_free_for(session, call, actor.account_id, rules)
    return call


def refuse_outside(call: Call, actor: Actor) -> None:
    """NotFound for a call of areas that the actor has no role in, the same as when there is none."""
    if not actor.everywhere and not set(actor.area_ids) & set(call.area_ids):
        raise NotFound(call.id)


async def refuse_unless_free_for(
    session: AsyncSession, call: Call, account_id: uuid.UUID, rules: CallRules = RULES
) -> None:
    """ClaimedByOther when somebody else holds a fresh claim on a locked call."""
    if call.claimed_by not in (None, account_id) and is_fresh(call, rules):
        holder = await session.get(Account, call.claimed_by)
        raise ClaimedByOther(call.id, name=holder.name if holder else "?", holder=str(call.claimed_by))


def is_fresh(call: Call, rules: CallRules = RULES) -> bool:
    """True while the claimer's last beat is younger than three beats."""
    seen = call.claim_seen_at
    return seen is not None and clock.now() - seen < timedelta(seconds=rules.claim_stale_seconds)


async def _lapse(session: AsyncSession, call: Call) -> None:
    if call.claimed_by is not None:
        kind = CallEventKind.CLAIM_LAPSED
        await timelines.record(session, call, kind, actor_id=call.claimed_by)


async def _after_claim(session: AsyncSession, call: Call, rules: CallRules) -> None:
    call.claim_seen_at = None
    await session.flush()
    if call.status is CallStatus.RINGING:
        await _ring_on(session, call, rules)
        await messages.tell_desk(session, call, "DUTY_DESK_RINGS", reason="CLAIM_ENDED")


async def _ring_on(session: AsyncSession, call: Call, rules: CallRules) -> None:
    await timers.put_once(session, TimerKind.RING_AGAIN, call.id, next_ring(call.priority, clock.now(), rules))


def _lapses_at(call: Call, rules: CallRules) -> datetime:
    return ladder.add_seconds(call.claim_seen_at or clock.now(), rules.claim_stale_seconds)
