"""Calls that climb together: rungs on which nobody can be asked are passed over, and the desk rings, many at a time.

`climb` decides on values; `write` stores what was decided of many calls in one statement: their rows, their lines, the
live events, the bells. `services.dispatch` does the same for one call.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import call_states, clock, desk, dispatch, dispatch_sheets, messages, outbox, rung_crews, timelines
from services.call_states import CallState, Happening
from services.database import Database
from services.dispatch_sheets import Sheet
from services.ladder import RULES, CallRules, LadderWrong, Rung
from services.models.base import new_id
from services.models.calls import Call, CallEventKind, CallStatus
from services.models.workers import WorkerRole

NONE_PASSED: Mapping[tuple[uuid.UUID, int], str] = {}
WhyEmpty = Callable[[int, Rung], str | None]
WRITE = sa.text("""
WITH call AS (
  UPDATE calls SET status = new.status, rung = new.rung, version = new.version
  FROM json_to_recordset(CAST(:calls AS json)) AS new (id uuid, status text, rung smallint, version integer)
  WHERE calls.id = new.id
), new AS MATERIALIZED (
  SELECT * FROM json_to_recordset(CAST(:lines AS json)) AS new (
    id uuid, call_id uuid, number integer, at timestamptz, kind text, status text, priority smallint, detail jsonb,
    area_ids uuid[])
), line AS (
  INSERT INTO call_events (id, call_id, number, at, kind, status, priority, detail)
  SELECT id, call_id, number, at, kind, status, priority, detail FROM new
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
class Climb:
    """How a call climbs: what happens to it, each with the state after it; none when its own rung may have somebody."""

    call: Call
    steps: tuple[tuple[Happening, CallState], ...]

    @property
    def state(self) -> CallState:
        """Where the call stands then."""
        return self.steps[-1][1]

    @property
    def rings(self) -> bool:
        """True when the climb ends at the desk."""
        return bool(self.steps) and self.steps[-1][0].kind is CallEventKind.RANG


def climb(sheet: Sheet, why_empty: WhyEmpty, now: datetime) -> Climb:
    """Take an open call past each rung for which `why_empty` tells a code, up to one that may have somebody, or ring.

    As `dispatch` climbs: what nobody knows the home of, or is marked, rings at once. Raises LadderWrong without a desk.
    """
    call, need, steps = sheet.call, None if sheet.call.mark else sheet.need, list[tuple[Happening, CallState]]()
    state = call_states.state_of(call)
    for number in range(min(call.rung, len(sheet.rungs) - 1), len(sheet.rungs)):
        rung = sheet.rungs[number]
        if rung.is_desk or need is None:
            event = Happening(CallEventKind.RANG, now, detail={"rung": rung.code, "reason": desk.why_it_rings(call)})
            return Climb(call, (*steps, (event, call_states.advance(state, event))))
        why = why_empty(number, rung)
        if why is None:
            return Climb(call, tuple(steps))
        detail = {"rung": rung.code, "reason": why, "next_rung": number + 1}
        event = Happening(CallEventKind.RUNG_SKIPPED, now, detail=detail)
        state = call_states.advance(state, event)
        steps.append((event, state))
    raise LadderWrong(reason="it has no duty desk.")


async def write(session: AsyncSession, climbs: Sequence[Climb], rules: CallRules = RULES) -> None:
    """Store climbs of locked calls; the calls in hand know their new state, and the desks are told who rings."""
    done = [one for one in climbs if one.steps]
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


async def take_up(
    database: Database,
    call_ids: Sequence[uuid.UUID],
    passed: Mapping[tuple[uuid.UUID, int], str],
    rules: CallRules = RULES,
) -> Sequence[Climb]:
    """Climb calls that nobody else is changing just now, as far as there is nobody to ask, in one transaction.

    `passed`: codes of rungs (call, number) that were searched, and hold nobody for that call.
    """
    async with database.write() as session:
        sheets = await dispatch_sheets.free_ones(session, call_ids, rules)
        empty = await rung_crews.empty_roles(session)
        sheets = [sheet for sheet in sheets if sheet.call.status is CallStatus.OPEN]
        done = [climb(sheet, why_empty(sheet.call, empty, passed), clock.now()) for sheet in sheets]
        await dispatch.prepare(session, [one.call for one in done if one.steps], rules)
        await write(session, done, rules)
        return [one for one in done if one.steps]


def why_empty(
    call: Call, empty: Mapping[WorkerRole, str], passed: Mapping[tuple[uuid.UUID, int], str] = NONE_PASSED
) -> WhyEmpty:
    """Why nobody can be asked for a call on a rung: nobody of the role is free, or the rung was searched."""

    def why(number: int, rung: Rung) -> str | None:
        assert rung.role is not None
        return empty.get(rung.role) or passed.get((call.id, number))

    return why


def _desk_message(one: Climb) -> dict[str, Any]:
    """What the desk is told of a call that rings."""
    return messages.desk_message(one.call, "DUTY_DESK_RINGS", reason=one.steps[-1][0].detail["reason"])


def _row(one: Climb) -> dict[str, Any]:
    state = one.state
    return {"id": one.call.id, "status": state.status, "rung": state.rung, "version": state.version}


def _line(call: Call, event: Happening, state: CallState) -> dict[str, Any]:
    after = {"number": state.version, "status": state.status, "priority": state.priority}
    told: dict[str, Any] = {"at": event.at, "kind": event.kind, "detail": dict(event.detail)}
    return {"id": new_id(), "call_id": call.id, **after, **told, "area_ids": list(call.area_ids)}


def _bell(one: Climb, rules: CallRules) -> dict[str, Any]:
    at = one.steps[-1][0].at
    return {"id": new_id(), "subject_id": one.call.id, "due_at": desk.next_ring(one.call.priority, at, rules)}
