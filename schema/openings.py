"""Break-glass: opening a household's file for a reason, and the review of it."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import sqlalchemy as sa
import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import Parent

from schema import households
from schema.context import Info, id_of
from schema.households import Household
from schema.lens import field, lens, mutation, shown, words
from schema.loading import one_each
from schema.pages import After, Connection, First, Order, Page, page
from services import openings
from services.access import Actor
from services.models import Account, OpeningVerdict
from services.models import Household as HouseholdRow
from services.models import Opening as OpeningRow

words(OpeningVerdict)

OLDEST_FIRST = Order("openings to review", OpeningRow.opened_at, OpeningRow.id)

Reason = Annotated[str, strawberry.argument(description="Why, in a sentence that a supervisor will read; sealed.")]


@lens
class Opener:
    """Whoever opened a file."""

    id: strawberry.ID = shown("Opaque id of the account.")
    name: str = shown("Name of the account.")


@lens
class Opening:
    """A household's file that was opened outside the own area or role."""

    id: strawberry.ID = shown("Opaque.")
    opened_at: datetime = shown("From when.")
    expires_at: datetime = shown("Until when it stands open.")
    reviewed_at: datetime | None = shown("When somebody else looked at it; null until then.")
    verdict: OpeningVerdict | None = shown("What the review found.")

    @field(graphql_type=Household | None)
    async def household(self, info: Info, row: Parent[OpeningRow]) -> HouseholdRow | None:
        """Whose file, if it is yours to see."""
        return await info.context.load(households.by_id, row.household_id)

    @field(graphql_type=Opener | None)
    async def actor(self, info: Info, row: Parent[OpeningRow]) -> Account | None:
        """Who opened it."""
        return await info.context.load(accounts, row.account_id)

    @field()
    def reason(self, info: Info, row: Parent[OpeningRow]) -> str | None:
        """The reason that was given."""
        return info.context.opened(row, "reason")


@lens
class OpeningQuery:
    """What can be asked of opened files."""

    @field(graphql_type=Connection[Opening] | None)
    async def openings_to_review(self, info: Info, first: First = 50, after: After = None) -> Page[OpeningRow]:
        """Files that were opened in your area and that nobody has looked at yet, the oldest first."""
        return await page(info.context, openings.unreviewed(info.context.actor), OLDEST_FIRST, first, after)


@lens
class OpeningMutation:
    """Opening a file, and looking at it afterwards."""

    @mutation(graphql_type=Opening)
    async def open_sealed_household(self, info: Info, id: strawberry.ID, reason: Reason) -> OpeningRow:
        """Open a household's file for some hours, for a reason; a supervisor is told at once, reading is logged."""
        actor, keyring = info.context.actor, info.context.api.keyring
        async with info.context.write(openings.PART) as session:
            opening = await openings.open_sealed(session, actor, keyring, id_of(id), reason)
        await info.context.renew_self()
        return opening

    @mutation(graphql_type=Opening)
    async def review_opening(self, info: Info, id: strawberry.ID, verdict: OpeningVerdict) -> OpeningRow:
        """Say whether an opening was right; never one's own."""
        async with info.context.write() as session:
            return await openings.review(session, info.context.actor, id_of(id), verdict)


async def accounts(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Account]:
    """Accounts by id, for their names."""
    return await one_each(session, sa.select(Account.id, Account).where(Account.id.in_(ids)))
