"""Offers: one live for a call, one for a worker; written only if the worker is still free, answered once."""

import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, events, ladder, messages, notes, proposals, timelines, timers
from services.candidates import standing_shift
from services.choosing import Verdict
from services.errors import NotFound, Refusal
from services.ladder import RULES, CallRules
from services.models.accounts import Account
from services.models.calls import Call, CallEventKind, CallStatus
from services.models.offers import Offer, OfferStatus, binding
from services.models.timers import TimerKind
from services.models.workers import Worker, WorkerStatus
from services.proposals import Proposal
from services.sealing import Keyring

MANUAL = "BY_DISPATCHER"


class OfferExpired(Refusal):
    """This offer is over since its time ran out. {now_with}"""


class OfferTaken(Refusal):
    """Somebody else has this call now. {now_with}"""


class OfferWithdrawn(Refusal):
    """This offer was withdrawn or has been answered already. {now_with}"""


async def write(
    session: AsyncSession,
    call: Call,
    chosen: Verdict,
    considered: Sequence[Verdict],
    rung: str,
    next_rung: int,
    seconds: float,
    actor_id: uuid.UUID | None = None,
) -> uuid.UUID | None:
    """Offer a locked call to the chosen worker for `seconds`; None when somebody else got the worker first.

    The store decides: the row is written only if the worker is still free, and unique indexes allow one at a time.
    """
    proposal = Proposal(call, chosen, considered, rung, next_rung, seconds, actor_id)
    return (await proposals.write(session, [proposal])).get(call.id)


async def accept(session: AsyncSession, offer_id: uuid.UUID, worker_id: uuid.UUID, rules: CallRules = RULES) -> Offer:
    """The worker takes the call. Twice is once. Raises OfferExpired, OfferTaken, OfferWithdrawn: told who has it."""
    call, offer = await _lock(session, offer_id, worker_id)
    if offer.status is OfferStatus.ACCEPTED:
        return offer
    await _refuse_unless_live(session, call, offer)
    offer.status, offer.answered_at = OfferStatus.ACCEPTED, clock.now()
    await _set_worker(session, worker_id, WorkerStatus.COMMITTED)
    await timelines.record(session, call, CallEventKind.ACCEPTED, worker_id=worker_id, offer=str(offer.id))
    wait = max(rules.ask_after_seconds, (offer.eta_seconds or 0) * rules.ask_after_eta_factor)
    due = ladder.add_seconds(clock.now(), wait)
    await timers.put(session, TimerKind.ASK_AFTER, call.id, due, offer=offer.id)
    await events.wake(session, events.OFFERS, worker_id)
    return offer


async def decline(
    session: AsyncSession, offer_id: uuid.UUID, worker_id: uuid.UUID, reason: str, keyring: Keyring
) -> tuple[Offer, Call]:
    """The worker cannot; the call is open again, for the caller to dispatch (`dispatch.go_on`) in this transaction."""
    call, offer = await _lock(session, offer_id, worker_id)
    if offer.status is OfferStatus.DECLINED:
        return offer, call
    await _refuse_unless_live(session, call, offer)
    said = await notes.add(session, keyring, call.id, reason)
    await end(session, offer, OfferStatus.DECLINED)
    await timelines.record(session, call, CallEventKind.DECLINED, worker_id=worker_id, offer=str(offer.id), **said)
    return offer, call


async def withdraw(session: AsyncSession, call: Call, reason: str, actor_id: uuid.UUID | None = None) -> None:
    """Take back the live offer of a locked call that is OFFERED; the call is open again."""
    offer = await binding_offer(session, call.id)
    if offer is None or call.status is not CallStatus.OFFERED:
        return
    await end(session, offer, OfferStatus.WITHDRAWN)
    detail = {"offer": str(offer.id), "reason": reason}
    kind = CallEventKind.WITHDRAWN
    await timelines.record(session, call, kind, actor_id=actor_id, worker_id=offer.worker_id, **detail)
    await messages.tell_worker(session, call, offer.worker_id, "OFFER_WITHDRAWN", offer=str(offer.id))


