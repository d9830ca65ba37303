"""Workers on duty: by their shift and their own word; where they are, how exactly, and how long ago."""

import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, dispatch, offers, presences, timelines, timers
from services.candidates import standing_shift
from services.errors import Invalid, NotFound
from services.ladder import RULES, CallRules
from services.models.base import new_id
from services.models.calls import CallStatus
from services.models.timers import Timer, TimerKind
from services.models.workers import Shift, Worker, WorkerStatus


class PositionInvalid(Invalid):
    """This position cannot be used: {reason} Send the next one."""


class PositionInFuture(Invalid):
    """This position was fixed in the future. Set the phone's clock."""


@dataclass(frozen=True, slots=True)
class Fix:
    """Where a worker was at a moment: WGS 84 degrees, how exact."""

    worker_id: uuid.UUID
    longitude: float
    latitude: float
    fixed_at: datetime
    accuracy_meters: float | None = None


KEEP_POSITIONS = """
INSERT INTO positions (worker_id, location, accuracy_meters, fixed_at, received_at)
SELECT worker_id, ST_SetSRID(ST_MakePoint(longitude, latitude), 4326), accuracy, fixed_at, received_at
FROM unnest(CAST(:worker_id AS uuid[]), CAST(:longitude AS float8[]), CAST(:latitude AS float8[]),
            CAST(:accuracy_meters AS float8[]), CAST(:fixed_at AS timestamptz[]), CAST(:received_at AS timestamptz[]))
     AS fix (worker_id, longitude, latitude, accuracy, fixed_at, received_at)
ON CONFLICT (worker_id) DO UPDATE SET location = excluded.location, accuracy_meters = excluded.accuracy_meters,
  fixed_at = excluded.fixed_at, received_at = excluded.received_at
WHERE positions.fixed_at <= excluded.fixed_at
"""
_KEEP = sa.text(KEEP_POSITIONS).bindparams(
    sa.bindparam("worker_id", type_=sa.ARRAY(sa.Uuid())),
    *(sa.bindparam(name, type_=sa.ARRAY(sa.Float())) for name in ("longitude", "latitude", "accuracy_meters")),
    *(sa.bindparam(name, type_=sa.ARRAY(sa.DateTime(timezone=True))) for name in ("fixed_at", "received_at")),
)


async def start_shift(session: AsyncSession, worker_id: uuid.UUID, rules: CallRules = RULES) -> Worker:
    """The worker says: on duty. The planned shift begins, or one made now when none is planned. Twice is once."""
    worker = await _lock(session, worker_id)
    now = clock.now()
    if await session.scalar(sa.select(standing_shift(worker_id))) is not True:
        shift = await session.scalar(_planned(worker_id, now, rules))
        if shift is None:
            ends_at = now + timedelta(seconds=rules.unplanned_shift_seconds)
            shift = Shift(id=new_id(), worker_id=worker_id, starts_at=now, ends_at=ends_at)
            session.add(shift)
        shift.began_at, shift.left_at = now, None
        await session.flush()
        await timers.put(session, TimerKind.WORKER_LEFT, worker_id, shift.ends_at, reason="SHIFT_ENDED")
    if worker.status is WorkerStatus.OFF_DUTY:
        bound = await offers.live_of_worker(session, worker_id)
        worker.status = WorkerStatus.COMMITTED if bound else WorkerStatus.AVAILABLE
    await session.flush()
    return worker


async def end_shift(session: AsyncSession, worker_id: uuid.UUID) -> Worker:
    """The worker says: off duty. Nobody asks him from now on; what he was asked, or is on his way to, goes to others.

    That happens by a timer that is due at once (`timers.run_due`), since the call must be locked before the worker.
    """
    worker = await _lock(session, worker_id)
    now = clock.now()
    standing = (Shift.worker_id == worker_id, Shift.began_at <= now, Shift.left_at.is_(None))
    await session.execute(sa.update(Shift).where(*standing).values(left_at=now))
    if worker.status in (WorkerStatus.OFFERED, WorkerStatus.COMMITTED):
        await timers.put(session, TimerKind.WORKER_LEFT, worker_id, now, reason="OFF_DUTY")
    else:
        worker.status = WorkerStatus.OFF_DUTY
    await session.flush()
    return worker


async def went_offline(session: AsyncSession, worker_id: uuid.UUID) -> None:
    """The worker's phone is gone: a live offer goes to the next rung at once, instead of waiting for nobody."""
    await timers.put(session, TimerKind.WORKER_LEFT, worker_id, clock.now(), reason=presences.OFFLINE)


