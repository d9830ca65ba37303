"""Households: found within one's right, moved as one act that keeps both states."""

import uuid
from typing import Any

import sqlalchemy as sa
from geoalchemy2.shape import from_shape, to_shape
from shapely import Point
from sqlalchemy.ext.asyncio import AsyncSession

from gis.coordinates import CoordinateSystem, to_wgs84
from services import areas, clock, links
from services.access import Actor, visible
from services.errors import Invalid, NotFound, StaleVersion
from services.models import (
    Area,
    DeclaredSystem,
    Household,
    HouseholdEvent,
    HouseholdEventKind,
    Role,
)
from services.models.base import SRID


class OutsideEveryGrid(Invalid):
    """No grid lies at {longitude}, {latitude}. Check the point and its coordinate system, or draw the grid first."""


class AddressMissing(Invalid):
    """The address is empty. Send the new address."""


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

    Degrees in `system`. One MOVED event holds both states. Raises NotFound, StaleVersion, AddressMissing,
    OutsideEveryGrid and the refusals of `gis.coordinates`.
    """
    actor.require(Role.MANAGER, Role.COMMUNITY_STAFF)
    household = await find(session, actor, household_id, lock=True)
    if version is not None and household.version != version:
        raise StaleVersion(household.code, current=household.version)
    if not address.strip():
        raise AddressMissing
    lon, lat = (float(value) for value in to_wgs84(longitude, latitude, system))
    grid = await areas.grid_at(session, lon, lat)
    if grid is None:
        raise OutsideEveryGrid(longitude=longitude, latitude=latitude)
    before = state(household)
    household.address, household.grid_id = address.strip(), grid.id
    household.location = from_shape(Point(lon, lat), srid=SRID)
    household.declared_system = DeclaredSystem(system.value)
    household.declared_longitude, household.declared_latitude = longitude, latitude
    household.version += 1
    await session.flush()
    await links.link_owner(session, household.id, lon, lat)
    await _record(session, household, HouseholdEventKind.MOVED, before, actor, grid)
    return household


def state(household: Household) -> dict[str, Any]:
    """The plain columns of a household, for an event's before and after; nothing of the people in it."""
    place = to_shape(household.location)
    assert isinstance(place, Point)
    plain = ("code", "address", "building", "unit", "floor", "room", "has_lift")
    return {name: getattr(household, name) for name in plain} | {
        "location": [place.x, place.y],
        "grid_id": str(household.grid_id),
    }


async def _record(
    session: AsyncSession,
    household: Household,
    kind: HouseholdEventKind,
    before: dict[str, Any],
    actor: Actor,
    grid: Area,
) -> None:
    session.add(
        HouseholdEvent(
            household_id=household.id,
            at=clock.now(),
            kind=kind,
            before=before,
            after=state(household),
            actor_id=actor.account_id,
            grid_version_id=await areas.current_version(session, grid.id),
        )
    )
    await session.flush()
