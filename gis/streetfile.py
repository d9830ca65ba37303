"""Streets from a file: OpenStreetMap, or any line layer that GDAL reads."""

from collections.abc import Callable
from pathlib import Path

import pyogrio.errors

from gis.errors import GisError
from gis.linefile import read_lines
from gis.osmfile import OsmReader
from gis.streets import Streets

OSM_ENDINGS = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2", ".o5m")


class StreetFileMissing(GisError):
    """There is no file at that path."""

    code = "STREET_FILE_MISSING"


class StreetFileUnreadable(GisError):
    """The file is not what its name says, or damaged."""

    code = "STREET_FILE_UNREADABLE"


class StreetFileTruncated(GisError):
    """The file ends too early."""

    code = "STREET_FILE_TRUNCATED"


class StreetFileEmpty(GisError):
    """The file holds no street that anybody may use."""

    code = "STREET_FILE_EMPTY"


def read_streets(path: str | Path, crs: str | None = None, progress: Callable[[int], None] | None = None) -> Streets:
    """Read the streets of a place, split into edges, with gates, walls, map features and a report.

    crs names the projection of a GDAL layer that does not name its own (OSM files are always WGS 84); progress is
    called with the number of objects read so far. Raises StreetFileMissing, StreetFileEmpty, StreetFileTruncated,
    StreetFileUnreadable, ProjectionUnknown, NotLines.
    """
    path = Path(path)
    if not path.is_file():
        raise StreetFileMissing(f"There is no file {path}; check the path.")
    if path.stat().st_size == 0:
        raise StreetFileEmpty(f"{path.name} is empty; fetch or export it again.")
    osm = path.name.lower().endswith(OSM_ENDINGS)
    streets = _read_osm(path, progress) if osm else _read_layer(path, crs, progress)
    if not len(streets):
        raise StreetFileEmpty(f"{path.name} holds no street that anybody may use; is it the right extract or layer?")
    return streets


def _read_osm(path: Path, progress: Callable[[int], None] | None) -> Streets:
    reader = OsmReader()
    try:
        reader.read(path, progress)
    except RuntimeError as problem:
        if "EOF" in str(problem):
            raise StreetFileTruncated(f"{path.name} ends too early; fetch it again.") from problem
        kind = path.name.split(".", 1)[-1]
        message = f"{path.name} cannot be read as {kind} ({problem}); check that it is what its name says."
        raise StreetFileUnreadable(message) from problem
    return reader.streets()


def _read_layer(path: Path, crs: str | None, progress: Callable[[int], None] | None) -> Streets:
    try:
        return read_lines(path, crs, progress)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as problem:
        message = f"{path.name} cannot be read as a layer of lines ({problem}); check that it is what its name says."
        raise StreetFileUnreadable(message) from problem
