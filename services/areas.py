"""Areas as they stand: finding them by id, code and place; writing a changed one as a new dated version."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from geoalchemy2.shape import from_shape, to_shape
from shapely import MultiPolygon
from sqlalchemy.ext.asyncio import AsyncSession

from gis.shapes import area_square_meters, label_point
from services import clock
from services.errors import Invalid, NotFound, StaleVersion
from services.models import Area, AreaLevel, AreaVersion
from services.models.areas import standing
from services.models.base import SRID


class CodeTaken(Invalid):
    """The code {subject} belongs to another area. Choose a free one."""


class CodeUnfit(Invalid):
    """The code {subject} does not fit: a grid's code has 15 digits and begins with its community's {expected}."""


async def find(session: AsyncSession, area_id: uuid.UUID, *, lock: bool = False) -> Area:
    """The standing area with this id; NotFound when there is none. `lock` keeps others from changing it meanwhile."""
    wanted = standing().where(Area.id == area_id)
    area = await session.scalar(wanted.with_for_update() if lock else wanted)
    if area is None:
        raise NotFound(area_id)
    return area


async def find_version(session: AsyncSession, area_id: uuid.UUID, version: int | None) -> Area:
    """The area, locked; StaleVersion when it is no longer the version that the change was made on."""
    area = await find(session, area_id, lock=True)
    if version is not None and area.version != version:
        raise StaleVersion(area.code, current=area.version)
    return area


async def grid_at(session: AsyncSession, lon: float, lat: float) -> Area | None:
    """The grid at a place (WGS 84); on a border the lower code wins; None outside every grid."""
    place = sa.func.ST_SetSRID(sa.func.ST_MakePoint(lon, lat), SRID)
    grids = standing().where(Area.level == AreaLevel.GRID, sa.func.ST_Intersects(Area.boundary, place))
    return await session.scalar(grids.order_by(Area.code).limit(1))


async def grids_of(session: AsyncSession, community_id: uuid.UUID, *, lock: bool = False) -> Sequence[Area]:
    """The standing grids of a community by code."""
    wanted = standing().where(Area.level == AreaLevel.GRID, Area.parent_id == community_id).order_by(Area.code)
    return (await session.scalars(wanted.with_for_update() if lock else wanted)).all()


async def current_version(session: AsyncSession, area_id: uuid.UUID) -> uuid.UUID:
    """The id of the version in force, for whatever happens in this area now."""
    found = await session.scalar(
        sa.select(AreaVersion.id).where(AreaVersion.area_id == area_id, AreaVersion.valid_to.is_(None))
    )
    if found is None:
        raise NotFound(area_id)
    return found


def boundary(area: Area) -> MultiPolygon:
    """The area's boundary, WGS 84."""
    shape = to_shape(area.boundary)
    assert isinstance(shape, MultiPolygon)
    return shape


async def found_grid(
    session: AsyncSession,
    community: Area,
    code: str,
    name: str,
    shape: MultiPolygon,
    reason: str,
    by: uuid.UUID | None,
) -> Area:
    """A new grid of `community`, version 1. CodeUnfit, CodeTaken when the code will not do."""
    prefix = community.code[: AreaLevel.COMMUNITY.own_digits]
    if len(code) != AreaLevel.GRID.own_digits or not code.isdigit() or not code.startswith(prefix):
        raise CodeUnfit(code, expected=prefix)
    if await session.scalar(standing().where(Area.code == code)) is not None:
        raise CodeTaken(code)
    grid = Area(level=AreaLevel.GRID, code=code, name=name, parent_id=community.id, version=1, valid_from=clock.now())
    draw(grid, shape)
    session.add(grid)
    await session.flush()
    session.add(version_of(grid, reason, by))
    await session.flush()
    return grid


async def redraw(session: AsyncSession, area: Area, shape: MultiPolygon, reason: str, by: uuid.UUID | None) -> None:
    """Give `area` a new boundary as its next version; the version before ends now."""
    await end_version(session, area)
    area.version += 1
    area.valid_from = clock.now()
    draw(area, shape)
    session.add(version_of(area, reason, by))
    await session.flush()


async def retire(session: AsyncSession, area: Area) -> None:
    """The area is no more; its versions stay for what happened in it."""
    await end_version(session, area)
    area.retired_at = clock.now()
    await session.flush()


async def end_version(session: AsyncSession, area: Area) -> None:
    """Close the version in force."""
    await session.execute(
        sa.update(AreaVersion)
        .where(AreaVersion.area_id == area.id, AreaVersion.valid_to.is_(None))
        .values(valid_to=clock.now())
    )


def draw(area: Area, shape: MultiPolygon) -> None:
    """Set boundary, label point and size (square metres on the ellipsoid) from one shape."""
    area.boundary = from_shape(shape, srid=SRID)
    area.label_point = from_shape(label_point(shape), srid=SRID)
    area.area_square_meters = area_square_meters(shape)


def version_of(area: Area, reason: str, by: uuid.UUID | None) -> AreaVersion:
    """The dated version that records `area` as it is now."""
    return AreaVersion(
        area_id=area.id,
        version=area.version,
        code=area.code,
        name=area.name,
        parent_id=area.parent_id,
        boundary=area.boundary,
        valid_from=area.valid_from,
        reason=reason,
        changed_by=by,
    )
