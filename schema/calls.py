"""Calls for help: what was pressed, who is asked, who has it, and what happened, line by line."""

import enum
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import Parent
from strawberry.scalars import JSON

from schema import households, offers, terminals, workers
from schema.context import Info, id_of
from schema.households import Household
from schema.lens import field, given, lens, listing, shown, words
from schema.loading import many_each, one_each
from schema.offers import MOST_CANDIDATES, Candidate, HowMany, Offer
from schema.pages import After, Connection, First, Order, Page, page
from schema.service_points import ModeOfService
from schema.terminals import Terminal
from schema.workers import Worker
from services import clock, dispatch
from services.access import Actor
from services.call_rights import STAFF, visible_calls, visible_homes
from services.choosing import Verdict
from services.database import speaking_as
from services.models import (
    Account,
    CallEventKind,
    CallMark,
    CallOutcome,
    CallStatus,
)
from services.models import Call as CallRow
from services.models import CallEvent as LineRow
from services.models import Household as HouseholdRow
from services.models import Offer as OfferRow
from services.models import Terminal as TerminalRow
from services.models import Worker as WorkerRow
from services.models.calls import CallNote, is_open

words(CallStatus, CallMark, CallOutcome, CallEventKind)

MOST_LINES = 500
MOST_OFFERS = 100
WITHOUT_ANSWER = (CallStatus.OPEN, CallStatus.OFFERED, CallStatus.RINGING)


@lens
class Staff:
    """Somebody of the staff: an account at the desk, or a worker."""

    id: strawberry.ID = shown("Opaque.")
    name: str = shown("Name.")


@lens
class TimelineLine:
    """One thing that happened to a call."""

    at: datetime = shown("When, by the server's clock.")
    kind: CallEventKind = shown("What happened.")
    status: CallStatus = shown("Where the call stood just after it.")
    priority: int = shown("How urgent it was just after it.")

    @field(graphql_type=Staff | None)
    async def actor(self, info: Info, row: Parent[LineRow]) -> Account | WorkerRow | None:
        """Who did it; null for what happened by itself, such as a time that ran out."""
        if row.actor_id is not None:
            return await info.context.load(accounts, row.actor_id)
        return await info.context.load(workers.by_id, row.worker_id)

    @field(graphql_type=JSON)
    def detail(self, row: Parent[LineRow]) -> dict[str, Any]:
        """Ids, codes and numbers; never a name, never a diagnosis."""
        return row.detail

    @field()
    async def note(self, info: Info, row: Parent[LineRow]) -> str | None:
        """What was written in own words, for those who may open the home's file."""
        note_id = row.detail.get("note")
        note = await info.context.load(notes, uuid.UUID(note_id)) if note_id else None
        return info.context.opened(note, "note") if note else None


@lens
class Call:
    """A call for help, from the press to the last visit."""

    id: strawberry.ID = shown("Opaque.")
    status: CallStatus = shown("RINGING is the alarm at the duty desk, HELD a dispatcher who has answered it.")
    priority: int = shown("1 to 9; an emergency from 6.")
    press_count: int = shown("How often it was pressed; a press while it is open joins it.")
    mark: CallMark | None = shown("Why it went straight to the duty desk; null when nothing was odd.")
    terminal_serial: str = shown("The serial that the press named.")
    opened_at: datetime = shown("When the first press was committed.")
    answer_due_at: datetime = shown("By when somebody should have taken it.")
    answered_at: datetime | None = shown("When somebody first took it.")
    arrived_at: datetime | None = shown("When help was at the door.")
    ended_at: datetime | None = shown("When it was resolved or cancelled.")
    cancel_pressed: bool = shown("True when CANCEL was pressed: it ends nothing, somebody must make sure.")
    outcome: CallOutcome | None = shown("How it ended.")
    service_mode: ModeOfService | None = shown("By which of the four modes help was given.")
    provider: str | None = shown("Who provides a market service.")
    appointment_at: datetime | None = shown("When that is to be.")
    satisfied: bool | None = shown("What the visit afterwards found.")

    @field()
    def overdue(self, row: Parent[CallRow]) -> bool:
        """True when nobody has taken it in time."""
        return row.status in WITHOUT_ANSWER and clock.now() > row.answer_due_at

    @field(graphql_type=Household | None)
    async def household(self, info: Info, row: Parent[CallRow]) -> HouseholdRow | None:
        """The home; who is being asked sees where it is, who has taken the call sees its file."""
        return info.context.known(homes, row.id) or await info.context.load(homes, row.id)

    @field(graphql_type=Terminal | None)
    async def terminal(self, info: Info, row: Parent[CallRow]) -> TerminalRow | None:
        """The terminal that was pressed; null when nobody has entered its serial."""
        return await info.context.load(terminals.by_id, row.terminal_id)

    @field(graphql_type=Staff | None)
    async def claimed_by(self, info: Info, row: Parent[CallRow]) -> Account | None:
        """The dispatcher who has it in hand."""
        return await info.context.load(accounts, row.claimed_by)

    @field(graphql_type=Worker | None)
    async def holder(self, info: Info, row: Parent[CallRow]) -> WorkerRow | None:
        """The worker who has taken it."""
        return await info.context.load(workers.by_id, row.holder_id)

    @field(graphql_type=Offer | None)
    async def current_offer(self, info: Info, row: Parent[CallRow]) -> OfferRow | None:
        """The offer that stands, or was accepted; at most one."""
        return await info.context.load(offers.binding_of, row.id)

    @listing(graphql_type=list[TimelineLine], at_most=MOST_LINES)
    async def timeline(self, info: Info, row: Parent[CallRow]) -> list[LineRow]:
        """What happened, first to last."""
        return await info.context.load(lines, row.id) or []

    @listing(graphql_type=list[Offer], at_most=MOST_OFFERS)
    async def offers(self, info: Info, row: Parent[CallRow]) -> list[OfferRow]:
        """Everybody who was asked, first to last."""
        return await info.context.load(offers.of_calls, row.id) or []

    @listing(graphql_type=list[Candidate], at_most=MOST_CANDIDATES)
    async def candidates(self, info: Info, row: Parent[CallRow], first: HowMany = 5) -> list[Verdict]:
        """Who is near and whether they could be asked now, each with the reason; only for staff."""
        info.context.actor.require(*STAFF)
        async with info.context.read() as session:
            call = await session.get_one(CallRow, row.id)
            return await dispatch.candidates_for(session, call, offers.bounded(first), info.context.api.rules)


