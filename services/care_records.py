"""Care records: which ones somebody may read; opening, changing and closing one, and who stands together for it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import care_categories, care_teams, clock, consents, contents, settings
from services.access import Actor, cared_for, visible
from services.consents import ConsentGiven
from services.contents import Content
from services.database import speaking_as
from services.errors import Invalid, NotFound, StaleVersion
from services.models import (
    CareCategory,
    CareEvent,
    CareEventKind,
    CareRecord,
    CareTeamMember,
    Household,
    Residence,
    Resident,
    Role,
    Sensitivity,
)
from services.models.base import new_id
from services.models.care import shown_to
from services.sealing import Keyring

KEEPERS = (Role.MANAGER, Role.COMMUNITY_STAFF)
TEAM_KEEPERS = (*KEEPERS, Role.SOCIAL_WORKER, Role.GRID_WORKER)
PLATFORM = "care records"
LONGEST_NOTES = 4000


class LevelUnknown(Invalid):
    """The level {subject} is not one of this category's: {levels}. Send one of them, or none."""


class RecordStandsAlready(Invalid):
    """This person has an open record in that category. Change it instead of opening another."""


class NotesTooLong(Invalid):
    """The text has more than {most} characters. Shorten it."""


@dataclass(frozen=True, slots=True)
class Writing:
    """What is written in a record; None leaves a part as it is."""

    level: str | None = None
    notes: str | None = None
    diagnosis: str | None = None
    review_due_at: date | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """A record to be opened."""

    resident_id: uuid.UUID
    category_code: str
    consent: ConsentGiven
    writing: Writing = Writing()
    team: Mapping[uuid.UUID, str] = field(default_factory=dict)


def readable(actor: Actor) -> sa.Select[CareRecord]:
    """The open records with consent that the actor may read: by area, and of sealed categories in the own team."""
    return of_homes(actor).where(shown_to(actor.worker_id), within(actor))


def within(actor: Actor) -> sa.ColumnElement[bool]:
    """True for records in the actor's area of care, sealed ones apart, and for those of the own team."""
    own = sa.select(CareTeamMember.care_record_id).where(CareTeamMember.worker_id == actor.worker_id)
    in_area = sa.and_(cared_for(actor), CareCategory.sensitivity != Sensitivity.SEALED)
    return sa.or_(in_area, CareRecord.id.in_(own))


def of_homes(actor: Actor) -> sa.Select[CareRecord]:
    """Records of people whom the actor may find, with their category, residence of today and household joined."""
    lives = sa.and_(Residence.resident_id == CareRecord.resident_id, Residence.until.is_(None))
    records = (
        sa.select(CareRecord)
        .join(CareCategory, CareCategory.id == CareRecord.category_id)
        .join(Resident, Resident.id == CareRecord.resident_id)
        .join(Residence, lives)
        .join(Household, Household.id == Residence.household_id)
    )
    return visible(records, actor)


async def find(session: AsyncSession, actor: Actor, record_id: uuid.UUID, *, lock: bool = False) -> CareRecord:
    """The record, if it is the actor's to read. Raises NotFound, the same as when there is none."""
    wanted = readable(actor).where(CareRecord.id == record_id)
    record = await session.scalar(wanted.with_for_update(of=CareRecord) if lock else wanted)
    if record is None:
        raise NotFound(record_id)
    return record


async def open_record(session: AsyncSession, actor: Actor, keyring: Keyring, order: Order) -> CareRecord:
    """Open a record with the consent it needs; one that waits open without consent is taken up.

    Raises NotFound, CategoryUnknown, LevelUnknown, RecordStandsAlready, TeamEmpty and what `consents` refuses.
    """
    actor.require(*KEEPERS)
    resident = await session.scalar(visible(sa.select(Resident).where(Resident.id == order.resident_id), actor))
    if resident is None or resident.erased_at is not None:
        raise NotFound(order.resident_id)
    category = await care_categories.find(session, order.category_code)
    await care_teams.refuse_unfit(session, category, order.team)
    async with speaking_as(session, PLATFORM):  # a sealed record is its team's: not even who opens it may write it
        record = await _waiting_or_new(session, resident.id, category.id)
        write_content(record, category, keyring, order.writing)
        await session.flush()
        await care_teams.put(session, record, order.team)
        await consents.give(session, actor, keyring, record, resident, order.consent)
        await tell(session, record, CareEventKind.OPENED, actor, {"category": category.code, "level": record.level})
    await contents.changed(session, Content.CARE)
    return record


