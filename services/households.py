"""Households: found within one's right, moved as one act that keeps both states."""

import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from geoalchemy2.shape import from_shape, to_shape
from shapely import Point
from sqlalchemy.ext.asyncio import AsyncSession

from gis.coordinates import CoordinateSystem, to_wgs84
from services import areas, clock, contents, links
from services.access import Actor, visible
from services.contents import Content
from services.errors import Invalid, NotFound, StaleVersion
from services.models import (
    Area,
    Call,
    DeclaredSystem,
    Household,
    HouseholdEvent,
    HouseholdEventKind,
    Residence,
    Role,
    Terminal,
)
from services.models.base import SRID
from services.models.calls import is_open


class OutsideEveryGrid(Invalid):
    """No grid lies at {longitude}, {latitude}. Check the point and its coordinate system, or draw the grid first."""


class AddressMissing(Invalid):
    """The address is empty. Send the new address."""


class HouseholdCodeTaken(Invalid):
    """The household code {subject} is empty or in use. Choose a free one."""


class NobodyLeaves(Invalid):
    """Nobody was named who lives in this household now. Name at least one of its people, and only them."""


class TerminalElsewhere(Invalid):
    """No terminal {subject} stands in this household. Name only those that go along."""


class NobodyStays(Invalid):
    """Everybody would leave. Move the household instead of splitting it."""


async def find(session: AsyncSession, actor: Actor, household_id: uuid.UUID, *, lock: bool = False) -> Household:
    """The household, if it is one that the actor may find; NotFound otherwise, the same as when there is none."""
    wanted = visible(sa.select(Household).where(Household.id == household_id), actor)
    household = await session.scalar(wanted.with_for_update() if lock else wanted)
    if household is None:
        raise NotFound(household_id)
    return household


async def move_household(
    session: AsyncSession,
    actor: Actor,
    household_id: uuid.UUID,
    address: str,
    longitude: float,
    latitude: float,
    system: CoordinateSystem = CoordinateSystem.WGS84,
    version: int | None = None,
) -> Household:
    """The household has a new address and place: its grid and street link follow, its terminals come along.

    Degrees in `system`. One MOVED event holds both states and which terminals and open calls came along. Raises
    NotFound, StaleVersion, AddressMissing, OutsideEveryGrid and the refusals of `gis.coordinates`.
    """
    actor.require(Role.MANAGER, Role.COMMUNITY_STAFF)
    household = await find(session, actor, household_id, lock=True)
    _refuse_stale(household, version)
    lon, lat, grid = await _placed(session, address, longitude, latitude, system)
    before = state(household)
    household.address, household.grid_id = address.strip(), grid.id
    household.location = from_shape(Point(lon, lat), srid=SRID)
    household.declared_system = DeclaredSystem(system.value)
    household.declared_longitude, household.declared_latitude = longitude, latitude
    household.version += 1
    await session.flush()
    await links.link_owner(session, household.id, lon, lat)
    along = {"along": await _things(session, household.id)}
    await _record(session, household, HouseholdEventKind.MOVED, before, actor, grid, state(household) | along)
    await contents.changed(session, Content.HOMES)
    return household


async def split_household(
    session: AsyncSession,
    actor: Actor,
    household_id: uuid.UUID,
    resident_ids: Sequence[uuid.UUID],
    code: str,
    address: str,
    longitude: float,
    latitude: float,
    system: CoordinateSystem = CoordinateSystem.WGS84,
    version: int | None = None,
    serials: Sequence[str] = (),
) -> list[Household]:
    """Some of its people found a household of their own (分户) from today on; gives the old one and the new one.

    A SPLIT event on each holds who lived there before and after, and which terminals go along (`serials`); the others
    stay. Care records and the visits due for them stay with their people. Raises TerminalElsewhere, NotFound,
    StaleVersion, AddressMissing, OutsideEveryGrid, HouseholdCodeTaken, NobodyLeaves, NobodyStays.
    """
    actor.require(Role.MANAGER, Role.COMMUNITY_STAFF)
    old = await find(session, actor, household_id, lock=True)
    _refuse_stale(old, version)
    living = {one.resident_id: one for one in await _residences(session, old.id)}
    leaving = [living.pop(one) for one in dict.fromkeys(resident_ids) if one in living]
    if len(leaving) < len(set(resident_ids)) or not leaving:
        raise NobodyLeaves
    if not living:
        raise NobodyStays
    new = await _founded(session, code, address, longitude, latitude, system)
    for one in leaving:
        one.until = clock.today()
    await session.flush()
    for one in leaving:
        lives = Residence(resident_id=one.resident_id, household_id=new.id, relation=one.relation, since=clock.today())
        session.add(lives)
    await session.flush()
    along = await _take_along(session, old.id, new.id, serials)
    old.version += 1
    moved, stayed = sorted(str(one.resident_id) for one in leaving), sorted(map(str, living))
    codes = {"from": old.code, "to": new.code, **({"terminals": along} if along else {})}
    for home, before, after in ((old, sorted([*moved, *stayed]), stayed), (new, [], moved)):
        grid = await areas.find(session, home.grid_id)
        people = {"residents": before}, {"residents": after, **codes}
        await _record(session, home, HouseholdEventKind.SPLIT, people[0], actor, grid, people[1])
    await contents.changed(session, Content.HOMES)
    return [old, new]


