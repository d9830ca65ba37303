"""What stands in the way: gates on streets, open or closed for each mode, and the walls and fences between them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.access_tags import CLOSED, MODE_TAGS, MODES, Tags
from gis.polylines import Polylines

WALL_KINDS = frozenset("wall fence city_wall hedge retaining_wall guard_rail wire_fence".split())
CLOSED_BIT = {"foot": 1, "ebike": 2, "car": 4}

_NARROW = "kissing_gate stile turnstile full-height_turnstile horse_stile squeeze_stile sump_buster motorcycle_barrier"
_NO_CARS = "bollard cycle_barrier block chain jersey_barrier planter log rope debris bar yes bus_trap"
_OPEN = (
    "gate lift_gate swing_gate sliding_gate sliding_beam hampshire_gate wicket_gate entrance toll_booth border_control "
    "cattle_grid sally_port height_restrictor kerb spikes"
)
# What a barrier shuts out when its own tags say nothing.
SHUT_BY_KIND: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_NARROW.split(), ("ebike", "car")),
    **dict.fromkeys(_NO_CARS.split(), ("car",)),
    **dict.fromkeys(_OPEN.split(), ()),
    **dict.fromkeys(WALL_KINDS, MODES),
    "motorcycle_barrier": ("car",),
}


def gate_closed(tags: Tags) -> int:
    """Give the modes that a barrier on a street shuts out: 1 foot, 2 e-bike, 4 car, added up.

    foot, bicycle, motor_vehicle and so on decide before access, access before the kind. locked=yes shuts out whom no
    tag of their own lets in. An unknown kind stops cars only.
    """
    return sum(CLOSED_BIT[mode] for mode in MODES if _closed_for(tags, mode))


def _closed_for(tags: Tags, mode: str) -> bool:
    own = next((tags[key] for key in MODE_TAGS[mode][:-1] if key in tags), None)
    if own is not None:
        return own in CLOSED
    if tags.get("locked") == "yes":
        return True
    shut = mode in SHUT_BY_KIND.get(tags["barrier"], ("car",))
    return tags["access"] in CLOSED if "access" in tags and not shut else shut


class GateRow(NamedTuple):
    """One gate as it is stored in a table."""

    node: int
    lon: float
    lat: float
    kind: str
    closed: int


@dataclass(frozen=True, slots=True)
class Gates:
    """Barriers that stand on a street: node int64[g], lon and lat float64[g] degrees, kind, closed uint8[g] bits."""

    node: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    kind: tuple[str, ...]
    closed: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.node)

    def closed_for(self, mode: str) -> NDArray[np.int64]:
        """Give the nodes of the gates that are closed for a mode."""
        return np.asarray(self.node[(self.closed & CLOSED_BIT[mode]) != 0])

    def at(self, nodes: NDArray[np.int64]) -> "Gates":
        """Keep the gates that stand on one of these nodes."""
        on = np.isin(self.node, nodes)
        kinds = tuple(kind for kind, kept in zip(self.kind, on, strict=True) if kept)
        return Gates(self.node[on], self.lon[on], self.lat[on], kinds, self.closed[on])

    def rows(self) -> Iterable[GateRow]:
        """Give the gates one by one."""
        columns = (self.node.tolist(), self.lon.tolist(), self.lat.tolist(), self.kind, self.closed.tolist())
        return (GateRow(*row) for row in zip(*columns, strict=True))

    @classmethod
    def from_rows(cls, rows: Iterable[GateRow]) -> "Gates":
        """Take gates from rows in the order of GateRow's fields."""
        node, lon, lat, kind, closed = zip(*rows, strict=True) if (rows := list(rows)) else ((),) * 5
        return cls(
            np.array(node, np.int64),
            np.array(lon, np.float64),
            np.array(lat, np.float64),
            tuple(kind),
            np.array(closed, np.uint8),
        )


class WallRow(NamedTuple):
    """One wall or fence as it is stored in a table; geometry is WKB of a line in WGS 84."""

    way: int
    kind: str
    geometry: bytes


@dataclass(frozen=True, slots=True)
class Walls:
    """Walls and fences as lines: way int64[w], kind, lines in degrees."""

    way: NDArray[np.int64]
    kind: tuple[str, ...]
    lines: Polylines

    def __len__(self) -> int:
        return len(self.way)

    def rows(self) -> Iterable[WallRow]:
        """Give the walls one by one."""
        geometry = shapely.to_wkb(self.lines.geometries())
        return (WallRow(*row) for row in zip(self.way.tolist(), self.kind, geometry, strict=True))

    @classmethod
    def from_rows(cls, rows: Iterable[WallRow]) -> "Walls":
        """Take walls from rows in the order of WallRow's fields."""
        way, kind, geometry = zip(*rows, strict=True) if (rows := list(rows)) else ((),) * 3
        lines = Polylines.from_geometries(shapely.from_wkb(np.array(geometry, object)))
        return cls(np.array(way, np.int64), tuple(kind), lines)

    @classmethod
    def none(cls) -> "Walls":
        """Give no walls."""
        return cls.from_rows([])


class WallList:
    """Walls as they are met while reading."""

    def __init__(self) -> None:
        self.way: list[int] = []
        self.kind: list[str] = []
        self.lines: list[NDArray[np.float64]] = []

    def add(self, way: int, kind: str, points: NDArray[np.float64]) -> None:
        """Take one more: points float64[n, 2] in degrees; a single point is no wall."""
        if len(points) > 1:
            self.way.append(way)
            self.kind.append(kind)
            self.lines.append(points)

    def walls(self) -> Walls:
        """Give what was taken."""
        sizes = [len(line) for line in self.lines]
        points = np.concatenate(self.lines) if self.lines else np.zeros((0, 2))
        first = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
        lines = Polylines(first, points[:, 0].copy(), points[:, 1].copy())
        return Walls(np.array(self.way, np.int64), tuple(self.kind), lines)
