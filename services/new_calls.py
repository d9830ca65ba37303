"""New calls: a press, its call, the first line and the timers in one statement, one or many.

Nothing is written for a press that was here before, or that belongs to a call of its home (of its terminal, where
nobody knows the home) that is open and was pressed of late.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import orjson

from services.ladder import CallRules
from services.models.base import new_id
from services.models.calls import Call, TerminalButton
from services.press_orders import PressOrder

SEEN_AGAIN_SECONDS = 60
LONG_AGO = "-infinity"

_COLUMNS = tuple(
    column.key for column in Call.__table__.columns if column.key not in ("feature_id", "location", "claim_seen_at")
)
_JOINABLE = """
NOT EXISTS (SELECT FROM calls WHERE {mine} AND calls.status NOT IN ('RESOLVED', 'CLOSED', 'CANCELLED')
            AND calls.last_pressed_at >= more.joinable_since)
"""
_MINE = (
    "calls.household_id = new.household_id",
    "new.household_id IS NULL AND calls.terminal_serial = new.terminal_serial",
)
_OPENING = f"""
WITH new AS MATERIALIZED (
  SELECT * FROM json_populate_recordset(NULL::calls, CAST(:calls AS json))
), more AS MATERIALIZED (
  SELECT * FROM json_to_recordset(CAST(:more AS json)) AS more (
    id uuid, press_id uuid, reference text, button text, pressed_at timestamptz, line_id uuid, timer_id uuid,
    unanswered_id uuid, detail jsonb, due_at timestamptz, unanswered_at timestamptz, joinable_since timestamptz,
    unseen_since timestamptz)
), press AS (
  INSERT INTO presses (id, terminal_serial, reference, button, pressed_at, received_at, call_id, joined)
  SELECT more.press_id, new.terminal_serial, more.reference, more.button, more.pressed_at, new.opened_at, id, false
  FROM new JOIN more USING (id)
  WHERE {" AND ".join(_JOINABLE.format(mine=mine) for mine in _MINE)} AND {{turn}}
  ON CONFLICT (terminal_serial, reference) DO NOTHING RETURNING call_id AS id
), call AS (
  INSERT INTO calls ({", ".join(_COLUMNS)}, location)
  SELECT {", ".join(f"new.{name}" for name in _COLUMNS)},
         (SELECT location FROM households WHERE households.id = new.household_id)
  FROM press JOIN new USING (id)
  RETURNING id
), line AS (
  INSERT INTO call_events (id, call_id, number, at, kind, status, priority, detail)
  SELECT more.line_id, id, new.version, new.opened_at, 'OPENED', new.status, new.priority, more.detail
  FROM call JOIN new USING (id) JOIN more USING (id)
), live AS (
  INSERT INTO live_events (area_id, call_event_id)
  SELECT unnest(new.area_ids), more.line_id FROM call JOIN new USING (id) JOIN more USING (id) RETURNING area_id
), timer AS (
  INSERT INTO timers (id, kind, subject_id, due_at, guard, attempts)
  SELECT more.timer_id, 'DISPATCH', id, more.due_at, CAST('{{{{}}}}' AS jsonb), 0 FROM call JOIN more USING (id)
  UNION ALL
  SELECT more.unanswered_id, 'CONTACTS_UNANSWERED', id, more.unanswered_at, CAST('{{{{}}}}' AS jsonb), 0
  FROM call JOIN new USING (id) JOIN more USING (id) WHERE new.household_id IS NOT NULL
), seen AS (
  UPDATE terminals SET last_seen_at = new.opened_at,
         status = CASE WHEN terminals.status IN ('NEVER_SEEN', 'SILENT') THEN 'ONLINE' ELSE terminals.status END
  FROM call JOIN new USING (id) JOIN more USING (id)
  WHERE terminals.id = new.terminal_id
        AND (terminals.last_seen_at IS NULL OR terminals.last_seen_at < more.unseen_since)
)
SELECT json_agg(id)::text, (SELECT count(pg_notify('linli_calls', CAST(area_id AS text))) FROM live) FROM call
"""
TURNS = "linli.turns"
OPENING = _OPENING.format(turn="true")
"""Gives one row: the ids of the calls that were opened as a JSON array, null for none; who watches is told."""
OPENING_IN_TURN = _OPENING.format(
    turn=f"CAST(new.household_id AS text) = ANY (string_to_array(current_setting('{TURNS}', true), ','))"
)
"""The same for homes alone that are named in the setting `TURNS`, a list with commas."""


def values(presses: Sequence[tuple[PressOrder, Call, dict[str, Any]]], rules: CallRules) -> dict[str, str]:
    """What `OPENING` is given: presses, each with its call and the detail of the first line."""
    calls = [{name: getattr(call, name) for name in _COLUMNS} for _, call, _ in presses]
    more = [_more(order, call, detail, rules) for order, call, detail in presses]
    return {"calls": orjson.dumps(calls).decode(), "more": orjson.dumps(more).decode()}


def _more(order: PressOrder, call: Call, detail: dict[str, Any], rules: CallRules) -> dict[str, Any]:
    now = call.opened_at
    joins = order.button is not TerminalButton.CANCEL  # to any call that is open
    times = {
        "due_at": now + timedelta(seconds=rules.dispatch_retry_seconds),
        "unanswered_at": now + timedelta(seconds=rules.contacts_unanswered_seconds),
        "joinable_since": now - timedelta(seconds=rules.join_seconds) if joins else LONG_AGO,
        "unseen_since": now - timedelta(seconds=SEEN_AGAIN_SECONDS),
    }
    ids = {name: new_id() for name in ("press_id", "line_id", "timer_id", "unanswered_id")}
    said = {"reference": order.reference, "button": order.button.value, "pressed_at": order.pressed_at}
    return {"id": call.id, **ids, **times, **said, "detail": detail}
