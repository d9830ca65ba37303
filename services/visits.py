"""Visits: written down at the door or later, on a phone that was offline too; when the next is due, and overdue."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import areas, care_records, clock
from services.access import Actor, numbers
from services.call_rights import worker_of
from services.care_records import days_between
from services.errors import Invalid, NotFound
from services.models import CareCategory, CareRecord, Household, Residence, Resident, Role, Visit, VisitConflict
from services.models.base import new_id
from services.models.care import shown_to
from services.sealing import Keyring

VISITORS = (Role.GRID_WORKER, Role.SOCIAL_WORKER, Role.VOLUNTEER, Role.COMMUNITY_STAFF, Role.MANAGER)
PLACE = "visits.note"
LONGEST_NOTE = 2000
CLOCKS_DIFFER = timedelta(minutes=10)


class VisitInFuture(Invalid):
    """A visit at {subject} has not taken place yet. Send when it took place, with its offset."""


class NoteTooLong(Invalid):
    """The note has more than {most} characters. Shorten it, or open a case for what is to be done."""


class ConsentGone(Invalid):
    """The consent to this record was withdrawn: what was seen may not be kept. Delete it from the phone."""


@dataclass(frozen=True, slots=True)
class Told:
    """A visit as it is told: `id` is made by the phone, `based_on` is the record's version that it knew."""

    care_record_id: uuid.UUID
    visited_at: datetime
    purpose: str
    note: str | None = None
    id: uuid.UUID | None = None
    written_at: datetime | None = None
    based_on: int | None = None


def due_at(category: CareCategory, record: CareRecord) -> datetime:
    """When the next visit is due: so many days after the last (the opening, when there was none), or sooner."""
    regular = (record.last_visit_at or record.opened_at) + timedelta(days=days_between(category, record.level))
    return min(regular, record.visit_by) if record.visit_by else regular


def overdue_days(due: datetime, now: datetime) -> int:
    """Full days since a visit was due; 0 while it is not."""
    return max(0, (now - due).days)


def conflicts(told: Told, record: CareRecord, same_day: Sequence[Visit]) -> list[VisitConflict]:
    """What stands against a visit: it is kept all the same, and somebody decides."""
    found = [VisitConflict.SAME_DAY] if same_day else []
    if told.based_on is not None and told.based_on != record.version:
        found.append(VisitConflict.RECORD_CHANGED)
    if record.closed_at is not None:
        found.append(VisitConflict.RECORD_CLOSED)
    return found


async def record_visit(session: AsyncSession, actor: Actor, keyring: Keyring, told: Told) -> Visit:
    """Keep a visit. The same id with the same words is the same visit; with others, both are kept and shown.

    Raises WorkersOnly, NotFound, VisitInFuture, NoteTooLong, ConsentGone.
    """
    actor.require(*VISITORS)
    worker_id = worker_of(actor)
    _refuse_unfit(told)
    record, household = await _visited(session, actor, told.care_record_id)
    sent = await _sent(session, worker_id, told)
    if sent is not None and _is_same(keyring, sent, told):
        return sent
    same_day = [one for one in await _of_day(session, record.id, told.visited_at) if one is not sent]
    against = [*([VisitConflict.SENT_TWICE] if sent else []), *conflicts(told, record, same_day)]
    key = keyring.new_data_key()
    visit = Visit(
        id=new_id() if sent or not told.id else told.id,
        household_id=household.id,
        care_record_id=record.id,
        worker_id=worker_id,
        visited_at=told.visited_at,
        purpose=told.purpose,
        data_key=key,
        note_sealed=keyring.seal(key, PLACE, told.note and told.note.strip()),
        details={},
        grid_version_id=await areas.current_version(session, household.grid_id),
        recorded_at=clock.now(),
        written_at=told.written_at,
        based_on=told.based_on,
        conflicts=[one.value for one in against],
        conflict_ids=[one.id for one in ([sent] if sent else []) + same_day],
    )
    session.add(visit)
    _count(record, told.visited_at)
    await session.flush()
    return visit


async def settle(session: AsyncSession, actor: Actor, visit_id: uuid.UUID, keep: bool) -> Visit:
    """Somebody has looked at a visit's conflicts: it stays, or it is taken off the record and stays in the history.

    Raises NotFound.
    """
    actor.require(*care_records.TEAM_KEEPERS)
    visit = await session.get(Visit, visit_id, with_for_update=True)
    if visit is None or visit.care_record_id is None:
        raise NotFound(visit_id)
    record = await care_records.find(session, actor, visit.care_record_id, lock=True)
    visit.settled_at, visit.settled_by = clock.now(), actor.account_id
    if not keep:
        visit.details = {**visit.details, "struck": True}
    standing = sa.select(sa.func.max(Visit.visited_at)).where(Visit.care_record_id == record.id, counts())
    await session.flush()
    record.last_visit_at = await session.scalar(standing)
    await session.flush()
    return visit


