"""Terminals: the one-touch devices in homes, and their health."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import sqlalchemy as sa
import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import Parent

from schema import areas, households
from schema.context import Info
from schema.households import Household
from schema.lens import field, given, lens, mutation, shown, words
from schema.loading import one_each
from schema.pages import After, Connection, First, Order, Page, page
from services import intake, terminals
from services.access import Actor, visible
from services.models import Area, TerminalButton, TerminalStatus
from services.models import Household as HouseholdRow
from services.models import Terminal as TerminalRow
from services.press_orders import PressOrder
from services.presses import Pressed

if TYPE_CHECKING:
    from schema.calls import Call

words(TerminalStatus, TerminalButton)

IN_ORDER = Order("terminals", TerminalRow.serial, TerminalRow.id)

CallLens = Annotated["Call", strawberry.lazy("schema.calls")]


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


@given
class PressInput:
    """A press of the button."""

    terminal_serial: str = shown("The terminal that was pressed.")
    reference: str = shown("The terminal's own number for this press: sent again, it is the same press.")
    button: TerminalButton = shown("Which button.")
    pressed_at: datetime | None = strawberry.field(
        default=None, description="By the terminal's clock; kept, and never used for order."
    )


@given
class HeartbeatInput:
    """A sign of life."""

    terminal_serial: str = shown("The terminal that speaks.")
    battery_percent: int | None = strawberry.field(default=None, description="Charge of its battery, 0 to 100.")
    mains: bool | None = strawberry.field(default=None, description="True while it has mains; null when not known.")


@lens
class Press:
    """What a press has led to."""

    call: CallLens = shown("Its call, committed.")
    repeated: bool = shown("True when this press was here before.")
    joined: bool = shown("True when it belongs to a call that was open already.")


@lens
class TerminalMutation:
    """What a terminal says, or a gateway that speaks for it."""

    @mutation(graphql_type=Press)
    async def press_button(self, info: Info, input: PressInput) -> Pressed:
        """Somebody needs help. Answered when the call is stored for good, and never before; help is found meanwhile."""
        api = info.context.api
        order = PressOrder(input.terminal_serial, input.reference, input.button, input.pressed_at)
        pressed = await terminals.press(api.platform("intake"), order, info.context.actor, api.keyring, api.rules)
        intake.begin(pressed, api.dispatcher)
        return pressed

    @mutation(graphql_type=Terminal)
    async def terminal_heartbeat(self, info: Info, input: HeartbeatInput) -> TerminalRow:
        """The terminal lives; with what it knows of its power."""
        told = (input.battery_percent, input.mains)
        async with info.context.write("intake") as session:
            return await terminals.heartbeat(
                session,
                input.terminal_serial,
                info.context.actor,
                info.context.api.keyring,
                *told,
                info.context.api.rules,
            )


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
