"""One mode's network: its graph with the course of every edge, and the walls that no link may cross."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.adjacency import read_only
from gis.compiled import compiled
from gis.graph import Graph
from gis.segmentgrid import SegmentGrid


@dataclass(frozen=True, slots=True, eq=False)
class ModeNetwork:
    """One mode: its graph, and where its E edges and J junctions run, in metres of the network's projection.

    edge_shape_first int64[E+1] offsets into the vertices; shape_x, shape_y float64[V]; shape_fraction float64[V], the
    share of the edge's cost at each vertex (0 at edge_from, 1 at edge_to), so that places between two vertices follow
    by straight interpolation; shape_street int32[V], the street (row of `StreetNetwork.street_id`) that starts
    there; junction_x, junction_y float64[J]; segments, the index of those that a point may be linked to.
    """

    graph: Graph
    segments: SegmentGrid
    edge_shape_first: NDArray[np.int64]
    shape_x: NDArray[np.float64]
    shape_y: NDArray[np.float64]
    shape_fraction: NDArray[np.float64]
    shape_street: NDArray[np.int32]
    junction_x: NDArray[np.float64]
    junction_y: NDArray[np.float64]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Give everything by name, to be stored."""
        own = {name: getattr(self, name) for name in _OWN}
        return own | prefixed("graph", self.graph.arrays()) | prefixed("segments", self.segments.arrays())

    @classmethod
    def from_arrays(cls, stored: Mapping[str, NDArray[Any]]) -> "ModeNetwork":
        """Take back what `arrays` gave, mapped or not, without work."""
        own = {name: read_only(stored[name]) for name in _OWN}
        graph = Graph.from_arrays(below("graph", stored))
        return cls(graph=graph, segments=SegmentGrid.from_arrays(below("segments", stored)), **own)

    def place(
        self, edge: NDArray[np.int32], fraction: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give the metres x, y float64[n] of places on edges (edge >= 0), given by their share of the edge's cost."""
        x, y = _places(
            np.asarray(edge, np.int32),
            np.asarray(fraction, np.float64),
            self.edge_shape_first,
            self.shape_x,
            self.shape_y,
            self.shape_fraction,
        )
        return x, y


@compiled
def _places(edge: Any, fraction: Any, first: Any, shape_x: Any, shape_y: Any, along: Any) -> Any:
    x, y = np.empty(len(edge)), np.empty(len(edge))
    for i in range(len(edge)):
        start, stop = first[edge[i]], first[edge[i] + 1]
        a = start + np.searchsorted(along[start:stop], fraction[i], side="right") - 1
        a = min(max(a, start), stop - 2)
        gap = along[a + 1] - along[a]
        share = (fraction[i] - along[a]) / gap if gap > 0.0 else 0.0
        x[i] = shape_x[a] + share * (shape_x[a + 1] - shape_x[a])
        y[i] = shape_y[a] + share * (shape_y[a + 1] - shape_y[a])
    return x, y


_OWN = (
    "edge_shape_first",
    "shape_x",
    "shape_y",
    "shape_fraction",
    "shape_street",
    "junction_x",
    "junction_y",
)


@dataclass(frozen=True, slots=True, eq=False)
class WallLines:
    """Walls in metres: x, y float64[v], segments between vertices as the index lists them."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    segments: SegmentGrid

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Give everything by name, to be stored."""
        return {"x": self.x, "y": self.y} | prefixed("segments", self.segments.arrays())

    @classmethod
    def from_arrays(cls, stored: Mapping[str, NDArray[Any]]) -> "WallLines":
        """Take back what `arrays` gave."""
        grid = SegmentGrid.from_arrays(below("segments", stored))
        return cls(read_only(stored["x"]), read_only(stored["y"]), grid)


def prefixed(prefix: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Put arrays under a name, as files are in a folder."""
    return {f"{prefix}/{name}": array for name, array in arrays.items()}


def below(prefix: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Give the arrays under a name."""
    start = f"{prefix}/"
    return {name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)}