async def on_worker_left(session: AsyncSession, timer: Timer, rules: CallRules) -> None:
    """A worker has left: a live offer goes on; a call on the way only by his own word; one at the door stays."""
    worker_id, reason = timer.subject_id, timer.guard["reason"]
    on_duty = await session.scalar(sa.select(standing_shift(worker_id)))
    is_here = await presences.is_connected(session, worker_id, rules) if reason == presences.OFFLINE else on_duty
    if is_here:
        return
    offer = await offers.live_of_worker(session, worker_id)
    if offer is not None and str(offer.id) == timer.guard.get("offer", str(offer.id)):
        call = await timelines.lock(session, offer.call_id)
        if call.status is CallStatus.OFFERED and call.offer_id == offer.id:
            await offers.withdraw(session, call, reason)
            await dispatch.go_on(session, call, rules)
        elif call.status is CallStatus.ACCEPTED and call.holder_id == worker_id and reason == "OFF_DUTY":
            await offers.release_holder(session, call, reason)
            await dispatch.go_on(session, call, rules)
    if not on_duty:
        free = sa.update(Worker).where(Worker.id == worker_id, Worker.status == WorkerStatus.AVAILABLE)
        await session.execute(free.values(status=WorkerStatus.OFF_DUTY))


async def report_position(
    session: AsyncSession,
    worker_id: uuid.UUID,
    longitude: float,
    latitude: float,
    fixed_at: datetime,
    accuracy_meters: float | None = None,
    rules: CallRules = RULES,
) -> None:
    """Where the worker is, WGS 84 degrees. An older fix than the one here is left aside.

    Raises PositionInvalid (not a place, zero-zero, worse than the worst accuracy) and PositionInFuture.
    """
    check_position(longitude, latitude, fixed_at, accuracy_meters, rules)
    await keep_positions(session, [Fix(worker_id, longitude, latitude, fixed_at, accuracy_meters)])


async def keep_positions(session: AsyncSession, fixes: Sequence[Fix]) -> None:
    """Store checked fixes of many workers in one statement; the newest of each worker stands."""
    if fixes:
        await session.execute(_KEEP, columns_of(fixes))


def columns_of(fixes: Sequence[Fix]) -> dict[str, list[Any]]:
    """The newest fix of each worker, column by column, as `KEEP_POSITIONS` takes them.

    In the order of the workers' ids, so that two batches never wait for each other in a circle.
    """
    newest = {fix.worker_id: fix for fix in sorted(fixes, key=lambda fix: fix.fixed_at)}
    rows = [newest[worker_id] for worker_id in sorted(newest)]
    columns = {field.name: [getattr(row, field.name) for row in rows] for field in fields(Fix)}
    return {**columns, "received_at": [clock.now()] * len(rows)}


def check_position(
    longitude: float, latitude: float, fixed_at: datetime, accuracy_meters: float | None, rules: CallRules = RULES
) -> None:
    """Refuse what is no position: raises as `report_position`."""
    if not (math.isfinite(longitude) and math.isfinite(latitude)) or abs(longitude) > 180 or abs(latitude) > 90:
        raise PositionInvalid(reason="it is not on the globe.")
    if longitude == 0 and latitude == 0:
        raise PositionInvalid(reason="zero-zero is what a phone says that does not know.")
    if accuracy_meters is not None and not 0 <= accuracy_meters <= rules.position_worst_accuracy_meters:
        raise PositionInvalid(reason=f"it is only exact to {accuracy_meters} m.")
    if fixed_at > clock.now() + timedelta(seconds=rules.position_ahead_seconds):
        raise PositionInFuture


async def _lock(session: AsyncSession, worker_id: uuid.UUID) -> Worker:
    wanted = sa.select(Worker).where(Worker.id == worker_id, Worker.disabled_at.is_(None))
    worker = await session.scalar(wanted.with_for_update().execution_options(populate_existing=True))
    if worker is None:
        raise NotFound(worker_id)
    return worker


def _planned(worker_id: uuid.UUID, now: datetime, rules: CallRules) -> sa.Select[Shift]:
    """The planned shift that covers now, or begins soon."""
    soon = now + timedelta(seconds=rules.shift_early_seconds)
    return (
        sa.select(Shift)
        .where(Shift.worker_id == worker_id, Shift.starts_at <= soon, Shift.ends_at > now)
        .order_by(Shift.starts_at)
        .limit(1)
    )
