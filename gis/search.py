"""The reach search, in one place: who is first, who covers what, who reaches whom, and keeping that up to date."""

import numpy as np

from gis.arrivals import reaches
from gis.field import Field, Reach, field, homes_reached
from gis.graph import build_graph
from gis.homes import HomesByEdge, homes_by_edge
from gis.links import Links
from gis.nearest import Candidate, Stretch, nearest
from gis.pairs import Pairs, pairs
from gis.refresh import Coverage

__all__ = [
    "Candidate",
    "Coverage",
    "Field",
    "HomesByEdge",
    "Pairs",
    "Reach",
    "Stretch",
    "field",
    "homes_by_edge",
    "homes_reached",
    "nearest",
    "pairs",
    "reaches",
    "warm",
]


def warm() -> None:
    """Compile (or load) every search before the first call needs it: call once at server start."""
    graph = build_graph(2, [0, 0], [1, 1], [5, 7], [5, 9])
    points = Links(np.array([0, 1], np.int32), np.array([0.5, 0.5]), np.zeros(2, np.int32))
    call = Links(points.edge[:1], points.fraction[:1], points.door_ticks[:1])
    for toward_origin in (True, False):
        nearest(graph, call, points, 1, 10, toward_origin)
    coverage = Coverage(graph, points, points, 10)
    coverage.move(0, call)
    pairs(graph, points, coverage.homes, 10)
    reaches(np.int64(1), np.int64(2))
