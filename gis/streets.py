"""The streets of a place as they were imported: edges between nodes in flat arrays, with gates, walls and a report."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.access_tags import StreetFlag
from gis.barriers import Gates, Walls
from gis.mapfeatures import MapFeatures
from gis.polylines import Polylines, geodesic_lengths

ROWS_AT_A_TIME = 10_000
WALKING_METERS_PER_SECOND = 1.3


@dataclass(frozen=True, slots=True)
class Report:
    """What an import kept, and what it dropped and why: counts by words."""

    kept: dict[str, int] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """Give the report as sentences for a terminal."""
        kept = [f"{count:>10,} {what}" for what, count in self.kept.items()]
        return kept + [f"{count:>10,} dropped: {why}" for why, count in self.dropped.items()]


class StreetRow(NamedTuple):
    """One edge as pgRouting reads it: cost and reverse_cost are seconds on foot, negative where nobody may walk.

    source and target are nodes as a walker meets them: an end at a gate that is closed on foot has a negative number of
    its own. from_node and to_node are the true nodes. flags are `StreetFlag`, geometry is WKB in WGS 84.
    """

    id: int
    source: int
    target: int
    cost: float
    reverse_cost: float
    length_meters: float
    way: int
    from_node: int
    to_node: int
    road_class: str
    name: str | None
    name_en: str | None
    flags: int
    layer: int
    maximum_speed: float | None
    geometry: bytes


@dataclass(frozen=True, slots=True)
class Streets:
    """E edges, split wherever streets meet or a gate stands; coordinates are WGS 84 degrees.

    id, way, from_node, to_node int64[E]; road_class uint16[E] and name int32[E] point into class_names and names
    (pairs of local and English name; -1 is none); flags uint16[E] (`StreetFlag`); layer int16[E]; maximum_speed
    float64[E] km/h, NaN where not signposted; meters float64[E], geodesic on WGS 84; lines run from from_node to
    to_node.
    """

    id: NDArray[np.int64]
    way: NDArray[np.int64]
    from_node: NDArray[np.int64]
    to_node: NDArray[np.int64]
    road_class: NDArray[np.uint16]
    name: NDArray[np.int32]
    flags: NDArray[np.uint16]
    layer: NDArray[np.int16]
    maximum_speed: NDArray[np.float64]
    meters: NDArray[np.float64]
    lines: Polylines
    class_names: tuple[str, ...]
    names: tuple[tuple[str | None, str | None], ...]
    gates: Gates
    walls: Walls
    features: MapFeatures
    report: Report

    def __len__(self) -> int:
        return len(self.id)

    def having(self, flag: StreetFlag) -> NDArray[np.bool_]:
        """Say which edges have one of these flags."""
        return np.asarray((self.flags & int(flag)) != 0)

    def rows(self) -> Iterator[StreetRow]:
        """Give the edges one by one, geometry made in batches so that memory stays bounded."""
        source, target = walking_ends(self)
        for start in range(0, len(self), ROWS_AT_A_TIME):
            batch = np.arange(start, min(start + ROWS_AT_A_TIME, len(self)))
            geometry = shapely.to_wkb(self.lines.take(batch).geometries())
            for at, wkb in zip(batch.tolist(), geometry, strict=True):
                yield self._row(at, int(source[at]), int(target[at]), wkb)

    def _row(self, at: int, source: int, target: int, geometry: bytes) -> StreetRow:
        flags, metres, speed = int(self.flags[at]), float(self.meters[at]), float(self.maximum_speed[at])
        local, english = self.names[self.name[at]] if self.name[at] >= 0 else (None, None)
        seconds = metres / WALKING_METERS_PER_SECOND
        return StreetRow(
            id=int(self.id[at]),
            source=source,
            target=target,
            cost=seconds if flags & StreetFlag.FOOT_FORWARD else -1.0,
            reverse_cost=seconds if flags & StreetFlag.FOOT_BACKWARD else -1.0,
            length_meters=metres,
            way=int(self.way[at]),
            from_node=int(self.from_node[at]),
            to_node=int(self.to_node[at]),
            road_class=self.class_names[self.road_class[at]],
            name=local,
            name_en=english,
            flags=flags,
            layer=int(self.layer[at]),
            maximum_speed=None if np.isnan(speed) else speed,
            geometry=geometry,
        )

    @classmethod
    def from_rows(cls, rows: Iterable[StreetRow], gates: Gates | None = None, walls: Walls | None = None) -> "Streets":
        """Take streets back from their table, so that a network can be built again without the file.

        Only id, way, from_node, to_node, road_class, name, name_en, flags, layer, maximum_speed and geometry are
        read; lengths are computed anew. Rows are sorted by id first, so that the same table gives the same network.
        """
        ordered = sorted(rows, key=lambda row: row.id)
        lines = Polylines.from_geometries(shapely.from_wkb(np.array([row.geometry for row in ordered], object)))
        speeds = [np.nan if row.maximum_speed is None else row.maximum_speed for row in ordered]
        return make_streets(
            id=np.array([row.id for row in ordered], np.int64),
            way=np.array([row.way for row in ordered], np.int64),
            from_node=np.array([row.from_node for row in ordered], np.int64),
            to_node=np.array([row.to_node for row in ordered], np.int64),
            road_class=[row.road_class for row in ordered],
            name=[(row.name, row.name_en) for row in ordered],
            flags=np.array([row.flags for row in ordered], np.uint16),
            layer=np.array([row.layer for row in ordered], np.int16),
            maximum_speed=np.array(speeds, np.float64),
            lines=lines,
            gates=gates,
            walls=walls,
        )


def make_streets(
    *,
    id: NDArray[np.int64],
    way: NDArray[np.int64],
    from_node: NDArray[np.int64],
    to_node: NDArray[np.int64],
    road_class: Sequence[str],
    name: Sequence[tuple[str | None, str | None]],
    flags: NDArray[np.uint16],
    layer: NDArray[np.int16],
    maximum_speed: NDArray[np.float64],
    lines: Polylines,
    gates: Gates | None = None,
    walls: Walls | None = None,
    features: MapFeatures | None = None,
    report: Report | None = None,
) -> Streets:
    """Put streets together from plain columns: words are numbered, lengths computed, gates off the streets dropped."""
    classes = {word: number for number, word in enumerate(sorted(set(road_class)))}
    names: dict[tuple[str | None, str | None], int] = {(None, None): -1}
    numbers = [names.setdefault(pair, len(names) - 1) for pair in name]
    used = np.union1d(from_node, to_node)
    return Streets(
        id=id,
        way=way,
        from_node=from_node,
        to_node=to_node,
        road_class=np.array([classes[word] for word in road_class], np.uint16),
        name=np.array(numbers, np.int32),
        flags=flags,
        layer=layer,
        maximum_speed=maximum_speed,
        meters=np.add.reduceat(geodesic_lengths(lines), lines.first[:-1]) if len(lines) else np.zeros(0),
        lines=lines,
        class_names=tuple(classes),
        names=tuple(names)[1:],
        gates=(gates or Gates.from_rows([])).at(used),
        walls=walls or Walls.none(),
        features=features or MapFeatures.none(),
        report=report or Report(),
    )


def walking_ends(streets: Streets) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the nodes at both ends int64[E], where each end at a gate closed on foot is a node of its own, below 0."""
    closed = streets.gates.closed_for("foot")
    source = np.where(np.isin(streets.from_node, closed), -2 * streets.id, streets.from_node)
    target = np.where(np.isin(streets.to_node, closed), -2 * streets.id - 1, streets.to_node)
    return source, target
