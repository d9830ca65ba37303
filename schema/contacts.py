"""Emergency contacts of a home: whom its family wants told when something happens. Sealed; every reading is logged."""

import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import Parent

from schema.context import Context, Info, id_of
from schema.lens import field, given, lens, listing, mutation, shown, words
from services import contacts
from services.contacts import MOST_CONTACTS
from services.errors import NotFound
from services.models import ContactChannel
from services.models import EmergencyContact as ContactRow

words(ContactChannel)


@lens
class EmergencyContact:
    """Somebody who is told: when an emergency opens, when nobody has taken a call in time, when it is over."""

    id: strawberry.ID = shown("Opaque.")
    channel: ContactChannel = shown("By which way.")
    language: str = shown("In which language.")

    @field()
    def name(self, info: Info, row: Parent[ContactRow]) -> str | None:
        """Who."""
        return info.context.opened(row, "name")

    @field()
    def address(self, info: Info, row: Parent[ContactRow]) -> str | None:
        """The phone number."""
        return info.context.opened(row, "address")


@given
class EmergencyContactInput:
    """Whom to tell, and how."""

    name: str = shown("Who, as the family says it.")
    address: str = shown("The phone number.")
    channel: ContactChannel = strawberry.field(default=ContactChannel.SMS, description="SMS or VOICE.")
    language: str = strawberry.field(default="zh", description="zh or en.")

    def checked(self) -> tuple[ContactChannel, str, str, str]:
        """The values in the order of the service. Raises ContactRefused."""
        contacts.check(self.name, self.address, self.channel)
        return self.channel, self.name.strip(), self.address, self.language


@lens
class ContactQuery:
    """What can be asked about contacts."""

    @listing(graphql_type=list[EmergencyContact] | None, at_most=MOST_CONTACTS)
    async def emergency_contacts(self, info: Info, household_id: strawberry.ID) -> Sequence[ContactRow]:
        """Whom the home's family wants told: for those who may read sensitive fields of its people."""
        async with info.context.read() as session:
            home = await contacts.home_for(session, info.context.actor, id_of(household_id), to_change=False)
            return await contacts.of_home(session, home.id)


@lens
class ContactMutation:
    """What the neighbourhood's staff writes down about contacts."""

    @mutation(graphql_type=EmergencyContact)
    async def add_emergency_contact(
        self, info: Info, household_id: strawberry.ID, input: EmergencyContactInput
    ) -> ContactRow:
        """Tell this person, too."""
        context, told = info.context, input.checked()
        async with context.write() as session:
            home = await contacts.home_for(session, context.actor, id_of(household_id), to_change=True)
            return await contacts.add(session, context.api.keyring, home.id, *told)

    @mutation(graphql_type=EmergencyContact)
    async def change_emergency_contact(self, info: Info, id: strawberry.ID, input: EmergencyContactInput) -> ContactRow:
        """Another number, another name, another way."""
        told = input.checked()
        async with info.context.write() as session:
            row = await _to_change(session, info.context, id_of(id))
            return await contacts.change(session, info.context.api.keyring, row, *told)

    @mutation(graphql_type=bool)
    async def remove_emergency_contact(self, info: Info, id: strawberry.ID) -> bool:
        """Tell this person no longer; what was kept of them is gone."""
        async with info.context.write() as session:
            await session.delete(await _to_change(session, info.context, id_of(id)))
        return True


async def _to_change(session: AsyncSession, context: Context, id_: uuid.UUID) -> ContactRow:
    """The contact, locked, of a home whose contacts the actor may change. Raises NotFound, NotAllowed."""
    wanted: sa.Select[Any] = sa.select(ContactRow).where(ContactRow.id == id_)
    row: ContactRow | None = await session.scalar(wanted.with_for_update())
    if row is None:
        raise NotFound(id_)
    await contacts.home_for(session, context.actor, row.household_id, to_change=True)
    return row
