"""What a resident without an account is sent: the number and the words. Opened only here, at the last moment."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.cases import residents
from services.channels import Letter
from services.models.cases import CaseContact
from services.models.outbox import Message
from services.sealing import Keyring


async def to_resident(session: AsyncSession, keyring: Keyring, message: Message) -> tuple[str, Letter] | None:
    """The phone and the letter; None when the contact, or the code it was about, is gone."""
    contact = await session.get(CaseContact, message.recipient_id) if message.recipient_id else None
    if contact is None:
        return None
    phone = keyring.open(contact.data_key, residents.PHONE_PLACE, contact.phone_sealed)
    text = _text(keyring, contact, message)
    return (phone, Letter(message.key, message.template, text, {})) if phone and text else None


def _text(keyring: Keyring, contact: CaseContact, message: Message) -> str | None:
    if message.template != "CASE_CODE":
        news = residents.told_of(str(message.body["kind"]), str(message.body["event"]))
        return f"您的事项{message.body['number']}：{news}。"
    code = keyring.open(contact.data_key, residents.CODE_PLACE, contact.code_sealed)
    return f"您的验证码是{code}，十分钟内有效。" if code else None
