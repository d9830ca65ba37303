"""Emergency contacts of a home (children far away): told when it matters, from a template without the diagnosis."""

import enum
import re
import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import outbox
from services.access import Actor, visible
from services.errors import Invalid, NotAllowed, NotFound, Refusal
from services.models.accounts import Role
from services.models.base import new_id
from services.models.calls import Call
from services.models.contacts import ContactChannel, EmergencyContact
from services.models.households import Household
from services.models.outbox import Message, Recipient
from services.policy import FieldClass, Right, Thing
from services.sealing import Keyring

NAME_PLACE = "emergency_contacts.name"
ADDRESS_PLACE = "emergency_contacts.address"


MOST_CONTACTS = 5
LONGEST_NAME = 60
PHONE_NUMBER = re.compile(r"\+?[0-9]{5,20}")
KEEPERS = (Role.MANAGER, Role.COMMUNITY_STAFF, Role.GRID_WORKER, Role.SOCIAL_WORKER)


class ContactRefused(Invalid):
    """This contact cannot be kept: {reason}"""


class TooManyContacts(Refusal):
    """A home has at most {most} emergency contacts. Change or remove one."""


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
    """Keep a contact of a home; name and address (number or push endpoint) are sealed. Raises TooManyContacts."""
    mine = sa.select(sa.func.count()).where(EmergencyContact.household_id == household_id)
    if (await session.scalar(mine) or 0) >= MOST_CONTACTS:
        raise TooManyContacts(household_id, most=MOST_CONTACTS)
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


async def change(
    session: AsyncSession,
    keyring: Keyring,
    contact: EmergencyContact,
    channel: ContactChannel,
    name: str,
    address: str,
    language: str = "zh",
) -> EmergencyContact:
    """Name, channel and address anew, under a fresh data key."""
    data_key = keyring.new_data_key()
    contact.channel, contact.language, contact.data_key = channel, language, data_key
    contact.name_sealed = keyring.seal(data_key, NAME_PLACE, name)
    contact.address_sealed = keyring.seal(data_key, ADDRESS_PLACE, address)
    await session.flush()
    return contact


async def home_for(session: AsyncSession, actor: Actor, household_id: uuid.UUID, *, to_change: bool) -> Household:
    """The home, when the actor may know (or change) whom its family wants told.

    Those who may read a person's sensitive fields there may know; to change it also takes a role of the neighbourhood.
    Raises NotFound, NotAllowed.
    """
    home = await session.scalar(visible(sa.select(Household).where(Household.id == household_id), actor))
    if home is None:
        raise NotFound(household_id)
    if to_change:
        actor.require(*KEEPERS)
    if actor.right(Thing.RESIDENT, FieldClass.SENSITIVE, home.grid_id, home.id) is not Right.ALLOW:
        raise NotAllowed(household_id)
    return home


async def of_home(session: AsyncSession, household_id: uuid.UUID) -> Sequence[EmergencyContact]:
    """The contacts of a home, in the order in which they were added."""
    return (await session.scalars(_contacts(household_id))).all()


def check(name: str, address: str, channel: ContactChannel) -> None:
    """ContactRefused unless somebody can be reached there."""
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise ContactRefused(reason=f"a name of 1 to {LONGEST_NAME} characters is needed.")
    if channel in (ContactChannel.SMS, ContactChannel.VOICE) and not PHONE_NUMBER.fullmatch(address):
        raise ContactRefused(reason="`address` is no phone number: digits, with + in front if from abroad.")
    if channel in (ContactChannel.WEB_PUSH, ContactChannel.LOG):
        raise ContactRefused(reason="contacts are told by SMS or VOICE.")


def address_of(keyring: Keyring, contact: EmergencyContact) -> str | None:
    """Where the contact is reached, for the channel that delivers."""
    return keyring.open(contact.data_key, ADDRESS_PLACE, contact.address_sealed)


async def tell(session: AsyncSession, call: Call, moment: Moment) -> None:
    """Tell the home's contacts of this moment, once a round; that it is over only those who heard that it began."""
    if call.household_id is None:
        return
    for contact in await session.scalars(_contacts(call.household_id)):
        if moment is not Moment.ENDED or await _heard(session, call, contact.id):
            await _put(session, call, contact, moment)


async def tell_all(session: AsyncSession, calls: Sequence[Call], moment: Moment) -> None:
    """Tell the contacts of many calls' homes of a moment, as `tell` does of one; not for the end of calls."""
    homes = {call.household_id for call in calls if call.household_id is not None}
    theirs = sa.select(EmergencyContact).where(EmergencyContact.household_id.in_(homes)).order_by(EmergencyContact.id)
    by_home = defaultdict[uuid.UUID, list[EmergencyContact]](list)
    for contact in await session.scalars(theirs):
        by_home[contact.household_id].append(contact)
    each = [(call, contact) for call in calls if call.household_id for contact in by_home[call.household_id]]
    await outbox.put_all(session, [_message(call, contact, moment) for call, contact in each])


def _contacts(household_id: uuid.UUID) -> sa.Select[EmergencyContact]:
    mine = sa.select(EmergencyContact).where(EmergencyContact.household_id == household_id)
    return mine.order_by(EmergencyContact.id)


def message(call: Call, contact_id: uuid.UUID | str, language: str, channel: str, moment: Moment) -> dict[str, Any]:
    """What is told to a contact, as the outbox takes it."""
    key = f"contact:{contact_id}:{call.id}:{call.round}:{moment.value}"
    body = {"call": str(call.id), "language": language, "channel": channel}
    who = {"recipient": Recipient.CONTACT, "recipient_id": contact_id}
    return {"key": key, **who, "template": moment.value, "body": body}


async def _put(session: AsyncSession, call: Call, contact: EmergencyContact, moment: Moment) -> None:
    await outbox.put_all(session, [_message(call, contact, moment)])


def _message(call: Call, contact: EmergencyContact, moment: Moment) -> dict[str, Any]:
    return message(call, contact.id, contact.language, contact.channel.value, moment)


async def _heard(session: AsyncSession, call: Call, contact_id: uuid.UUID) -> bool:
    heard = sa.exists().where(Message.key.startswith(f"contact:{contact_id}:{call.id}:{call.round}:"))
    return bool(await session.scalar(sa.select(heard)))
