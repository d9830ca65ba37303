"""What a base map shows beside the streets: buildings, water, railways, green."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.access_tags import Tags, whole_number

WATERWAYS = frozenset("river canal stream drain ditch riverbank".split())
RAILWAYS = frozenset("rail light_rail subway tram narrow_gauge monorail".split())
GREEN = {
    "landuse": frozenset("grass forest meadow orchard recreation_ground village_green cemetery allotments".split()),
    "leisure": frozenset("park garden pitch playground golf_course nature_reserve".split()),
    "natural": frozenset("wood grassland scrub heath".split()),
}
KEYS = ("building", "natural", "waterway", "landuse", "leisure", "railway")


def feature_kind(tags: Tags, *, area: bool) -> str | None:
    """Say what a line or an area is on the base map, or None: building, water, green; river, railway."""
    if not area:
        return _line_kind(tags)
    if tags.get("building", "no") != "no":
        return "building"
    if tags.get("natural") == "water" or tags.get("waterway") == "riverbank" or tags.get("landuse") == "reservoir":
        return "water"
    return "green" if any(tags.get(key) in values for key, values in GREEN.items()) else None


def _line_kind(tags: Tags) -> str | None:
    if tags.get("waterway") in WATERWAYS:
        return "river"
    return "railway" if tags.get("railway") in RAILWAYS else None


@dataclass(frozen=True, slots=True)
class MapFeatures:
    """n features: osm int64[n], kind, names, levels int16[n] (storeys, 0 unknown), shapely geometry in degrees."""

    osm: NDArray[np.int64]
    kind: tuple[str, ...]
    name: tuple[str | None, ...]
    name_en: tuple[str | None, ...]
    levels: NDArray[np.int16]
    geometry: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.kind)

    @classmethod
    def none(cls) -> "MapFeatures":
        """Give no features."""
        return FeatureList().features()


class FeatureList:
    """Features as they are met while reading."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, str, str | None, str | None, int]] = []
        self.wkb: list[bytes] = []

    def add(self, osm: int, kind: str, tags: Tags, wkb: bytes) -> None:
        """Take one more."""
        levels = whole_number(tags.get("building:levels"))
        self.rows.append((osm, kind, tags.get("name"), tags.get("name:en"), levels))
        self.wkb.append(wkb)

    def features(self) -> MapFeatures:
        """Give what was taken."""
        columns: Any = zip(*self.rows, strict=True) if self.rows else ((),) * 5
        osm, kind, name, english, levels = columns
        geometry = np.asarray(shapely.from_wkb(np.array(self.wkb, object)))
        return MapFeatures(np.array(osm, np.int64), kind, name, english, np.array(levels, np.int16), geometry)
