"""Consents to care records."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import Parent

from schema.context import Info
from schema.lens import field, given, lens, listing, shown, words
from services import clock, consents
from services.access import Actor
from services.consents import ConsentGiven
from services.models import Consent as ConsentRow
from services.models import ConsentGiver

words(ConsentGiver)

MOST_PURPOSES = 20


@lens
class Consent:
    """Who agreed to a care record, when and for what."""

    id: strawberry.ID = shown("Opaque.")
    given_by: ConsentGiver = shown("Whether the person agreed, or somebody for the person.")
    given_on: date = shown("On which day.")
    recorded_at: datetime = shown("When it was written down here.")

    @listing(graphql_type=list[str], at_most=MOST_PURPOSES)
    async def purposes(self, row: Parent[ConsentRow]) -> list[str]:
        """For what."""
        return row.purposes

    @field()
    def giver(self, info: Info, row: Parent[ConsentRow]) -> str | None:
        """The name of who agreed for the person; null when it was the person."""
        return info.context.opened(row, "giver")


@given
class ConsentInput:
    """A consent as it was given."""

    given_by: ConsentGiver = strawberry.field(
        default=ConsentGiver.PERSON, description="Under 14 a guardian has to agree."
    )
    purposes: list[str] = shown("For what, such as VISITS or MEALS.")
    given_on: date | None = strawberry.field(default=None, description="On which day; today if not given.")
    giver: str | None = strawberry.field(default=None, description="The name of who agreed for the person; sealed.")

    def told(self) -> ConsentGiven:
        """As the service takes it."""
        return ConsentGiven(self.given_by, self.given_on or clock.today(), self.purposes, self.giver)


async def of_records(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, ConsentRow]:
    """The consent that holds for each record."""
    return {key: row for key, row in (await session.execute(consents.current(ids))).all() if key is not None}
