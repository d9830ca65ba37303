"""Emergency contacts of a home (children far away): told when it matters, from a template without the diagnosis."""

import enum
import uuid

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import outbox
from services.models.base import new_id
from services.models.calls import Call
from services.models.contacts import ContactChannel, EmergencyContact
from services.models.outbox import Message, Recipient
from services.sealing import Keyring

NAME_PLACE = "emergency_contacts.name"
ADDRESS_PLACE = "emergency_contacts.address"


class Moment(enum.StrEnum):
    """When contacts are told; the name of the template."""

    EMERGENCY = "CONTACT_EMERGENCY"
    UNANSWERED = "CONTACT_UNANSWERED"
    ENDED = "CONTACT_ENDED"


async def add(
    session: AsyncSession,
    keyring: Keyring,
    household_id: uuid.UUID,
    channel: ContactChannel,
    name: str,
    address: str,
    language: str = "zh",
) -> EmergencyContact:
    """Keep a contact of a home; name and address (number or push endpoint) are sealed."""
    data_key = keyring.new_data_key()
    contact = EmergencyContact(
        id=new_id(),
        household_id=household_id,
        channel=channel,
        data_key=data_key,
        name_sealed=keyring.seal(data_key, NAME_PLACE, name),
        address_sealed=keyring.seal(data_key, ADDRESS_PLACE, address),
        language=language,
    )
    session.add(contact)
    await session.flush()
    return contact


def address_of(keyring: Keyring, contact: EmergencyContact) -> str | None:
    """Where the contact is reached, for the channel that delivers."""
    return keyring.open(contact.data_key, ADDRESS_PLACE, contact.address_sealed)


async def tell(session: AsyncSession, call: Call, moment: Moment) -> None:
    """Tell the home's contacts of this moment, once a round; that it is over only those who heard that it began."""
    if call.household_id is None:
        return
    for contact in await session.scalars(_contacts(call.household_id)):
        key = f"contact:{contact.id}:{call.id}:{call.round}:{moment.value}"
        if moment is Moment.ENDED and not await _heard(session, call, contact.id):
            continue
        body = {"call": str(call.id), "language": contact.language, "channel": contact.channel.value}
        await outbox.put(session, key, Recipient.CONTACT, contact.id, moment.value, body)


def _contacts(household_id: uuid.UUID) -> sa.Select[EmergencyContact]:
    mine = sa.select(EmergencyContact).where(EmergencyContact.household_id == household_id)
    return mine.order_by(EmergencyContact.id)


async def _heard(session: AsyncSession, call: Call, contact_id: uuid.UUID) -> bool:
    heard = sa.exists().where(Message.key.startswith(f"contact:{contact_id}:{call.id}:{call.round}:"))
    return bool(await session.scalar(sa.select(heard)))
