"""Cases: where each stands, whose it is, which clocks run, what happened, and what may be done next."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import Parent
from strawberry.scalars import JSON

from schema import areas, attachments, households, workers
from schema.areas import Area
from schema.attachments import Attachment
from schema.calls import Staff, accounts
from schema.case_kinds import CaseKind, CaseKindAction
from schema.context import Context, Info, id_of
from schema.households import Household
from schema.lens import field, given, lens, listing, shown
from schema.loading import many_each, one_each
from schema.pages import After, Connection, First, Order, Page, page
from schema.scalars import GeoJSON, geojson
from services import clock
from services.access import Actor
from services.cases import boards, engine, ledger, rights, votes
from services.cases.boards import BoardLine
from services.cases.kind import Action, Kind
from services.cases.kinds import kind_of
from services.models import Account, Role, Unit
from services.models import Area as AreaRow
from services.models import Attachment as AttachmentRow
from services.models import Case as CaseRow
from services.models import CaseEvent as LineRow
from services.models import CaseLink as LinkRow
from services.models import CaseUnit as PartRow
from services.models import Household as HouseholdRow
from services.models import Worker as WorkerRow

BY_DUE = Order("cases by due time", CaseRow.sort_due_at, CaseRow.id)
MOST_LINES = 500
MOST_TERMS = 100
MOST_LINKS = 200
MOST_UNITS = 50
MOST_ATTACHMENTS = 50
MOST_ACTIONS = 60
MOST_CHOICES = 30

CaseLens = Annotated["Case", strawberry.lazy("schema.cases")]


@dataclass(frozen=True, slots=True)
class OnRung:
    """Where on its ladder a case is."""

    level: str
    area_id: uuid.UUID
    unit_id: uuid.UUID | None


@lens
class CaseOffice:
    """An office that answers for a matter, or is called to it."""

    id: strawberry.ID = shown("Opaque.")
    code: str = shown("Its code.")
    name: str = shown("Its name.")


@lens
class CaseRung:
    """A place on the ladder."""

    level: str = shown("The rung, by the kind's name for it.")

    @field(graphql_type=Area)
    async def area(self, info: Info, row: Parent[OnRung]) -> AreaRow | None:
        """The area that answers."""
        return await info.context.load(areas.by_id, row.area_id)

    @field(graphql_type=CaseOffice | None)
    async def unit(self, info: Info, row: Parent[OnRung]) -> Unit | None:
        """The office in charge; null where the area's staff is."""
        return await info.context.load(offices, row.unit_id)


@lens
class CaseTerm:
    """A clock of a case."""

    name: str = shown("Which.")
    rung: int = shown("On which rung it ran, counted from 0.")
    round: int = shown("In which round; a case that is opened again begins another.")
    started_at: datetime = shown("From when it runs.")
    due_at: datetime | None = shown("When it ends; null while it is paused.")
    met_at: datetime | None = shown("When it was met.")
    ended_at: datetime | None = shown("When it ended without being met, since the case left its rung.")
    paused_working_days: int = shown("How many working days do not count.")
    provisional: bool = shown("True when the due time may move, since a year's days off are not published yet.")

    @field()
    def late(self, row: Parent[Any]) -> bool:
        """Whether it was met, ended or still runs after its due time."""
        return boards.is_late(row, clock.now())


@lens
class CaseTimelineLine:
    """One thing that happened to a case."""

    at: datetime = shown("When, by the server's clock.")
    kind: str = shown("The action, or what happened by itself: OPENED, CLIMBED, REMINDED, RECALCULATED.")
    state: str = shown("The state just after it.")

    @field(graphql_type=Staff | None)
    async def actor(self, info: Info, row: Parent[LineRow]) -> Account | WorkerRow | None:
        """Who did it; null for the resident without an account, and for what happened by itself."""
        if row.actor_id is not None:
            return await info.context.load(accounts, row.actor_id)
        return await info.context.load(workers.by_id, row.worker_id)

    @field(graphql_type=JSON)
    async def detail(self, info: Info, row: Parent[LineRow]) -> dict[str, Any]:
        """Ids, codes and the fields of the form; with `note`, what was said in own words, for those who have a part."""
        if Role.AUDITOR in info.context.actor.roles:
            return row.detail
        case = await info.context.load(by_id, row.case_id)
        words = ledger.words_of_line(info.context.api.keyring, case, row) if case else {}
        return {**row.detail, **words}


