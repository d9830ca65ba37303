"""Consent to a care record: who gave it, when and for what; withdrawn, the record is hidden at once and deleted soon.

PIPL articles 29 (separate consent for sensitive data), 31 (under 14 a guardian's), 15 and 47 (withdrawal, deletion).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, contents, settings, timers
from services.access import Actor
from services.contents import Content
from services.errors import Invalid
from services.models import CareCategory, CareEvent, CareEventKind, CareRecord, Consent, ConsentGiver, Resident
from services.models.base import new_id
from services.models.timers import TimerKind
from services.sealing import Keyring

GUARDIANS_AGE = 14
PLACE = "consents.giver"


class GuardianMustConsent(Invalid):
    """The person is {age} years old: under 14 a guardian consents. Send the guardian's name as `giver`."""


class ConsentInFuture(Invalid):
    """A consent of {subject} has not been given yet. Send the day on which it was given."""


class PurposeMissing(Invalid):
    """A consent is for something. Say for what, such as VISITS or MEALS."""


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """A consent as somebody tells it; `giver` is the name of who gave it, when that was not the person."""

    given_by: ConsentGiver
    given_on: date
    purposes: Sequence[str]
    giver: str | None = None


def check(consent: ConsentGiven, birth_date: date | None, today: date) -> None:
    """Refuse a consent that cannot hold. Raises GuardianMustConsent, ConsentInFuture, PurposeMissing."""
    if consent.given_on > today:
        raise ConsentInFuture(consent.given_on)
    if not [purpose for purpose in consent.purposes if purpose.strip()]:
        raise PurposeMissing
    age = None if birth_date is None else years_between(birth_date, consent.given_on)
    by_guardian = consent.given_by is ConsentGiver.GUARDIAN and bool(consent.giver and consent.giver.strip())
    if age is not None and age < GUARDIANS_AGE and not by_guardian:
        raise GuardianMustConsent(age=age)


def years_between(born: date, day: date) -> int:
    """Full years of age; who is born on 29 February is a year older on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


async def give(
    session: AsyncSession,
    actor: Actor,
    keyring: Keyring,
    record: CareRecord,
    resident: Resident,
    consent: ConsentGiven,
) -> Consent:
    """Keep a consent to a record, which is shown from now on. Raises what `check` raises."""
    check(consent, resident.birth_date, clock.today())
    key = keyring.new_data_key()
    row = Consent(
        id=new_id(),
        care_record_id=record.id,
        resident_id=resident.id,
        category_id=record.category_id,
        given_by=consent.given_by,
        given_on=consent.given_on,
        purposes=[purpose.strip() for purpose in consent.purposes if purpose.strip()],
        data_key=key,
        giver_sealed=keyring.seal(key, PLACE, consent.giver and consent.giver.strip()),
        recorded_by=actor.account_id,
        recorded_at=clock.now(),
    )
    session.add(row)
    record.consent_at, record.consent_by = consent.given_on, consent.given_by.value
    await session.flush()
    return row


async def withdraw(session: AsyncSession, actor: Actor, record: CareRecord) -> datetime:
    """Hide a record at once and set the timer that deletes it; gives when. `record` is locked and the actor's to read.

    Not before the days for which a law wants the category's records kept.
    """
    category = await session.get_one(CareCategory, record.category_id)
    now = clock.now()
    days = max(settings.current().erase_after_days, category.keep_by_law_days)
    due = now + timedelta(days=days)
    record.consent_at = None
    record.closed_at, record.closed_reason = now, "CONSENT_WITHDRAWN"
    record.version += 1
    standing = sa.update(Consent).where(Consent.care_record_id == record.id, Consent.withdrawn_at.is_(None))
    values = {"withdrawn_at": now, "withdrawn_recorded_by": actor.account_id, "erase_after": due}
    await session.execute(standing.values(values))
    line = {"erase_after": due.isoformat(), "ground": category.keep_by_law_ground}
    kind = CareEventKind.CONSENT_WITHDRAWN
    session.add(CareEvent(care_record_id=record.id, at=now, kind=kind, actor_id=actor.account_id, detail=line))
    await session.flush()
    await timers.put(session, TimerKind.ERASE_CARE_RECORD, record.id, due)
    await contents.changed(session, Content.CARE)
    return due


def current(record_ids: Sequence[uuid.UUID]) -> sa.Select[uuid.UUID | None, Consent]:
    """The consents that hold, by record, the oldest first (so that the latest stays in a dict)."""
    standing = sa.select(Consent.care_record_id, Consent).where(Consent.care_record_id.in_(record_ids))
    return standing.where(Consent.withdrawn_at.is_(None)).order_by(Consent.given_on, Consent.id)
