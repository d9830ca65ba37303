"""Streets from an OpenStreetMap file: PBF or XML, read as a stream with the filters in C++."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import shapely

from gis.access_tags import NO_STREET, Tags
from gis.barriers import WALL_KINDS, GateRow, Gates, WallList, gate_closed
from gis.mapfeatures import KEYS, FeatureList, feature_kind
from gis.noding import WayList, split_ways, usable
from gis.streets import Report, Streets

Vertex = tuple[int, float, float]
WAY_KEYS = ("highway", "barrier", "route", *KEYS)
STEP = 10_000


@dataclass(slots=True)
class OsmReader:
    """Collects streets, gates, walls and map features from OSM objects; memory grows with what is kept."""

    ways: WayList = field(default_factory=WayList)
    gates: list[GateRow] = field(default_factory=list)
    walls: WallList = field(default_factory=WallList)
    features: FeatureList = field(default_factory=FeatureList)
    dropped: Counter[str] = field(default_factory=Counter)
    _wkb: Any = field(default_factory=osmium.geom.WKBFactory)

    def read(self, path: Path, progress: Callable[[int], None] | None = None) -> None:
        """Read the file; progress gets the number of objects seen. Raises RuntimeError as osmium does."""
        for number, thing in enumerate(_objects(path), 1):
            {"n": self._node, "w": self._way, "a": self._area}[thing.type_str()](thing)
            if progress and number % STEP == 0:
                progress(number)

    def streets(self) -> Streets:
        """Give what was read, split into edges."""
        gates, walls, features = Gates.from_rows(self.gates), self.walls.walls(), self.features.features()
        kept = {"street ways": len(self.ways.way), "walls and fences": len(walls), **Counter(features.kind)}
        report = Report(kept, dict(sorted(self.dropped.items())))
        streets = split_ways(self.ways, gates, walls, features, report)
        report.kept.update({"street edges": len(streets), "gates on streets": len(streets.gates)})
        off_street = len(gates) - len(streets.gates)
        report.dropped.update({"barrier points that stand on no street": off_street} if off_street else {})
        return streets

    def _node(self, node: Any) -> None:
        tags = dict(node.tags)
        closed = gate_closed(tags)
        self.gates.append(GateRow(node.id, node.location.lon, node.location.lat, tags["barrier"][:40], closed))

    def _way(self, way: Any) -> None:
        tags = dict(way.tags)
        if tags.get("barrier") in WALL_KINDS and "highway" not in tags:
            self._wall(way, tags)
        kind = feature_kind(tags, area=False)
        if kind:
            self._line_feature(way, kind, tags)
        if "highway" in tags:
            self._street(way, tags)
        elif tags.get("route") == "ferry":
            self.dropped["ferry lines (no street)"] += 1

    def _street(self, way: Any, tags: Tags) -> None:
        flags = usable(tags)
        if flags is None:
            built = tags["highway"] not in NO_STREET
            self.dropped["ways closed to everybody" if built else "ways that are no street (planned, torn down)"] += 1
            return
        for piece in self._pieces(way):
            self.ways.add(way.id, tags, flags, piece)

    def _pieces(self, way: Any) -> Iterable[list[Vertex]]:
        """Give the way's vertices; in parts where an extract was cut, and without repeated nodes."""
        pieces: list[list[Vertex]] = [[]]
        for node in way.nodes:
            if not node.location.valid():
                self.dropped["nodes that are missing from the file"] += 1
                pieces.append([])
            elif not pieces[-1] or pieces[-1][-1][0] != node.ref:
                pieces[-1].append((node.ref, node.lon, node.lat))
        good = [piece for piece in pieces if len(piece) > 1]
        self.dropped.update({"ways with fewer than two nodes": 1} if not good else {})
        return good

    def _wall(self, way: Any, tags: Tags) -> None:
        for piece in self._pieces(way):
            self.walls.add(way.id, tags["barrier"], np.array([vertex[1:] for vertex in piece]))

    def _line_feature(self, way: Any, kind: str, tags: Tags) -> None:
        try:
            self.features.add(way.id, kind, tags, bytes.fromhex(self._wkb.create_linestring(way)))
        except (RuntimeError, osmium.InvalidLocationError):
            self.dropped["map lines with a broken shape"] += 1

    def _area(self, area: Any) -> None:
        tags = dict(area.tags)
        kind = feature_kind(tags, area=True)
        walled = tags.get("barrier") in WALL_KINDS and not area.from_way()
        if kind is None and not walled:
            return
        try:
            wkb = bytes.fromhex(self._wkb.create_multipolygon(area))
        except RuntimeError:
            self.dropped["map areas with a broken outline"] += 1
            return
        if kind:
            self.features.add(area.orig_id() if area.from_way() else -area.orig_id(), kind, tags, wkb)
        for ring in shapely.get_parts(shapely.boundary(shapely.from_wkb(wkb))) if walled else ():
            self.walls.add(-area.orig_id(), tags["barrier"], shapely.get_coordinates(ring))


def _objects(path: Path) -> Iterable[Any]:
    kinds = osmium.osm
    points = osmium.filter.KeyFilter("barrier")
    points.enable_for(kinds.NODE)
    shapes = osmium.filter.KeyFilter(*WAY_KEYS)
    shapes.enable_for(kinds.WAY | kinds.AREA)
    relations_for_areas = osmium.filter.KeyFilter(*KEYS, "barrier")
    processor = osmium.FileProcessor(str(path)).with_locations().with_areas(relations_for_areas)
    no_relations = osmium.filter.EntityFilter(kinds.NODE | kinds.WAY | kinds.AREA)
    return processor.with_filter(points).with_filter(shapes).with_filter(no_relations)