@lens
class CaseLink:
    """Another case that belongs with this one."""

    relation: str = shown("SIMILAR (found by place and words), DUPLICATE, or what came of it.")
    meters: float | None = shown("How far apart they are, when that is how they were found.")

    @field(graphql_type=CaseLens | None)
    async def case(self, info: Info, row: Parent[LinkRow]) -> CaseRow | None:
        """The other case, if it is yours to see."""
        return await info.context.load(by_id, row.other_id)


@lens
class CasePart:
    """An office that was called to the spot, with its own part."""

    part: str = shown("What it is to do.")
    joined_at: datetime = shown("When it was called.")
    done_at: datetime | None = shown("When it said that its part is done.")

    @field(graphql_type=CaseOffice | None)
    async def unit(self, info: Info, row: Parent[PartRow]) -> Unit | None:
        """The office."""
        return await info.context.load(offices, row.unit_id)


@lens
class CaseChoice:
    """A choice of a vote and how many homes are for it."""

    choice: str = shown("The choice.")
    households: int = shown("How many homes.")


@lens
class CaseTally:
    """How a vote stands."""

    voted: int = shown("How many homes have voted.")
    eligible: int = shown("How many may vote.")
    quorum_reached: bool = shown("Whether enough have voted: two thirds.")

    @listing(graphql_type=list[CaseChoice], at_most=MOST_CHOICES)
    def tally(self, row: Parent[votes.Count]) -> list[Any]:
        """Homes by choice; empty while a secret vote runs."""
        return [CaseChoice(choice=choice, households=homes) for choice, homes in sorted(row.by_choice.items())]


