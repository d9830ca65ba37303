"""One household, one vote: cast at the door or on the phone of whoever goes round; open or secret; counted by quorum.

A secret ballot lies apart from the list of who has voted, without a time and under a random id, and its running count
is told to nobody: the difference of two counts would tell how the last home voted.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock
from services.access import Actor, visible
from services.cases import guards, refusals, rights
from services.cases.kind import Ballot
from services.cases.kinds import kind_of
from services.cases.quorum import needed
from services.errors import NotFound
from services.models.base import new_id
from services.models.case_votes import CaseBallot, CaseVote
from services.models.cases import Case
from services.models.households import Household


@dataclass(frozen=True, slots=True)
class Count:
    """How a vote stands: homes by choice (empty while a secret vote runs), how many voted, whether that is enough."""

    voted: int
    eligible: int
    quorum_reached: bool
    by_choice: Mapping[str, int] = field(default_factory=dict)


async def cast(session: AsyncSession, actor: Actor, case_id: uuid.UUID, household_id: uuid.UUID, choice: str) -> Count:
    """One home votes. Raises NotFound, NoVoteNow, ChoiceUnknown, AlreadyVoted."""
    case = await _open_vote(session, actor, case_id)
    home = guards.may_vote(case).where(Household.id == household_id)
    if await session.scalar(visible(home, actor)) is None:
        raise NotFound(household_id)
    return await keep(session, case, household_id, choice, actor.account_id)


async def keep(
    session: AsyncSession, case: Case, household_id: uuid.UUID, choice: str, cast_by: uuid.UUID | None
) -> Count:
    """The vote of a home that may vote, in a case that is held and votes now; `cast_by` None: the home itself.

    Raises ChoiceUnknown, AlreadyVoted.
    """
    ballot = ballot_of(case)
    if choice not in case.details.get(ballot.choices_field, ()):
        raise refusals.ChoiceUnknown(choice, choices=", ".join(case.details.get(ballot.choices_field, ())))
    secret = bool(case.details.get(ballot.secret_field))
    values = {
        "id": new_id(),
        "case_id": case.id,
        "household_id": household_id,
        "choice": None if secret else choice,
        "at": clock.now(),
        "cast_by": cast_by,
    }
    once = insert(CaseVote).values(values).on_conflict_do_nothing().returning(CaseVote.id)
    if await session.scalar(once) is None:
        raise refusals.AlreadyVoted
    if secret:
        await session.execute(sa.insert(CaseBallot).values(id=uuid.uuid4(), case_id=case.id, choice=choice))
    return await count(session, case)


async def count(session: AsyncSession, case: Case) -> Count:
    """How the vote of a case stands."""
    ballot = ballot_of(case)
    voted = sa.select(sa.func.count()).where(CaseVote.case_id == case.id)
    voters, may = await session.scalar(voted) or 0, await guards.eligible(session, case)
    hidden = case.state == ballot.state and bool(case.details.get(ballot.secret_field))
    by_choice = {} if hidden else await guards.tally(session, case)
    return Count(voters, may, voters >= needed(may), by_choice)


async def _open_vote(session: AsyncSession, actor: Actor, case_id: uuid.UUID) -> Case:
    """The case, held so that nobody counts meanwhile; others may vote at the same time."""
    held = sa.select(Case).where(Case.id == case_id).with_for_update(read=True)
    case = await session.scalar(held.execution_options(populate_existing=True))
    if case is None or case.sealed or not rights.is_staff_of(case, actor) or actor.terminal_id is not None:
        raise NotFound(case_id)
    ballot = kind_of(case.kind).ballot
    if ballot is None or case.state != ballot.state:
        raise refusals.NoVoteNow
    return case


def ballot_of(case: Case) -> Ballot:
    """How this kind of case votes. Raises NoVoteNow for a kind without a vote."""
    ballot = kind_of(case.kind).ballot
    if ballot is None:
        raise refusals.NoVoteNow
    return ballot
