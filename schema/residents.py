"""Residents: the only file that opens their names and phones."""

import uuid
from collections.abc import Sequence
from datetime import date

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
from services.access import Actor, visible
from services.models import CareRecord as RecordRow
from services.models import Household as HouseholdRow
from services.models import Residence as ResidenceRow
from services.models import Resident as ResidentRow
from services.models import Sex
from services.models.residents import home_of

words(Sex)


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
    birth_date: date | None = shown("Day of birth.")
    mobile: bool = shown("True for a person registered elsewhere.")

    @field()
    def name(self, info: Info, row: Parent[ResidentRow]) -> str | None:
        """Full name; null once the record has been erased."""
        return info.context.opened(row, "name")

    @field()
    def phone(self, info: Info, row: Parent[ResidentRow]) -> str | None:
        """Phone number, when there is one."""
        return info.context.opened(row, "phone")

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
