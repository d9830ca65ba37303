"""What compiled code sees of a graph, and what a point on an edge costs from and to the edge's ends."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis.adjacency import NEVER
from gis.compiled import compiled
from gis.graph import Graph
from gis.links import BadLinks, Links
from gis.profiles import BLOCKED


class Ways(NamedTuple):
    """A graph's arrays, named as in `Graph`; half-edges flat, as in `Adjacency`."""

    edge_from: NDArray[np.int32]
    edge_to: NDArray[np.int32]
    forward: NDArray[np.int32]
    backward: NDArray[np.int32]
    component: NDArray[np.int32]
    leaving: NDArray[np.uint32]
    leaving_edges: NDArray[np.uint32]
    arriving: NDArray[np.uint32]
    arriving_edges: NDArray[np.uint32]


class Points(NamedTuple):
    """Linked points for compiled code: `edge` int32[n], `fraction` float64[n], `ticks` int32[n, 2].

    `ticks` is the cost between the door and the edge's two ends (from-end, to-end), in the one direction asked for;
    `NEVER` or more where that way is not allowed.
    """

    edge: NDArray[np.int32]
    fraction: NDArray[np.float64]
    ticks: NDArray[np.int32]


def ways(graph: Graph) -> Ways:
    """The graph as compiled code takes it."""
    edges = (graph.edge_from, graph.edge_to, graph.forward_ticks, graph.backward_ticks, graph.component)
    return Ways(*edges, *graph.leaving, *graph.arriving)


def points(graph: Graph, links: Links, leaving: bool) -> Points:
    """What each point costs to its edge's ends (`leaving`), or from them. Raises `BadLinks` for an unknown edge."""
    check_edges(graph, links)
    ticks = np.empty((len(links), 2), np.int32)
    _point_ticks(
        graph.forward_ticks, graph.backward_ticks, links.edge, links.fraction, links.door_ticks, leaving, ticks
    )
    return Points(links.edge, links.fraction, ticks)


def check_edges(graph: Graph, links: Links) -> None:
    """Raises `BadLinks` for an edge that the graph does not have."""
    if links.greatest_edge >= graph.edge_count:
        raise BadLinks(f"A point lies on edge {links.greatest_edge} of {graph.edge_count}: link it to this network.")


@compiled
def points_within(ways: Any, edge: Any, fraction: Any, door: Any, leaving: bool) -> Any:
    """`points` for compiled code, of links that were checked."""
    ticks = np.empty((len(edge), 2), np.int32)
    _point_ticks(ways.forward, ways.backward, edge, fraction, door, leaving, ticks)
    return Points(edge, fraction, ticks)


@compiled
def _point_ticks(forward: Any, backward: Any, edge: Any, fraction: Any, door: Any, leaving: bool, ticks: Any) -> None:
    for i in range(len(edge)):
        ticks[i] = NEVER
        if edge[i] >= 0:
            ahead, back = forward[edge[i]], backward[edge[i]]
            if leaving:
                ahead, back = back, ahead
            _to_ends(ticks[i], fraction[i], ahead, back, door[i], leaving)


@compiled
def _to_ends(ticks: Any, fraction: float, near: int, far: int, door: int, leaving: bool) -> None:
    """Offsets are rounded once, from `edge_from`; the rest of the edge is what remains, so the parts add up to it."""
    if near != BLOCKED:
        ticks[0] = np.int64(np.rint(fraction * near)) + door
    if far != BLOCKED:
        ticks[1] = far - np.int64(np.rint(fraction * far)) + door


@compiled
def direct_ticks(ahead: int, back: int, start: float, goal: float, leaving: Any, arriving: Any) -> Any:
    """The trip between two points of one edge without leaving it, doors included; `NEVER` when not allowed.

    `ahead`, `back`: the edge's costs both ways. `leaving`, `arriving`: int32[2], the start's cost to the edge's ends
    and the goal's cost from them. Both lie on the edge, so the whole edge is counted once too often.
    """
    best = np.int64(NEVER)
    if start <= goal and ahead != BLOCKED:
        best = np.int64(leaving[1]) + np.int64(arriving[0]) - ahead
    if start >= goal and back != BLOCKED:
        best = min(best, np.int64(leaving[0]) + np.int64(arriving[1]) - back)
    return best


@compiled
def direct_trip(ways: Any, call: Any, others: Any, other: int, toward: bool) -> Any:
    """The trip along the edge that candidate `other` shares with the call: to the call (`toward`) or from it."""
    edge, here, there = call.edge[0], call.fraction[0], others.fraction[other]
    ahead, back = ways.forward[edge], ways.backward[edge]
    if toward:
        return direct_ticks(ahead, back, there, here, others.ticks[other], call.ticks[0])
    return direct_ticks(ahead, back, here, there, call.ticks[0], others.ticks[other])
