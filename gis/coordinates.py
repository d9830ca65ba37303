"""Where a point is: the coordinate systems that China uses, turned in this one file, and metres around a place.

Stored is WGS 84. Navigation maps show GCJ-02 (AutoNavi, Tencent) or BD-09 (Baidu), 100 to 700 m away from it; survey
offices deliver CGCS2000. All of them are turned at the edge, in and out.

"Inside China" is the customary box, 72.004-137.8347 E and 0.8293-55.8271 N. Its known faults: it also holds all or
part of the neighbours (Korea, Mongolia, Vietnam, northern India, half of Japan), where GCJ-02 maps are in truth not
shifted; it holds Hong Kong, Macao and Taiwan, where practice differs from map to map; and the published formula jumps
by hundreds of metres at its edge, so that two places get one image. Here the shift fades to nothing over the last
0.1 degrees inside the box (`FADE_DEGREES`): every point has one image, every image one origin, and whatever is outside
stays untouched both ways. No part of China lies in that strip: it ends more than 100 km from it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import Transformer

from gis.errors import GisError

Floats = NDArray[np.float64]

WEST, EAST, SOUTH, NORTH = 72.004, 137.8347, 0.8293, 55.8271
FADE_DEGREES = 0.1
KRASOVSKY_RADIUS = 6378245.0
KRASOVSKY_ECCENTRICITY_SQUARED = 0.00669342162296594323
# The slope of the shift is about 0.001, and under 0.2 where it fades: 5 rounds mostly, 16 at worst.
INVERSE_ROUNDS = 20
INVERSE_TOLERANCE_DEGREES = 1e-12


class CoordinateSystem(StrEnum):
    """The system in which somebody's coordinates are written."""

    WGS84 = "WGS84"
    CGCS2000 = "CGCS2000"
    GCJ02 = "GCJ02"
    BD09 = "BD09"


class CoordinatesNotFinite(GisError):
    """A coordinate is missing or not a number."""

    code: ClassVar[str] = "COORDINATES_NOT_FINITE"


class CoordinatesOutOfRange(GisError):
    """A longitude is beyond 180 or a latitude beyond 90 degrees."""

    code: ClassVar[str] = "COORDINATES_OUT_OF_RANGE"


def to_wgs84(lon: ArrayLike, lat: ArrayLike, crs: CoordinateSystem) -> tuple[Floats, Floats]:
    """Turn coordinates of a declared system into WGS 84.

    Takes and gives degrees, longitude first, any shape. GCJ-02 and BD-09 are turned back by a fixed-point iteration
    (origin = image - shift(origin)), to less than a micrometre. Raises CoordinatesNotFinite, CoordinatesOutOfRange.
    """
    image_lon, image_lat = checked(lon, lat)
    shift = _SHIFTS.get(crs)
    if shift is None:
        return image_lon, image_lat
    origin_lon, origin_lat = _origin(shift, image_lon, image_lat)
    inside = inside_china(image_lon, image_lat)
    return np.where(inside, origin_lon, image_lon), np.where(inside, origin_lat, image_lat)


def from_wgs84(lon: ArrayLike, lat: ArrayLike, crs: CoordinateSystem) -> tuple[Floats, Floats]:
    """Turn WGS 84 into the system that a map or a survey office wants.

    Takes and gives degrees, longitude first, any shape. Raises CoordinatesNotFinite, CoordinatesOutOfRange.
    CGCS2000 (EPSG:4490) is passed on as it is: both are realisations of ITRS that agree within a few decimetres, and
    PROJ, too, takes the null transformation between EPSG:4490 and EPSG:4326.
    """
    origin_lon, origin_lat = checked(lon, lat)
    shift = _SHIFTS.get(crs)
    if shift is None:
        return origin_lon, origin_lat
    shift_lon, shift_lat = _faded(shift, origin_lon, origin_lat)
    return origin_lon + shift_lon, origin_lat + shift_lat


def geometry_to_wgs84(geometry: Any, crs: CoordinateSystem) -> Any:
    """Turn every vertex of a shapely geometry (or an array of them) into WGS 84; see `to_wgs84`."""
    return _each_vertex(geometry, crs, to_wgs84)