def readable(actor: Actor) -> sa.Select[Visit]:
    """Visits that the actor may read: those for a record like the record, those for none like the home itself."""
    mine = care_records.readable(actor).with_only_columns(CareRecord.id, maintain_column_froms=True)
    return sa.select(Visit).where(sa.or_(Visit.care_record_id.is_(None), Visit.care_record_id.in_(mine)))


def counts() -> sa.ColumnElement[bool]:
    """True for visits that were not struck off their record."""
    struck: sa.ColumnElement[bool] = Visit.details.has_key("struck")
    return sa.not_(struck)


def due_expression() -> sa.ColumnElement[datetime]:
    """The SQL of `due_at`, for selects that join CareRecord and CareCategory."""
    by_level = sa.cast(CareCategory.visit_days_by_level[CareRecord.level].astext, sa.Integer)
    days = sa.func.coalesce(by_level, CareCategory.visit_every_days)
    regular = sa.func.coalesce(CareRecord.last_visit_at, CareRecord.opened_at) + sa.func.make_interval(0, 0, 0, days)
    return sa.type_coerce(sa.func.least(regular, CareRecord.visit_by), sa.DateTime(timezone=True))


async def due_by_grid(
    session: AsyncSession, actor: Actor, grid_ids: Sequence[uuid.UUID], by: datetime
) -> dict[uuid.UUID, tuple[int, int]]:
    """For each grid how many visits are due by `by`, and how many of them are overdue now; sealed categories apart."""
    due = due_expression()
    overdue = sa.func.count().filter(due < clock.now())
    rows = (
        sa.select(Household.grid_id, sa.func.count(), overdue)
        .join(Residence, sa.and_(Residence.household_id == Household.id, Residence.until.is_(None)))
        .join(CareRecord, CareRecord.resident_id == Residence.resident_id)
        .join(CareCategory, CareCategory.id == CareRecord.category_id)
        .join(Resident, Resident.id == CareRecord.resident_id)
        .where(Household.grid_id.in_(grid_ids), Household.restricted.is_(False), Resident.restricted.is_(False))
        .where(shown_to(None), due <= by)
        .group_by(Household.grid_id)
    )
    return {grid: (due, late) for grid, due, late in await numbers(session, rows, actor)}


def _refuse_unfit(told: Told) -> None:
    if told.visited_at > clock.now() + CLOCKS_DIFFER:
        raise VisitInFuture(told.visited_at.isoformat())
    if told.note is not None and len(told.note) > LONGEST_NOTE:
        raise NoteTooLong(most=LONGEST_NOTE)


async def _visited(session: AsyncSession, actor: Actor, record_id: uuid.UUID) -> tuple[CareRecord, Household]:
    """The record, locked, also one that was closed meanwhile, and the household of today."""
    there = care_records.of_homes(actor).where(CareRecord.id == record_id, care_records.within(actor))
    record = await session.scalar(there.with_for_update(of=CareRecord))
    if record is None:
        raise NotFound(record_id)
    if record.consent_at is None:
        raise ConsentGone
    home = sa.select(Household).join(Residence, Residence.household_id == Household.id)
    home = home.where(Residence.resident_id == record.resident_id, Residence.until.is_(None))
    return record, (await session.scalars(home)).one()


async def _sent(session: AsyncSession, worker_id: uuid.UUID, told: Told) -> Visit | None:
    """The visit that was sent before: by its id, else the worker's own to this record at this very moment."""
    if told.id is None:
        mine = sa.select(Visit).where(Visit.care_record_id == told.care_record_id, Visit.worker_id == worker_id)
        return await session.scalar(mine.where(Visit.visited_at == told.visited_at).order_by(Visit.id).limit(1))
    sent = await session.get(Visit, told.id)
    if sent is not None and sent.worker_id != worker_id:
        raise NotFound(told.id)
    return sent


async def _of_day(session: AsyncSession, record_id: uuid.UUID, at: datetime) -> Sequence[Visit]:
    """The record's visits on the same day by the local calendar."""
    start = at.astimezone(clock.zone()).replace(hour=0, minute=0, second=0, microsecond=0)
    that_day = sa.select(Visit).where(Visit.care_record_id == record_id, counts(), Visit.visited_at >= start)
    return (await session.scalars(that_day.where(Visit.visited_at < start + timedelta(days=1)))).all()


def _is_same(keyring: Keyring, sent: Visit, told: Told) -> bool:
    note = keyring.open(sent.data_key, PLACE, sent.note_sealed)
    there = (sent.care_record_id, sent.visited_at, sent.purpose, note)
    return there == (told.care_record_id, told.visited_at, told.purpose, told.note and told.note.strip())


def _count(record: CareRecord, visited_at: datetime) -> None:
    """A visit that came late does not move the last one back; one after the change answers the change."""
    if record.last_visit_at is None or visited_at > record.last_visit_at:
        record.last_visit_at = visited_at
    if record.visit_by is not None:
        record.visit_by = None
