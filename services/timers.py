"""Timers: rows with a due time, taken by whichever server process comes first, done in one act with their effect."""

import uuid
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock
from services.database import Database
from services.ladder import RULES, CallRules
from services.models.base import new_id
from services.models.timers import Timer

log = structlog.get_logger()

Handler = Callable[[AsyncSession, Timer, CallRules], Awaitable[None]]
LONGEST_RETRY_SECONDS = 60
PUT_ONCE = sa.text("""
INSERT INTO timers (id, kind, subject_id, due_at, guard, attempts)
SELECT :id, CAST(:kind AS text), :subject_id, :due_at, '{}', 0
WHERE NOT EXISTS (SELECT FROM timers WHERE subject_id = :subject_id AND kind = :kind)
""").bindparams(
    sa.bindparam("id", type_=sa.Uuid()),
    sa.bindparam("subject_id", type_=sa.Uuid()),
    sa.bindparam("due_at", type_=sa.DateTime(timezone=True)),
)


async def put(session: AsyncSession, kind: str, subject_id: uuid.UUID, due_at: datetime, **guard: Any) -> None:
    """Something is due for `subject_id`; `guard` says for which state, so that a late timer finds nothing to do."""
    await session.execute(sa.insert(Timer).values(_row(kind, subject_id, due_at, guard)))


async def put_once(session: AsyncSession, kind: str, subject_id: uuid.UUID, due_at: datetime) -> None:
    """The same, unless one of this kind is already waiting for the subject; call it with the subject locked."""
    await session.execute(PUT_ONCE, {"id": new_id(), "kind": kind, "subject_id": subject_id, "due_at": due_at})


async def run_due(
    database: Database,
    handlers: Mapping[str, Handler],
    limit: int = 200,
    rules: CallRules = RULES,
    but: Collection[str] = (),
) -> int:
    """Do what is due now but for some kinds, oldest first, each in its own transaction; how many were done."""
    done = 0
    while done < limit and await run_one(database, handlers, rules, but):
        done += 1
    return done


async def run_one(
    database: Database, handlers: Mapping[str, Handler], rules: CallRules = RULES, but: Collection[str] = ()
) -> bool:
    """Take one due timer that nobody else has, and do it; False when there is none.

    What goes wrong in a handler is undone, the timer stays and is tried again later; the others are not held up.
    """
    timer: Timer | None = None
    try:
        async with database.write() as session:
            timer = await _taken(session, but)
            if timer is not None:
                await handlers[timer.kind](session, timer, rules)
    except sa.exc.DBAPIError as problem:
        if timer is None or problem.connection_invalidated:
            raise
        await _postpone(database, timer, problem, rules)
    except Exception as problem:
        if timer is None:
            raise
        await _postpone(database, timer, problem, rules)
    return timer is not None


async def next_due_at(session: AsyncSession) -> datetime | None:
    """When the next timer falls due, so that a loop knows how long it may sleep."""
    return await session.scalar(sa.select(sa.func.min(Timer.due_at)))


def _row(kind: str, subject_id: uuid.UUID, due_at: datetime, guard: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: str(value) if isinstance(value, uuid.UUID) else value for name, value in guard.items()}
    return {"id": new_id(), "kind": kind, "subject_id": subject_id, "due_at": due_at, "guard": plain, "attempts": 0}


async def _taken(session: AsyncSession, but: Collection[str]) -> Timer | None:
    """The oldest that is due and in nobody's hands: it is gone when the caller's transaction is committed."""
    due = sa.select(Timer.id).where(Timer.due_at <= clock.now()).order_by(Timer.due_at, Timer.id)
    due = due.where(Timer.kind.not_in(but)) if but else due
    oldest = due.limit(1).with_for_update(skip_locked=True).scalar_subquery()
    taken = sa.delete(Timer).where(Timer.id == oldest).returning(*Timer.__table__.columns)
    row = (await session.execute(taken.execution_options(synchronize_session=False))).one_or_none()
    return Timer(**row._mapping) if row is not None else None


async def _postpone(database: Database, timer: Timer, problem: Exception, rules: CallRules) -> None:
    attempts = timer.attempts + 1
    log.error("timer failed", kind=timer.kind, subject=str(timer.subject_id), attempts=attempts, exc_info=problem)
    wait = min(rules.timer_retry_seconds * attempts, LONGEST_RETRY_SECONDS)
    due_at = clock.now() + timedelta(seconds=wait)
    again = {"attempts": attempts, "problem": type(problem).__name__[:80], "due_at": due_at}
    async with database.write() as session:
        await session.execute(sa.update(Timer).where(Timer.id == timer.id).values(again))
