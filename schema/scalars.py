"""Scalars with their specifications: GeoJSON, moments with offset, dates."""

import struct
from datetime import UTC, date, datetime
from typing import Any, NewType

import orjson
import shapely
import strawberry
from geoalchemy2 import WKBElement
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from gis.coordinates import CoordinateSystem, geometry_from_wgs84
from gis.shapes import to_geojson_bytes

POINT, POINT_HEAD = struct.Struct("<BIIdd"), b"\x01\x01\x00\x00\x20"
"""A point as PostGIS stores it (EWKB, little-endian, with its SRID): most of what leaves, read without a geometry."""

GeoJSON = NewType("GeoJSON", object)

_SENTENCE = {
    "DateTime": "Send a moment in ISO 8601 with its offset, such as 2026-05-20T09:00:00+08:00.",
    "Date": "Send a date in ISO 8601, such as 2026-05-20.",
}


def geojson(element: WKBElement | None, crs: CoordinateSystem = CoordinateSystem.WGS84) -> Any:
    """A stored geometry as GeoJSON text, turned into `crs`: 7 decimals, right-hand rings; None stays None.

    Made text once and passed through the scalar and the response as it is.
    """
    if element is None:
        return None
    stored = bytes(element.data)
    if crs is CoordinateSystem.WGS84 and stored.startswith(POINT_HEAD) and len(stored) == POINT.size:
        return _point(*POINT.unpack(stored)[3:])
    return drawn(shapely.from_wkb(stored), crs)


def drawn(shape: shapely.Geometry, crs: CoordinateSystem = CoordinateSystem.WGS84) -> Any:
    """A shape in WGS 84 as GeoJSON text, as `geojson` gives it."""
    if crs is not CoordinateSystem.WGS84:
        shape = geometry_from_wgs84(shape, crs)
    if isinstance(shape, shapely.Point):
        return _point(shape.x, shape.y)
    return orjson.Fragment(to_geojson_bytes(shape))


def _point(x: float, y: float) -> Any:
    return orjson.Fragment(f'{{"type":"Point","coordinates":[{round(x, 7)},{round(y, 7)}]}}')


def _geometry_given(value: Any) -> Any:
    if isinstance(value, dict) and isinstance(value.get("type"), str):
        return value
    raise GraphQLError("Send a GeoJSON object with `type` and `coordinates`, not text.")


def _moment_given(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise GraphQLError(_SENTENCE["DateTime"]) from None
    if moment.tzinfo is None:
        raise GraphQLError(_SENTENCE["DateTime"])
    return moment


def _date_given(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise GraphQLError(_SENTENCE["Date"]) from None


SCALARS: dict[object, ScalarDefinition] = {
    GeoJSON: strawberry.scalar(
        name="GeoJSON",
        description="A geometry in GeoJSON: longitude first, degrees, 7 decimals, exterior rings counter-clockwise.",
        specified_by_url="https://datatracker.ietf.org/doc/html/rfc7946",
        parse_value=_geometry_given,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment in ISO 8601, always with an offset.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
        serialize=lambda moment: moment.astimezone(UTC).isoformat(),
        parse_value=_moment_given,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A calendar day in ISO 8601.",
        specified_by_url="https://scalars.graphql.org/andimarek/local-date.html",
        serialize=date.isoformat,
        parse_value=_date_given,
    ),
}
