"""A press becomes a call, or joins the one that is open; the same reference is the same press, sent however often."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services import call_states, clock, contacts, messages, timelines
from services.call_states import Happening
from services.ladder import RULES, CallRules
from services.models.base import new_id
from services.models.calls import Call, CallEventKind, CallMark, Press, TerminalButton, is_open
from services.origins import Origin

SEEN_AGAIN_SECONDS = 60


_CALL_COLUMNS = tuple(
    column for column in Call.__table__.columns if column.key not in ("feature_id", "location", "claim_seen_at")
)
_OPEN_CALL = """
WITH press AS (
  INSERT INTO presses (id, terminal_serial, reference, button, pressed_at, received_at, call_id, joined)
  SELECT :press_id, :press_terminal_serial, :press_reference, :press_button, :press_pressed_at, :press_received_at,
         :id, false
  WHERE NOT EXISTS (SELECT FROM calls WHERE {mine} AND status NOT IN ('RESOLVED', 'CLOSED', 'CANCELLED')
                    AND (:any_open OR last_pressed_at >= :joinable_since))
  ON CONFLICT (terminal_serial, reference) DO NOTHING RETURNING call_id
), call AS (
  INSERT INTO calls ({columns}, location)
  SELECT {values}, (SELECT location FROM households WHERE id = :household_id)
  FROM press RETURNING id, household_id
), line AS (
  INSERT INTO call_events (id, call_id, number, at, kind, status, priority, detail)
  SELECT :line_id, id, :version, :opened_at, 'OPENED', :status, :priority, CAST(:detail AS jsonb) FROM call
), live AS (
  INSERT INTO live_events (area_id, call_event_id)
  SELECT unnest(CAST(:area_ids AS uuid[])), CAST(:line_id AS uuid) FROM call RETURNING area_id
), timer AS (
  INSERT INTO timers (id, kind, subject_id, due_at, guard, attempts)
  SELECT :timer_id, 'DISPATCH', id, :due_at, CAST('{{}}' AS jsonb), 0 FROM call
  UNION ALL
  SELECT :unanswered_id, 'CONTACTS_UNANSWERED', id, :unanswered_at, CAST('{{}}' AS jsonb), 0 FROM call
  WHERE household_id IS NOT NULL
), seen AS (
  UPDATE terminals SET last_seen_at = :opened_at,
         status = CASE WHEN status IN ('NEVER_SEEN', 'SILENT') THEN 'ONLINE' ELSE status END
  FROM call WHERE terminals.id = :terminal_id
              AND (last_seen_at IS NULL OR last_seen_at < :unseen_since)
)
SELECT id, (SELECT count(pg_notify('linli_calls', CAST(area_id AS text))) FROM live) FROM call
"""
_OPEN_TYPES: Mapping[str, "sa.types.TypeEngine[Any]"] = {
    **{column.key: column.type for column in _CALL_COLUMNS},
    **dict.fromkeys(("press_id", "line_id", "timer_id", "unanswered_id"), sa.Uuid()),
    **dict.fromkeys(("press_terminal_serial", "press_reference", "press_button"), sa.Text()),
    **dict.fromkeys(("press_pressed_at", "press_received_at", "due_at"), sa.DateTime(timezone=True)),
    **dict.fromkeys(("unanswered_at", "joinable_since", "unseen_since"), sa.DateTime(timezone=True)),
    "any_open": sa.Boolean(),
}


def _opening(mine: str) -> sa.TextClause:
    names = [column.key for column in _CALL_COLUMNS]
    columns, values = ", ".join(names), ", ".join(f":{name}" for name in names)
    text = sa.text(_OPEN_CALL.format(mine=mine, columns=columns, values=values))
    return text.bindparams(*(sa.bindparam(name, type_=kind) for name, kind in _OPEN_TYPES.items()))


OPEN_FROM_HOME = _opening("household_id = :household_id")
OPEN_BY_SERIAL = _opening("terminal_serial = :terminal_serial")


@dataclass(frozen=True, slots=True)
class PressOrder:
    """What a terminal says. `pressed_at` is its own clock: kept, and never used for order."""

    serial: str
    reference: str
    button: TerminalButton
    pressed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pressed:
    """The answer to a press: its call; `repeated` when this reference was here before, `joined` an open call."""

    call: Call
    repeated: bool
    joined: bool


async def take(session: AsyncSession, order: PressOrder, origin: Origin, rules: CallRules = RULES) -> Pressed:
    """Take an authentic press in the caller's transaction: every one has a call when this is committed.

    `origins.find` has let the presses of one home come one by one.
    """
    while True:
        if call := await _open(session, order, origin, rules):
            return Pressed(call, repeated=False, joined=False)
        if before := await _as_before(session, order):
            return before
        joined = await session.scalar(_joinable(order, origin, rules))
        if joined is not None and await _is_new(session, order, joined.id):
            await _join(session, order, origin, joined, rules)
            return Pressed(joined, repeated=False, joined=True)
        # The call that was in the way has ended since: the press opens its own.


def priority_of(button: TerminalButton, in_care: bool, rules: CallRules = RULES) -> int:
    """How urgent a press is: by its button, and higher where somebody is in care."""
    raised = rules.care_priority if in_care else 0
    return min(rules.priority_by_button[button.value] + raised, call_states.MOST_URGENT)


def _joinable(order: PressOrder, origin: Origin, rules: CallRules) -> sa.Select[Call]:
    """The open call that this press belongs to, locked: pressed of late, or for CANCEL any that is open."""
    mine = Call.terminal_serial == order.serial
    if origin.household_id is not None:
        mine = Call.household_id == origin.household_id
    found = sa.select(Call).where(mine, is_open())
    if order.button is not TerminalButton.CANCEL:
        found = found.where(Call.last_pressed_at >= clock.now() - timedelta(seconds=rules.join_seconds))
    newest = found.order_by(Call.opened_at.desc(), Call.id.desc()).limit(1)
    return newest.with_for_update().execution_options(populate_existing=True)


async def _is_new(session: AsyncSession, order: PressOrder, call_id: uuid.UUID) -> bool:
    row = {**_press_row(order), "call_id": call_id, "joined": True}
    once = insert(Press).values(row).on_conflict_do_nothing(index_elements=["terminal_serial", "reference"])
    return await session.scalar(once.returning(Press.id)) is not None


def _press_row(order: PressOrder) -> dict[str, Any]:
    return {
        "id": new_id(),
        "terminal_serial": order.serial,
        "reference": order.reference,
        "button": order.button.value,
        "pressed_at": order.pressed_at,
        "received_at": clock.now(),
    }


async def _as_before(session: AsyncSession, order: PressOrder) -> Pressed | None:
    same = sa.and_(Press.terminal_serial == order.serial, Press.reference == order.reference)
    found = sa.select(Call, Press.joined).join(Press, Press.call_id == Call.id).where(same)
    row = (await session.execute(found)).one_or_none()
    return Pressed(row.Call, repeated=True, joined=row.joined) if row else None


async def _open(session: AsyncSession, order: PressOrder, origin: Origin, rules: CallRules) -> Call | None:
    """A new call with its press, first line and timers, in one statement.

    None when the press was here before, or belongs to an open call.
    """
    call, detail = new_call(order, origin, rules)
    values = {column.key: getattr(call, column.key) for column in _CALL_COLUMNS}
    more = {"line_id": new_id(), "detail": json.dumps(detail), "timer_id": new_id(), "unanswered_id": new_id()}
    press = {f"press_{name}": value for name, value in _press_row(order).items()}
    due = {"due_at": call.opened_at + timedelta(seconds=rules.dispatch_retry_seconds)}
    due |= {"unanswered_at": call.opened_at + timedelta(seconds=rules.contacts_unanswered_seconds)}
    since = {"unseen_since": call.opened_at - timedelta(seconds=SEEN_AGAIN_SECONDS)}
    since |= {"joinable_since": call.opened_at - timedelta(seconds=rules.join_seconds)}
    cancels = {"any_open": order.button is TerminalButton.CANCEL}
    statement = OPEN_BY_SERIAL if origin.household_id is None else OPEN_FROM_HOME
    opened = await session.scalar(statement, values | more | press | due | since | cancels)
    return call if opened is not None else None


def new_call(order: PressOrder, origin: Origin, rules: CallRules = RULES) -> tuple[Call, dict[str, Any]]:
    """The call that a press opens, not stored yet, and the detail of its first line."""
    now, priority = clock.now(), priority_of(order.button, origin.in_care, rules)
    mark = CallMark.CANCEL_ALONE if order.button is TerminalButton.CANCEL and origin.mark is None else origin.mark
    detail = {"button": order.button.value, "priority": priority, "mark": mark.value if mark else None}
    call = Call(
        id=new_id(),
        terminal_serial=order.serial,
        terminal_id=origin.terminal_id,
        household_id=origin.household_id,
        grid_id=origin.grid_id,
        community_id=origin.community_id,
        area_ids=list(origin.area_ids),
        mark=mark,
        opened_at=now,
        answer_due_at=now + timedelta(seconds=rules.answer_seconds),
        last_pressed_at=now,
    )
    call_states.write_state(call, call_states.advance(None, Happening(CallEventKind.OPENED, now, detail=detail)))
    return call, detail


async def _join(session: AsyncSession, order: PressOrder, origin: Origin, call: Call, rules: CallRules) -> None:
    """One more press of an open call: it rises, and whoever has it is told again. CANCEL is told, and ends nothing."""
    cancels = order.button is TerminalButton.CANCEL
    kind = CallEventKind.CANCEL_PRESSED if cancels else CallEventKind.PRESSED_AGAIN
    before = call.priority
    call.last_pressed_at = clock.now()
    priority = priority_of(order.button, origin.in_care, rules)
    await timelines.record(session, call, kind, button=order.button.value, priority=priority)
    await messages.tell_whoever_has(session, call, kind.value)
    if rules.is_emergency(call.priority) and not rules.is_emergency(before):
        await contacts.tell(session, call, contacts.Moment.EMERGENCY)
