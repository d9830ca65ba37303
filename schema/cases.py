"""Cases: where each stands, whose it is, which clocks run, what happened, and what may be done next."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

import sqlalchemy as sa
import strawberry
from strawberry import Parent
from strawberry.scalars import JSON

from schema import attachments, case_loading, households, workers
from schema.attachments import Attachment
from schema.calls import Staff, accounts
from schema.case_kinds import CaseKind, CaseKindAction
from schema.case_parts import (
    CaseLink,
    CaseOffice,
    CasePart,
    CaseRung,
    CaseTeamMember,
    CaseTerm,
    CaseTimelineLine,
    OnRung,
)
from schema.case_tallies import CaseTally as CaseTally
from schema.context import Context, Info
from schema.households import Household
from schema.lens import field, lens, listing, shown
from schema.scalars import GeoJSON, geojson
from services.cases import boards, engine, ledger, votes
from services.cases.boards import BoardLine
from services.cases.kind import Action, Kind
from services.cases.kinds import kind_of
from services.models import Account, Role, Unit
from services.models import Attachment as AttachmentRow
from services.models import Case as CaseRow
from services.models import CaseEvent as LineRow
from services.models import CaseLink as LinkRow
from services.models import CaseMember as MemberRow
from services.models import CaseUnit as PartRow
from services.models import Household as HouseholdRow
from services.models import Worker as WorkerRow

Value = TypeVar("Value")
Told: TypeAlias = Value | Awaitable[Value]

MOST_LINES = 500
MOST_TERMS = 100
MOST_LINKS = 200
MOST_UNITS = 50
MOST_MEMBERS = 100
MOST_ATTACHMENTS = 50
MOST_ACTIONS = 60


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

    @field(graphql_type=str)
    def subject(self, info: Info, row: Parent[CaseRow]) -> Told[str]:
        """Its title; a sealed case's is opened for its team."""
        if not row.sealed:
            return row.subject
        if "words_sealed" in sa.inspect(row).unloaded:
            return _sealed_subject(info.context, row)
        return str(ledger.words_of(info.context.api.keyring, row)["subject"])

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
    def assignee(self, info: Info, row: Parent[CaseRow]) -> Any:
        """Who has it in hand on this rung; null while the rung's people have not taken it."""
        if row.assignee_id is not None:
            return info.context.load(workers.by_id, row.assignee_id)
        return row.officer_id and info.context.load(accounts, row.officer_id)

    @field(graphql_type=CaseRung)
    def rung(self, row: Parent[CaseRow]) -> OnRung:
        """Where on its ladder it is."""
        return OnRung(kind_of(row.kind).rungs[row.rung].code, row)

    @field(graphql_type=CaseOffice | None)
    async def lead_unit(self, info: Info, row: Parent[CaseRow]) -> Unit | None:
        """The office that was first in charge: it stays responsible for the whole."""
        return await info.context.load(case_loading.offices, row.lead_unit_id)

    @field(graphql_type=datetime | None)
    def accept_due_at(self, info: Info, row: Parent[CaseRow]) -> Told[datetime | None]:
        """By when it should be accepted on this rung; null when that clock does not run."""
        return _told(info.context, row, BoardLine.accept_due_at)

    @field(graphql_type=datetime | None)
    def close_due_at(self, info: Info, row: Parent[CaseRow]) -> Told[datetime | None]:
        """By when it should be closed on this rung; null when that clock does not run."""
        return _told(info.context, row, BoardLine.close_due_at)

    @field(graphql_type=bool)
    def provisional(self, info: Info, row: Parent[CaseRow]) -> Told[bool]:
        """True when a due time may move, since a year's days off are not published yet."""
        return _told(info.context, row, BoardLine.is_provisional)

    @field(graphql_type=int)
    def overdue_working_days(self, info: Info, row: Parent[CaseRow]) -> Told[int]:
        """How many working days the clock that is worst is overdue; 0 when none is."""
        return _told(info.context, row, BoardLine.days_overdue)

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
        return await info.context.load(case_loading.lines, row.id) or []

    @listing(graphql_type=list[CaseLink], at_most=MOST_LINKS)
    async def links(self, info: Info, row: Parent[CaseRow]) -> list[LinkRow]:
        """Cases that belong with it and are yours to see."""
        return await info.context.load(case_loading.links, row.id) or []

    @listing(graphql_type=list[CasePart], at_most=MOST_UNITS)
    async def units(self, info: Info, row: Parent[CaseRow]) -> list[PartRow]:
        """Offices that were called to the spot."""
        return await info.context.load(case_loading.units, row.id) or []

    @listing(graphql_type=list[CaseTeamMember], at_most=MOST_MEMBERS)
    async def team(self, info: Info, row: Parent[CaseRow]) -> list[MemberRow]:
        """Its own team, those who have left among them."""
        return await info.context.load(case_loading.team, row.id) or []

    @listing(graphql_type=list[Attachment], at_most=MOST_ATTACHMENTS)
    async def attachments(self, info: Info, row: Parent[CaseRow]) -> list[AttachmentRow]:
        """Photos and papers."""
        return await info.context.load(attachments.of_case, row.id) or []

    @listing(graphql_type=list[CaseKindAction], at_most=MOST_ACTIONS)
    async def allowed_actions(self, info: Info, row: Parent[CaseRow]) -> list[Action]:
        """What you may do with it now."""
        standing = await info.context.load(case_loading.standings, row.id)
        return engine.allowed(standing) if standing else []

    @field(graphql_type=CaseTally | None)
    async def vote(self, info: Info, row: Parent[CaseRow]) -> votes.Count | None:
        """How its vote stands; null for kinds without one. All homes that may vote are counted, whoever asks."""
        if kind_of(row.kind).ballot is None:
            return None
        async with info.context.api.platform("casework").read() as session:
            return await votes.count(session, row)


async def _sealed_subject(context: Context, row: CaseRow) -> str:
    """A board reads no words with its rows, so those of the few sealed ones are loaded."""
    whole = await context.load(case_loading.by_id, row.id)
    return str(ledger.words_of(context.api.keyring, whole)["subject"]) if whole else row.subject


def _told(context: Context, row: CaseRow, read: Callable[[BoardLine], Value]) -> Told[Value]:
    """What a board tells of a case's clocks: at once when it came with the page, else loaded for all that ask."""
    known = context.known(boards.board_lines, row.id)
    if known is not None:
        return read(known)

    async def asked() -> Value:
        return read(await context.load(boards.board_lines, row.id) or BoardLine())

    return asked()
