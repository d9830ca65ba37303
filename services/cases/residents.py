"""Residents without an account: a phone proven by a one-time code, a case followed and rated by number and code.

The one-time code goes out by the channel of the calls. The tracking code has 50 random bits and is kept as a keyed
hash: it cannot be guessed, so nobody can lock a resident out by wrong guesses, and a wrong number and a wrong code
are answered alike.
"""

import hmac
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, outbox
from services.cases import engine, ledger, tidings
from services.cases.engine import Act
from services.cases.kind import Kind
from services.cases.kinds import kind_of
from services.database import Database
from services.errors import Invalid, NotFound, Refusal
from services.models.areas import Area
from services.models.attachments import Attachment
from services.models.base import new_id
from services.models.cases import Case, CaseContact, CaseEvent, Unit, timeline
from services.models.outbox import Recipient
from services.sealing import Keyring

PHONE_PLACE = "case_contacts.phone"
CODE_PLACE = "case_contacts.code"
TRACKING_PLACE = "cases.tracking"
GOOD_FOR = timedelta(minutes=10)
MOST_CODES = 3
MOST_ATTEMPTS = 5
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
TRACKING_LETTERS = 10
OF_ITSELF = {"OPENED": "已收到", "CLIMBED": "超过时限，已自动上报上一级"}


class PhoneUnfit(Invalid):
    """A phone number has 6 to 15 digits, with + and the country before it when it is not of this country."""


class TooManyCodes(Refusal):
    """Three codes were sent to this number within ten minutes. Wait, then ask for another."""


class CodeWrong(Refusal):
    """The code is not right, or its ten minutes are over. Ask for another."""


@dataclass(frozen=True, slots=True)
class News:
    """One line that a resident reads; `kind` is its action, or what happened by itself; `answer` the words to them."""

    line: CaseEvent

    at: datetime
    text: str
    kind: str = ""
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    """A case as whoever holds its code sees it."""

    case: Case
    kind: Kind
    news: list[News]
    may_rate: bool
    accept_due_at: datetime | None
    close_due_at: datetime | None
    rung: str = ""
    handled_by: str = ""
    files: list[Attachment] = field(default_factory=list)


async def send_code(session: AsyncSession, keyring: Keyring, phone: str) -> None:
    """Send a one-time code of six digits to a phone. Raises PhoneUnfit, TooManyCodes."""
    number, now = _number(phone), clock.now()
    index = keyring.index(PHONE_PLACE, number)
    assert index is not None
    recent = sa.select(sa.func.count()).where(CaseContact.phone_index == index, CaseContact.created_at > now - GOOD_FOR)
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(int.from_bytes(index[:7]))))
    if (await session.scalar(recent) or 0) >= MOST_CODES:
        raise TooManyCodes
    data_key, contact_id = keyring.new_data_key(), new_id()
    code = f"{secrets.randbelow(1_000_000):06}"
    sealed = {
        "phone_sealed": keyring.seal(data_key, PHONE_PLACE, number),
        "code_sealed": keyring.seal(data_key, CODE_PLACE, code),
    }
    row = CaseContact(
        id=contact_id, phone_index=index, data_key=data_key, created_at=now, expires_at=now + GOOD_FOR, **sealed
    )
    session.add(row)
    await session.flush()
    await outbox.put(session, f"case-code:{contact_id}", Recipient.RESIDENT, contact_id, "CASE_CODE", {})


async def prove(database: Database, keyring: Keyring, phone: str, code: str) -> uuid.UUID:
    """The contact whose phone this is; a wrong code counts, and after five the code is void. Raises CodeWrong.

    The attempt is committed before the answer, so that a refusal counts as well.
    """
    index = keyring.index(PHONE_PLACE, _number(phone))
    async with database.write() as session:
        contact = await session.scalar(_live(index))
        right = contact is not None and _matches(keyring, contact, code)
        if contact is not None:
            contact.attempts += 0 if right else 1
            contact.proven_at = clock.now() if right else contact.proven_at
    if contact is None or not right:
        raise CodeWrong
    return contact.id


def new_tracking_code() -> str:
    """Ten letters and digits that are not mistaken for each other."""
    return "".join(secrets.choice(LETTERS) for _ in range(TRACKING_LETTERS))