def geometry_from_wgs84(geometry: Any, crs: CoordinateSystem) -> Any:
    """Turn every vertex of a shapely geometry (or an array of them) out of WGS 84; see `from_wgs84`."""
    return _each_vertex(geometry, crs, from_wgs84)


def inside_china(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Say which points lie in the customary box, where GCJ-02 and BD-09 shift (faults: see the module)."""
    lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    return np.asarray((lon > WEST) & (lon < EAST) & (lat > SOUTH) & (lat < NORTH))


def checked(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Give the coordinates as float64 arrays, or refuse them with a sentence.

    Raises CoordinatesNotFinite and CoordinatesOutOfRange, which name the first bad pair.
    """
    lons, lats = np.broadcast_arrays(np.asarray(lon, np.float64), np.asarray(lat, np.float64))
    finite = np.isfinite(lons) & np.isfinite(lats)
    if not finite.all():
        raise CoordinatesNotFinite(
            _sentence("is not a finite pair of numbers; send both in degrees", lons, lats, ~finite)
        )
    beyond = (np.abs(lons) > 180) | (np.abs(lats) > 90)
    if beyond.any():
        hint = "is outside longitude -180..180, latitude -90..90 (degrees)"
        if np.any(np.abs(lats[beyond]) > 90) and np.all(np.abs(lons[beyond]) <= 90):
            hint += "; was the latitude written first? Longitude comes first here"
        raise CoordinatesOutOfRange(_sentence(hint, lons, lats, beyond))
    return lons, lats


@dataclass(frozen=True, slots=True)
class LocalProjection:
    """Metres around one place: transverse Mercator on the WGS 84 ellipsoid, centred on (lon0, lat0).

    Lengths x metres off the centre's meridian are too long by x^2 / 2R^2: 1 in 1,000,000 at 9 km, 1 in 10,000 at 90 km.
    A value: compared, pickled and shared between threads freely.
    """

    lon0: float
    lat0: float

    def __post_init__(self) -> None:
        """Refuse a centre that is no place."""
        checked(self.lon0, self.lat0)

    def to_meters(self, lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
        """Give metres east and north of the centre for degrees; any shape. Raises as `to_wgs84`."""
        lons, lats = checked(lon, lat)
        x, y = _transformer(self.lon0, self.lat0).transform(lons, lats)
        return np.asarray(x, np.float64), np.asarray(y, np.float64)

    def point_to_meters(self, lon: float, lat: float) -> tuple[float, float]:
        """Give metres for one point, without the cost of arrays; it must be finite and on the globe."""
        x, y = _transformer(self.lon0, self.lat0).transform(lon, lat)
        return x, y

    def to_degrees(self, x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
        """Give longitude and latitude for metres east and north of the centre; any shape."""
        lon, lat = _transformer(self.lon0, self.lat0).transform(
            np.asarray(x, np.float64), np.asarray(y, np.float64), direction="INVERSE"
        )
        return np.asarray(lon, np.float64), np.asarray(lat, np.float64)

    def geometry_to_meters(self, geometry: Any) -> Any:
        """Turn a shapely geometry, or an array of them, from degrees to metres."""
        return shapely.transform(geometry, lambda points: np.stack(self.to_meters(*points.T), axis=1))

    def geometry_to_degrees(self, geometry: Any) -> Any:
        """Turn a shapely geometry, or an array of them, from metres to degrees."""
        return shapely.transform(geometry, lambda points: np.stack(self.to_degrees(*points.T), axis=1))

    @classmethod
    def around(cls, geometry: Any) -> "LocalProjection":
        """Centre a projection on the middle of a geometry's box (degrees)."""
        west, south, east, north = shapely.total_bounds(geometry)
        return cls(float((west + east) / 2), float((south + north) / 2))


@lru_cache(maxsize=256)
def _transformer(lon0: float, lat0: float) -> Transformer:
    # pyproj keeps one PROJ context a thread, so one transformer may be shared.
    return Transformer.from_pipeline(f"+proj=tmerc +lon_0={lon0!r} +lat_0={lat0!r} +ellps=WGS84 +units=m")


def _gcj_shift(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Give GCJ-02 minus WGS 84 in degrees, by the formula that became public (as in eviltransform), without its box."""
    x, y = lon - 105.0, lat - 35.0
    common = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    root = np.sqrt(np.abs(x))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += 2 / 3 * (common + _waves(x, (20.0, 1.0), (40.0, 1 / 3), (150.0, 1 / 12), (300.0, 1 / 30)))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += 2 / 3 * (common + _waves(y, (20.0, 1.0), (40.0, 1 / 3), (160.0, 1 / 12), (320.0, 1 / 30)))
    return _degrees_of(east, north, lat)


def _waves(z: Floats, *waves: tuple[float, float]) -> Floats:
    return np.asarray(sum(height * np.sin(rate * np.pi * z) for height, rate in waves))


def _degrees_of(east: Floats, north: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Turn metres on the Krasovsky ellipsoid into degrees at that latitude."""
    phi = np.radians(lat)
    magic = 1.0 - KRASOVSKY_ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    meridian = KRASOVSKY_RADIUS * (1.0 - KRASOVSKY_ECCENTRICITY_SQUARED) / (magic * np.sqrt(magic))
    parallel = KRASOVSKY_RADIUS / np.sqrt(magic) * np.cos(phi)
    return np.degrees(east / parallel), np.degrees(north / meridian)


def _bd_shift(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Give BD-09 minus WGS 84 in degrees: GCJ-02 in polar form with a small sine term, then moved."""
    gcj_lon, gcj_lat = (origin + shift for origin, shift in zip((lon, lat), _gcj_shift(lon, lat), strict=True))
    rate = np.pi * 3000.0 / 180.0
    radius = np.hypot(gcj_lon, gcj_lat) + 0.00002 * np.sin(gcj_lat * rate)
    angle = np.arctan2(gcj_lat, gcj_lon) + 0.000003 * np.cos(gcj_lon * rate)
    return radius * np.cos(angle) + 0.0065 - lon, radius * np.sin(angle) + 0.006 - lat


_Shift = Callable[[Floats, Floats], tuple[Floats, Floats]]
_SHIFTS: dict[CoordinateSystem, _Shift] = {CoordinateSystem.GCJ02: _gcj_shift, CoordinateSystem.BD09: _bd_shift}


def _faded(shift: _Shift, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Give the shift, whole inside the box and nothing outside, falling evenly over the last FADE_DEGREES."""
    depth = np.minimum(np.minimum(lon - WEST, EAST - lon), np.minimum(lat - SOUTH, NORTH - lat))
    share = np.clip(depth / FADE_DEGREES, 0.0, 1.0)
    # Clipped, for the formula means nothing far outside, at the poles least of all.
    shift_lon, shift_lat = shift(np.clip(lon, WEST, EAST), np.clip(lat, SOUTH, NORTH))
    return share * shift_lon, share * shift_lat


def _origin(shift: _Shift, image_lon: Floats, image_lat: Floats) -> tuple[Floats, Floats]:
    """Find the point that a shift brings to the image, by fixed-point iteration: the shift is a contraction."""
    lon, lat = image_lon, image_lat
    for _ in range(INVERSE_ROUNDS):
        shift_lon, shift_lat = _faded(shift, lon, lat)
        last_lon, last_lat = lon, lat
        lon, lat = image_lon - shift_lon, image_lat - shift_lat
        change = np.maximum(np.abs(lon - last_lon), np.abs(lat - last_lat))
        if np.max(change, initial=0.0) < INVERSE_TOLERANCE_DEGREES:
            break
    return lon, lat


def _each_vertex(geometry: Any, crs: CoordinateSystem, turn: Callable[..., tuple[Floats, Floats]]) -> Any:
    return shapely.transform(geometry, lambda points: np.stack(turn(*points.T, crs), axis=1))


def _sentence(complaint: str, lons: Floats, lats: Floats, bad: NDArray[np.bool_]) -> str:
    first = int(np.argmax(bad))
    where = f" (number {first} of {bad.size})" if bad.size > 1 else ""
    return f"Longitude {lons.flat[first]}, latitude {lats.flat[first]}{where} {complaint}."
