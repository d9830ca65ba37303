"""What is done about a case: opened, acted on, voted in; and what a resident without an account may do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import strawberry
from strawberry import Parent
from strawberry.scalars import JSON

from schema.cases import Case, CaseTally
from schema.context import Info, id_of
from schema.lens import field, given, lens, listing, mutation, shown
from schema.places import PointInput
from services import attachments
from services.access import Actor
from services.cases import engine, links, residents, votes
from services.cases.engine import Act, Opening
from services.cases.links import Similar
from services.cases.residents import Followed, News
from services.models import Attachment as AttachmentRow
from services.models import Case as CaseRow

MOST_SIMILAR = 5
MOST_NEWS = 200
PART = "casework"


@given
class OpenCaseInput:
    """A matter to raise. Say where: by a point, a home or an area."""

    kind: str = shown("Its kind.")
    subject: str = shown("A title of 2 to 120 characters, without names of people.")
    description: str | None = strawberry.field(default=None, description="In own words; encrypted.")
    details: JSON | None = strawberry.field(default=None, description="The form of the kind (`detailsSchema`).")
    point: PointInput | None = strawberry.field(default=None, description="Where it is.")
    household_id: strawberry.ID | None = strawberry.field(default=None, description="The home that it is about.")
    area_id: strawberry.ID | None = strawberry.field(default=None, description="The area, when it has no place.")
    consent: bool | None = strawberry.field(default=None, description="The one for whom it is done agrees.")
    phone: str | None = strawberry.field(default=None, description="Without an account: the own phone.")
    code: str | None = strawberry.field(default=None, description="Without an account: the one-time code sent to it.")


@given
class ActOnCaseInput:
    """An action on a case."""

    id: strawberry.ID = shown("The case.")
    action: str = shown("Its name, as `allowedActions` gives it.")
    version: int = shown("The version that you have seen; a stale one is refused, and you are told what happened.")
    note: str | None = strawberry.field(default=None, description="In own words; encrypted.")
    fields: JSON | None = strawberry.field(default=None, description="The form of the action (`fieldsSchema`).")


@given
class VoteInput:
    """The vote of one home."""

    case_id: strawberry.ID = shown("The case in which it is voted.")
    household_id: strawberry.ID = shown("The home that votes.")
    choice: str = shown("What it is for.")


@dataclass(frozen=True, slots=True)
class Opened:
    """What opening gave."""

    case: CaseRow
    tracking_code: str | None
    similar: list[Similar]


@lens
class SimilarCase:
    """An open matter nearby that may be the same one."""

    id: strawberry.ID = shown("Opaque.")
    number: str = shown("Its number.")
    subject: str = shown("Its title.")
    meters: float | None = shown("How far away it is.")


@lens
class OpenedCase:
    """A case that was just opened."""

    case: Case = shown("The case.")
    tracking_code: str | None = shown("With the number it lets one follow and rate the case; shown this once.")

    @listing(graphql_type=list[SimilarCase], at_most=MOST_SIMILAR)
    def similar(self, row: Parent[Opened]) -> list[Similar]:
        """What may be the same matter; each keeps its own clock."""
        return row.similar


@lens
class ActedCase:
    """A case after an action."""

    case: Case = shown("The case.")


@lens
class CaseNews:
    """One line of what happened, as a resident reads it."""

    at: datetime = shown("When.")
    kind: str = shown("The action, or what happened by itself: OPENED, CLIMBED.")
    text: str = shown("What happened.")

    @field()
    def answer(self, info: Info, row: Parent[News]) -> str | None:
        """What was answered, in the words written to whoever raised it; null on other lines."""
        if row.answer is not None and asker(info.context.actor) is not None:
            info.context.notes.add(row.line, "detail")
        return row.answer


@lens
class SentFile:
    """A photo or a paper that was sent with the case's code."""

    @field()
    def name(self, info: Info, row: Parent[AttachmentRow]) -> str:
        """The name under which it was sent."""
        return attachments.name_of(info.context.api.keyring, row)

    media_type: str = shown("What it is: image/jpeg, image/png, image/webp or application/pdf.")
    size_bytes: int = shown("How large it is.")
    added_at: datetime = shown("When it came.")


