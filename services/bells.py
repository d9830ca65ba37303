"""Bells by the many: calls that nobody at the desk has answered ring again together, as by `desk.on_ring_again`."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, desk, moves
from services.call_states import Happening
from services.ladder import DUTY_DESK, RULES, CallRules
from services.models.calls import Call, CallEventKind
from services.moves import Moves

MOST_AT_ONCE = 64
# Timer and call are held together, so that whoever answers just now is neither waited for nor rung over.
MOVE_ON = sa.text(f"""
WITH due AS MATERIALIZED (
  SELECT timers.id, timers.subject_id, calls.priority FROM timers JOIN calls ON calls.id = timers.subject_id
  WHERE timers.kind = 'RING_AGAIN' AND timers.due_at <= :now AND calls.status = 'RINGING'
  ORDER BY timers.due_at LIMIT {MOST_AT_ONCE} FOR UPDATE SKIP LOCKED
)
UPDATE timers SET due_at = CASE WHEN due.priority >= :emergency THEN :sooner ELSE :later END
FROM due WHERE timers.id = due.id AND (SELECT count(*) FROM due) >= :many
RETURNING timers.subject_id
""").bindparams(*(sa.bindparam(name, type_=sa.DateTime(timezone=True)) for name in ("now", "sooner", "later")))
MOVING_ON = MOVE_ON.columns(subject_id=sa.Uuid)


async def ring_again(session: AsyncSession, rules: CallRules = RULES) -> int:
    """Ring for calls whose bell is due, when they are many; how many. Fewer are left to `timers.run_due`."""
    now = clock.now()
    times = {"sooner": desk.next_ring(rules.emergency_priority, now, rules), "later": desk.next_ring(0, now, rules)}
    numbers = {"emergency": rules.emergency_priority, "many": rules.surge_calls}
    ids = list(await session.scalars(MOVING_ON, {"now": now, **times, **numbers}))
    if ids:
        calls = await session.scalars(sa.select(Call).where(Call.id.in_(ids)).order_by(Call.id))
        await moves.write(session, [_rung(call, now) for call in calls], rules)
    return len(ids)


def _rung(call: Call, now: datetime) -> Moves:
    return Moves.of(call, Happening(CallEventKind.RANG, now, detail={"rung": DUTY_DESK, "reason": "NOBODY_ANSWERED"}))
