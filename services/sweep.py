"""The sweep: proves every few seconds that each open call has a next step, counts what is wrong, and puts it right.

It must find nothing. What it finds is a fault of ours, so it is counted by name, logged, and shown by the metrics.
"""

import asyncio
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, offers, timelines, timers
from services.database import Database
from services.ladder import RULES, CallRules
from services.models.calls import Call, CallEventKind, CallStatus, is_open
from services.models.offers import Offer, OfferStatus, binding
from services.models.timers import Timer, TimerKind
from services.models.workers import Worker, WorkerStatus

log = structlog.get_logger()

LOOSE_WORKER = "WORKER_BOUND_TO_NOTHING"
OVERDUE = "NEXT_STEP_OVERDUE"
NOT_REPAIRED = (LOOSE_WORKER, OVERDUE)
NEXT_STEPS = {
    CallStatus.OPEN: TimerKind.DISPATCH,
    CallStatus.OFFERED: TimerKind.OFFER_EXPIRES,
    CallStatus.RINGING: TimerKind.RING_AGAIN,
    CallStatus.HELD: TimerKind.CLAIM_LAPSES,
}


@dataclass(frozen=True, slots=True)
class Findings:
    """What a sweep looked at, and what was wrong: ids by the name of the fault."""

    open_calls: int
    wrong: dict[str, tuple[uuid.UUID, ...]]

    @property
    def count(self) -> int:
        """How many faults; must be 0."""
        return sum(len(ids) for ids in self.wrong.values())

    def still(self, later: "Findings") -> "Findings":
        """What a later look has found wrong again."""
        both = {name: tuple(id_ for id_ in ids if id_ in self.wrong[name]) for name, ids in later.wrong.items()}
        return Findings(later.open_calls, both)


async def sweep(database: Database, rules: CallRules = RULES, sure_after_seconds: float = 0) -> Findings:
    """Look at every open call and bound worker; set a timer for each call that has no next step.

    With `sure_after_seconds` only what is still wrong after that time counts, so that what is counted is a fault.
    """
    async with database.read() as session:
        found = await look(session, rules)
    if found.count and sure_after_seconds:
        await asyncio.sleep(sure_after_seconds)
        async with database.read() as session:
            found = found.still(await look(session, rules))
    if found.count:
        log.error("sweep found calls without a next step", wrong={name: len(ids) for name, ids in found.wrong.items()})
        for call_id in {call_id for name, ids in found.wrong.items() if name not in NOT_REPAIRED for call_id in ids}:
            await _repair(database, call_id)
        for worker_id in found.wrong[LOOSE_WORKER]:
            async with database.write() as session:
                await offers.free_worker(session, worker_id)
    return found


async def look(session: AsyncSession, rules: CallRules = RULES) -> Findings:
    """What is wrong in the store now, in one snapshot for each fault."""
    overdue = clock.now() - timedelta(seconds=rules.sweep_overdue_seconds)
    wrong = {}
    for name, select in _faults(overdue).items():
        wrong[name] = tuple((await session.scalars(select)).all())
    open_calls = await session.scalar(sa.select(sa.func.count()).select_from(Call).where(is_open()))
    return Findings(open_calls or 0, wrong)


def _faults(overdue: datetime) -> dict[str, sa.Select[uuid.UUID]]:
    """A call whose timer waits has its next step, however many wait before it: only long overdue it is a fault."""
    live = sa.exists().where(Offer.call_id == Call.id, Offer.status == OfferStatus.OFFERED)
    held = sa.exists().where(
        Offer.call_id == Call.id, Offer.status == OfferStatus.ACCEPTED, Offer.worker_id == Call.holder_id
    )
    calls = sa.select(Call.id)
    bound = sa.exists().where(Offer.worker_id == Worker.id, binding())
    busy = Worker.status.in_((WorkerStatus.OFFERED, WorkerStatus.COMMITTED))
    ended_but_bound = sa.select(Call.id).join(Offer, Offer.call_id == Call.id).where(binding(), sa.not_(is_open()))
    without_offer = sa.or_(~live, ~_timer(TimerKind.OFFER_EXPIRES))
    late = sa.or_(*(sa.and_(Call.status == status, _timer(kind, overdue)) for status, kind in NEXT_STEPS.items()))
    return {
        "OPEN_WITHOUT_DISPATCH": calls.where(Call.status == CallStatus.OPEN, ~_timer(TimerKind.DISPATCH)),
        "OFFERED_WITHOUT_LIVE_OFFER": calls.where(Call.status == CallStatus.OFFERED, without_offer),
        "HELD_BY_NOBODY": calls.where(Call.status.in_((CallStatus.ACCEPTED, CallStatus.ARRIVED)), ~held),
        "RINGING_WITHOUT_BELL": calls.where(Call.status == CallStatus.RINGING, ~_timer(TimerKind.RING_AGAIN)),
        "CLAIM_UNWATCHED": calls.where(Call.status == CallStatus.HELD, ~_timer(TimerKind.CLAIM_LAPSES)),
        "ENDED_BUT_BOUND": ended_but_bound,
        OVERDUE: calls.where(late),
        LOOSE_WORKER: sa.select(Worker.id).where(busy, ~bound),
    }


def _timer(kind: TimerKind, overdue: datetime | None = None) -> sa.Exists:
    """A timer of this kind waits for the call; with `overdue` one that was due before that."""
    waiting = sa.exists().where(Timer.subject_id == Call.id, Timer.kind == kind.value)
    return waiting if overdue is None else waiting.where(Timer.due_at < overdue)


async def _repair(database: Database, call_id: uuid.UUID) -> None:
    """Give a call its next step again: an offer or holder that is gone reopens it, and the timers go on from there."""
    now = clock.now()
    async with database.write() as session:
        call = await timelines.lock(session, call_id)
        offer = await offers.binding_offer(session, call.id)
        if not call.status.is_open and offer is not None:
            await offers.end(session, offer, OfferStatus.ENDED)
        elif call.status is CallStatus.OFFERED and offer is not None:
            await timers.put(session, TimerKind.OFFER_EXPIRES, call.id, max(now, offer.expires_at), offer=offer.id)
        elif call.status is CallStatus.OFFERED:
            await timelines.record(session, call, CallEventKind.WITHDRAWN, reason="SWEPT")
        elif call.status in (CallStatus.ACCEPTED, CallStatus.ARRIVED):
            await offers.release_holder(session, call, "SWEPT")
        kinds = {CallStatus.RINGING: TimerKind.RING_AGAIN, CallStatus.HELD: TimerKind.CLAIM_LAPSES}
        await timers.put(session, kinds.get(call.status, TimerKind.DISPATCH), call.id, now)
