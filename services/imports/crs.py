"""--crs as people write it: a name of ours, or EPSG:n where a layer can be in any projection."""

from gis.coordinates import CoordinateSystem
from services.errors import Invalid

_SAME = {"EPSG:4326": "WGS84", "EPSG:4490": "CGCS2000", "WGS-84": "WGS84", "GCJ-02": "GCJ02", "BD-09": "BD09"}


class CrsUnknown(Invalid):
    """{subject} is no coordinate system that can be used here. Write WGS84, CGCS2000, GCJ02 or BD09{also}."""


def named_system(crs: str | None) -> CoordinateSystem | None:
    """One of the four systems, None for anything else."""
    name = (crs or "WGS84").upper().replace(" ", "")
    name = _SAME.get(name, name)
    return CoordinateSystem(name) if name in CoordinateSystem.__members__ else None


def system_of_table(crs: str | None) -> CoordinateSystem:
    """The system of a table's longitudes and latitudes; CrsUnknown for projections, which have neither."""
    found = named_system(crs)
    if found is None:
        raise CrsUnknown(crs, also="; tables hold longitudes and latitudes, not metres")
    return found
