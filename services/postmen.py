"""The postman: to whom a message of the outbox goes, by which channel, and what it says there."""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa
import structlog

from services import contacts, events, phones
from services.cases import letters
from services.channels import AddressGone, Channel, Channels, Letter, LogChannel
from services.database import Database
from services.models.contacts import ContactChannel, EmergencyContact
from services.models.outbox import Message, Recipient
from services.models.phones import Phone
from services.outbox import Send
from services.sealing import Keyring

log = structlog.get_logger()

PHONE_PLACE = "workers.phone"
TEXTS = {
    "SEAL_BROKEN": ("有人破例打开了一份住户档案，请核查。", "A household's file was opened by break-glass. Review it."),
    "OFFER": ("有人需要帮助，请打开应用应答。", "Somebody needs help. Open the app and answer."),
    "STILL_COMING": ("您还在路上吗？请在应用中确认。", "Are you still on the way? Confirm in the app."),
    "CONTACT_EMERGENCY": (
        "您家人的一键通发出紧急呼叫，正在安排上门。",
        "Your family's terminal has called an emergency.",
    ),
    "CONTACT_UNANSWERED": ("您家人的呼叫尚无人应答，值班台正在处理。", "Nobody has answered your family's call yet."),
    "CONTACT_ENDED": ("您家人的呼叫已处理完毕。", "Your family's call has been dealt with."),
}


_NUMBERS = sa.text("SELECT id, data_key, phone_sealed FROM workers WHERE id = ANY(:ids)").bindparams(
    sa.bindparam("ids", type_=sa.ARRAY(sa.Uuid))
)


@dataclass(frozen=True, slots=True)
class _Reached:
    """How a worker is reached beside the open socket."""

    phones: Sequence[Phone] = ()
    data_key: bytes | None = None
    phone_sealed: bytes | None = None


_UNKNOWN = _Reached()


class Postman:
    """Delivers one message (`outbox.Send`): wakes a worker's open socket, then the phone; contacts by their channel."""

    def __init__(self, database: Database, keyring: Keyring, channels: Channels) -> None:
        """`channels` that are missing go to the log."""
        self._database, self._keyring, self._channels = database, keyring, channels
        self._log = LogChannel()

    async def __call__(self, message: Message) -> None:
        """Deliver, or raise what the channel raises."""
        await (await self.prepared([message]))(message)

    async def prepared(self, messages: Sequence[Message]) -> Send:
        """The same for messages whose workers are woken and looked up together, in one transaction."""
        ids = {one.recipient_id for one in messages if one.recipient is Recipient.WORKER and one.recipient_id}
        found = await self._wake(sorted(ids)) if ids else {}
        return partial(self._deliver, found)

    async def _wake(self, worker_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, _Reached]:
        """Ring at the open sockets; the registered phones and the sealed number of each."""
        async with self._database.write() as session:
            await events.wake(session, events.OFFERS, *worker_ids)
            registered = await phones.of_workers(session, worker_ids)
            rows = await session.execute(_NUMBERS, {"ids": list(worker_ids)})
            return {id_: _Reached(registered.get(id_, []), *sealed) for id_, *sealed in rows}

    async def _deliver(self, workers: Mapping[uuid.UUID, _Reached], message: Message) -> None:
        if message.recipient is Recipient.WORKER and message.recipient_id is not None:
            await self._to_worker(message, workers.get(message.recipient_id, _UNKNOWN))
        elif message.recipient is Recipient.CONTACT and message.recipient_id is not None:
            await self._to_contact(message, message.recipient_id)
        elif message.recipient is Recipient.RESIDENT:
            await self._to_resident(message)
        else:
            await self._log.send("", letter(message, "zh"))

    async def _to_worker(self, message: Message, worker: _Reached) -> None:
        """For what cannot wait the registered phones, or else a text message, as far as set up."""
        if message.template in TEXTS and await self._push(worker.phones, message):
            return
        channel = self._channels.get(ContactChannel.SMS) if message.template in TEXTS else None
        number = self._keyring.open(worker.data_key, PHONE_PLACE, worker.phone_sealed) if channel else None
        if channel is not None and number:
            await channel.send(number, letter(message, "zh"))
        else:
            await self._log.send("", letter(message, "zh"))

    async def _push(self, registered: Sequence[Phone], message: Message) -> bool:
        """Tell all registered phones at once; True when a push service took it. Those that are gone are forgotten."""
        channel = self._channels.get(ContactChannel.WEB_PUSH)
        if channel is None or not registered:
            return False
        told = await asyncio.gather(*(self._push_one(channel, phone, message) for phone in registered))
        gone = [phone.id for phone, problem in zip(registered, told, strict=True) if isinstance(problem, AddressGone)]
        if gone:
            async with self._database.write() as session:
                await phones.forget(session, gone)
        return None in told

    async def _push_one(self, channel: Channel, phone: Phone, message: Message) -> Exception | None:
        try:
            await channel.send(phones.subscription_of(self._keyring, phone) or "", letter(message, phone.language))
        except Exception as problem:
            log.warning("phone not told", template=message.template, error=type(problem).__name__)
            return problem
        return None

    async def _to_contact(self, message: Message, contact_id: uuid.UUID) -> None:
        async with self._database.read() as session:
            contact = await session.get(EmergencyContact, contact_id)
        address = contacts.address_of(self._keyring, contact) if contact else None
        if contact is not None and address:
            try:
                await self._channel(contact.channel).send(address, letter(message, contact.language))
            except AddressGone:
                log.warning("contact's address is gone", contact=str(contact.id))

    async def _to_resident(self, message: Message) -> None:
        """A resident without an account, by text message."""
        async with self._database.read() as session:
            found = await letters.to_resident(session, self._keyring, message)
        if found is not None:
            await self._channel(ContactChannel.SMS).send(*found)

    def _channel(self, kind: ContactChannel) -> Channel:
        return self._channels.get(kind, self._log)


def letter(message: Message, language: str) -> Letter:
    """What a message says: its template's words in Chinese or English; contacts learn no ids."""
    chinese, english = TEXTS.get(message.template, (message.template, message.template))
    body = {} if message.recipient is Recipient.CONTACT else message.body
    return Letter(message.key, message.template, chinese if language.startswith("zh") else english, body)
