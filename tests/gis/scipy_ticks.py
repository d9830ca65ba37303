"""The exact answer by scipy on the very costs of a graph: whole ticks, nothing bounded, nothing queued.

Travellers are nodes of their own, joined to the ends of their edge (each of these costs 1 more, since scipy takes an
explicit 0 for no edge). csr_matrix adds parallel edges up, so only the cheapest of them is given to it. Whole numbers
below 2**53 are exact in float64, so the comparison is for equality.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from gis.graph import BLOCKED, Graph
from gis.links import Links

Ticks = NDArray[np.float64]
NO_WAY = 2.0**50


def ticks_between(graph: Graph, suppliers: Links, homes: Links) -> Ticks:
    """Give the ticks of every trip, float64[suppliers, homes], inf where there is none."""
    found = np.full((len(suppliers), len(homes)), np.inf)
    for number in range(len(suppliers)):
        one = Links(*(getattr(suppliers, name)[number : number + 1] for name in ("edge", "fraction", "door_ticks")))
        found[number] = first_ticks(graph, one, homes)
    return found


def first_ticks(graph: Graph, suppliers: Links, homes: Links) -> Ticks:
    """Give the ticks of the first arrival at every home, float64[homes], inf where nobody comes."""
    found, linked = np.full(len(homes), np.inf), homes.edge >= 0
    goers = suppliers.edge >= 0
    if goers.any():
        start = suppliers.edge[goers], suppliers.fraction[goers], suppliers.door_ticks[goers]
        goal = homes.edge[linked], homes.fraction[linked]
        best = np.minimum(_over_streets(graph, *start, *goal), _on_the_edge(graph, *start, *goal))
        found[linked] = np.where(best < NO_WAY, best + homes.door_ticks[linked], np.inf)
    return found


def _over_streets(
    graph: Graph, edge: NDArray[np.int32], fraction: Ticks, door: Ticks, at: Ticks, share: Ticks
) -> Ticks:
    forward, backward = _costs(graph.forward_ticks), _costs(graph.backward_ticks)
    virtual = graph.junction_count + np.arange(len(edge))
    froms = np.concatenate((graph.edge_from, graph.edge_to, virtual, virtual))
    tos = np.concatenate((graph.edge_to, graph.edge_from, graph.edge_from[edge], graph.edge_to[edge]))
    leave = (_part(backward[edge], fraction) + door + 1, _rest(forward[edge], fraction) + door + 1)
    matrix = _cheapest(froms, tos, np.concatenate((forward, backward, *leave)), graph.junction_count + len(edge))
    reached = np.minimum(dijkstra(matrix, indices=virtual, min_only=True) - 1, NO_WAY)
    by_start = reached[graph.edge_from[at]] + _part(forward[at], share)
    return np.minimum(by_start, reached[graph.edge_to[at]] + _rest(backward[at], share))


def _costs(ticks: NDArray[np.int32]) -> Ticks:
    return np.where(ticks == BLOCKED, NO_WAY, ticks)


def _part(cost: Ticks, fraction: Ticks) -> Ticks:
    return np.where(cost < NO_WAY, np.rint(fraction * cost), NO_WAY)


def _rest(cost: Ticks, fraction: Ticks) -> Ticks:
    return np.where(cost < NO_WAY, cost - np.rint(fraction * cost), NO_WAY)


def _cheapest(froms: NDArray[np.int64], tos: NDArray[np.int64], costs: Ticks, size: int) -> csr_matrix:
    order = np.lexsort((costs, tos, froms))
    order = order[costs[order] < NO_WAY]
    froms, tos = froms[order], tos[order]
    first = np.ones(len(order), bool)
    first[1:] = (froms[1:] != froms[:-1]) | (tos[1:] != tos[:-1])
    return csr_matrix((costs[order][first], (froms[first], tos[first])), shape=(size, size))


def _on_the_edge(graph: Graph, edge: NDArray[np.int32], fraction: Ticks, door: Ticks, at: Ticks, share: Ticks) -> Ticks:
    best = np.full(len(at), NO_WAY)
    forward, backward = _costs(graph.forward_ticks), _costs(graph.backward_ticks)
    for one in range(len(edge)):
        same = np.flatnonzero(at == edge[one])
        ahead, back = forward[edge[one]], backward[edge[one]]
        onward = _part(ahead, share[same]) - _part(ahead, fraction[one])
        return_ = _part(back, fraction[one]) - _part(back, share[same])
        onward = np.where((share[same] >= fraction[one]) & (ahead < NO_WAY), onward, NO_WAY)
        return_ = np.where((share[same] <= fraction[one]) & (back < NO_WAY), return_, NO_WAY)
        best[same] = np.minimum(best[same], np.minimum(onward, return_) + door[one])
    return best
