"""Map tiles: z/x/y of the usual web scheme (OGC WebMercatorQuad: square, north at the top), and the ground of each."""

import math
from dataclasses import dataclass
from typing import TypeAlias

from gis.errors import GisError

MAX_ZOOM = 22
EXTENT = 4096
"""Steps along a side of a tile, as in the Mapbox Vector Tile specification 2.1."""
BUFFER = 64
"""Steps drawn beyond each side, so that lines and labels meet across the border."""
EARTH_RADIUS_METERS = 6_378_137.0
WORLD_METERS = 2 * math.pi * EARTH_RADIUS_METERS
"""Length of the equator in EPSG:3857."""
END_LATITUDE = math.degrees(math.atan(math.sinh(math.pi)))
"""Where the square of EPSG:3857 ends: 85.05 degrees north and south."""

Box: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north."""


class TileOutside(GisError):
    """The tile {z}/{x}/{y} is not in the scheme. z goes from 0 to 22, x and y from 0 to 2 to the power of z less 1."""

    code = "TILE_OUTSIDE"

    def __init__(self, z: int, x: int, y: int) -> None:
        """Name the tile."""
        super().__init__((type(self).__doc__ or "").format(z=z, x=x, y=y))


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile. Raises TileOutside."""

    z: int
    x: int
    y: int

    def __post_init__(self) -> None:
        """Refuse what is outside the scheme."""
        if not (0 <= self.z <= MAX_ZOOM and 0 <= self.x < 2**self.z and 0 <= self.y < 2**self.z):
            raise TileOutside(self.z, self.x, self.y)

    @property
    def side_meters(self) -> float:
        """Length of a side in metres of EPSG:3857 (on the ground shorter by the cosine of the latitude)."""
        return WORLD_METERS / (1 << self.z)

    def mercator(self) -> Box:
        """West, south, east, north in metres of EPSG:3857."""
        west = self.x * self.side_meters - WORLD_METERS / 2
        north = WORLD_METERS / 2 - self.y * self.side_meters
        return west, north - self.side_meters, west + self.side_meters, north

    def degrees(self, buffer: int = BUFFER) -> Box:
        """West, south, east, north in degrees of WGS 84, `buffer` steps of EXTENT wider on each side."""
        wider = self.side_meters * buffer / EXTENT
        west, south, east, north = self.mercator()
        return degrees_box((west - wider, south - wider, east + wider, north + wider))


def tile_at(lon: float, lat: float, z: int) -> Tile:
    """The tile of zoom `z` that holds a place in degrees; what lies beyond the scheme counts as at its edge."""
    x, y = _meters(lon, lat)
    across, down = x / WORLD_METERS + 0.5, 0.5 - y / WORLD_METERS
    last = 2**z - 1
    return Tile(z, max(0, min(last, math.floor(across * 2**z))), max(0, min(last, math.floor(down * 2**z))))


def mercator_box(box: Box) -> Box:
    """A box in degrees as one in metres of EPSG:3857, latitudes cut where the scheme ends."""
    west, south, east, north = box
    return *_meters(west, south), *_meters(east, north)


def degrees_box(box: Box) -> Box:
    """A box in metres of EPSG:3857 as one in degrees, longitudes cut at the date line."""
    west, south, east, north = box
    return *_degrees(west, south), *_degrees(east, north)


def _meters(lon: float, lat: float) -> tuple[float, float]:
    """The spherical Mercator projection (Snyder 1987, 7-1 and 7-2)."""
    lat = max(-END_LATITUDE, min(END_LATITUDE, lat))
    return lon / 360.0 * WORLD_METERS, math.asinh(math.tan(math.radians(lat))) * EARTH_RADIUS_METERS


def _degrees(x: float, y: float) -> tuple[float, float]:
    """Its inverse (Snyder 1987, 7-4 and 7-5)."""
    lon = max(-180.0, min(180.0, x / WORLD_METERS * 360.0))
    return lon, math.degrees(math.atan(math.sinh(y / EARTH_RADIUS_METERS)))
