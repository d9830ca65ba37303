"""Following the calls of an area: every change, in order, none missing, also over a reconnect."""

import uuid
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Any

import strawberry
from strawberry import Parent

from schema import calls
from schema.calls import Call
from schema.context import Context, Info, id_of
from schema.lens import field, lens, shown, subscription
from services import events
from services.access import Actor
from services.call_rights import STAFF, require_area
from services.errors import NotFound, Refusal
from services.events import Live
from services.models import Call as CallRow
from services.models import CallEventKind

MOST_BEHIND = 5000


class TooFarBehind(Refusal):
    """This stream is {behind} events behind. Ask for the open calls afresh, then follow from now."""


class CallThen:
    """A call as it is, save what a line of its timeline tells of the moment just after it."""

    def __init__(self, row: CallRow, live: Live) -> None:
        """Status, priority and press count are the line's."""
        self._row = row
        self.status, self.priority, self.press_count = live.status, live.priority, live.press_count

    def __getattr__(self, name: str) -> Any:
        """Everything else."""
        return getattr(self._row, name)


@lens
class CallEvent:
    """One change of a call, as one area sees it."""

    sequence: int = shown("Counts the changes of the area without a gap; send the last one to go on after it.")
    at: datetime = shown("When it happened.")
    kind: CallEventKind = shown("What happened.")

    @field(graphql_type=Call)
    async def call(self, info: Info, live: Parent[Live]) -> CallThen:
        """The call: status, priority and press count as they were just after this change."""
        known = info.context.known(calls.by_id, live.call_id)
        row = known or await info.context.load(calls.by_id, live.call_id)
        if row is None:
            raise NotFound(live.call_id)
        return CallThen(row, live)


@lens
class CallEventSubscription:
    """What a desk follows."""

    @subscription(graphql_type=CallEvent)
    async def call_events(
        self, info: Info, area_id: strawberry.ID, after_sequence: int | None = None
    ) -> AsyncGenerator[Live, None]:
        """Every change of a call in the area, in order: from now on, or all after the `sequence` seen last."""
        context, area = info.context, id_of(area_id)
        known = await _may_follow(context, area)
        with context.api.wakeups.bell(events.CALLS, area) as bell:
            last = await _newest(context, area) if after_sequence is None else after_sequence
            was_level = False
            while True:
                lines = await events.read_after(context.api.platform("events"), area, last)
                if was_level and len(lines) > 1:
                    await _refuse_far_behind(context, area, last)
                rows, looked_up_for = dict[uuid.UUID, CallRow](), None
                for number, live in enumerate(lines):
                    known = await _may_follow(context, area, known)
                    if known is not looked_up_for:
                        rows, looked_up_for = await _calls_of(context, lines[number:]), known
                    context.know(calls.by_id, rows)
                    yield live
                    last = live.sequence
                if len(lines) < events.MOST_AT_ONCE:
                    was_level = True
                    await bell.wait()


async def _may_follow(context: Context, area_id: uuid.UUID, known: Actor | None = None) -> Actor:
    """Today's rights before each event; the area is looked up when they were: a desk that catches up reads many."""
    await context.look_again()
    if context.actor is not known:
        async with context.read() as session:
            await require_area(session, context.actor, area_id, *STAFF)
    return context.actor


async def _calls_of(context: Context, lines: Sequence[Live]) -> dict[uuid.UUID, CallRow]:
    """The calls of many lines in one select: whoever comes back has missed many, and must not fall further behind."""
    async with context.read() as session:
        return await calls.by_id(session, context.actor, list({live.call_id for live in lines}))


async def _newest(context: Context, area_id: uuid.UUID) -> int:
    async with context.api.platform("events").write() as session:
        await events.number(session, area_id)
        return await events.last_sequence(session, area_id)


async def _refuse_far_behind(context: Context, area_id: uuid.UUID, last: int) -> None:
    """A client that was level and cannot keep up is told so, instead of learning of calls ever later."""
    async with context.read() as session:
        behind = await events.last_sequence(session, area_id) - last
    if behind > MOST_BEHIND:
        raise TooFarBehind(behind=behind)
