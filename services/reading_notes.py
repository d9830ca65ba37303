"""What an operation has read, as lines of the read log: of whose household each record is, and on what ground."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock
from services.access import Actor
from services.models import Call, CareRecord, Case, Household, Opening, Residence
from services.models.calls import is_open
from services.reading_chain import Line

OWN_KEY = {"residents": "resident_id", "care_records": "care_record_id"}

Read: TypeAlias = "Mapping[tuple[str, uuid.UUID], Noted]"


@dataclass(slots=True)
class Noted:
    """What was read of one record: which fields, and the id (of `kind`) by which its household is found.

    `place` is household and grid, where the row itself says which.
    """

    kind: str
    key: uuid.UUID | None
    place: tuple[uuid.UUID | None, uuid.UUID | None] | None = None
    fields: dict[str, None] = field(default_factory=dict)


class Notes:
    """What one operation has read so far and not yet answered."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._read: dict[tuple[str, uuid.UUID], Noted] = {}

    def __bool__(self) -> bool:
        """True when something is to be written."""
        return bool(self._read)

    def add(self, row: Any, name: str) -> None:
        """A field of a stored row was read."""
        key = (row.__tablename__, row.id)
        noted = self._read.get(key)
        if noted is None:
            noted = self._read[key] = _placed(row)
        noted.fields[name] = None

    def take(self) -> dict[tuple[str, uuid.UUID], Noted]:
        """All of it, once."""
        read, self._read = self._read, {}
        return read


async def lines_of(session: AsyncSession, actor: Actor, operation: str, at: datetime, read: Read) -> list[Line]:
    """One line for each record that was read. `session` speaks for the platform."""
    homes = await _homes(session, read.values())
    opened, calls = await _grounds(session, actor)
    roles = tuple(sorted(role.value for role in actor.roles))
    found = []
    for (thing, record_id), noted in read.items():
        home, grid = noted.place or homes.get(noted.key, (None, None))
        found.append(
            Line(
                at,
                actor.account_id,
                roles,
                operation,
                thing,
                record_id,
                tuple(noted.fields),
                home,
                grid,
                opened.get(home),
                calls.get(home),
                actor.deputy_for,
            )
        )
    return found


async def _homes(
    session: AsyncSession, noted: Iterable[Noted]
) -> dict[uuid.UUID | None, tuple[uuid.UUID | None, uuid.UUID | None]]:
    """Household and grid of today, by whichever id the row itself gave."""
    known: dict[str, set[uuid.UUID]] = {}
    for one in noted:
        if one.key is not None and one.place is None:
            known.setdefault(one.kind, set()).add(one.key)
    wanted = [_homes_by(kind, ids) for kind, ids in known.items()]
    if not wanted:
        return {}
    rows = await session.execute(wanted[0] if len(wanted) == 1 else sa.union_all(*wanted))
    return {row[0]: (row[1], row[2]) for row in rows}


async def _grounds(session: AsyncSession, actor: Actor) -> tuple[dict[Any, uuid.UUID], dict[Any, uuid.UUID]]:
    """The actor's broken seals and calls in hand, by household: on what ground a file outside was open."""
    if not actor.home_ids:
        return {}, {}
    return await _openings(session, actor), await _calls(session, actor)


def _placed(row: Any) -> Noted:
    """By what a row holds itself of whose household it is."""
    if isinstance(row, Household):
        return Noted("household_id", row.id, (row.id, row.grid_id))
    if isinstance(row, Case):
        return Noted("case_id", row.id, (None if row.sealed else row.household_id, row.grid_id))
    if row.__tablename__ in OWN_KEY:
        return Noted(OWN_KEY[row.__tablename__], row.id)
    for kind in ("household_id", "resident_id", "care_record_id", "call_id", "case_id"):
        if getattr(row, kind, None) is not None:
            return Noted(kind, getattr(row, kind))
    return Noted("household_id", None)


def _homes_by(kind: str, ids: set[uuid.UUID]) -> "sa.Select[*tuple[Any, ...]]":
    if kind == "household_id":
        return sa.select(Household.id, Household.id, Household.grid_id).where(Household.id.in_(ids))
    if kind == "call_id":
        return sa.select(Call.id, Call.household_id, Call.grid_id).where(Call.id.in_(ids))
    if kind == "case_id":
        home = sa.case((Case.sealed.is_(False), Case.household_id))  # that a home has a sealed case is told to nobody
        return sa.select(Case.id, home, Case.grid_id).where(Case.id.in_(ids))
    lives = sa.and_(Residence.household_id == Household.id, Residence.until.is_(None))
    if kind == "resident_id":
        homes = sa.select(Residence.resident_id, Household.id, Household.grid_id).join(Household, lives)
        return homes.where(Residence.resident_id.in_(ids))
    people = sa.select(CareRecord.id, Household.id, Household.grid_id).join(
        Residence, Residence.resident_id == CareRecord.resident_id
    )
    return people.join(Household, lives).where(CareRecord.id.in_(ids))


async def _openings(session: AsyncSession, actor: Actor) -> dict[Any, uuid.UUID]:
    standing = sa.select(Opening.household_id, Opening.id).where(
        Opening.account_id == actor.account_id, Opening.expires_at > clock.now()
    )
    return {row[0]: row[1] for row in await session.execute(standing.order_by(Opening.opened_at))}


async def _calls(session: AsyncSession, actor: Actor) -> dict[Any, uuid.UUID]:
    mine = sa.or_(Call.claimed_by == actor.account_id, Call.holder_id == actor.worker_id)
    in_hand = sa.select(Call.household_id, Call.id).where(is_open(), mine, Call.household_id.in_(actor.home_ids))
    return {row[0]: row[1] for row in await session.execute(in_hand)}
