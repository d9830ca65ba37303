"""What must hold after every fault, read from the store itself."""

import asyncio
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from chaos.clients import Acknowledged
from chaos.tally import Tally
from services import clock, events, sweep
from services.call_states import state_of
from services.calls import state_from_timeline
from services.database import Database
from services.ladder import CallRules
from services.models import Call, CallEvent, CallEventKind, Offer, Press
from services.models.offers import binding

Span = tuple[datetime, datetime]
CALM = "nothing broken"


@dataclass(frozen=True, slots=True)
class Struck:
    """A fault, from its first moment until a little after it was over."""

    name: str
    begun: datetime
    settled: datetime


WAITS = (
    CallEventKind.OPENED,
    CallEventKind.DECLINED,
    CallEventKind.EXPIRED,
    CallEventKind.WITHDRAWN,
    CallEventKind.HOLDER_LOST,
    CallEventKind.REOPENED,
)
ENDS_WAITING = (CallEventKind.OFFERED, CallEventKind.RANG, CallEventKind.CANCELLED)
PATIENCE_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Step:
    """A call waited for its next step from one moment to another."""

    call_id: uuid.UUID
    since: datetime
    until: datetime
    after: str = "an expiry"
    waits_still: bool = False

    def seconds(self, outages: Sequence[Span]) -> float:
        """How long it waited while the store was there."""
        return waited(self.since, self.until, outages)

    def during(self, struck: Sequence[Struck]) -> str:
        """The fault that was struck last before the step came, unless all had settled before it fell due."""
        names = [fault.name for fault in struck if fault.begun <= self.until and self.since <= fault.settled]
        return names[-1] if names else CALM


def waited(since: datetime, until: datetime, outages: Sequence[Span]) -> float:
    """The seconds between two moments, without those in which the store was away: it can do nothing then."""
    away = sum((max(timedelta(), min(until, end) - max(since, begin)) for begin, end in outages), timedelta())
    return (until - since - away).total_seconds()


class Truth:
    """The checks; every breach is a loss in the tally."""

    def __init__(self, database: Database, tally: Tally) -> None:
        """`database` is the checks' own way to the store."""
        self._database, self._tally = database, tally
        self._counted: set[tuple[uuid.UUID, datetime, str]] = set()

    async def check(
        self,
        acknowledged: Sequence[Acknowledged],
        outages: Sequence[Span],
        since: datetime,
        struck: Sequence[Struck] = (),
    ) -> None:
        """All that must hold now; steps are looked at from `since`."""
        await self._every_press_has_its_call(list(acknowledged))
        await self._one_holder_or_a_next_step()
        await self._steps_in_time(outages, since, struck)
        told, self._tally.told = self._tally.told, []
        self._tally.watched += [max(0.0, waited(at, seen, outages)) for at, seen in told]

    async def every_state_is_its_timeline(self) -> None:
        """Each call's row is what its lines add up to."""
        async with self._database.read() as session:
            for call in (await session.scalars(sa.select(Call))).all():
                if await state_from_timeline(session, call.id, call.version) != state_of(call):
                    self._tally.lost(f"call {call.id} is not what its timeline tells")

    async def last_sequence(self, area_id: uuid.UUID) -> int:
        """How many events the area has, all numbered."""
        await events.number_all(self._database)
        async with self._database.read() as session:
            return await events.last_sequence(session, area_id)

    async def _every_press_has_its_call(self, acknowledged: Sequence[Acknowledged]) -> None:
        async with self._database.read() as session:
            rows = await session.execute(
                sa.select(Press.terminal_serial, Press.reference, Press.call_id).join(Call, Call.id == Press.call_id)
            )
            kept = {(serial, reference): call_id for serial, reference, call_id in rows}
        for press in acknowledged:
            if kept.get((press.serial, press.reference)) != press.call_id:
                self._tally.lost(f"press {press.reference} of {press.serial} was answered and has not that call")

    async def _one_holder_or_a_next_step(self) -> None:
        """The sweep's own look must come clean within its grace; and no call or worker is bound twice."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            async with self._database.read() as session:
                found = await sweep.look(session, CallRules())
            if not found.count or time.monotonic() > until:
                break
            await asyncio.sleep(0.5)
        for fault, ids in found.wrong.items():
            for id_ in ids:
                self._tally.lost(f"{fault}: {id_}")
        for column in (Offer.call_id, Offer.worker_id):
            twice = sa.select(column).where(binding()).group_by(column).having(sa.func.count() > 1)
            async with self._database.read() as session:
                for id_ in await session.scalars(twice):
                    self._tally.lost(f"{column.key} {id_} is bound by two offers")

    async def _steps_in_time(self, outages: Sequence[Span], since: datetime, struck: Sequence[Struck]) -> None:
        for step in await self._steps(since):
            late, key = step.seconds(outages), (step.call_id, step.since, step.after)
            if key in self._counted:
                continue
            if not step.waits_still:
                self._counted.add(key)
                self._tally.step(step.after, step.during(struck), late)
            if late > self._tally.latest_allowed_seconds:
                self._tally.lost(f"call {step.call_id} waited {late:.1f} s after {step.after} at {step.since:%T.%f}")

    async def _steps(self, since: datetime) -> list[Step]:
        async with self._database.read() as session:
            lines = sa.select(CallEvent).where(CallEvent.at >= since).order_by(CallEvent.call_id, CallEvent.number)
            rows = (await session.scalars(lines)).all()
            expiries = sa.select(Offer.call_id, Offer.expires_at, Offer.answered_at).where(Offer.status == "EXPIRED")
            late = await session.execute(expiries.where(Offer.answered_at >= since))
            expired = [Step(call_id, due, ended or due) for call_id, due, ended in late]
        return [*expired, *_waits(rows, clock.now())]


def _waits(rows: Sequence[CallEvent], now: datetime) -> list[Step]:
    """From each line that leaves a call without anybody to the line that gives it its next step."""
    found: list[Step] = []
    waiting: dict[uuid.UUID, CallEvent] = {}
    for row in rows:
        if row.kind in WAITS:
            waiting.setdefault(row.call_id, row)
        elif row.kind in ENDS_WAITING and row.call_id in waiting:
            found.append(_step(waiting.pop(row.call_id), row.at))
    return found + [_step(since, now, waits_still=True) for since in waiting.values()]


def _step(since: CallEvent, until: datetime, *, waits_still: bool = False) -> Step:
    return Step(since.call_id, since.at, until, since.kind.value, waits_still)