def state(household: Household) -> dict[str, Any]:
    """The plain columns of a household, for an event's before and after; nothing of the people in it."""
    place = to_shape(household.location)
    assert isinstance(place, Point)
    plain = ("code", "address", "building", "unit", "floor", "room", "has_lift")
    return {name: getattr(household, name) for name in plain} | {
        "location": [place.x, place.y],
        "grid_id": str(household.grid_id),
    }


def _refuse_stale(household: Household, version: int | None) -> None:
    if version is not None and household.version != version:
        raise StaleVersion(household.code, current=household.version)


async def _placed(
    session: AsyncSession, address: str, longitude: float, latitude: float, system: CoordinateSystem
) -> tuple[float, float, Area]:
    """Degrees in WGS 84 and the grid there."""
    if not address.strip():
        raise AddressMissing
    lon, lat = (float(value) for value in to_wgs84(longitude, latitude, system))
    grid = await areas.grid_at(session, lon, lat)
    if grid is None:
        raise OutsideEveryGrid(longitude=longitude, latitude=latitude)
    return lon, lat, grid


async def _founded(
    session: AsyncSession, code: str, address: str, longitude: float, latitude: float, system: CoordinateSystem
) -> Household:
    lon, lat, grid = await _placed(session, address, longitude, latitude, system)
    if await session.scalar(sa.select(Household.id).where(Household.code == code)) is not None or not code.strip():
        raise HouseholdCodeTaken(code)
    household = Household(
        code=code,
        address=address.strip(),
        location=from_shape(Point(lon, lat), srid=SRID),
        declared_system=DeclaredSystem(system.value),
        declared_longitude=longitude,
        declared_latitude=latitude,
        grid_id=grid.id,
        created_at=clock.now(),
        version=1,
    )
    session.add(household)
    await session.flush()
    await links.link_owner(session, household.id, lon, lat)
    return household


async def _residences(session: AsyncSession, household_id: uuid.UUID) -> Sequence[Residence]:
    living = sa.select(Residence).where(Residence.household_id == household_id, Residence.until.is_(None))
    return (await session.scalars(living.with_for_update())).all()


async def _things(session: AsyncSession, household_id: uuid.UUID) -> dict[str, list[str]]:
    """The terminals that stand in a household and the calls that are open there."""
    there = Terminal.household_id == household_id, Terminal.retired_at.is_(None)
    serials = await session.scalars(sa.select(Terminal.serial).where(*there).order_by(Terminal.serial))
    calls = await session.scalars(sa.select(Call.id).where(Call.household_id == household_id, is_open()))
    return {"terminals": list(serials), "calls": sorted(map(str, calls))}


async def _take_along(session: AsyncSession, old_id: uuid.UUID, new_id: uuid.UUID, serials: Sequence[str]) -> list[str]:
    """Put terminals from one household into another; gives their serials. TerminalElsewhere when one is not there."""
    if not serials:
        return []
    move = sa.update(Terminal).where(Terminal.household_id == old_id, Terminal.serial.in_(serials))
    moved = list(await session.scalars(move.values(household_id=new_id).returning(Terminal.serial)))
    for serial in serials:
        if serial not in moved:
            raise TerminalElsewhere(serial)
    return sorted(moved)


async def _record(
    session: AsyncSession,
    household: Household,
    kind: HouseholdEventKind,
    before: dict[str, Any],
    actor: Actor,
    grid: Area,
    after: dict[str, Any] | None = None,
) -> None:
    session.add(
        HouseholdEvent(
            household_id=household.id,
            at=clock.now(),
            kind=kind,
            before=before,
            after=state(household) if after is None else after,
            actor_id=actor.account_id,
            grid_version_id=await areas.current_version(session, grid.id),
        )
    )
    await session.flush()
