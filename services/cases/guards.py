"""What a kind's guards may look at: the case's form, what was done before, the votes, what is still open beside it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock
from services.cases import ledger
from services.cases.deciding import Deed
from services.cases.kind import Done, Kind, Situation
from services.cases.states import CaseState
from services.models.areas import Area
from services.models.case_votes import CaseBallot, CaseVote
from services.models.cases import Case, CaseLink, is_open, timeline
from services.models.households import Household
from services.sealing import Keyring


async def situation(
    session: AsyncSession, keyring: Keyring, kind: Kind, case: Case, state: CaseState, deed: Deed
) -> Situation:
    """What the guard and the follow-ups of a deed look at; fetched only for actions that have either."""
    asks = deed.action.guard is not None or deed.action.follows is not None
    voted = asks and kind.ballot is not None
    return Situation(
        state=state.state,
        rung=kind.rungs[state.rung].code,
        details=deed.details,
        fields=deed.fields.model_dump(mode="json"),
        today=clock.today(),
        past=await past(session, keyring, case) if asks else (),
        tally=await tally(session, case) if voted else {},
        eligible=await eligible(session, case) if voted else 0,
        has_consent=state.consent_at is not None,
        open_links=await _open_links(session, case) if asks else {},
    )


def at_opening(kind: Kind, state: CaseState, details: Mapping[str, Any]) -> Situation:
    """What a kind looks at when a case of it has just been opened."""
    consent = state.consent_at is not None
    return Situation(state.state, kind.rungs[0].code, details, {}, clock.today(), has_consent=consent)


def details_of(keyring: Keyring, case: Case) -> dict[str, Any]:
    """The form of the opening; a sealed case's is opened for the deed."""
    if not case.sealed:
        return dict(case.details)
    details: dict[str, Any] = ledger.words_of(keyring, case).get("details", {})
    return details


async def past(session: AsyncSession, keyring: Keyring, case: Case) -> Sequence[Done]:
    """What was done to the case, first to last, with the fields."""
    lines = (await session.scalars(timeline(case.id))).all()
    return [Done(line.kind, line.at, _fields(keyring, case, line)) for line in lines]


async def tally(session: AsyncSession, case: Case) -> dict[str, int]:
    """How many homes voted for each choice; secret ballots are counted without their homes."""
    votes = sa.select(CaseVote.choice).where(CaseVote.case_id == case.id, CaseVote.choice.is_not(None))
    ballots = sa.select(CaseBallot.choice).where(CaseBallot.case_id == case.id)
    return dict(Counter(choice for choice in await session.scalars(sa.union_all(votes, ballots)) if choice))


async def eligible(session: AsyncSession, case: Case) -> int:
    """How many homes may vote: those whose file is open in the case's area."""
    return await session.scalar(sa.select(sa.func.count()).select_from(may_vote(case).subquery())) or 0


def may_vote(case: Case) -> "sa.Select[Any]":
    """The homes that may vote: of the grid, else of the community, where the case was raised."""
    inside = Area.id == case.grid_id if case.grid_id else Area.parent_id == case.community_id
    grids = sa.select(Area.id).where(inside)
    return sa.select(Household.id).where(Household.grid_id.in_(grids), Household.closed_at.is_(None))


async def _open_links(session: AsyncSession, case: Case) -> dict[str, int]:
    others = sa.select(CaseLink.relation, sa.func.count()).join(Case, Case.id == CaseLink.other_id)
    counted = others.where(CaseLink.case_id == case.id, is_open()).group_by(CaseLink.relation)
    return dict((await session.execute(counted)).all())


def _fields(keyring: Keyring, case: Case, line: Any) -> Mapping[str, Any]:
    if not case.sealed:
        fields: Mapping[str, Any] = line.detail.get("fields", {})
        return fields
    return ledger.words_of_line(keyring, case, line).get("fields", {})  # type: ignore[no-any-return]
