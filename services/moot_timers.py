"""Timers of calls that have nothing left to do: each press leaves one, and each offer that was answered.

Done one by one they would hold up those that matter, so they are taken away all at once.
"""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock

# The call is locked with its timer, so that nobody who is opening it again relies on a timer that goes just now; what
# is locked by others is left to `timers.run_due`.
MOOT = """(
    timers.kind = 'DISPATCH' AND calls.status <> 'OPEN'
    OR timers.kind = 'OFFER_EXPIRES'
       AND (calls.status <> 'OFFERED' OR CAST(calls.offer_id AS text) <> timers.guard ->> 'offer')
    OR timers.kind = 'RING_AGAIN' AND calls.status <> 'RINGING'
    OR timers.kind = 'CONTACTS_UNANSWERED'
       AND (calls.answered_at IS NOT NULL OR calls.status IN ('RESOLVED', 'CLOSED', 'CANCELLED')))"""
CLEAR = sa.text(f"""
DELETE FROM timers WHERE id IN (
  SELECT timers.id FROM timers JOIN calls ON calls.id = timers.subject_id
  WHERE timers.due_at <= :now AND {MOOT}
  ORDER BY timers.due_at LIMIT 500 FOR UPDATE SKIP LOCKED)
""").bindparams(sa.bindparam("now", type_=sa.DateTime(timezone=True)))


async def clear(session: AsyncSession) -> int:
    """Take away what is due and moot; how many."""
    done = await session.execute(CLEAR, {"now": clock.now()})
    return int(done.rowcount)  # type: ignore[attr-defined]
