"""A press becomes a call, or joins the one that is open; the same reference is the same press, sent however often."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services import call_states, clock, contacts, messages, timelines, timers
from services.call_states import Happening
from services.ladder import RULES, CallRules
from services.models.base import new_id
from services.models.calls import Call, CallEventKind, CallMark, Press, TerminalButton, is_open
from services.models.terminals import Terminal, TerminalStatus
from services.models.timers import TimerKind
from services.origins import Origin

SEEN_AGAIN_SECONDS = 60


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
    """Take an authentic press in the caller's transaction: every one has a call when this is committed."""
    await _one_at_a_time(session, origin)
    call = await session.scalar(_joinable(order, origin, rules))
    joins = call is not None
    call_id = call.id if call is not None else new_id()
    if not await _is_new(session, order, call_id, joins):
        return await _as_before(session, order)
    if call is None:
        call = await _open(session, order, origin, call_id, rules)
    else:
        await _join(session, order, origin, call, rules)
    await _sign_of_life(session, origin)
    return Pressed(call, repeated=False, joined=joins)


def priority_of(button: TerminalButton, in_care: bool, rules: CallRules = RULES) -> int:
    """How urgent a press is: by its button, and higher where somebody is in care."""
    raised = rules.care_priority if in_care else 0
    return min(rules.priority_by_button[button.value] + raised, call_states.MOST_URGENT)


async def _one_at_a_time(session: AsyncSession, origin: Origin) -> None:
    """Presses of one home wait for each other, so that two at once do not open two calls."""
    key = str(origin.household_id or origin.serial)
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(key, 0))))


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


async def _is_new(session: AsyncSession, order: PressOrder, call_id: uuid.UUID, joined: bool) -> bool:
    row = {
        "id": new_id(),
        "terminal_serial": order.serial,
        "reference": order.reference,
        "button": order.button,
        "pressed_at": order.pressed_at,
        "received_at": clock.now(),
        "call_id": call_id,
        "joined": joined,
    }
    once = insert(Press).values(row).on_conflict_do_nothing(index_elements=["terminal_serial", "reference"])
    return await session.scalar(once.returning(Press.id)) is not None


async def _as_before(session: AsyncSession, order: PressOrder) -> Pressed:
    same = sa.and_(Press.terminal_serial == order.serial, Press.reference == order.reference)
    row = (await session.execute(sa.select(Call, Press.joined).join(Press, Press.call_id == Call.id).where(same))).one()
    return Pressed(row.Call, repeated=True, joined=row.joined)


async def _open(session: AsyncSession, order: PressOrder, origin: Origin, call_id: uuid.UUID, rules: CallRules) -> Call:
    now, priority = clock.now(), priority_of(order.button, origin.in_care, rules)
    mark = CallMark.CANCEL_ALONE if order.button is TerminalButton.CANCEL and origin.mark is None else origin.mark
    detail = {"button": order.button.value, "priority": priority, "mark": mark.value if mark else None}
    event = Happening(CallEventKind.OPENED, now, detail=detail)
    call = Call(
        id=call_id,
        terminal_serial=order.serial,
        terminal_id=origin.terminal_id,
        household_id=origin.household_id,
        grid_id=origin.grid_id,
        community_id=origin.community_id,
        area_ids=list(origin.area_ids),
        location=origin.location,
        mark=mark,
        opened_at=now,
        answer_due_at=now + timedelta(seconds=rules.answer_seconds),
        last_pressed_at=now,
    )
    call_states.write_state(call, call_states.advance(None, event))
    session.add(call)
    await session.flush()
    await timelines.write_line(session, call, event)
    await timers.put(session, TimerKind.DISPATCH, call.id, now + timedelta(seconds=rules.dispatch_retry_seconds))
    return call


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


async def _sign_of_life(session: AsyncSession, origin: Origin) -> None:
    """A press is a sign of life too; written at most once a minute."""
    now = clock.now()
    unseen = sa.or_(
        Terminal.last_seen_at.is_(None), Terminal.last_seen_at < now - timedelta(seconds=SEEN_AGAIN_SECONDS)
    )
    fresh = sa.case((Terminal.status.in_((TerminalStatus.NEVER_SEEN, TerminalStatus.SILENT)), "ONLINE"))
    values = {"last_seen_at": now, "status": sa.func.coalesce(fresh, Terminal.status)}
    await session.execute(sa.update(Terminal).where(Terminal.id == origin.terminal_id, unseen).values(values))
