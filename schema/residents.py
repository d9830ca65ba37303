"""Residents: the only file that opens their names and phones."""

import uuid
from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated

import sqlalchemy as sa
import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import Parent

from schema import care_records, households
from schema.care_records import MOST_RECORDS, CareRecord
from schema.context import Context, Info
from schema.households import Household
from schema.lens import field, lens, listing, shown, words
from schema.loading import one_each
from schema.pages import After, Connection, First, Order, Page, child_pages
from services import masking
from services.access import Actor, visible
from services.models import CareRecord as RecordRow
from services.models import Household as HouseholdRow
from services.models import Residence as ResidenceRow
from services.models import Resident as ResidentRow
from services.models import Sex
from services.models.residents import home_of
from services.policy import FieldClass, Right, Thing
from services.residents import masked_number

words(Sex)


MOST_MERGED = 20
LATEST_HOME_FIRST = Order("homes of a resident", ResidenceRow.since, ResidenceRow.id, descending=True)


@lens
class Residence:
    """A time during which a person belonged to a household."""

    id: strawberry.ID = shown("Opaque.")
    relation: str = shown("What the person was to the head of the household.")
    since: date = shown("First day.")
    until: date | None = shown("Last day; null while it lasts.")

    @field(graphql_type=Household | None)
    async def household(self, info: Info, row: Parent[ResidenceRow]) -> HouseholdRow | None:
        """The household, if it is yours to see."""
        return await info.context.load(households.by_id, row.household_id)


@lens
class Resident:
    """A person who belongs to a household."""

    id: strawberry.ID = shown("Opaque.")
    code: str = shown("The number on the register.")
    sex: Sex = shown("As written on the register.")
    mobile: bool = shown("True for a person registered elsewhere.")

    @field()
    def name(self, info: Info, row: Parent[ResidentRow]) -> str | None:
        """Full name, or 张** where your role masks it; null once the record has been erased."""
        return _as_allowed(right_of(info, row), info.context.opened(row, "name"), masking.name)

    @field()
    def phone(self, info: Info, row: Parent[ResidentRow]) -> str | None:
        """Phone number, when there is one; 138****1234 where your role masks it."""
        return _as_allowed(right_of(info, row), info.context.opened(row, "phone"), masking.phone)

    @field()
    def birth_date(self, info: Info, row: Parent[ResidentRow]) -> date | None:
        """Day of birth; null where your role masks it."""
        return row.birth_date if right_of(info, row) is Right.ALLOW else None

    @field()
    def birth_year(self, info: Info, row: Parent[ResidentRow]) -> int | None:
        """Year of birth, also where your role masks the day."""
        known = row.birth_date and right_of(info, row) >= Right.MASK
        return row.birth_date.year if row.birth_date and known else None

    @field()
    def identity_number(self, info: Info, row: Parent[ResidentRow]) -> str | None:
        """The last four characters of the identity number, where your role does not mask names; never the whole."""
        if right_of(info, row) is not Right.ALLOW:
            return None
        number = info.context.opened(row, "identity")
        return masked_number(number) if number else None

    @listing(
        graphql_type=list[Annotated["Resident", strawberry.lazy("schema.residents")]],
        at_most=MOST_MERGED,
    )
    async def merged_from(self, info: Info, row: Parent[ResidentRow]) -> list[ResidentRow]:
        """The rows that were found to be the same person, with their own homes and history."""
        return await info.context.load(merged_into, row.id) or []

    @field()
    async def relation(self, info: Info, row: Parent[ResidentRow]) -> str | None:
        """What the person is to the head of the household."""
        home = await info.context.load(homes_of, row.id)
        return home.relation if home else None

    @field()
    async def since(self, info: Info, row: Parent[ResidentRow]) -> date | None:
        """Since when the person belongs to the household of today."""
        home = await info.context.load(homes_of, row.id)
        return home.since if home else None

    @listing(graphql_type=list[CareRecord], at_most=MOST_RECORDS)
    async def care_records(self, info: Info, row: Parent[ResidentRow]) -> list[RecordRow]:
        """The open records of special care, as far as you may know of them."""
        return await info.context.load(care_records.of_residents, row.id) or []

    @field(graphql_type=Connection[Residence])
    async def homes(
        self, info: Info, row: Parent[ResidentRow], first: First = 5, after: After = None
    ) -> Page[ResidenceRow] | None:
        """The households that the person belonged to and that are yours to see, the latest first."""
        return await info.context.load(stays_of, row.id, info.context, first, after)


def right_of(info: Info, row: ResidentRow) -> Right:
    """What the policy gives of the person's name, phone and birth date."""
    return info.context.actor.right(Thing.RESIDENT, FieldClass.PERSONAL, row.grid_id, row.home_id)


def _as_allowed(right: Right, text: str | None, masked: Callable[[str | None], str | None]) -> str | None:
    if right is Right.ALLOW:
        return text
    return masked(text) if right is Right.MASK else None


async def merged_into(
    session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[ResidentRow]]:
    """The rows merged into each person, those that the actor may find, by code."""
    pairs = sa.select(ResidentRow.merged_into_id, ResidentRow).where(ResidentRow.merged_into_id.in_(ids))
    rows = (await session.execute(visible(pairs.order_by(ResidentRow.code), actor))).all()
    return {key: [row for into, row in rows if into == key] for key in ids}


async def stays_of(
    session: AsyncSession,
    actor: Actor,
    ids: Sequence[uuid.UUID],
    context: Context,
    first: int,
    after: str | None,
) -> dict[uuid.UUID, Page[ResidenceRow]]:
    """A page of each person's residences, those in households that the actor may find."""
    rows, parent = visible(sa.select(ResidenceRow), actor), ResidenceRow.resident_id
    return await child_pages(session, ids, context, rows, parent, LATEST_HOME_FIRST, first, after)


async def homes_of(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, ResidenceRow]:
    """Each person's residence of today, those that the actor may find."""
    return await one_each(session, visible(home_of(ids), actor))
