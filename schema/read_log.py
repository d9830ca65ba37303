"""The read log: who saw which fields of whom, and on what ground."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import Parent

from schema import openings
from schema.context import Info, id_of
from schema.lens import field, lens, listing, shown
from schema.loading import one_each
from schema.pages import After, Connection, First, Order, Page, page
from services import read_log
from services.access import Actor
from services.models import Account, Opening, Role
from services.models import Reading as ReadingRow

LATEST_FIRST = Order("read log", ReadingRow.id, descending=True)
MOST_FIELDS = 20
MOST_DEPUTIES = 20
IN_A_CALL = "CALL"


@dataclass(frozen=True)
class ReaderThen:
    """An account, with the roles that it held when it read."""

    id: uuid.UUID
    name: str
    roles: Sequence[str]


@lens
class Reader:
    """Who read."""

    id: strawberry.ID = shown("Opaque id of the account.")
    name: str = shown("Name of the account.")

    @listing(graphql_type=list[Role], at_most=len(Role))
    async def roles(self, reader: Parent[ReaderThen]) -> list[Role]:
        """The roles held when it was read, deputies' among them."""
        return [Role(role) for role in reader.roles]


@lens
class Reading:
    """Somebody read fields of one record."""

    id: strawberry.ID = shown("Opaque.")
    at: datetime = shown("When.")
    thing: str = shown("What kind of record, such as `residents`.")
    record_id: strawberry.ID = shown("Which one.")
    operation_name: str = strawberry.field(
        name="operationName",
        description="By which operation; its first field when it had no name.",
        resolver=lambda root: root.operation,
    )
    call_id: strawberry.ID | None = shown("The call for which the file stood open, if it was by a call.")

    @field(graphql_type=Reader | None)
    async def actor(self, info: Info, row: Parent[ReadingRow]) -> ReaderThen | None:
        """Who, and in which roles."""
        account: Account | None = await info.context.load(openings.accounts, row.actor_id)
        return ReaderThen(row.actor_id, account.name, row.roles) if account else None

    @listing(graphql_type=list[str], at_most=MOST_FIELDS)
    async def fields(self, row: Parent[ReadingRow]) -> list[str]:
        """Which fields."""
        return row.fields

    @listing(graphql_type=list[strawberry.ID], at_most=MOST_DEPUTIES)
    async def deputy_for(self, row: Parent[ReadingRow]) -> list[uuid.UUID]:
        """The accounts for which the reader stood in."""
        return row.deputy_for

    @field()
    async def reason(self, info: Info, row: Parent[ReadingRow]) -> str | None:
        """On what ground outside the own area: the reason for which the seal was broken, or CALL; null inside it."""
        if row.opening_id is None:
            return IN_A_CALL if row.call_id else None
        opening: Opening | None = await info.context.load(openings_by_id, row.opening_id)
        return info.context.opened(opening, "reason") if opening else None


@lens
class ReadLogQuery:
    """What can be asked of the read log."""

    @field(graphql_type=Connection[Reading] | None)
    async def read_log(
        self, info: Info, household_id: strawberry.ID, first: First = 50, after: After = None
    ) -> Page[ReadingRow]:
        """Who saw this household and its people, the latest first; for auditors and managers of its area."""
        async with info.context.read() as session:
            lines = await read_log.of_household(session, info.context.actor, id_of(household_id))
        return await page(info.context, lines, LATEST_FIRST, first, after)

    @field(graphql_type=Connection[Reading] | None)
    async def readings_by(
        self, info: Info, account_id: strawberry.ID, first: First = 50, after: After = None
    ) -> Page[ReadingRow]:
        """What an account has read in the areas that you audit, the latest first; for auditors."""
        lines = read_log.of_account(info.context.actor, id_of(account_id))
        return await page(info.context, lines, LATEST_FIRST, first, after)


async def openings_by_id(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Opening]:
    """Openings by id; the rows of the area are shown by the store."""
    return await one_each(session, sa.select(Opening.id, Opening).where(Opening.id.in_(ids)))
