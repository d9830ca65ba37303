"""Shapes in and out: GeoJSON (RFC 7946) checked with a sentence, area in square metres, a place for a label."""

import re
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np
import orjson
import shapely
from pyproj import Geod
from shapely import Geometry, LineString, MultiPolygon, Point, Polygon

from gis.coordinates import Floats, LocalProjection, checked
from gis.errors import GisError

MOST_VERTICES = 100_000
DECIMALS = 7  # about a centimetre
KINDS = ("Point", "LineString", "Polygon", "MultiPolygon")
_GEOD = Geod(ellps="WGS84")


class ShapeMalformed(GisError):
    """The document is no geometry that can be read."""

    code: ClassVar[str] = "SHAPE_MALFORMED"


class ShapeEmpty(GisError):
    """The geometry has no points, or too few to span anything."""

    code: ClassVar[str] = "SHAPE_EMPTY"


class ShapeTooLarge(GisError):
    """The geometry has more vertices than are taken."""

    code: ClassVar[str] = "SHAPE_TOO_LARGE"


class RingNotClosed(GisError):
    """A ring ends elsewhere than it began."""

    code: ClassVar[str] = "RING_NOT_CLOSED"


class ShapeInvalid(GisError):
    """The polygon breaks a rule of the simple features standard; `where` is (lon, lat) of the fault."""

    code: ClassVar[str] = "SHAPE_INVALID"

    def __init__(self, message: str, where: tuple[float, float] | None = None) -> None:
        """Keep the place, so that a map can show it."""
        super().__init__(message)
        self.where = where


class ShapeCrossesItself(ShapeInvalid):
    """The polygon's border crosses or touches itself; `where` is (lon, lat) of the first place."""

    code: ClassVar[str] = "SHAPE_CROSSES_ITSELF"


def from_geojson(document: Any, kinds: Iterable[str] = KINDS, most_vertices: int = MOST_VERTICES) -> Any:
    """Read a GeoJSON geometry, or the geometry of a Feature, from a dict, text or bytes.

    Degrees, longitude first; heights are dropped, repeated points too. Raises ShapeMalformed, ShapeEmpty,
    ShapeTooLarge, RingNotClosed, ShapeInvalid, ShapeCrossesItself, CoordinatesNotFinite, CoordinatesOutOfRange.
    """
    members = _members(document)
    kind = members.get("type")
    if kind not in KINDS or kind not in tuple(kinds):
        raise ShapeMalformed(f"A {kind!r} cannot be used here. Send a GeoJSON {' or '.join(kinds)}.")
    coordinates = members.get("coordinates")
    _count(coordinates, most_vertices)
    return checked_shape(_BUILDERS[kind](coordinates), most_vertices)


def checked_shape(geometry: Geometry, most_vertices: int = MOST_VERTICES) -> Any:
    """Give a shapely geometry in degrees back without repeated points, or refuse it; see `from_geojson`."""
    if geometry is None or geometry.is_empty:
        raise ShapeEmpty("The geometry is empty. Send one with coordinates.")
    if shapely.get_num_coordinates(geometry) > most_vertices:
        raise ShapeTooLarge(f"The geometry has more than {most_vertices} vertices. Simplify it first.")
    checked(*shapely.get_coordinates(geometry).T)
    clean = shapely.remove_repeated_points(shapely.force_2d(geometry))
    if not clean.is_valid or clean.is_empty:
        raise _refusal(clean)
    return clean


def to_geojson(geometry: Geometry) -> dict[str, Any]:
    """Write a geometry as a GeoJSON dict: 7 decimals, exterior rings counter-clockwise (RFC 7946, 3.1.6)."""
    oriented = shapely.orient_polygons(geometry, exterior_cw=False)
    rounded = shapely.transform(oriented, lambda points: np.round(points, DECIMALS))
    return dict(rounded.__geo_interface__)


def to_geojson_bytes(geometry: Geometry) -> bytes:
    """Write a geometry as GeoJSON text, see `to_geojson`."""
    return orjson.dumps(to_geojson(geometry))


def to_multipolygon(geometry: Geometry) -> MultiPolygon:
    """Give the polygons of a geometry as one MultiPolygon; lines and points of a collection are dropped."""
    parts = shapely.get_parts(geometry)
    nested = [part for piece in parts for part in shapely.get_parts(piece)]
    return MultiPolygon([part for part in nested if isinstance(part, Polygon) and not part.is_empty])


def area_square_meters(geometry: Geometry) -> float:
    """Measure a polygon in degrees on the WGS 84 ellipsoid (Karney 2013), holes taken off; 0 for lines and points."""
    oriented = shapely.orient_polygons(to_multipolygon(geometry), exterior_cw=False)
    return float(sum(_GEOD.geometry_area_perimeter(part)[0] for part in oriented.geoms))


