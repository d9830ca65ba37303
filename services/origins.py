"""Where a press comes from: the terminal, its home, the areas around it, in one select; and what is odd about it."""

import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from geoalchemy2 import WKBElement
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.models.areas import Area
from services.models.calls import CallMark
from services.models.care import CareRecord
from services.models.households import Household
from services.models.residents import Residence
from services.models.terminal_keys import TerminalKey
from services.models.terminals import Terminal, TerminalStatus


@dataclass(frozen=True, slots=True)
class Origin:
    """A press's place. `area_ids`: grid, community, street, district, as they are today; who sees the call."""

    serial: str
    terminal_id: uuid.UUID | None = None
    household_id: uuid.UUID | None = None
    grid_id: uuid.UUID | None = None
    community_id: uuid.UUID | None = None
    area_ids: tuple[uuid.UUID, ...] = ()
    location: WKBElement | None = None
    mark: CallMark | None = None
    in_care: bool = False
    key: TerminalKey | None = None


async def find(session: AsyncSession, serial: str, speaker_area_ids: tuple[uuid.UUID, ...]) -> Origin:
    """The origin of a serial; an unknown one lies in the areas of the gateway that speaks for it."""
    row = (await session.execute(_ORIGIN, {"serial": serial})).one_or_none()
    if row is None:
        areas = speaker_area_ids or await _districts(session)
        return Origin(serial, area_ids=areas, mark=CallMark.UNKNOWN_SERIAL)
    path = tuple(area for area in (row.grid, row.community, row.street, row.district) if area is not None)
    home = row.Household
    return Origin(
        serial,
        terminal_id=row.Terminal.id,
        household_id=home.id if home else None,
        grid_id=row.grid,
        community_id=row.community,
        area_ids=path or speaker_area_ids or await _districts(session),
        location=home.location if home else None,
        mark=mark_of(row.Terminal, home),
        in_care=row.in_care,
        key=row.TerminalKey,
    )


def mark_of(terminal: Terminal, home: Household | None) -> CallMark | None:
    """Why a press of this terminal goes straight to the duty desk; None when nothing is odd."""
    if terminal.retired_at is not None or terminal.status is TerminalStatus.RETIRED:
        return CallMark.RETIRED_TERMINAL
    if home is None:
        return CallMark.NO_HOUSEHOLD
    return CallMark.HOUSEHOLD_GONE if home.closed_at is not None else None


def in_care() -> sa.Exists:
    """True for households (`Household.id` in the select around it) where somebody has an open care record."""
    lives = sa.and_(Residence.household_id == Household.id, Residence.until.is_(None))
    cared = sa.and_(CareRecord.resident_id == Residence.resident_id, CareRecord.closed_at.is_(None))
    return sa.exists().where(lives, cared).correlate(Household)


async def _districts(session: AsyncSession) -> tuple[uuid.UUID, ...]:
    """Where a press without a place is shown: at every desk."""
    return tuple(await session.scalars(sa.select(Area.id).where(Area.parent_id.is_(None), Area.retired_at.is_(None))))


def _origin_select() -> "sa.Select[*tuple[Any, ...]]":
    grid, community, street, district = (aliased(Area) for _ in range(4))
    areas = (grid.id.label("grid"), community.id.label("community"), street.id.label("street"))
    return (
        sa.select(Terminal, TerminalKey, Household, *areas, district.id.label("district"), in_care().label("in_care"))
        .outerjoin(TerminalKey, TerminalKey.terminal_id == Terminal.id)
        .outerjoin(Household, Household.id == Terminal.household_id)
        .outerjoin(grid, grid.id == Household.grid_id)
        .outerjoin(community, community.id == grid.parent_id)
        .outerjoin(street, street.id == community.parent_id)
        .outerjoin(district, district.id == street.parent_id)
        .where(Terminal.serial == sa.bindparam("serial"))
    )


_ORIGIN = _origin_select()
