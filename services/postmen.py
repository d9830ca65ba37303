"""The postman: to whom a message of the outbox goes, by which channel, and what it says there."""

import uuid

from services import contacts, events
from services.channels import Channel, Channels, Letter, LogChannel
from services.database import Database
from services.models.contacts import ContactChannel, EmergencyContact
from services.models.outbox import Message, Recipient
from services.models.workers import Worker
from services.sealing import Keyring

PHONE_PLACE = "workers.phone"
TEXTS = {
    "OFFER": ("有人需要帮助，请打开应用应答。", "Somebody needs help. Open the app and answer."),
    "STILL_COMING": ("您还在路上吗？请在应用中确认。", "Are you still on the way? Confirm in the app."),
    "CONTACT_EMERGENCY": (
        "您家人的一键通发出紧急呼叫，正在安排上门。",
        "Your family's terminal has called an emergency.",
    ),
    "CONTACT_UNANSWERED": ("您家人的呼叫尚无人应答，值班台正在处理。", "Nobody has answered your family's call yet."),
    "CONTACT_ENDED": ("您家人的呼叫已处理完毕。", "Your family's call has been dealt with."),
}


class Postman:
    """Delivers one message (`outbox.Send`): wakes a worker's open socket, then the phone; contacts by their channel."""

    def __init__(self, database: Database, keyring: Keyring, channels: Channels) -> None:
        """`channels` that are missing go to the log."""
        self._database, self._keyring, self._channels = database, keyring, channels
        self._log = LogChannel()

    async def __call__(self, message: Message) -> None:
        """Deliver, or raise what the channel raises."""
        if message.recipient is Recipient.WORKER and message.recipient_id is not None:
            await self._to_worker(message, message.recipient_id)
        elif message.recipient is Recipient.CONTACT and message.recipient_id is not None:
            await self._to_contact(message, message.recipient_id)
        else:
            await self._log.send("", letter(message, "zh"))

    async def _to_worker(self, message: Message, worker_id: uuid.UUID) -> None:
        """The socket always; a text message for what cannot wait, when a provider is set."""
        async with self._database.write() as session:
            await events.wake(session, events.OFFERS, worker_id)
            worker = await session.get(Worker, worker_id)
        phone = worker and worker.data_key and self._keyring.open(worker.data_key, PHONE_PLACE, worker.phone_sealed)
        channel = self._channels.get(ContactChannel.SMS)
        if channel is not None and phone and message.template in TEXTS:
            await channel.send(phone, letter(message, "zh"))
        else:
            await self._log.send("", letter(message, "zh"))

    async def _to_contact(self, message: Message, contact_id: uuid.UUID) -> None:
        async with self._database.read() as session:
            contact = await session.get(EmergencyContact, contact_id)
        address = contacts.address_of(self._keyring, contact) if contact else None
        if contact is not None and address:
            await self._channel(contact.channel).send(address, letter(message, contact.language))

    def _channel(self, kind: ContactChannel) -> Channel:
        return self._channels.get(kind, self._log)


def letter(message: Message, language: str) -> Letter:
    """What a message says: its template's words in Chinese or English; contacts learn no ids."""
    chinese, english = TEXTS.get(message.template, (message.template, message.template))
    body = {} if message.recipient is Recipient.CONTACT else message.body
    return Letter(message.key, message.template, chinese if language.startswith("zh") else english, body)
