"""Ways to edges: split where streets meet, where a way ends, and at gates."""

from __future__ import annotations  # array is no generic type before Python 3.12

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gis.access_tags import StreetFlag, Tags, maximum_speed, street_flags, whole_number
from gis.barriers import Gates, Walls
from gis.mapfeatures import MapFeatures
from gis.polylines import Polylines
from gis.streets import Report, Streets, make_streets


@dataclass(slots=True)
class WayList:
    """Usable ways as they are met while reading: plain arrays, so that a province fits into memory."""

    way: array[int] = field(default_factory=lambda: array("q"))
    size: array[int] = field(default_factory=lambda: array("q"))
    flags: array[int] = field(default_factory=lambda: array("H"))
    layer: array[int] = field(default_factory=lambda: array("h"))
    speed: array[float] = field(default_factory=lambda: array("d"))
    road_class: list[str] = field(default_factory=list)
    name: list[tuple[str | None, str | None]] = field(default_factory=list)
    node: array[int] = field(default_factory=lambda: array("q"))
    lon: array[float] = field(default_factory=lambda: array("d"))
    lat: array[float] = field(default_factory=lambda: array("d"))

    def add(self, way: int, tags: Tags, flags: StreetFlag, vertices: Sequence[tuple[int, float, float]]) -> None:
        """Take one more way: vertices are (node, lon, lat)."""
        self.way.append(way)
        self.size.append(len(vertices))
        self.flags.append(int(flags))
        self.layer.append(whole_number(tags.get("layer")))
        self.speed.append(maximum_speed(tags))
        self.road_class.append(tags.get("highway", "road")[:40])
        self.name.append((tags.get("name"), tags.get("name:en")))
        self._add_vertices(vertices)

    def _add_vertices(self, vertices: Iterable[tuple[int, float, float]]) -> None:
        for node, lon, lat in vertices:
            self.node.append(node)
            self.lon.append(lon)
            self.lat.append(lat)

    def lines(self) -> Polylines:
        """Give the ways' lines."""
        first = np.concatenate(([0], np.cumsum(np.array(self.size, np.int64))))
        return Polylines(first, np.array(self.lon), np.array(self.lat))


def usable(tags: Tags) -> StreetFlag | None:
    """Give the flags of a way, or None when nobody may use it."""
    flags = street_flags(tags)
    return flags if flags & 63 else None


def split_ways(ways: WayList, gates: Gates, walls: Walls, features: MapFeatures, report: Report) -> Streets:
    """Split ways into edges at every node that two of them share, at their ends and at gates. Ids count from 1."""
    lines, node = ways.lines(), np.array(ways.node, np.int64)
    start, end = _stretches(lines, node, gates)
    way = lines.line_of_vertex[start]
    return make_streets(
        id=np.arange(1, len(start) + 1),
        way=np.array(ways.way, np.int64)[way],
        from_node=node[start],
        to_node=node[end],
        road_class=[ways.road_class[at] for at in way.tolist()],
        name=[ways.name[at] for at in way.tolist()],
        flags=np.array(ways.flags, np.uint16)[way],
        layer=np.array(ways.layer, np.int16)[way],
        maximum_speed=np.array(ways.speed, np.float64)[way],
        lines=_cut(lines, start, end),
        gates=gates,
        walls=walls,
        features=features,
        report=report,
    )


def _stretches(lines: Polylines, node: NDArray[np.int64], gates: Gates) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give first and last vertex of every edge."""
    _, inverse, uses = np.unique(node, return_inverse=True, return_counts=True)
    at_end = np.zeros(len(node), bool)
    at_end[lines.first[:-1]] = at_end[lines.first[1:] - 1] = True
    splits = np.flatnonzero(at_end | (uses[inverse] > 1) | np.isin(node, gates.node))
    way = lines.line_of_vertex[splits]
    same_way = way[:-1] == way[1:]
    return splits[:-1][same_way], splits[1:][same_way]


def _cut(lines: Polylines, start: NDArray[np.int64], end: NDArray[np.int64]) -> Polylines:
    sizes = end - start + 1
    first = np.concatenate(([0], np.cumsum(sizes)))
    at = np.repeat(start - first[:-1], sizes) + np.arange(first[-1])
    return Polylines(first, lines.x[at], lines.y[at])
