"""What hangs on a case: its rung, its clocks, its timeline, its links, the offices that were called to it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry import Parent
from strawberry.scalars import JSON

from schema import areas, workers
from schema.areas import Area
from schema.calls import Staff, accounts
from schema.case_loading import by_id, offices
from schema.context import Info
from schema.lens import field, lens, shown
from services import clock
from services.cases import boards, ledger
from services.models import Account, Role, Unit
from services.models import Area as AreaRow
from services.models import Case as CaseRow
from services.models import CaseEvent as LineRow
from services.models import CaseLink as LinkRow
from services.models import CaseMember as MemberRow
from services.models import CaseUnit as PartRow
from services.models import Worker as WorkerRow

if TYPE_CHECKING:
    from schema.cases import Case

CaseLens = Annotated["Case", strawberry.lazy("schema.cases")]


@dataclass(frozen=True, slots=True)
class OnRung:
    """Where on its ladder a case is."""

    level: str
    case: CaseRow


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
        return await info.context.load(areas.by_id, boards.area_of_rung(row.case))

    @field(graphql_type=CaseOffice | None)
    async def unit(self, info: Info, row: Parent[OnRung]) -> Unit | None:
        """The office in charge; null where the area's staff is."""
        return await info.context.load(offices, row.case.unit_id)


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
    kind: str = shown("The action, or what happened by itself: OPENED, CLIMBED, REMINDED, RECALCULATED, MOVED.")
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
class CaseTeamMember:
    """Somebody of a case's own team; a sealed case is seen by its team alone."""

    part: str = shown("What this member is there for.")
    since: datetime = shown("Since when.")
    until: datetime | None = shown("When the member left; null while a member.")

    @field(graphql_type=Staff | None)
    async def member(self, info: Info, row: Parent[MemberRow]) -> Account | None:
        """Who."""
        return await info.context.load(accounts, row.account_id)