def tracking_hash(keyring: Keyring, code: str) -> bytes:
    """What is kept of a tracking code, under whichever sealing secret."""
    return keyring.lasting(TRACKING_PLACE, code)


async def find(session: AsyncSession, keyring: Keyring, number: str, code: str) -> Case:
    """The case with this number and code. Raises NotFound for a wrong number and a wrong code alike."""
    case = await session.scalar(sa.select(Case).where(Case.number == number.strip().upper()))
    given = tracking_hash(keyring, code)
    kept = case.tracking_hash if case is not None and case.tracking_hash else b"\0" * 16
    if not hmac.compare_digest(given, kept) or case is None:
        raise NotFound(number)
    return case


async def follow(session: AsyncSession, keyring: Keyring, number: str, code: str) -> Followed:
    """A case for whoever holds its code. Raises NotFound."""
    case = await find(session, keyring, number, code)
    standing = await engine.standing_of(session, case, None)
    lines = (await session.scalars(timeline(case.id))).all()
    dues = {term.name: term.due_at for term in standing.state.running}
    return Followed(
        case,
        standing.kind,
        [news for line in lines if (news := _news(keyring, case, line)) is not None],
        any(each.name == "RATE" for each in engine.allowed(standing)),
        dues.get("ACCEPT"),
        dues.get("CLOSE"),
        standing.kind.rungs[case.rung].code,
        await _answering(session, case),
        await _sent_files(session, case.id),
    )


async def rate(
    session: AsyncSession, keyring: Keyring, number: str, code: str, satisfied: bool, comment: str | None = None
) -> Case:
    """Say whether one is content; not content opens the case again, or lets it climb. Raises NotFound, CaseNotNow."""
    case = await find(session, keyring, number, code)
    wanted = Act(case.id, "RATE", comment, {"satisfied": satisfied})
    return await engine.act_as_opener(session, keyring, case.id, wanted)


async def revoke(session: AsyncSession, keyring: Keyring, number: str, code: str, reason: str) -> Case:
    """Take back the consent by which one is spoken for: the case ends. Raises NotFound, ActionUnknown, CaseNotNow."""
    case = await find(session, keyring, number, code)
    return await engine.act_as_opener(session, keyring, case.id, Act(case.id, "REVOKE_CONSENT", reason))


def told_of(kind_code: str, event_kind: str) -> str:
    """What a resident reads of an event of a kind; empty: nothing."""
    action = kind_of(kind_code).action(event_kind)
    return action.told if action else OF_ITSELF.get(event_kind, "")


def _news(keyring: Keyring, case: Case, line: CaseEvent) -> News | None:
    text = told_of(case.kind, line.kind)
    return News(line, line.at, text, line.kind, ledger.answer_of_line(keyring, case, line)) if text else None


async def _sent_files(session: AsyncSession, case_id: uuid.UUID) -> list[Attachment]:
    sent = sa.select(Attachment).where(Attachment.case_id == case_id, Attachment.added_by.is_(None))
    return list(await session.scalars(sent.order_by(Attachment.added_at, Attachment.id)))


async def _answering(session: AsyncSession, case: Case) -> str:
    """The office in charge, else the area whose staff has it: never a person's name."""
    if case.unit_id is not None:
        return (await session.get_one(Unit, case.unit_id)).name
    area_id = tidings.area_of_rung(case, kind_of(case.kind), case.rung)
    return (await session.get_one(Area, area_id)).name


def _live(index: bytes | None) -> "sa.Select[CaseContact]":
    live = sa.select(CaseContact).where(
        CaseContact.phone_index == index,
        CaseContact.expires_at > clock.now(),
        CaseContact.attempts < MOST_ATTEMPTS,
        CaseContact.code_sealed.is_not(None),
    )
    return live.order_by(CaseContact.created_at.desc()).limit(1).with_for_update()


def _matches(keyring: Keyring, contact: CaseContact, code: str) -> bool:
    kept = keyring.open(contact.data_key, CODE_PLACE, contact.code_sealed) or ""
    return hmac.compare_digest(kept.encode(), code.strip().encode())


def _number(phone: str) -> str:
    plus = "+" if phone.strip().startswith("+") else ""
    digits = "".join(each for each in phone if each.isdigit() and each.isascii())
    if not 6 <= len(digits) <= 15 or len(phone) > 30:
        raise PhoneUnfit
    return plus + digits
