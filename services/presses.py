"""A press becomes a call, or joins the one that is open; the same reference is the same press, sent however often."""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services import call_states, clock, contacts, messages, new_calls, timelines
from services.call_states import Happening
from services.ladder import RULES, CallRules
from services.models.base import new_id
from services.models.calls import Call, CallEventKind, CallMark, Press, TerminalButton, is_open
from services.origins import Origin
from services.press_orders import PressOrder

OPENING = sa.text(new_calls.OPENING)
Ahead = Callable[[], Awaitable[uuid.UUID | None]]


@dataclass(frozen=True, slots=True)
class Pressed:
    """The answer to a press: its call; `repeated` when this reference was here before, `joined` an open call.

    `ahead`: help was looked for while the call was committed; calling it makes the offer, if that still holds.
    """

    call: Call
    repeated: bool
    joined: bool
    ahead: Ahead | None = field(default=None, compare=False, repr=False)


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
    opened = await session.scalar(OPENING, new_calls.values([(order, call, detail)], rules))
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