async def release_holder(session: AsyncSession, call: Call, reason: str, actor_id: uuid.UUID | None = None) -> None:
    """Whoever holds a locked call holds it no longer; the call is open again, from the first rung."""
    offer, holder_id = await binding_offer(session, call.id), call.holder_id
    if offer is not None:
        await end(session, offer, OfferStatus.LOST)
    kind = CallEventKind.HOLDER_LOST
    await timelines.record(session, call, kind, actor_id=actor_id, worker_id=holder_id, reason=reason)
    if holder_id is not None:
        await messages.tell_worker(session, call, holder_id, "CALL_TAKEN_BACK", reason=reason)


async def end(session: AsyncSession, offer: Offer, status: OfferStatus) -> None:
    """An offer binds nobody any longer; the worker is free again if still on duty."""
    now = clock.now()
    if offer.status is OfferStatus.OFFERED:
        offer.answered_at = now
    offer.status, offer.ended_at = status, now
    await session.flush()
    await free_worker(session, offer.worker_id)
    await events.wake(session, events.OFFERS, offer.worker_id)


async def free_worker(session: AsyncSession, worker_id: uuid.UUID) -> None:
    """A bound worker is available again, or off duty when the shift has ended meanwhile."""
    back = sa.case((standing_shift(worker_id), WorkerStatus.AVAILABLE.value), else_=WorkerStatus.OFF_DUTY.value)
    bound = Worker.status.in_((WorkerStatus.OFFERED, WorkerStatus.COMMITTED))
    await session.execute(sa.update(Worker).where(Worker.id == worker_id, bound).values(status=back))


async def binding_offer(session: AsyncSession, call_id: uuid.UUID) -> Offer | None:
    """The offer that binds a call and a worker now."""
    wanted = sa.select(Offer).where(Offer.call_id == call_id, binding())
    return await session.scalar(wanted.execution_options(populate_existing=True))


async def live_of_worker(session: AsyncSession, worker_id: uuid.UUID) -> Offer | None:
    """The offer that binds the worker now, read from the store: what the phone shows after a reconnect."""
    wanted = sa.select(Offer).where(Offer.worker_id == worker_id, binding())
    return await session.scalar(wanted.execution_options(populate_existing=True))


async def now_with(session: AsyncSession, call: Call) -> dict[str, Any]:
    """Who has a call: for those who came too late."""
    worker_id = call.holder_id
    if worker_id is None and call.status is CallStatus.OFFERED:
        offer = await binding_offer(session, call.id)
        worker_id = offer.worker_id if offer else None
    worker = await session.get(Worker, worker_id) if worker_id else None
    desk = await session.get(Account, call.claimed_by) if call.claimed_by else None
    name = worker.name if worker else desk.name if desk else None
    verb = "is being asked" if call.status is CallStatus.OFFERED else "has it"
    said = f"{name} {verb}." if name else f"It is {call.status.value} now."
    subject = worker_id or call.claimed_by
    return {"now_with": said, "status": call.status.value, "holder": str(subject) if subject else None, "name": name}


async def _lock(session: AsyncSession, offer_id: uuid.UUID, worker_id: uuid.UUID) -> tuple[Call, Offer]:
    mine = sa.select(Offer).where(Offer.id == offer_id, Offer.worker_id == worker_id)
    offer = await session.scalar(mine)
    if offer is None:
        raise NotFound(offer_id)
    call = await timelines.lock(session, offer.call_id)
    await session.refresh(offer)
    return call, offer


async def _refuse_unless_live(session: AsyncSession, call: Call, offer: Offer) -> None:
    if offer.status is OfferStatus.OFFERED and clock.now() < offer.expires_at:
        return
    who = await now_with(session, call)
    if call.holder_id not in (None, offer.worker_id):
        raise OfferTaken(offer.id, **who)
    if offer.status in (OfferStatus.EXPIRED, OfferStatus.OFFERED):
        raise OfferExpired(offer.id, **who)
    raise OfferWithdrawn(offer.id, **who)


async def _set_worker(session: AsyncSession, worker_id: uuid.UUID, status: WorkerStatus) -> None:
    await session.execute(sa.update(Worker).where(Worker.id == worker_id).values(status=status))
