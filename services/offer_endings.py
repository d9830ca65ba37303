"""Offers that end by the many: their time is over, or whoever is asked has left; the calls go to dispatch together.

One by one each call would look for the next worker in a transaction of its own: when five hundred phones fall silent in
one outage, the last call would wait for ten seconds. `dispatch.on_offer_expired` and `workers.on_worker_left` do the
same for one; fewer than a surge are left to them.
"""

import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, ladder, messages, moves, outbox, presences
from services.call_states import Happening
from services.candidates import ON_DUTY
from services.ladder import RULES, CallRules
from services.models.calls import Call, CallEventKind
from services.models.offers import OfferStatus
from services.moves import Moves

MOST_AT_ONCE = 64
IS_CONNECTED = presences.CONNECTED.format(worker="w.id")
# Timer, call and worker are held together: who answers just now is neither waited for nor overruled. The timer stays,
# as the one that looks for help should this process die.
_END = """
WITH due AS MATERIALIZED (
  SELECT t.id AS timer_id, c.id AS call_id, o.id AS offer_id, w.id AS worker_id, t.guard ->> 'reason' AS reason
  FROM timers t JOIN offers o ON {of_timer} AND o.status = 'OFFERED'
  JOIN calls c ON c.id = o.call_id AND c.offer_id = o.id AND c.status = 'OFFERED'
  JOIN workers w ON w.id = o.worker_id AND w.status IN ('OFFERED', 'COMMITTED')
  WHERE t.kind = '{kind}' AND t.due_at <= :now AND {over}
  ORDER BY t.due_at LIMIT {most} FOR UPDATE OF t, c, w SKIP LOCKED
), ending AS MATERIALIZED (
  SELECT DISTINCT ON (call_id) * FROM due WHERE (SELECT count(DISTINCT call_id) FROM due) >= :many
  ORDER BY call_id, timer_id
), offer AS (
  UPDATE offers SET status = '{status}', answered_at = :now, ended_at = :now
  FROM ending WHERE offers.id = ending.offer_id
), worker AS (
  UPDATE workers w SET status = CASE WHEN {on_duty} THEN 'AVAILABLE' ELSE 'OFF_DUTY' END
  FROM ending WHERE w.id = ending.worker_id
), timer AS (
  UPDATE timers SET kind = 'DISPATCH', subject_id = ending.call_id, due_at = :back, guard = '{{}}', attempts = 0
  FROM ending WHERE timers.id = ending.timer_id
)
SELECT call_id, offer_id, worker_id, reason, pg_notify('linli_offers', CAST(worker_id AS text)) FROM ending
"""
TYPES: tuple[sa.BindParameter[Any], ...] = (
    *(sa.bindparam(name, type_=sa.DateTime(timezone=True)) for name in ("now", "back")),
    sa.bindparam("many", type_=sa.Integer()),
)


def _ending(kind: str, of_timer: str, over: str, status: OfferStatus, *more: sa.BindParameter[Any]) -> Any:
    parts = {"kind": kind, "of_timer": of_timer, "over": over, "status": status.value}
    statement = sa.text(_END.format(**parts, on_duty=ON_DUTY, most=MOST_AT_ONCE)).bindparams(*TYPES, *more)
    return statement.columns(call_id=sa.Uuid, offer_id=sa.Uuid, worker_id=sa.Uuid)


EXPIRED = _ending(
    "OFFER_EXPIRES",
    "o.call_id = t.subject_id AND CAST(o.id AS text) = t.guard ->> 'offer'",
    "o.expires_at <= :now",
    OfferStatus.EXPIRED,
)
LEFT = _ending(
    "WORKER_LEFT",
    "o.worker_id = t.subject_id AND CAST(o.id AS text) = coalesce(t.guard ->> 'offer', CAST(o.id AS text))",
    f"NOT CASE WHEN t.guard ->> 'reason' = '{presences.OFFLINE}' THEN {IS_CONNECTED} ELSE {ON_DUTY} END",
    OfferStatus.WITHDRAWN,
    sa.bindparam("alive_since", type_=sa.DateTime(timezone=True)),
)


async def end_many(session: AsyncSession, rules: CallRules = RULES) -> dict[uuid.UUID, int]:
    """End the offers that are over, when they are many; the calls that are open again, with their priority.

    At most `MOST_AT_ONCE` of a kind, for the caller to dispatch after the commit and to ask again until there is none.
    """
    calls = await _expire(session, rules) + await _withdraw(session, rules)
    return {call.id: call.priority for call in calls}


async def _expire(session: AsyncSession, rules: CallRules) -> list[Call]:
    rows = (await session.execute(EXPIRED, _values(rules))).all()
    told = [(row, {"offer": str(row.offer_id)}) for row in rows]
    return await _reopen(session, CallEventKind.EXPIRED, told, rules)


async def _withdraw(session: AsyncSession, rules: CallRules) -> list[Call]:
    values = {**_values(rules), "alive_since": presences.alive_since(rules)}
    rows = (await session.execute(LEFT, values)).all()
    told = [(row, {"offer": str(row.offer_id), "reason": row.reason}) for row in rows]
    calls = await _reopen(session, CallEventKind.WITHDRAWN, told, rules)
    gone = {row.call_id: row for row in rows}
    told_to = [(call, gone[call.id]) for call in calls]
    await outbox.put_all(
        session,
        [messages.worker_message(c, row.worker_id, "OFFER_WITHDRAWN", offer=str(row.offer_id)) for c, row in told_to],
    )
    return calls


async def _reopen(
    session: AsyncSession, kind: CallEventKind, told: list[tuple[Any, dict[str, str]]], rules: CallRules
) -> list[Call]:
    """Write into the timelines of the calls, which are held, what became of their offers."""
    if not told:
        return []
    now, ended = clock.now(), {row.call_id: (row.worker_id, detail) for row, detail in told}
    wanted = sa.select(Call).where(Call.id.in_(ended)).order_by(Call.id)
    calls = list(await session.scalars(wanted.execution_options(populate_existing=True)))
    each = [(call, *ended[call.id]) for call in calls]
    events = [Moves.of(call, Happening(kind, now, worker_id=who, detail=detail)) for call, who, detail in each]
    await moves.write(session, events, rules)
    return calls


def _values(rules: CallRules) -> dict[str, Any]:
    now = clock.now()
    return {"now": now, "back": ladder.add_seconds(now, rules.dispatch_retry_seconds), "many": rules.surge_calls}
