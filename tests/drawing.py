"""Small towns for tests, drawn as text: letters are places, lines between them are streets.

    plan = town('''
        A---B---C
            |
            D
    ''', block=100)

draws A, B and C in a row, 100 m apart, and D 100 m south of B: four characters across, or two lines down, are one
block. `-` and `|` are streets for everybody; a `>` `<` `^` or `v` in such a line makes it one-way for wheels. The rest
is told:

    plan.street("A D", highway="steps")     another street, straight, through places named before
    plan.gate("B", access="private")        a gate on the streets that meet there
    plan.place("H", x=50, y=-10)            a place on no street; metres east and north of the lowest left letter
    plan.wall((0, 50), (200, 50))           a wall through points or places

`plan.network()` builds it, `plan.at("H")` gives degrees, `plan.save(path)` writes an OSM file.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import osmium

from gis.access_tags import Tags
from gis.barriers import GateRow, Gates, WallList, Walls, gate_closed
from gis.coordinates import LocalProjection
from gis.linking import Linker, PointLinks
from gis.mapfeatures import MapFeatures
from gis.network import StreetNetwork, build_network
from gis.noding import WayList, split_ways, usable
from gis.streets import Report, Streets

Point = tuple[float, float]
CENTER = (116.0, 40.0)
ACROSS, DOWN = 4, 2  # characters and lines a block
ONE_WAY = {">": "yes", "<": "-1", "v": "yes", "^": "-1"}


@dataclass(slots=True)
class Town:
    """Places (metres), ways (places and tags), gates and walls; the methods give the town back, to be chained."""

    projection: LocalProjection = field(default_factory=lambda: LocalProjection(*CENTER))
    places: dict[str, Point] = field(default_factory=dict)
    ways: list[tuple[list[str], dict[str, str]]] = field(default_factory=list)
    gates: dict[str, dict[str, str]] = field(default_factory=dict)
    walls: list[list[Point]] = field(default_factory=list)

    def place(self, name: str, x: float, y: float) -> "Town":
        """Name a place, in metres."""
        self.places[name] = (x, y)
        return self

    def street(self, names: str, **tags: str) -> "Town":
        """Draw a straight street through places; tags are OSM's, a residential street when none says otherwise."""
        said = {key.replace("__", ":"): value for key, value in tags.items()}
        self.ways.append((names.split(), said if "route" in said else {"highway": "residential", **said}))
        return self

    def gate(self, name: str, **tags: str) -> "Town":
        """Put a gate on the streets that meet at a place."""
        self.gates[name] = {"barrier": "gate", **tags}
        return self

    def wall(self, *points: str | Point) -> "Town":
        """Build a wall through places or points."""
        self.walls.append([self.places[point] if isinstance(point, str) else point for point in points])
        return self

    def at(self, *names: str) -> tuple[np.ndarray, np.ndarray]:
        """Give longitudes and latitudes float64[n] of places."""
        return self.degrees(*(self.places[name] for name in names))

    def degrees(self, *points: Point) -> tuple[np.ndarray, np.ndarray]:
        """Give longitudes and latitudes float64[n] of points in metres."""
        x, y = np.array(points, np.float64).reshape(-1, 2).T
        return self.projection.to_degrees(x, y)

    def node(self, name: str) -> int:
        """Give the number of a place's node."""
        return list(self.places).index(name) + 1

    def streets(self) -> Streets:
        """Give the streets as a file's reader would."""
        ways = WayList()
        for number, (names, tags) in enumerate(self.ways, 1):
            flags = usable(tags) if "highway" in tags else None
            if flags is not None:
                ways.add(number, tags, flags, [self._vertex(name) for name in names])
        return split_ways(ways, self._gates(), self._walls(), MapFeatures.none(), Report())

    def network(self, steps_factor: float = 1.0) -> StreetNetwork:
        """Build the network."""
        return build_network(self.streets(), steps_factor=steps_factor)

    def link(self, *names: str, graph: str = "foot", limit_meters: float = 300.0) -> PointLinks:
        """Link places to a network built anew."""
        return Linker(self.network()).link(*self.at(*names), graph=graph, limit_meters=limit_meters)

    def save(self, path: Path) -> Path:
        """Write the town as an OSM file (its ending says which kind), coordinates to 7 decimals."""
        with osmium.SimpleWriter(str(path), overwrite=True) as writer:
            for name in self.places:
                number, lon, lat = self._vertex(name)
                writer.add_node(osmium.osm.mutable.Node(id=number, location=(lon, lat), tags=self.gates.get(name, {})))
            lines = [([self.node(name) for name in names], tags) for names, tags in self.ways]
            self._save_wall_nodes(writer, lines)
            for number, (nodes, tags) in enumerate(lines, 1):
                writer.add_way(osmium.osm.mutable.Way(id=number, nodes=nodes, tags=tags))
        return path

    def _save_wall_nodes(self, writer: osmium.SimpleWriter, lines: list[tuple[list[int], dict[str, str]]]) -> None:
        number = len(self.places)
        for wall in self.walls:
            nodes = []
            for lon, lat in zip(*self.degrees(*wall), strict=True):
                number += 1
                nodes.append(number)
                writer.add_node(osmium.osm.mutable.Node(id=number, location=(lon, lat)))
            lines.append((nodes, {"barrier": "wall"}))

    def _vertex(self, name: str) -> tuple[int, float, float]:
        lon, lat = self.at(name)
        return self.node(name), float(lon[0]), float(lat[0])

    def _gates(self) -> Gates:
        return Gates.from_rows(self._gate(name, tags) for name, tags in self.gates.items())

    def _gate(self, name: str, tags: Tags) -> GateRow:
        return GateRow(*self._vertex(name), tags["barrier"], gate_closed(tags))

    def _walls(self) -> Walls:
        walls = WallList()
        for number, points in enumerate(self.walls, 1):
            walls.add(-number, "wall", np.column_stack(self.degrees(*points)))
        return walls.walls()


def town(text: str = "", block: float = 100.0) -> Town:
    """Read a drawing; see the module. Streets run straight between the letters that a line joins."""
    lines = text.splitlines()
    signs = {(column, -row): sign for row, line in enumerate(lines) for column, sign in enumerate(line) if sign != " "}
    letters = {at: sign for at, sign in signs.items() if sign.isalnum() and sign != "v"}
    west, south = (min((at[axis] for at in letters), default=0) for axis in (0, 1))
    plan = Town()
    for (column, row), name in letters.items():
        plan.place(name, (column - west) * block / ACROSS, (row - south) * block / DOWN)
    for at, name in letters.items():
        for step, line in (((1, 0), "-><"), ((0, -1), "|v^")):
            _draw_street(plan, signs, at, name, step, line)
    return plan


def _draw_street(plan: Town, signs: dict[Point, str], at: Point, name: str, step: tuple[int, int], line: str) -> None:
    run = ""
    while (sign := signs.get(at := (at[0] + step[0], at[1] + step[1]), " ")) in line:
        run += sign
    if run and sign.isalnum():
        oneway = next((ONE_WAY[sign] for sign in run if sign in ONE_WAY), None)
        plan.street(f"{name} {sign}", **({"oneway": oneway} if oneway else {}))
