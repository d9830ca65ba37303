"""Places in SQL: exact on the ellipsoid, from the index, and safe at the edges of the map."""

import pytest
import sqlalchemy as sa
from pyproj import Geod
from sqlalchemy.ext.asyncio import AsyncSession

from services.database import plain_sql
from services.models import Household
from services.models.places import box_around, touches_box, within_meters

GEOD = Geod(ellps="WGS84")


@pytest.mark.parametrize("lat", [0.0, 26.57, -45.0, 70.0, 88.0])
@pytest.mark.parametrize("meters", [1.0, 500.0, 50_000.0])
def test_the_box_holds_the_circle(lat: float, meters: float) -> None:
    """Every point of the circle, drawn by geodesics every ten degrees, is inside."""
    west, south, east, north = box_around(106.7, lat, meters)
    for azimuth in range(0, 360, 10):
        lon_, lat_, _ = GEOD.fwd(106.7, lat, azimuth, meters)
        assert west <= lon_ <= east
        assert south <= lat_ <= north


def test_at_the_poles_and_the_date_line_the_box_goes_around() -> None:
    """There is no east and west of a pole, and none of 180 degrees that one box could hold."""
    assert box_around(10.0, 89.5, 1000.0)[::2] == (-180.0, 180.0)
    assert box_around(179.9999, 10.0, 1000.0)[::2] == (-180.0, 180.0)


@pytest.mark.parametrize("lat", [0.0, 26.57, 60.0])
@pytest.mark.parametrize("azimuth", [0, 45, 90, 200])
async def test_metres_are_those_of_the_ellipsoid(session: AsyncSession, lat: float, azimuth: int) -> None:
    """A point 1000 m away along a geodesic is within 1000.01 m and not within 999.99 m."""
    lon_, lat_, _ = GEOD.fwd(106.7, lat, azimuth, 1000.0)
    place = sa.func.ST_SetSRID(sa.func.ST_MakePoint(lon_, lat_), 4326)
    far, near = (within_meters(place, 106.7, lat, meters) for meters in (1000.01, 999.99))
    assert (await session.execute(sa.select(far, near))).one() == (True, False)


@pytest.mark.parametrize("kind", ["within", "box"])
async def test_the_index_is_used(session: AsyncSession, kind: str) -> None:
    """With sequential scans made dear, the plan goes by the index of the homes' places."""
    await session.execute(sa.text("SET LOCAL enable_seqscan = off"))
    condition = within_meters(Household.location, 106.7, 26.57, 500.0)
    if kind == "box":
        condition = touches_box(Household.location, 106.6, 26.5, 106.8, 26.6)
    asked = sa.select(Household.id).where(condition)
    plan = "\n".join((await session.scalars(sa.text(f"EXPLAIN {plain_sql(asked)}".replace(":", "\\:")))).all())
    assert "idx_households_location" in plan
