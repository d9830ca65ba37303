"""Streets to network: which edges each mode may use, contracted to junctions and laid out along a Hilbert curve."""

from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from gis.access_tags import BACKWARD, FORWARD, MODES, StreetFlag
from gis.adjacency import read_only
from gis.barriers import Walls
from gis.contraction import Chains, Ends, contract, number_nodes
from gis.coordinates import LocalProjection
from gis.courses import EdgeCourses, edge_courses
from gis.errors import GisError
from gis.graph import Graph, build_graph, hilbert_order
from gis.polylines import Polylines, geodesic_lengths
from gis.profiles import BLOCKED
from gis.roadspeeds import part_ticks
from gis.segmentgrid import build_grid
from gis.streetnetwork import CurrentNetwork, ModeNetwork, NoNetwork, StreetNetwork, WallLines
from gis.streets import Streets

__all__ = ["CurrentNetwork", "ModeNetwork", "NoNetwork", "NoStreets", "StreetNetwork", "WallLines", "build_network"]

# Nobody steps out of a door onto an elevated road, into a tunnel, or onto a motorway.
NO_DOORS = StreetFlag.BRIDGE | StreetFlag.TUNNEL
NO_DOOR_CLASSES = ("motorway", "motorway_link")


class NoStreets(GisError):
    """There are no streets from which to build a network."""

    code = "NO_STREETS"


def build_network(streets: Streets, *, steps_factor: float = 1.0) -> StreetNetwork:
    """Build the networks on foot, by e-bike and by car. Lengths are geodesic on the WGS 84 ellipsoid.

    steps_factor: how many metres of level street a metre of steps counts for. Raises NoStreets.
    """
    if not len(streets):
        raise NoStreets("There are no streets; import a street file first.")
    projection = _projection(streets)
    x, y = projection.to_meters(streets.lines.x, streets.lines.y)
    course = Polylines(streets.lines.first, x, y)
    vertex_metres = geodesic_lengths(streets.lines)
    modes = {mode: _mode_network(streets, course, vertex_metres, mode, steps_factor) for mode in MODES}
    report = asdict(streets.report) | {mode: _mode_report(streets, modes[mode], mode) for mode in MODES}
    settings = {"steps_factor": steps_factor}
    return StreetNetwork.made(projection, modes, _wall_lines(streets.walls, projection), streets.id, settings, report)


def _projection(streets: Streets) -> LocalProjection:
    lon, lat = streets.lines.x, streets.lines.y
    # Six decimals, so that the centre does not carry rounding into the version.
    return LocalProjection(round(float(lon.min() + lon.max()) / 2, 6), round(float(lat.min() + lat.max()) / 2, 6))


def _wall_lines(walls: Walls, projection: LocalProjection) -> WallLines:
    x, y = projection.to_meters(walls.lines.x, walls.lines.y)
    return WallLines(read_only(x), read_only(y), build_grid(x, y, walls.lines.segments()))


def _mode_network(
    streets: Streets, course: Polylines, vertex_metres: NDArray[np.float64], mode: str, steps_factor: float
) -> ModeNetwork:
    rows = np.flatnonzero(streets.having(FORWARD[mode] | BACKWARD[mode]))
    forward, backward = streets.having(FORWARD[mode])[rows], streets.having(BACKWARD[mode])[rows]
    ticks = part_ticks(streets, rows, mode, steps_factor)
    gates = streets.gates
    ends = number_nodes(streets.from_node[rows], streets.to_node[rows], gates.node, gates.closed_for(mode))
    chains = contract(ends, ticks, forward, backward)
    chains, count = _along_the_curve(chains, course.take(rows), ends)
    shapes = edge_courses(chains, rows, ticks, course, vertex_metres)
    graph = _graph(chains, count, forward, backward)
    return _with_index(graph, shapes, _has_doors(streets, mode))


def _along_the_curve(chains: Chains, parts: Polylines, ends: Ends) -> tuple[Chains, int]:
    """Number junctions along a Hilbert curve, chains by their junctions; give the chains and how many junctions."""
    x, y = np.empty(ends.count), np.empty(ends.count)
    for node, vertex in ((ends.start, parts.first[:-1]), (ends.end, parts.first[1:] - 1)):
        x[node], y[node] = parts.x[vertex], parts.y[vertex]
    junctions = np.unique(np.concatenate((chains.start, chains.end)))
    number = np.full(ends.count, -1)
    number[junctions[hilbert_order(x[junctions], y[junctions])]] = np.arange(len(junctions))
    start, end = number[chains.start], number[chains.end]
    order = np.lexsort((np.maximum(start, end), np.minimum(start, end)))
    sizes = np.diff(chains.first)[order]
    first = np.concatenate(([0], np.cumsum(sizes)))
    at = np.repeat(chains.first[:-1][order] - first[:-1], sizes) + np.arange(first[-1])
    ordered = Chains(first, chains.part[at], chains.reversed[at], start[order], end[order], chains.ticks[order])
    return ordered, len(junctions)


def _graph(chains: Chains, count: int, forward: NDArray[np.bool_], backward: NDArray[np.bool_]) -> Graph:
    # All parts of a chain allow the same directions, so the first one speaks for it.
    part, turned = chains.part[chains.first[:-1]], chains.reversed[chains.first[:-1]]
    along = np.where(turned, backward[part], forward[part])
    against = np.where(turned, forward[part], backward[part])
    costs = (np.where(allowed, chains.ticks, BLOCKED) for allowed in (along, against))
    return build_graph(count, chains.start, chains.end, *costs)


def _has_doors(streets: Streets, mode: str) -> NDArray[np.bool_]:
    closed = [number for number, name in enumerate(streets.class_names) if name in NO_DOOR_CLASSES]
    return np.asarray(~streets.having(NO_DOORS) & ~np.isin(streets.road_class, closed))


def _with_index(graph: Graph, shapes: EdgeCourses, has_doors: NDArray[np.bool_]) -> ModeNetwork:
    first, x, y, fraction, street = shapes
    segments = Polylines(first, x, y).segments()
    junction_x, junction_y = np.zeros(graph.junction_count), np.zeros(graph.junction_count)
    for junction, vertex in ((graph.edge_from, first[:-1]), (graph.edge_to, first[1:] - 1)):
        junction_x[junction], junction_y[junction] = x[vertex], y[vertex]
    grid = build_grid(x, y, segments[has_doors[street[segments]]])
    arrays = (read_only(array) for array in (first, x, y, fraction, street, junction_x, junction_y))
    return ModeNetwork(graph, grid, *arrays)


def _mode_report(streets: Streets, network: ModeNetwork, mode: str) -> dict[str, float]:
    """Count junctions, edges, kilometres, and what lies apart from the largest connected part."""
    graph, usable = network.graph, streets.having(FORWARD[mode] | BACKWARD[mode])
    sizes = np.bincount(graph.component[graph.edge_from]) if graph.edge_count else np.zeros(1, np.int64)
    return {
        "junctions": graph.junction_count,
        "edges": graph.edge_count,
        "kilometers": round(float(streets.meters[usable].sum()) / 1000, 1),
        "components": len(sizes),
        "edges outside the largest component": int(sizes.sum() - sizes.max()),
        "street edges closed to this mode": int((~usable).sum()),
        "gates closed to this mode": len(streets.gates.closed_for(mode)),
    }
