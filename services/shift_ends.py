"""Workers who leave while nobody has asked them anything, many at a time: at six in the evening that is all of them.

`workers.on_worker_left` does the same for one, and `services.offer_endings` for those who are asked just then.
"""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock
from services.candidates import ON_DUTY
from services.ladder import RULES, CallRules

MOST_AT_ONCE = 1_000
# Timer and worker are held together: who is being offered a call just now is left for later.
LEAVE = sa.text(f"""
WITH due AS MATERIALIZED (
  SELECT t.id, t.subject_id AS worker_id FROM timers t JOIN workers w ON w.id = t.subject_id
  WHERE t.kind = 'WORKER_LEFT' AND t.due_at <= :now AND w.status IN ('AVAILABLE', 'OFF_DUTY')
    AND NOT EXISTS (SELECT FROM offers o WHERE o.worker_id = w.id AND o.status IN ('OFFERED', 'ACCEPTED'))
  ORDER BY t.due_at LIMIT {MOST_AT_ONCE} FOR UPDATE SKIP LOCKED
), gone AS (
  UPDATE workers w SET status = 'OFF_DUTY' FROM due
  WHERE w.id = due.worker_id AND w.status = 'AVAILABLE' AND NOT {ON_DUTY}
)
DELETE FROM timers USING due WHERE timers.id = due.id
""").bindparams(sa.bindparam("now", type_=sa.DateTime(timezone=True)))


async def leave_many(session: AsyncSession, rules: CallRules = RULES) -> int:
    """Whose shift is over is off duty; how many timers were done. Who is on duty again stays so."""
    done = await session.execute(LEAVE, {"now": clock.now()})
    return int(done.rowcount)  # type: ignore[attr-defined]