@lens
class Case:
    """A matter that somebody raised."""

    id: strawberry.ID = shown("Opaque.")
    number: str = shown("The number by which people name it.")
    state: str = shown("Where it stands, by the kind's name for it.")
    version: int = shown("Counts its lines; send it with the next action.")
    round: int = shown("Counts how often it was opened anew.")
    returns: int = shown("How often it was returned as not one's own.")
    sealed: bool = shown("True when only its team sees it.")
    is_complex: bool = shown("True when it has the longer term, by a recorded decision.")
    opened_at: datetime = shown("When it was raised.")
    consent_at: datetime | None = shown("When the one for whom it is done agreed; null when nobody had to, or revoked.")
    ended_at: datetime | None = shown("When it was over.")
    satisfied: bool | None = shown("What the one who raised it said in the end.")

    @field(graphql_type=CaseKind)
    def kind(self, row: Parent[CaseRow]) -> Kind:
        """Its kind."""
        return kind_of(row.kind)

    @field()
    def state_name(self, row: Parent[CaseRow]) -> str:
        """Where it stands, in words."""
        return kind_of(row.kind).states[row.state]

    @field()
    def subject(self, info: Info, row: Parent[CaseRow]) -> str:
        """Its title; a sealed case's is opened for its team."""
        return str(ledger.words_of(info.context.api.keyring, row)["subject"]) if row.sealed else row.subject

    @field()
    def description(self, info: Info, row: Parent[CaseRow]) -> str | None:
        """What was said in own words; not for auditors."""
        words = ledger.words_of(info.context.api.keyring, row)
        return None if Role.AUDITOR in info.context.actor.roles else words.get("description")

    @field(graphql_type=JSON)
    def details(self, info: Info, row: Parent[CaseRow]) -> dict[str, Any]:
        """The form of its kind, as it was filled in."""
        details: dict[str, Any] = (
            ledger.words_of(info.context.api.keyring, row)["details"] if row.sealed else row.details
        )
        return details

    @field(graphql_type=GeoJSON | None)
    def location(self, row: Parent[CaseRow]) -> Any:
        """Where it is."""
        return geojson(row.location)

    @field(graphql_type=Household | None)
    async def household(self, info: Info, row: Parent[CaseRow]) -> HouseholdRow | None:
        """The home that it is about, if that is yours to see."""
        return await info.context.load(households.by_id, row.household_id)

    @field(graphql_type=Staff | None)
    async def opener(self, info: Info, row: Parent[CaseRow]) -> Account | None:
        """Who raised it; null for a resident without an account."""
        return await info.context.load(accounts, row.opener_id)

    @field(graphql_type=Staff | None)
    async def agent(self, info: Info, row: Parent[CaseRow]) -> WorkerRow | None:
        """The one agent who stays with it on every rung."""
        return await info.context.load(workers.by_id, row.agent_id)

    @field(graphql_type=Staff | None)
    async def assignee(self, info: Info, row: Parent[CaseRow]) -> WorkerRow | Account | None:
        """Who has it in hand on this rung; null while the rung's people have not taken it."""
        if row.assignee_id is not None:
            return await info.context.load(workers.by_id, row.assignee_id)
        return await info.context.load(accounts, row.officer_id)

    @field(graphql_type=CaseRung)
    def rung(self, row: Parent[CaseRow]) -> OnRung:
        """Where on its ladder it is."""
        return OnRung(kind_of(row.kind).rungs[row.rung].code, boards.area_of_rung(row), row.unit_id)

    @field(graphql_type=CaseOffice | None)
    async def lead_unit(self, info: Info, row: Parent[CaseRow]) -> Unit | None:
        """The office that was first in charge: it stays responsible for the whole."""
        return await info.context.load(offices, row.lead_unit_id)

    @field()
    async def accept_due_at(self, info: Info, row: Parent[CaseRow]) -> datetime | None:
        """By when it should be accepted on this rung; null when that clock does not run."""
        return (await _board(info.context, row)).due("ACCEPT")

    @field()
    async def close_due_at(self, info: Info, row: Parent[CaseRow]) -> datetime | None:
        """By when it should be closed on this rung; null when that clock does not run."""
        return (await _board(info.context, row)).due("CLOSE")

    @field()
    async def provisional(self, info: Info, row: Parent[CaseRow]) -> bool:
        """True when a due time may move, since a year's days off are not published yet."""
        return (await _board(info.context, row)).provisional

    @field()
    async def overdue_working_days(self, info: Info, row: Parent[CaseRow]) -> int:
        """How many working days the clock that is worst is overdue; 0 when none is."""
        return (await _board(info.context, row)).overdue_working_days

    @field()
    def paused(self, row: Parent[CaseRow]) -> bool:
        """Whether its clocks stand still."""
        return bool(row.pauses) and row.pauses[-1]["until"] is None

    @listing(graphql_type=list[CaseTerm], at_most=MOST_TERMS)
    async def terms(self, info: Info, row: Parent[CaseRow]) -> list[Any]:
        """All its clocks, first to last."""
        return await info.context.load(boards.all_terms, row.id) or []

    @listing(graphql_type=list[CaseTimelineLine], at_most=MOST_LINES)
    async def timeline(self, info: Info, row: Parent[CaseRow]) -> list[LineRow]:
        """What happened, first to last."""
        return await info.context.load(lines, row.id) or []

    @listing(graphql_type=list[CaseLink], at_most=MOST_LINKS)
    async def links(self, info: Info, row: Parent[CaseRow]) -> list[LinkRow]:
        """Cases that belong with it and are yours to see."""
        return await info.context.load(links, row.id) or []

    @listing(graphql_type=list[CasePart], at_most=MOST_UNITS)
    async def units(self, info: Info, row: Parent[CaseRow]) -> list[PartRow]:
        """Offices that were called to the spot."""
        return await info.context.load(units, row.id) or []

    @listing(graphql_type=list[Attachment], at_most=MOST_ATTACHMENTS)
    async def attachments(self, info: Info, row: Parent[CaseRow]) -> list[AttachmentRow]:
        """Photos and papers."""
        return await info.context.load(attachments.of_case, row.id) or []

    @listing(graphql_type=list[CaseKindAction], at_most=MOST_ACTIONS)
    async def allowed_actions(self, info: Info, row: Parent[CaseRow]) -> list[Action]:
        """What you may do with it now."""
        standing = await info.context.load(standings, row.id)
        return engine.allowed(standing) if standing else []

    @field(graphql_type=CaseTally | None)
    async def vote(self, info: Info, row: Parent[CaseRow]) -> votes.Count | None:
        """How its vote stands; null for kinds without one. All homes that may vote are counted, whoever asks."""
        if kind_of(row.kind).ballot is None:
            return None
        async with info.context.api.platform("casework").read() as session:
            return await votes.count(session, row)


