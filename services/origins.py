"""Where a press comes from: the terminal, its home, the areas around it, in one select; and what is odd about it."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services import clock, json_rows
from services.database import plain_sql
from services.models.areas import Area
from services.models.calls import CallMark
from services.models.care import CareRecord
from services.models.households import Household
from services.models.residents import Residence
from services.models.terminal_keys import TerminalKey
from services.models.terminals import Terminal, TerminalStatus


@dataclass(frozen=True, slots=True)
class SealedKey:
    """A terminal's key as it is stored."""

    data_key: bytes
    key_sealed: bytes


@dataclass(frozen=True, slots=True)
class Origin:
    """A press's place. `area_ids`: grid, community, street, district, as they are today; who sees the call."""

    serial: str
    terminal_id: uuid.UUID | None = None
    household_id: uuid.UUID | None = None
    grid_id: uuid.UUID | None = None
    community_id: uuid.UUID | None = None
    area_ids: tuple[uuid.UUID, ...] = ()
    mark: CallMark | None = None
    in_care: bool = False
    keys: tuple[SealedKey, ...] = ()


async def find(session: AsyncSession, serial: str, speaker_area_ids: tuple[uuid.UUID, ...]) -> Origin:
    """The origin of a serial; an unknown one lies in the areas of the gateway that speaks for it.

    Presses of one home wait for each other here until the transaction ends, so that two at once open one call.
    """
    row = (await session.execute(_ORIGIN, {"serial": serial})).one_or_none()
    if row is None:
        await session.execute(sa.select(_turn(sa.literal(serial))))
        areas = await _with_those_above(session, speaker_area_ids) or await _districts(session)
        return Origin(serial, area_ids=areas, mark=CallMark.UNKNOWN_SERIAL)
    found = _origin(serial, row)
    if found.area_ids:
        return found
    return replace(found, area_ids=await _with_those_above(session, speaker_area_ids) or await _districts(session))


def _origin(serial: str, row: Any) -> Origin:
    """A row of `_origin_select` as a value."""
    path = tuple(area for area in (row.grid, row.community, row.street, row.district) if area is not None)
    return Origin(
        serial,
        terminal_id=row.terminal_id,
        household_id=row.household_id,
        grid_id=row.grid,
        community_id=row.community,
        area_ids=path,
        mark=mark_of(row.status, row.retired_at, row.household_id, row.closed_at),
        in_care=row.in_care,
        keys=sealed_keys(row, clock.now()),
    )


def sealed_keys(row: Any, now: datetime) -> tuple[SealedKey, ...]:
    """The keys in a row that are good now: the terminal's own, and the one before it until its day is over."""
    own = (SealedKey(row.data_key, row.key_sealed),) if row.key_sealed else ()
    if row.former_sealed is None or row.former_until is None or row.former_until <= now:
        return own
    return (*own, SealedKey(row.former_data_key, row.former_sealed))


def mark_of(
    status: TerminalStatus, retired_at: datetime | None, household_id: uuid.UUID | None, closed_at: datetime | None
) -> CallMark | None:
    """Why a press of this terminal goes straight to the duty desk; None when nothing is odd."""
    if retired_at is not None or status is TerminalStatus.RETIRED:
        return CallMark.RETIRED_TERMINAL
    if household_id is None:
        return CallMark.NO_HOUSEHOLD
    return CallMark.HOUSEHOLD_GONE if closed_at is not None else None


def in_care() -> sa.Exists:
    """True for households (`Household.id` in the select around it) where somebody has an open care record."""
    lives = sa.and_(Residence.household_id == Household.id, Residence.until.is_(None))
    cared = sa.and_(CareRecord.resident_id == Residence.resident_id, CareRecord.closed_at.is_(None))
    return sa.exists().where(lives, cared).correlate(Household)


async def _with_those_above(session: AsyncSession, area_ids: tuple[uuid.UUID, ...]) -> tuple[uuid.UUID, ...]:
    """The speaker's areas and all around them, so that the desk of the community hears of it, too."""
    if not area_ids:
        return ()
    up = sa.select(Area.id, Area.parent_id).where(Area.id.in_(area_ids)).cte(recursive=True)
    up = up.union(sa.select(Area.id, Area.parent_id).join(up, Area.id == up.c.parent_id))
    return tuple(await session.scalars(sa.select(up.c.id)))


async def _districts(session: AsyncSession) -> tuple[uuid.UUID, ...]:
    """Where a press without a place is shown: at every desk."""
    return tuple(await session.scalars(sa.select(Area.id).where(Area.parent_id.is_(None), Area.retired_at.is_(None))))


def _origin_select() -> "sa.Select[*tuple[Any, ...]]":
    """What is known of terminals: their keys, homes and areas, and whether somebody there is in care."""
    grid, community, street, district = (aliased(Area) for _ in range(4))
    return (
        sa.select(
            Terminal.id.label("terminal_id"),
            Terminal.status,
            Terminal.retired_at,
            Household.id.label("household_id"),
            Household.closed_at,
            TerminalKey.data_key,
            TerminalKey.key_sealed,
            TerminalKey.former_data_key,
            TerminalKey.former_sealed,
            TerminalKey.former_until,
            grid.id.label("grid"),
            community.id.label("community"),
            street.id.label("street"),
            district.id.label("district"),
            in_care().label("in_care"),
        )
        .outerjoin(TerminalKey, TerminalKey.terminal_id == Terminal.id)
        .outerjoin(Household, Household.id == Terminal.household_id)
        .outerjoin(grid, grid.id == Household.grid_id)
        .outerjoin(community, community.id == grid.parent_id)
        .outerjoin(street, street.id == community.parent_id)
        .outerjoin(district, district.id == street.parent_id)
    )


_TOLD = _origin_select().add_columns(Terminal.serial)
_TYPES = {str(column.key): column.type for column in _TOLD.selected_columns}


def asking(serials: str) -> str:
    """A statement for a direct line that tells of the terminals whose serial is `serials`, an expression of SQL.

    Nobody's turn is taken by it.
    """
    return json_rows.every(plain_sql(_TOLD.where(Terminal.serial == sa.literal_column(serials))))


def told(answer: str) -> dict[str, Origin]:
    """What that statement has told, by serial."""
    rows = (json_rows.namespace(_TYPES, row) for row in orjson.loads(answer))
    return {row.serial: _origin(row.serial, row) for row in rows}


def turn_of(home: str) -> str:
    """The key of the lock by which presses of one home wait for each other, where its id in text is `home` in SQL."""
    return f"hashtextextended({home}, 0)"


def _turn(key: "sa.ColumnElement[str]") -> "sa.ColumnElement[Any]":
    return sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(key, 0))


_WHOSE_TURN = sa.func.coalesce(sa.cast(Terminal.household_id, sa.Text), Terminal.serial)
_ORIGIN = (
    _origin_select().add_columns(_turn(_WHOSE_TURN).label("turn")).where(Terminal.serial == sa.bindparam("serial"))
)
