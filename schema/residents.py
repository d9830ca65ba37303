"""Residents: the only file that opens their names and phones."""

import uuid
from collections.abc import Sequence
from datetime import date

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import Parent

from schema.context import Info
from schema.lens import field, lens, shown, words
from schema.loading import one_each
from services.access import Actor, visible
from services.models import Residence, Sex
from services.models import Resident as ResidentRow
from services.models.residents import home_of

words(Sex)


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


async def homes_of(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Residence]:
    """Each person's residence of today, those that the actor may find."""
    return await one_each(session, visible(home_of(ids), actor))
