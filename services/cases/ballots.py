"""The own vote of a home without an account: a phone proven by a one-time code, that is in the home's file.

One home, one vote: it votes by the phone of a grown-up who lives there, or at the door, whichever is first. A phone in
the files of two homes that may vote here speaks for neither: those are asked at the door. The question of a decision
and its result are published, so both are told by the case's number; the running count is not.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock
from services.cases import guards, refusals, residents, votes
from services.cases.kinds import kind_of
from services.cases.votes import Count
from services.errors import NotFound, Refusal
from services.models.cases import Case, CaseContact
from services.models.residents import Residence, Resident
from services.sealing import Keyring

GROWN_UP_YEARS = 18
"""民法典 art. 17."""
RESIDENT_PHONE = "residents.phone"
NOT_YET_PUBLIC = ("RAISED", "DISCUSSED", "DROPPED")


class HomeNotKnown(Refusal):
    """By this phone no home that may vote here is known for certain. Your grid worker takes your vote at the door."""


@dataclass(frozen=True, slots=True)
class Published:
    """A decision as it is published: what is asked, how many have voted, and the result when it is closed."""

    case: Case
    count: Count
    result: Mapping[str, int]

    @property
    def is_open(self) -> bool:
        """Whether homes may vote now."""
        return self.case.state == votes.ballot_of(self.case).state


async def published(session: AsyncSession, number: str) -> Published:
    """The vote of a case by its number. Raises NotFound for what is no vote, or not called yet."""
    case = await session.scalar(sa.select(Case).where(Case.number == number.strip().upper()))
    if case is None or case.sealed or kind_of(case.kind).ballot is None or case.state in NOT_YET_PUBLIC:
        raise NotFound(number)
    count = await votes.count(session, case)
    running = case.state == votes.ballot_of(case).state
    return Published(case, count, {} if running else count.by_choice)


async def cast(session: AsyncSession, keyring: Keyring, number: str, contact_id: uuid.UUID, choice: str) -> Published:
    """A home votes by a proven phone. Raises NotFound, NoVoteNow, HomeNotKnown, ChoiceUnknown, AlreadyVoted."""
    case = (await published(session, number)).case
    held = sa.select(Case).where(Case.id == case.id).with_for_update(read=True)
    case = (await session.scalars(held.execution_options(populate_existing=True))).one()
    if case.state != votes.ballot_of(case).state:
        raise refusals.NoVoteNow
    household_id = await _home(session, keyring, case, await _phone(session, keyring, contact_id))
    await votes.keep(session, case, household_id, choice, None)
    return await published(session, number)


async def _phone(session: AsyncSession, keyring: Keyring, contact_id: uuid.UUID) -> str:
    contact = await session.get_one(CaseContact, contact_id)
    return keyring.open(contact.data_key, residents.PHONE_PLACE, contact.phone_sealed) or ""


async def _home(session: AsyncSession, keyring: Keyring, case: Case, phone: str) -> uuid.UUID:
    """The one home that may vote here in which a grown-up with this phone lives."""
    lives = (
        sa.select(Residence.household_id)
        .join(Resident, Resident.id == Residence.resident_id)
        .where(
            Residence.until.is_(None),
            Resident.phone_index.in_(keyring.indexes(RESIDENT_PHONE, phone)),
            Resident.merged_into_id.is_(None),
            Resident.erased_at.is_(None),
            Resident.birth_date <= grown_up_by(clock.today()),
            Residence.household_id.in_(guards.may_vote(case)),
        )
    )
    found = set(await session.scalars(lives))
    if len(found) != 1:
        raise HomeNotKnown
    return found.pop()


def grown_up_by(today: date) -> date:
    """The last birthday with which one is grown up today."""
    last_of_february = (today.month, today.day) == (2, 29)
    return today.replace(year=today.year - GROWN_UP_YEARS, day=28 if last_of_february else today.day)
