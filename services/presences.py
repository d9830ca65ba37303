"""Who is connected, in the store, so that every server knows: a worker whose last socket is gone is passed over.

A process writes the sockets that it holds, and its own sign of life. A killed process says no goodbye: the others find
its sign of life old, and treat its sockets as dropped. Nothing waits for the store while a socket opens or closes.
"""

import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, timers
from services.database import Database
from services.ladder import RULES, CallRules
from services.models.base import new_id
from services.models.offers import Offer, OfferStatus
from services.models.presences import Presence, ServerProcess
from services.models.timers import TimerKind

log = structlog.get_logger()

OFFLINE = "OFFLINE"
CONNECTED = """
EXISTS (SELECT FROM presences p JOIN server_processes s ON s.id = p.process_id
        WHERE p.worker_id = {worker} AND s.seen_at >= :alive_since)
"""
IS_CONNECTED = sa.text(f"SELECT {CONNECTED.format(worker=':worker_id')}").bindparams(
    sa.bindparam("worker_id", type_=sa.Uuid()), sa.bindparam("alive_since", type_=sa.DateTime(timezone=True))
)


class Presences:
    """The open sockets of workers at this process."""

    def __init__(self, database: Database, rules: CallRules = RULES) -> None:
        """Nobody is connected."""
        self._database, self._rules, self._process_id = database, rules, new_id()
        self._open: dict[uuid.UUID, uuid.UUID] = {}
        self._unwritten: set[uuid.UUID] = set()
        self._dropped: set[uuid.UUID] = set()
        self._beaten_at: datetime | None = None

    @contextmanager
    def connected(self, worker_id: uuid.UUID) -> Iterator[None]:
        """A worker's socket is open while the block runs."""
        id_ = new_id()
        self._open[id_] = worker_id
        self._unwritten.add(id_)
        try:
            yield
        finally:
            del self._open[id_]
            self._unwritten.discard(id_)
            self._dropped.add(id_)

    async def look(self) -> None:
        """Write what has changed; from time to time that this process lives, and whether all the others do."""
        now = clock.now()
        is_due = self._beaten_at is None or now - self._beaten_at >= _span(self._rules.presence_beat_seconds)
        if not (is_due or self._unwritten or self._dropped):
            return
        opened, dropped = frozenset(self._unwritten), frozenset(self._dropped)
        async with self._database.write() as session:
            is_new = is_due and await self._beat(session, now)
            await self._write(session, self._open.keys() if is_new else opened, now)
            await _drop(session, Presence.id.in_(dropped), now + _span(self._rules.offline_seconds))
            if is_due:
                await _bury(session, now, self._rules)
        self._unwritten -= opened
        self._dropped -= dropped
        self._beaten_at = now if is_due else self._beaten_at

    async def _beat(self, session: AsyncSession, now: datetime) -> bool:
        """This process lives; True when nobody knew, as after a start, or when the others thought it dead."""
        mine = sa.update(ServerProcess).where(ServerProcess.id == self._process_id).values(seen_at=now)
        if await session.scalar(mine.returning(ServerProcess.id)) is not None:
            return False
        await session.execute(insert(ServerProcess).values(id=self._process_id, seen_at=now).on_conflict_do_nothing())
        return True

    async def _write(self, session: AsyncSession, ids: Collection[uuid.UUID], now: datetime) -> None:
        rows = [
            {"id": id_, "worker_id": self._open[id_], "process_id": self._process_id, "since": now}
            for id_ in ids
            if id_ in self._open
        ]
        if rows:
            await session.execute(insert(Presence).values(rows).on_conflict_do_nothing())


async def is_connected(session: AsyncSession, worker_id: uuid.UUID, rules: CallRules = RULES) -> bool:
    """Whether a socket of the worker is open at a process that lives."""
    return bool(await session.scalar(IS_CONNECTED, {"worker_id": worker_id, "alive_since": alive_since(rules)}))


def alive_since(rules: CallRules = RULES) -> datetime:
    """A process whose sign of life is older is dead."""
    return clock.now() - _span(rules.presence_stale_seconds)


async def _bury(session: AsyncSession, now: datetime, rules: CallRules) -> None:
    """Processes that are silent are dead, and their sockets dropped; their phones had that long to come back."""
    stale = ServerProcess.seen_at < alive_since(rules)
    locked = sa.select(ServerProcess.id).where(stale).with_for_update(skip_locked=True)
    dead = (
        await session.scalars(sa.delete(ServerProcess).where(ServerProcess.id.in_(locked)).returning(ServerProcess.id))
    ).all()
    if dead:
        log.warning("server processes are gone", count=len(dead))
        await _drop(session, Presence.process_id.in_(dead), now)


async def _drop(session: AsyncSession, which: sa.ColumnElement[bool], due_at: datetime) -> None:
    """Sockets are gone: who is being asked just now has until `due_at` to come back."""
    gone = set(await session.scalars(sa.delete(Presence).where(which).returning(Presence.worker_id)))
    asked = sa.select(Offer.worker_id, Offer.id).where(Offer.worker_id.in_(gone), Offer.status == OfferStatus.OFFERED)
    for worker_id, offer_id in (await session.execute(asked)).all() if gone else ():
        await timers.put(session, TimerKind.WORKER_LEFT, worker_id, due_at, reason=OFFLINE, offer=offer_id)


def _span(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)
