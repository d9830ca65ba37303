"""DISPATCH timers by the many: lent and not taken away, so that of a server that dies in between nothing is lost.

A lent timer is moved on by `dispatch_retry_seconds`. Who has lent it finds help for the call; if nobody does it falls
due again, and when the call has gone on meanwhile it is moot (`services.moot_timers`).
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, ladder
from services.ladder import RULES, CallRules

MOST_AT_ONCE = 500
LEND_DUE = sa.text(f"""
WITH due AS MATERIALIZED (
  SELECT id, subject_id FROM timers WHERE kind = 'DISPATCH' AND due_at <= :now
  ORDER BY due_at LIMIT {MOST_AT_ONCE} FOR UPDATE SKIP LOCKED
)
UPDATE timers SET due_at = :back FROM due JOIN calls ON calls.id = due.subject_id
WHERE timers.id = due.id AND (SELECT count(*) FROM due) >= :many
RETURNING timers.subject_id, calls.priority
""")
KEEP = sa.text("""
UPDATE timers SET due_at = :back WHERE due_at < :back AND id IN (
  SELECT id FROM timers WHERE kind = 'DISPATCH' AND subject_id = ANY(:ids) FOR UPDATE SKIP LOCKED)
""")
TIMES = tuple(sa.bindparam(name, type_=sa.DateTime(timezone=True)) for name in ("now", "back"))
LENDING = LEND_DUE.bindparams(*TIMES).columns(subject_id=sa.Uuid)
KEEPING = KEEP.bindparams(TIMES[1], sa.bindparam("ids", type_=sa.ARRAY(sa.Uuid)))


async def lend(session: AsyncSession, many: int, rules: CallRules = RULES) -> dict[uuid.UUID, int]:
    """The calls whose DISPATCH is due, with their priority, when they are so many; fewer are left to `timers.run_due`.

    No two processes get the same.
    """
    values = {"now": clock.now(), "back": _back(rules), "many": many}
    return {call_id: priority for call_id, priority in await session.execute(LENDING, values)}


async def keep(session: AsyncSession, call_ids: Sequence[uuid.UUID], rules: CallRules = RULES) -> None:
    """The same for calls that this process has in hand anyhow, so that no other begins with them meanwhile."""
    await session.execute(KEEPING, {"ids": list(call_ids), "back": _back(rules)})


def _back(rules: CallRules) -> datetime:
    return ladder.add_seconds(clock.now(), rules.dispatch_retry_seconds)