def label_point(geometry: Geometry) -> Point:
    """Find where a label sits best: the centre of the largest circle inside the largest part (degrees in and out).

    Always inside the polygon. Raises ShapeEmpty when there is no polygon.
    """
    parts = to_multipolygon(geometry).geoms
    if not len(parts):
        raise ShapeEmpty("There is no polygon to put a label in.")
    projection = LocalProjection.around(geometry)
    largest = max((projection.geometry_to_meters(part) for part in parts), key=lambda part: part.area)
    tolerance = max(largest.length / 10_000, 0.01)
    centre = shapely.get_point(shapely.maximum_inscribed_circle(largest, tolerance), 0)
    inside = centre if largest.contains(centre) else largest.point_on_surface()
    return projection.geometry_to_degrees(inside)


def _members(document: Any) -> dict[str, Any]:
    if isinstance(document, (str, bytes)):
        try:
            document = orjson.loads(document)
        except orjson.JSONDecodeError as error:
            raise ShapeMalformed(f"This is not JSON ({error}). Send a GeoJSON geometry.") from None
    if isinstance(document, dict) and document.get("type") == "Feature":
        document = document.get("geometry")
    if not isinstance(document, dict):
        raise ShapeMalformed("This is not a GeoJSON object. Send one with `type` and `coordinates`.")
    return document


def _count(coordinates: Any, most_vertices: int) -> None:
    """Stop before the work is done when there are too many positions or they are nested too deep."""
    level, depth = [coordinates], 0
    while level and isinstance(level[0], (list, tuple)) and depth < 5:
        level = [inner for outer in level if isinstance(outer, (list, tuple)) for inner in outer]
        depth += 1
        if len(level) > 3 * most_vertices + 3:
            raise ShapeTooLarge(f"The geometry has more than {most_vertices} vertices. Simplify it first.")


def _positions(points: Any, fewest: int) -> Floats:
    """Read a list of [lon, lat] pairs."""
    if not isinstance(points, (list, tuple)) or not all(isinstance(p, (list, tuple)) and len(p) >= 2 for p in points):
        raise ShapeMalformed("A list of [longitude, latitude] pairs was expected. Check the nesting of `coordinates`.")
    if len(points) < fewest:
        raise ShapeEmpty(f"At least {fewest} positions are needed here, {len(points)} were sent.")
    if not all(isinstance(number, (int, float)) and not isinstance(number, bool) for p in points for number in p[:2]):
        raise ShapeMalformed("A coordinate is not a number. Write numbers without quotation marks.")
    pairs = np.array([p[:2] for p in points], np.float64)
    checked(*pairs.T)
    return pairs


def _ring(points: Any) -> Floats:
    ring = _positions(points, 4)
    if not np.array_equal(ring[0], ring[-1]):
        raise RingNotClosed(
            f"The ring begins at {_place(ring[0])} and ends at {_place(ring[-1])}. Repeat the first one."
        )
    if len(np.unique(ring, axis=0)) < 3:
        raise ShapeEmpty(f"The ring at {_place(ring[0])} has fewer than three different points.")
    return ring


def _polygon(rings: Any) -> Polygon:
    if not isinstance(rings, (list, tuple)) or not rings:
        raise ShapeEmpty("The polygon has no ring. Send the outer one first, then its holes.")
    return Polygon(_ring(rings[0]), [_ring(hole) for hole in rings[1:]])


def _multipolygon(polygons: Any) -> MultiPolygon:
    if not isinstance(polygons, (list, tuple)) or not polygons:
        raise ShapeEmpty("The MultiPolygon has no polygon.")
    return MultiPolygon([_polygon(rings) for rings in polygons])


_BUILDERS = {
    "Point": lambda position: Point(_positions([position], 1)[0]),
    "LineString": lambda points: LineString(_positions(points, 2)),
    "Polygon": _polygon,
    "MultiPolygon": _multipolygon,
}


def _refusal(geometry: Geometry) -> GisError:
    """Turn GEOS's reason, such as `Self-intersection[106.7 26.5]`, into a sentence with the place."""
    reason = str(shapely.is_valid_reason(geometry))
    found = re.fullmatch(r"(.*)\[(\S+) (\S+)\]", reason)
    if found is None or "Too few points" in reason:
        return ShapeEmpty(f"The geometry spans nothing ({reason}). Send one with different points.")
    where = (round(float(found[2]), DECIMALS), round(float(found[3]), DECIMALS))
    if "elf-intersection" in reason:
        return ShapeCrossesItself(f"The border crosses itself at {_place(where)}. Draw it without the crossing.", where)
    return ShapeInvalid(f"The polygon is not valid: {found[1].lower()} at {_place(where)}. Draw it again there.", where)


def _place(position: Any) -> str:
    return f"{float(position[0]):.7f}, {float(position[1]):.7f}"