async def change_record(
    session: AsyncSession, actor: Actor, keyring: Keyring, record_id: uuid.UUID, content: Writing, version: int | None
) -> CareRecord:
    """Write into a record. A level that asks for more visits than before asks for one soon, too.

    Raises NotFound, StaleVersion, LevelUnknown, NotesTooLong.
    """
    actor.require(*TEAM_KEEPERS)
    record = await locked(session, actor, record_id, version)
    category = await session.get_one(CareCategory, record.category_id)
    before = record.level
    write_content(record, category, keyring, content)
    if content.level is not None and days_between(category, record.level) < days_between(category, before):
        record.visit_by = clock.now() + timedelta(hours=settings.current().visit_after_change_hours)
    record.version += 1
    await tell(session, record, CareEventKind.CHANGED, actor, {"level": [before, record.level]})
    await contents.changed(session, Content.CARE)
    return record


async def change_team(
    session: AsyncSession, actor: Actor, record_id: uuid.UUID, team: Mapping[uuid.UUID, str], version: int | None
) -> CareRecord:
    """Who stands for a record from now on, worker to duty. The history keeps who stood for it before.

    Raises NotFound, StaleVersion, TeamEmpty, WorkerUnknown.
    """
    actor.require(*TEAM_KEEPERS)
    record = await locked(session, actor, record_id, version)
    category = await session.get_one(CareCategory, record.category_id)
    await care_teams.refuse_unfit(session, category, team)
    async with speaking_as(session, PLATFORM):  # who hands over is no longer in the team when the line is written
        before = await care_teams.put(session, record, team)
        record.version += 1
        after = {str(worker): duty for worker, duty in team.items()}
        await tell(session, record, CareEventKind.TEAM_CHANGED, actor, {"before": before, "after": after})
    await contents.changed(session, Content.CARE)
    return record


async def close_record(
    session: AsyncSession, actor: Actor, record_id: uuid.UUID, reason: str, version: int | None
) -> CareRecord:
    """The care ends, for a coded reason; kept for as long as the category says, then deleted.

    Raises NotFound, StaleVersion.
    """
    actor.require(*TEAM_KEEPERS)
    record = await locked(session, actor, record_id, version)
    await end(session, record, actor, reason)
    return record


async def end(session: AsyncSession, record: CareRecord, actor: Actor, reason: str) -> None:
    """Close a record and say why on its history."""
    record.closed_at, record.closed_reason = clock.now(), reason
    record.version += 1
    await tell(session, record, CareEventKind.CLOSED, actor, {"reason": reason})
    await contents.changed(session, Content.CARE)


def days_between(category: CareCategory, level: str | None) -> int:
    """How many days lie between two visits: the level's, else the category's."""
    return category.visit_days_by_level.get(level or "", category.visit_every_days)


def write_content(record: CareRecord, category: CareCategory, keyring: Keyring, content: Writing) -> None:
    """Put what is given into a record, own words sealed. Raises LevelUnknown, NotesTooLong."""
    levels = list(category.visit_days_by_level)
    if content.level is not None and levels and content.level not in levels:
        raise LevelUnknown(content.level, levels=", ".join(levels))
    record.level = content.level or record.level
    record.review_due_at = content.review_due_at or record.review_due_at
    record.data_key = record.data_key or keyring.new_data_key()
    for name in ("notes", "diagnosis"):
        text = getattr(content, name)
        if text is not None and len(text) > LONGEST_NOTES:
            raise NotesTooLong(most=LONGEST_NOTES)
        if text is not None:
            setattr(record, f"{name}_sealed", keyring.seal(record.data_key, f"care_records.{name}", text.strip()))


async def tell(
    session: AsyncSession, record: CareRecord, kind: CareEventKind, actor: Actor, detail: dict[str, Any]
) -> None:
    """A line on the record's history."""
    session.add(
        CareEvent(care_record_id=record.id, at=clock.now(), kind=kind, actor_id=actor.account_id, detail=detail)
    )
    await session.flush()


async def locked(session: AsyncSession, actor: Actor, record_id: uuid.UUID, version: int | None) -> CareRecord:
    """The record for a change on `version` of it. Raises NotFound, StaleVersion."""
    record = await find(session, actor, record_id, lock=True)
    if version is not None and record.version != version:
        raise StaleVersion(record_id, current=record.version)
    return record


async def _waiting_or_new(session: AsyncSession, resident_id: uuid.UUID, category_id: uuid.UUID) -> CareRecord:
    standing = sa.select(CareRecord).where(
        CareRecord.resident_id == resident_id, CareRecord.category_id == category_id, CareRecord.closed_at.is_(None)
    )
    found = await session.scalar(standing.with_for_update())
    if found is not None and found.consent_at is not None:
        raise RecordStandsAlready
    if found is None:
        found = CareRecord(id=new_id(), resident_id=resident_id, category_id=category_id, opened_at=clock.now())
        found.version = 1
        session.add(found)
    return found