@given
class CaseFilter:
    """Which cases; all that is given must hold."""

    area_id: strawberry.ID | None = strawberry.field(default=None, description="From this area of any level.")
    household_id: strawberry.ID | None = strawberry.field(default=None, description="About this home.")
    kind: str | None = strawberry.field(default=None, description="Of this kind.")
    state: str | None = strawberry.field(default=None, description="In this state.")
    overdue: bool | None = strawberry.field(default=None, description="With a running clock that is past, or not.")
    mine: bool | None = strawberry.field(default=None, description="In your hands, or with you as the agent.")
    open: bool | None = strawberry.field(default=None, description="Still open, or not.")


@lens
class CaseQuery:
    """What can be asked of cases."""

    @field(graphql_type=Case | None)
    async def case(self, info: Info, id: strawberry.ID) -> CaseRow:
        """The case with this id, if it is yours to see."""
        return await info.context.find(by_id, id)

    @field(graphql_type=Connection[Case] | None)
    async def cases(
        self, info: Info, filter: CaseFilter | None = None, first: First = 50, after: After = None
    ) -> Page[CaseRow]:
        """Cases that are yours to see; what is due first comes first."""
        chosen = sa.select(CaseRow).where(*await _conditions(info.context, filter or CaseFilter()))
        return await page(info.context, rights.visible_cases(chosen, info.context.actor), BY_DUE, first, after)


async def by_id(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, CaseRow]:
    """Cases by id, those that the actor may see."""
    pairs = sa.select(CaseRow.id, CaseRow).where(CaseRow.id.in_(ids))
    return await one_each(session, rights.visible_cases(pairs, actor))


async def offices(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Unit]:
    """Offices by id; they are known to all staff."""
    return await one_each(session, sa.select(Unit.id, Unit).where(Unit.id.in_(ids)))


async def lines(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[LineRow]]:
    """The timeline of each case."""
    pairs = sa.select(LineRow.case_id, LineRow).where(LineRow.case_id.in_(ids))
    return await many_each(session, pairs.order_by(LineRow.case_id, LineRow.number), ids)


async def links(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[LinkRow]]:
    """The links of each case to cases that the actor may see."""
    pairs = sa.select(LinkRow.case_id, LinkRow).join(CaseRow, CaseRow.id == LinkRow.other_id)
    seen = rights.visible_cases(pairs.where(LinkRow.case_id.in_(ids)), actor)
    return await many_each(session, seen.order_by(LinkRow.at, LinkRow.id), ids)


async def units(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[PartRow]]:
    """The offices called to each case."""
    pairs = sa.select(PartRow.case_id, PartRow).where(PartRow.case_id.in_(ids))
    return await many_each(session, pairs.order_by(PartRow.joined_at, PartRow.id), ids)


async def standings(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, engine.Standing]:
    """What each case is to the actor, for what may be done next."""
    rows = await by_id(session, actor, ids)
    return {id_: await engine.standing_of(session, case, actor) for id_, case in rows.items()}


async def _board(context: Context, row: CaseRow) -> BoardLine:
    """What a board shows of a case's clocks; loaded for the whole page at once."""
    found = await context.load(boards.board_lines, row.id)
    return found or BoardLine()


async def _conditions(context: Context, chosen: CaseFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if chosen.area_id:
        area = await context.load(areas.by_id, id_of(chosen.area_id))
        found.append(boards.from_area(area) if area else sa.false())
    if chosen.household_id:
        found.append(CaseRow.household_id == id_of(chosen.household_id))
    if chosen.kind:
        found.append(CaseRow.kind == chosen.kind)
    if chosen.state:
        found.append(CaseRow.state == chosen.state)
    if chosen.open is not None:
        found.append(CaseRow.ended_at.is_(None) if chosen.open else CaseRow.ended_at.is_not(None))
    if chosen.overdue is not None:
        found.append(boards.overdue(clock.now()) if chosen.overdue else ~boards.overdue(clock.now()))
    if chosen.mine:
        found.append(boards.in_hand_of(context.actor))
    return found
