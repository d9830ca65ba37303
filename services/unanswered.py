"""Calls that nobody has taken in the set time: their contacts hear of it, many at a time.

`calls.on_unanswered` does the same for one call.
"""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, contacts
from services.ladder import RULES, CallRules
from services.models.calls import Call

MOST_AT_ONCE = 64
# Timer and call are held together, so that whoever answers just now is not reported as missing.
TAKE = sa.text(f"""
DELETE FROM timers WHERE id IN (
  SELECT timers.id FROM timers JOIN calls ON calls.id = timers.subject_id
  WHERE timers.kind = 'CONTACTS_UNANSWERED' AND timers.due_at <= :now AND calls.answered_at IS NULL
    AND calls.status NOT IN ('RESOLVED', 'CLOSED', 'CANCELLED')
  ORDER BY timers.due_at LIMIT {MOST_AT_ONCE} FOR UPDATE SKIP LOCKED)
RETURNING subject_id
""").bindparams(sa.bindparam("now", type_=sa.DateTime(timezone=True)))
TAKING = TAKE.columns(subject_id=sa.Uuid)


async def tell_many(session: AsyncSession, rules: CallRules = RULES) -> int:
    """Tell the contacts of calls that are due; how many calls. Those that somebody has in hand are left for later."""
    ids = list(await session.scalars(TAKING, {"now": clock.now()}))
    if ids:
        calls = (await session.scalars(sa.select(Call).where(Call.id.in_(ids)).order_by(Call.id))).all()
        await contacts.tell_all(session, calls, contacts.Moment.UNANSWERED)
    return len(ids)
