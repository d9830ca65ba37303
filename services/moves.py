"""What happens to many calls, written in one statement: their rows, their lines, the live events, the bells.

Of a call's row it writes what climbing, ringing and the end of an offer change: status, rung, offer and version.
`services.timelines` writes any event of one call.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import call_states, desk, messages, outbox, timelines
from services.call_states import CallState, Happening
from services.ladder import RULES, CallRules
from services.models.base import new_id
from services.models.calls import Call, CallEventKind, CallStatus

WRITTEN = ("status", "rung", "offer_id", "version")
WRITE = sa.text("""
WITH call AS (
  UPDATE calls SET status = new.status, rung = new.rung, offer_id = new.offer_id, version = new.version
  FROM json_to_recordset(CAST(:calls AS json)) AS new (
    id uuid, status text, rung smallint, offer_id uuid, version integer)
  WHERE calls.id = new.id
), new AS MATERIALIZED (
  SELECT * FROM json_to_recordset(CAST(:lines AS json)) AS new (
    id uuid, call_id uuid, number integer, at timestamptz, kind text, worker_id uuid, status text, priority smallint,
    detail jsonb, area_ids uuid[])
), line AS (
  INSERT INTO call_events (id, call_id, number, at, kind, worker_id, status, priority, detail)
  SELECT id, call_id, number, at, kind, worker_id, status, priority, detail FROM new
), live AS (
  INSERT INTO live_events (area_id, call_event_id) SELECT unnest(area_ids), id FROM new ORDER BY number
), bell AS (
  INSERT INTO timers (id, kind, subject_id, due_at, guard, attempts)
  SELECT bell.id, 'RING_AGAIN', subject_id, bell.due_at, '{}', 0
  FROM json_to_recordset(CAST(:bells AS json)) AS bell (id uuid, subject_id uuid, due_at timestamptz)
  WHERE NOT EXISTS (SELECT FROM timers t WHERE t.subject_id = bell.subject_id AND t.kind = 'RING_AGAIN')
)
SELECT count(pg_notify('linli_calls', CAST(area_id AS text)))
FROM (SELECT DISTINCT unnest(area_ids) AS area_id FROM new) AS areas
""")


@dataclass(frozen=True, slots=True)
class Moves:
    """What happens to a call, each with the state after it; nothing when it stays where it is."""

    call: Call
    steps: tuple[tuple[Happening, CallState], ...]

    @classmethod
    def of(cls, call: Call, event: Happening) -> "Moves":
        """One event. Raises NotNow when it cannot happen in the call's state."""
        return cls(call, ((event, call_states.advance(call_states.state_of(call), event)),))

    @property
    def state(self) -> CallState:
        """Where the call stands then."""
        return self.steps[-1][1]

    @property
    def rings(self) -> bool:
        """True when the desk rings at the end."""
        return bool(self.steps) and self.steps[-1][0].kind is CallEventKind.RANG


async def write(session: AsyncSession, moves: Sequence[Moves], rules: CallRules = RULES) -> None:
    """Store what happens to locked calls; the calls in hand know their new state, and desks are told who rings."""
    done = [one for one in moves if one.steps]
    if not done:
        return
    await session.flush()
    bells = [_bell(one, rules) for one in done if one.rings and one.state.status is CallStatus.RINGING]
    lines = [_line(one.call, *step) for one in done for step in one.steps]
    rows = {"calls": [_row(one) for one in done], "lines": lines, "bells": bells}
    await session.execute(WRITE, {name: orjson.dumps(each).decode() for name, each in rows.items()})
    for one in done:
        timelines.written(one.call, one.state)
    await outbox.put_all(session, [_desk_message(one) for one in done if one.rings])


def _desk_message(one: Moves) -> dict[str, Any]:
    """What the desk is told of a call that rings."""
    return messages.desk_message(one.call, "DUTY_DESK_RINGS", reason=one.steps[-1][0].detail["reason"])


def _row(one: Moves) -> dict[str, Any]:
    return {"id": one.call.id, **{name: getattr(one.state, name) for name in WRITTEN}}


def _line(call: Call, event: Happening, state: CallState) -> dict[str, Any]:
    after = {"number": state.version, "status": state.status, "priority": state.priority}
    told = {"at": event.at, "kind": event.kind, "worker_id": event.worker_id, "detail": dict(event.detail)}
    return {"id": new_id(), "call_id": call.id, **after, **told, "area_ids": list(call.area_ids)}


def _bell(one: Moves, rules: CallRules) -> dict[str, Any]:
    at = one.steps[-1][0].at
    return {"id": new_id(), "subject_id": one.call.id, "due_at": desk.next_ring(one.call.priority, at, rules)}
