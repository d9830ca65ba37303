"""scipy's Dijkstra as a peer: from all suppliers at once with a limit, then the homes joined in numpy."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from gis.graph import Graph
from gis.links import Links


class ScipyAudit:
    """The graph is ready, suppliers in it as nodes of their own; only the cheapest of parallel edges are given."""

    def __init__(self, graph: Graph, suppliers: Links, homes: Links, limit_ticks: int) -> None:
        """Prepare; not part of what is measured."""
        self.limit = limit_ticks
        self.goers = graph.junction_count + np.arange(len(suppliers))
        near, far = suppliers.fraction, 1 - suppliers.fraction
        ticks, edge = graph.forward_ticks.astype(np.float64), suppliers.edge
        froms = (graph.edge_from, self.goers, self.goers)
        tos = (graph.edge_to, graph.edge_from[edge], graph.edge_to[edge])
        costs = (ticks, suppliers.door_ticks + near * ticks[edge], suppliers.door_ticks + far * ticks[edge])
        size = graph.junction_count + len(suppliers)
        self.graph = _cheapest(np.concatenate(froms), np.concatenate(tos), np.concatenate(costs), size)
        self.ends = graph.edge_from[homes.edge], graph.edge_to[homes.edge]
        whole = ticks[homes.edge]
        self.doors = homes.fraction * whole + homes.door_ticks, (1 - homes.fraction) * whole + homes.door_ticks

    def run(self) -> int:
        """Search and join; give how many homes are reached (same-edge trips left out, in its favour)."""
        reached = dijkstra(self.graph, directed=False, indices=self.goers, min_only=True, limit=self.limit)
        ticks = np.minimum(reached[self.ends[0]] + self.doors[0], reached[self.ends[1]] + self.doors[1])
        return int((ticks <= self.limit).sum())


def _cheapest(froms: NDArray[np.int64], tos: NDArray[np.int64], costs: NDArray[np.float64], size: int) -> csr_matrix:
    low, high = np.minimum(froms, tos), np.maximum(froms, tos)
    order = np.lexsort((costs, high, low))
    low, high, costs = low[order], high[order], np.maximum(costs[order], 1e-3)
    first = np.r_[True, (low[1:] != low[:-1]) | (high[1:] != high[:-1])]
    return csr_matrix((costs[first], (low[first], high[first])), shape=(size, size))