@strawberry.enum(description="In which order calls are listed.")
class CallOrder(enum.Enum):
    """In which order calls are listed."""

    URGENCY = "URGENCY"
    NEWEST = "NEWEST"


ORDERS = {
    CallOrder.URGENCY: Order(
        "calls by urgency", CallRow.priority, CallRow.opened_at, CallRow.id, descending=(True, False, False)
    ),
    CallOrder.NEWEST: Order("calls by age", CallRow.opened_at, CallRow.id, descending=True),
}


@given
class CallFilter:
    """Which calls; all that is given must hold."""

    area_id: strawberry.ID | None = strawberry.field(default=None, description="From this area of any level.")
    household_id: strawberry.ID | None = strawberry.field(default=None, description="From this home.")
    open: bool | None = strawberry.field(default=None, description="Still open, or not.")
    status: CallStatus | None = strawberry.field(default=None, description="In this state.")


@lens
class CallQuery:
    """What can be asked of calls."""

    @field(graphql_type=Call | None)
    async def call(self, info: Info, id: strawberry.ID) -> CallRow:
        """The call with this id, if it is yours to see."""
        found = await info.context.find(by_id, id)
        if _in_hand(found, info.context.actor) and found.household_id not in info.context.actor.home_ids:
            await info.context.renew_self()
        return found

    @field(graphql_type=Connection[Call] | None)
    async def calls(
        self,
        info: Info,
        filter: CallFilter | None = None,
        order_by: CallOrder = CallOrder.NEWEST,
        first: First = 50,
        after: After = None,
    ) -> Page[CallRow]:
        """Calls that are yours to see."""
        chosen = visible_calls(sa.select(CallRow), info.context.actor).where(*_conditions(filter or CallFilter()))
        return await page(info.context, chosen, ORDERS[order_by], first, after)


async def by_id(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, CallRow]:
    """Calls by id, those that the actor may see."""
    return await one_each(session, visible_calls(sa.select(CallRow.id, CallRow).where(CallRow.id.in_(ids)), actor))


async def homes(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, HouseholdRow]:
    """The home of each call."""
    pairs = sa.select(CallRow.id, HouseholdRow).join(HouseholdRow, HouseholdRow.id == CallRow.household_id)
    async with speaking_as(session, "calls"):  # who is only asked may know where, and nothing else of the home
        found = await one_each(session, visible_homes(pairs.where(CallRow.id.in_(ids)), actor))
    for home in found.values():
        setattr(home, households.ASKED_TO, not actor.finds.holds(home.grid_id))
    return found


async def lines(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[LineRow]]:
    """The timeline of each call."""
    pairs = sa.select(LineRow.call_id, LineRow).where(LineRow.call_id.in_(ids))
    return await many_each(session, pairs.order_by(LineRow.call_id, LineRow.number), ids)


async def notes(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, CallNote]:
    """Notes on calls from homes whose files are open to the actor, or from nowhere known."""
    pairs = sa.select(CallNote.id, CallNote).join(CallRow, CallRow.id == CallNote.call_id)
    pairs = pairs.outerjoin(HouseholdRow, HouseholdRow.id == CallRow.household_id).where(CallNote.id.in_(ids))
    homeless = pairs.where(CallRow.household_id.is_(None))
    known = await one_each(session, visible_homes(pairs, actor))
    return known | await one_each(session, visible_calls(homeless, actor))


async def accounts(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Account]:
    """Accounts by id, for their names."""
    return await one_each(session, sa.select(Account.id, Account).where(Account.id.in_(ids)))


def _in_hand(call: CallRow, actor: Actor) -> bool:
    mine = call.claimed_by == actor.account_id or (call.holder_id is not None and call.holder_id == actor.worker_id)
    return call.status.is_open and mine


def _conditions(chosen: CallFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if chosen.area_id:
        found.append(sa.literal(id_of(chosen.area_id)) == sa.any_(CallRow.area_ids))
    if chosen.household_id:
        found.append(CallRow.household_id == id_of(chosen.household_id))
    if chosen.open is not None:
        found.append(is_open() if chosen.open else sa.not_(is_open()))
    if chosen.status:
        found.append(CallRow.status == chosen.status)
    return found