@lens
class TrackedCase:
    """A case as whoever has its code sees it."""

    @field()
    def number(self, row: Parent[Followed]) -> str:
        """Its number."""
        return row.case.number

    @field()
    def state(self, row: Parent[Followed]) -> str:
        """Where it stands."""
        return row.case.state

    @field()
    def state_name(self, row: Parent[Followed]) -> str:
        """Where it stands, in words."""
        return row.kind.states[row.case.state]

    accept_due_at: datetime | None = shown("By when it should be accepted.")
    close_due_at: datetime | None = shown("By when it should be closed.")
    may_rate: bool = shown("True when it can be rated now.")
    rung: str = shown("The rung on which it is, by the kind's name for it.")
    handled_by: str = shown("The office in charge, or the area whose staff has it; never a person.")

    @field()
    def kind(self, row: Parent[Followed]) -> str:
        """Its kind."""
        return row.kind.code

    @listing(graphql_type=list[SentFile], at_most=attachments.MOST_FILES)
    def files(self, row: Parent[Followed]) -> list[AttachmentRow]:
        """What was sent with its code, first to last; what others attached stays with them."""
        return row.files

    @listing(graphql_type=list[CaseNews], at_most=MOST_NEWS)
    def public_timeline(self, row: Parent[Followed]) -> list[News]:
        """What happened, first to last."""
        return row.news


@lens
class RatedCase:
    """A case after its rating."""

    number: str = shown("Its number.")
    state: str = shown("Where it stands now.")


@lens
class CaseTrackingQuery:
    """What somebody without an account can ask."""

    @field(graphql_type=TrackedCase | None)
    async def track_case(self, info: Info, number: str, code: str) -> Followed:
        """The own case, by its number and code."""
        async with info.context.api.platform(PART).read() as session:
            return await residents.follow(session, info.context.api.keyring, number, code)


@lens
class CaseMutation:
    """The acts on cases; each is one act, stored whole or refused by name."""

    @mutation(graphql_type=bool)
    async def send_case_code(self, info: Info, phone: str) -> bool:
        """Send a one-time code to a phone, for `openCase` without an account; good for ten minutes."""
        async with info.context.write(PART) as session:
            await residents.send_code(session, info.context.api.keyring, phone)
        return True

    @mutation(graphql_type=OpenedCase)
    async def open_case(self, info: Info, input: OpenCaseInput) -> Opened:
        """Raise a matter; whoever it falls to has it at once. Without an account: with `phone` and `code`."""
        actor = asker(info.context.actor)
        contact_id = await _proven(info, input) if actor is None else None
        tracking = residents.new_tracking_code()
        opening = _opening(info, input, contact_id, tracking)
        async with info.context.write(PART) as session:
            case = await engine.open_case(session, info.context.api.keyring, actor, opening)
            similar = await links.suggest(session, case, actor)
        return Opened(case, tracking, similar)

    @mutation(graphql_type=ActedCase)
    async def act_on_case(self, info: Info, input: ActOnCaseInput) -> Any:
        """Do one of the `allowedActions`. Of two at once one wins; the other is told what happened."""
        wanted = Act(id_of(input.id), input.action, input.note, input.fields or {}, input.version)  # type: ignore[arg-type]
        async with info.context.write(PART) as session:
            case = await engine.act(session, info.context.api.keyring, info.context.actor, wanted)
        return ActedCase(case=case)  # type: ignore[arg-type]

    @mutation(graphql_type=RatedCase)
    async def rate_case(
        self, info: Info, number: str, code: str, satisfied: bool, comment: str | None = None
    ) -> CaseRow:
        """Say whether you are content; if not, the same matter is opened again, or goes one rung up."""
        async with info.context.write(PART) as session:
            return await residents.rate(session, info.context.api.keyring, number, code, satisfied, comment)

    @mutation(graphql_type=RatedCase)
    async def revoke_case_consent(self, info: Info, number: str, code: str, reason: str) -> CaseRow:
        """Take back your consent to be spoken for: the case ends."""
        async with info.context.write(PART) as session:
            return await residents.revoke(session, info.context.api.keyring, number, code, reason)

    @mutation(graphql_type=CaseTally)
    async def vote(self, info: Info, input: VoteInput) -> votes.Count:
        """One home votes, once."""
        ids = (id_of(input.case_id), id_of(input.household_id))
        async with info.context.write(PART) as session:
            return await votes.cast(session, info.context.actor, *ids, input.choice)


def asker(actor: Actor) -> Actor | None:
    """The actor; None for somebody without an account."""
    return actor if actor.account_id.int else None


async def _proven(info: Info, input: OpenCaseInput) -> Any:
    api = info.context.api
    return await residents.prove(api.platform(PART), api.keyring, input.phone or "", input.code or "")


def _opening(info: Info, input: OpenCaseInput, contact_id: Any, tracking: str) -> Opening:
    longitude, latitude = input.point.to_wgs84() if input.point else (None, None)
    return Opening(
        kind=input.kind,
        subject=input.subject,
        description=input.description or "",
        details=input.details or {},  # type: ignore[arg-type]
        longitude=longitude,
        latitude=latitude,
        household_id=id_of(input.household_id) if input.household_id else None,
        area_id=id_of(input.area_id) if input.area_id else None,
        consent=bool(input.consent),
        contact_id=contact_id,
        tracking_hash=residents.tracking_hash(info.context.api.keyring, tracking),
    )
