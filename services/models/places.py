"""Conditions on places, each answered from the spatial index of the column."""

import math
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, func

from services.models.base import SRID

METERS_IN_A_DEGREE = 110_574.0  # of latitude at the equator on WGS 84, where a degree is shortest
POLAR = 89.0


def touches_box(geometry: Any, west: float, south: float, east: float, north: float) -> ColumnElement[bool]:
    """True for geometries that share a point with the box (degrees).

    Their boxes are compared first and by themselves: that may go before row-level security, by the index.
    """
    box = func.ST_MakeEnvelope(float(west), float(south), float(east), float(north), SRID)
    return sa.and_(geometry.op("&&", is_comparison=True)(box), func.ST_Intersects(geometry, box))


def within_meters(geometry: Any, lon: float, lat: float, meters: float) -> ColumnElement[bool]:
    """True for geometries at most `meters` from the point, on the WGS 84 ellipsoid (PostGIS geography).

    A box in degrees, drawn large enough, brings the column's own index in; the exact distance decides.
    """
    west, south, east, north = box_around(lon, lat, meters)
    near = geometry.op("&&", is_comparison=True)(func.ST_MakeEnvelope(west, south, east, north, SRID))
    exact = func.ST_DWithin(_geography(geometry), _geography(_point(lon, lat)), meters)
    return sa.and_(near, exact)


def holds_point(geometry: Any, lon: float, lat: float) -> ColumnElement[bool]:
    """True for areas that contain the point, their border too."""
    return func.ST_Covers(geometry, _point(lon, lat))


def box_around(lon: float, lat: float, meters: float) -> tuple[float, float, float, float]:
    """A box in degrees that holds the circle: west, south, east, north, one percent larger than needed."""
    up = 1.01 * meters / METERS_IN_A_DEGREE
    south, north = max(lat - up, -90.0), min(lat + up, 90.0)
    highest = max(abs(south), abs(north))
    if highest >= POLAR:
        return -180.0, south, 180.0, north
    # A degree of longitude is longer on the ellipsoid than on this sphere, so the box errs to the large side.
    aside = up / math.cos(math.radians(highest))
    if lon - aside < -180.0 or lon + aside > 180.0:
        return -180.0, south, 180.0, north
    return lon - aside, south, lon + aside, north


def _point(lon: float, lat: float) -> Any:
    return func.ST_SetSRID(func.ST_MakePoint(lon, lat), SRID)


def _geography(geometry: Any) -> Any:
    return func.geography(geometry)
