"""Streets from any line layer that GDAL reads: a survey office's shapefile, GeoPackage, GeoJSON and so on.

Streets meet where they share a vertex. A vertex at which no line ends joins only streets of one layer, so that a bridge
drawn through a vertex of the road below is no junction.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from gis.access_tags import Tags, street_flags, whole_number
from gis.barriers import Gates, Walls
from gis.errors import GisError
from gis.mapfeatures import MapFeatures
from gis.noding import WayList, split_ways
from gis.streets import Report, Streets

# Under which headings a tag may be found: OSM's key, Geofabrik's shapefiles, a survey office's Chinese.
COLUMNS: dict[str, tuple[str, ...]] = {
    "highway": ("highway", "class", "fclass", "road_class", "type", "道路类型", "等级"),
    "name": ("name", "street", "road_name", "名称", "道路名称", "路名"),
    "name:en": ("name:en", "name_en"),
    "maxspeed": ("maxspeed", "max_speed", "限速"),
    **{key: (key,) for key in ("oneway", "foot", "bicycle", "motor_vehicle", "access", "layer", "bridge", "tunnel")},
}
# Geofabrik: F along the line, T against it, B both; bridge and tunnel T or F.
ONEWAY_WORDS = {"F": "yes", "T": "-1", "B": "no", "1": "yes", "0": "no", "True": "yes", "False": "no"}
YES_NO_WORDS = {"T": "yes", "F": "no", "1": "yes", "0": "no", "True": "yes", "False": "no"}
WORDS = {"oneway": ONEWAY_WORDS, "bridge": YES_NO_WORDS, "tunnel": YES_NO_WORDS}
DECIMALS = 7  # of a degree, as in OSM: one centimetre


class ProjectionUnknown(GisError):
    """The file does not say in which coordinate system it is, or names one that nobody knows."""

    code = "PROJECTION_UNKNOWN"


class NotLines(GisError):
    """The layer holds no lines."""

    code = "STREET_FILE_NOT_LINES"


def read_lines(path: Path, crs: str | None, progress: Callable[[int], None] | None = None) -> Streets:
    """Read the first layer of a file as streets. Raises ProjectionUnknown, NotLines, pyogrio's DataSourceError."""
    meta, _, geometry, fields = pyogrio.raw.read(path, read_geometry=True)
    transformer = _to_wgs84(crs or meta["crs"], path)
    columns = _columns([str(name) for name in meta["fields"]], fields)
    rows, lines = _single_lines(np.asarray(shapely.from_wkb(geometry)))
    if not len(lines):
        raise NotLines(f"{path.name} holds no lines; streets are a layer of lines (LineString).")
    points, line = shapely.get_coordinates(lines, return_index=True)
    lon, lat = (np.round(values, DECIMALS) for values in transformer.transform(points[:, 0], points[:, 1]))
    tags: list[Tags] = [{key: values[row] for key, values in columns.items() if values[row]} for row in rows.tolist()]
    if progress:
        progress(len(tags))
    return _streets(tags, rows, line, lon, lat)


def _to_wgs84(crs: Any, path: Path) -> Transformer:
    if not crs:
        raise ProjectionUnknown(f"{path.name} does not name its projection; pass it, for example --crs EPSG:4490.")
    try:
        return Transformer.from_crs(CRS.from_user_input(crs), 4326, always_xy=True)
    except CRSError as problem:
        raise ProjectionUnknown(f"{crs} is no known projection; pass a code such as --crs EPSG:4490.") from problem


def _columns(names: list[str], fields: list[NDArray[Any]]) -> dict[str, list[str]]:
    """Give each tag that a column holds, as words; an empty word where the cell is empty."""
    by_name = {name.lower(): values for name, values in zip(names, fields, strict=True)}
    found = {tag: next((by_name[h] for h in headings if h in by_name), None) for tag, headings in COLUMNS.items()}
    return {tag: _words(values, WORDS.get(tag, {})) for tag, values in found.items() if values is not None}


def _words(values: NDArray[Any], words: dict[str, str]) -> list[str]:
    texts = ["" if value is None or value != value else str(value).removesuffix(".0") for value in values.tolist()]
    return [words.get(text, text) for text in texts]


def _single_lines(geometry: NDArray[np.object_]) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    parts, rows = shapely.get_parts(geometry, return_index=True)
    good = (shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING) & ~shapely.is_empty(parts)
    return rows[good], parts[good]


def _streets(
    tags: list[Tags], rows: NDArray[np.int64], line: NDArray[np.int64], lon: NDArray[Any], lat: NDArray[Any]
) -> Streets:
    layers = np.array([whole_number(tag.get("layer")) for tag in tags])
    node = _node_numbers(line, lon, lat, layers[line])
    first = np.searchsorted(line, np.arange(len(tags) + 1)).tolist()
    vertices = list(zip(node.tolist(), lon.tolist(), lat.tolist(), strict=True))
    ways, report = WayList(), Report()
    for number, tag in enumerate(tags):
        flags = street_flags(tag)
        if flags & 63:
            ways.add(int(rows[number]) + 1, tag, flags, _distinct(vertices[first[number] : first[number + 1]]))
    closed = len(tags) - len(ways.way)
    report.dropped.update({"lines closed to everybody": closed} if closed else {})
    streets = split_ways(ways, Gates.from_rows([]), Walls.none(), MapFeatures.none(), report)
    report.kept.update({"lines": len(ways.way), "street edges": len(streets)})
    return streets


def _distinct(vertices: list[tuple[int, float, float]]) -> list[tuple[int, float, float]]:
    return [vertex for at, vertex in enumerate(vertices) if at == 0 or vertex[0] != vertices[at - 1][0]]


def _node_numbers(
    line: NDArray[np.int64], lon: NDArray[Any], lat: NDArray[Any], layer: NDArray[Any]
) -> NDArray[np.int64]:
    """Number vertices so that two are one node where streets meet."""
    _, place = np.unique(np.column_stack((lon, lat)), axis=0, return_inverse=True)
    place = place.ravel()
    change = np.flatnonzero(np.diff(line)) + 1
    ends = np.concatenate(([0], change - 1, change, [len(line) - 1]))
    level = np.where(np.isin(place, place[ends]), 0, layer)
    _, number = np.unique(np.column_stack((place, level)), axis=0, return_inverse=True)
    return np.asarray(number.ravel() + 1, np.int64)
