"""One mode's streets as compact arrays: junctions, edges with a cost each way, and points linked to edges."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.adjacency import Adjacency, pack, read_only
from gis.compiled import compiled
from gis.errors import GisError
from gis.hilbert import hilbert_order
from gis.links import BadLinks, Links
from gis.profiles import BLOCKED, MAXIMUM_TICKS

__all__ = ["BLOCKED", "BadEdges", "BadLinks", "Graph", "Links", "build_graph", "hilbert_order"]


class BadEdges(GisError):
    """The edges of a graph do not fit together."""

    code = "GIS_EDGES_INVALID"


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """The streets of one mode. Arrays are read-only and may be mapped from a file.

    `edge_from`, `edge_to`: int32[E], junctions. `forward_ticks`, `backward_ticks`: int32[E], the cost along the edge
    and against it, `BLOCKED` when not allowed. `leaving` and `arriving` are the half-edges by junction (one object when
    every edge costs the same both ways). `component`: int32[junctions], which junctions hang together, ways ignored.
    `bucket_shift`: the search looks at costs in steps of 2**bucket_shift ticks; answers never depend on it.
    """

    junction_count: int
    edge_from: NDArray[np.int32]
    edge_to: NDArray[np.int32]
    forward_ticks: NDArray[np.int32]
    backward_ticks: NDArray[np.int32]
    component: NDArray[np.int32]
    leaving: Adjacency
    arriving: Adjacency
    bucket_shift: int
    workspaces: deque[Any] = field(default_factory=deque, repr=False)

    @property
    def edge_count(self) -> int:
        """How many edges, parallel ones counted apart."""
        return len(self.edge_from)

    @property
    def is_directed(self) -> bool:
        """Whether some edge costs more one way than the other."""
        return self.leaving is not self.arriving

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything by name, to be stored; `Graph.from_arrays` takes it back, memory-mapped or not, without work."""
        stored: dict[str, NDArray[Any]] = {name: getattr(self, name) for name in _STORED}
        stored["leaving_records"], stored["leaving_edges"] = self.leaving
        if self.is_directed:
            stored["arriving_records"], stored["arriving_edges"] = self.arriving
        stored["sizes"] = np.array([self.junction_count, self.bucket_shift], np.int64)
        return stored

    @staticmethod
    def from_arrays(stored: Mapping[str, NDArray[Any]]) -> "Graph":
        """The graph whose `arrays()` these are."""
        junction_count, bucket_shift = (int(size) for size in stored["sizes"])
        leaving = _adjacency(stored, "leaving")
        arriving = _adjacency(stored, "arriving") if "arriving_records" in stored else leaving
        start, end, forward, backward, component = (read_only(stored[name]) for name in _STORED)
        return Graph(junction_count, start, end, forward, backward, component, leaving, arriving, bucket_shift)


_STORED = ("edge_from", "edge_to", "forward_ticks", "backward_ticks", "component")


def _adjacency(stored: Mapping[str, NDArray[Any]], name: str) -> Adjacency:
    return Adjacency(read_only(stored[f"{name}_records"]), read_only(stored[f"{name}_edges"]))


def build_graph(
    junction_count: int,
    edge_from: ArrayLike,
    edge_to: ArrayLike,
    forward_ticks: ArrayLike,
    backward_ticks: ArrayLike,
) -> Graph:
    """A graph from its edges, int32[E] each; junctions are 0 to `junction_count` - 1.

    Number the junctions along `hilbert_order` and the edges by their junctions before: searches then stay in cache.
    Parallel edges and loops are kept. A cost of 0 becomes 1 tick, so that every way has a first junction.
    Raises `BadEdges` when shapes differ, a junction is unknown or a cost is negative or above `MAXIMUM_TICKS`.
    """
    edges = [_int32(array) for array in (edge_from, edge_to, forward_ticks, backward_ticks)]
    _check_edges(junction_count, *edges)
    start, end = read_only(edges[0]), read_only(edges[1])
    forward, backward = (read_only(np.maximum(ticks, np.int32(1))) for ticks in edges[2:])
    leaving = _adjacency_of(junction_count, start, end, forward, backward)
    directed = not np.array_equal(forward, backward)
    arriving = _adjacency_of(junction_count, end, start, forward, backward) if directed else leaving
    component = read_only(_components(junction_count, start, end, forward, backward))
    shift = _bucket_shift(forward, backward)
    return Graph(junction_count, start, end, forward, backward, component, leaving, arriving, shift)


def _int32(values: ArrayLike) -> NDArray[np.int32]:
    array = np.asarray(values)
    if array.size and not np.issubdtype(array.dtype, np.integer):
        raise BadEdges(f"Edges hold {array.dtype}: give whole numbers (junctions and ticks).")
    if array.size and not -(2**31) <= int(array.min()) <= int(array.max()) < 2**31:
        raise BadEdges("A junction or a cost does not fit 32 bits: give junction numbers and ticks as int32.")
    return np.ascontiguousarray(array, np.int32)


def _check_edges(junction_count: int, *edges: NDArray[np.int32]) -> None:
    if len({array.shape for array in edges}) != 1 or edges[0].ndim != 1:
        raise BadEdges(f"Edge arrays differ in shape ({[array.shape for array in edges]}): give one value an edge.")
    for junctions in edges[:2]:
        if junctions.size and not 0 <= int(junctions.min()) <= int(junctions.max()) < junction_count:
            raise BadEdges(f"An edge names a junction outside 0 to {junction_count - 1}: number the junctions anew.")
    for costs in edges[2:]:
        if costs.size and (int(costs.min()) < 0 or ((costs > MAXIMUM_TICKS) & (costs != BLOCKED)).any()):
            raise BadEdges(f"A cost is below 0 or above {MAXIMUM_TICKS} ticks: split the edge, or give BLOCKED.")


def _adjacency_of(junction_count: int, *edges: NDArray[np.int32]) -> Adjacency:
    return Adjacency(*(read_only(array) for array in pack(junction_count, *edges)))


def _bucket_shift(forward: NDArray[np.int32], backward: NDArray[np.int32]) -> int:
    """A bucket about as wide as a short edge: then hardly a junction is looked at twice, and few buckets are empty."""
    step = max(1, len(forward) // 50_000)
    sample = np.minimum(forward[::step], backward[::step])
    sample = sample[sample != BLOCKED]
    return int(np.log2(np.quantile(sample, 0.3))) if len(sample) else 0


@compiled
def _components(count: int, edge_from: Any, edge_to: Any, forward: Any, backward: Any) -> Any:
    parent = np.arange(count).astype(np.int32)
    for edge in range(len(edge_from)):
        if forward[edge] != BLOCKED or backward[edge] != BLOCKED:
            one, other = _root(parent, edge_from[edge]), _root(parent, edge_to[edge])
            parent[max(one, other)] = min(one, other)
    number = 0
    for junction in range(count):  # a root is the lowest junction of its component, so it is numbered first
        if parent[junction] == junction:
            parent[junction] = -number - 1
            number += 1
        else:
            parent[junction] = parent[parent[junction]]
    return -parent - 1


@compiled
def _root(parent: Any, junction: int) -> int:
    while parent[junction] != junction:
        parent[junction] = parent[parent[junction]]
        junction = parent[junction]
    return junction
