"""Terminals: the one-touch devices in homes, and their health."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import Parent

from schema import areas, households
from schema.context import Info
from schema.households import Household
from schema.lens import field, given, lens, shown, words
from schema.loading import one_each
from schema.pages import After, Connection, First, Order, Page, page
from services.access import Actor, visible
from services.models import Area, TerminalStatus
from services.models import Household as HouseholdRow
from services.models import Terminal as TerminalRow

words(TerminalStatus)

IN_ORDER = Order("terminals", TerminalRow.serial, TerminalRow.id)


@lens
class Terminal:
    """A one-touch terminal (一键通), in a home or in the store-room."""

    id: strawberry.ID = shown("Opaque.")
    serial: str = shown("Serial number on the device.")
    model: str | None = shown("Make and model.")
    status: TerminalStatus = shown("What is known of its health.")
    last_seen_at: datetime | None = shown("Its last sign of life.")
    battery_percent: int | None = shown("Charge of its battery, as it last said.")
    heartbeat_seconds: int = shown("How often it gives a sign of life.")
    installed_at: datetime | None = shown("When it was put where it stands.")
    retired_at: datetime | None = shown("When it was taken out of use; null while in use.")

    @field(graphql_type=Household | None)
    async def household(self, info: Info, row: Parent[TerminalRow]) -> HouseholdRow | None:
        """The home in which it stands; null in the store-room."""
        return await info.context.load(households.by_id, row.household_id)


@given
class TerminalFilter:
    """Which terminals; all that is given must hold."""

    area_id: strawberry.ID | None = strawberry.field(default=None, description="In a home inside this area.")
    status: TerminalStatus | None = strawberry.field(default=None, description="In this state.")
    text: str | None = strawberry.field(default=None, description="Whose serial begins with this.")


@lens
class TerminalQuery:
    """What can be asked of terminals."""

    @field(graphql_type=Terminal | None)
    async def terminal(self, info: Info, id: strawberry.ID) -> TerminalRow:
        """The terminal with this id, if its home is yours to see."""
        return await info.context.find(by_id, id)

    @field(graphql_type=Connection[Terminal] | None)
    async def terminals(
        self, info: Info, filter: TerminalFilter | None = None, first: First = 50, after: After = None
    ) -> Page[TerminalRow]:
        """Terminals in homes that are yours to see, by serial; with rights everywhere those in the store-room too."""
        chosen = sa.select(TerminalRow).outerjoin(HouseholdRow, HouseholdRow.id == TerminalRow.household_id)
        if filter and filter.status:
            chosen = chosen.where(TerminalRow.status == filter.status)
        if filter and filter.text:
            chosen = chosen.where(TerminalRow.serial.startswith(filter.text, autoescape=True))
        if filter and filter.area_id:
            inside = await areas.inside(info.context, filter.area_id)
            chosen = chosen.where(HouseholdRow.grid_id.in_(sa.select(Area.id).where(inside)))
        return await page(info.context, visible(chosen, info.context.actor), IN_ORDER, first, after)


async def by_id(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, TerminalRow]:
    """Terminals by id, those in homes that the actor may find."""
    pairs = sa.select(TerminalRow.id, TerminalRow).where(TerminalRow.id.in_(ids))
    joined = pairs.outerjoin(HouseholdRow, HouseholdRow.id == TerminalRow.household_id)
    return await one_each(session, visible(joined, actor))
