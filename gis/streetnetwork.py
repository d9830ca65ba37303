"""The network of a place: for each mode a graph of junctions with the course of its edges, as one versioned file."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.access_tags import MODES
from gis.adjacency import read_only
from gis.compiled import compiled
from gis.container import content_hash, open_mapped, to_bytes, write_atomically
from gis.coordinates import LocalProjection
from gis.errors import GisError
from gis.graph import Graph
from gis.segmentgrid import SegmentGrid


class NoNetwork(GisError):
    """No street network has been loaded yet."""

    code = "NO_NETWORK"


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
        return own | _prefixed("graph", self.graph.arrays()) | _prefixed("segments", self.segments.arrays())

    @classmethod
    def from_arrays(cls, stored: Mapping[str, NDArray[Any]]) -> "ModeNetwork":
        """Take back what `arrays` gave, mapped or not, without work."""
        own = {name: read_only(stored[name]) for name in _OWN}
        graph = Graph.from_arrays(_below("graph", stored))
        return cls(graph=graph, segments=SegmentGrid.from_arrays(_below("segments", stored)), **own)

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
        return {"x": self.x, "y": self.y} | _prefixed("segments", self.segments.arrays())

    @classmethod
    def from_arrays(cls, stored: Mapping[str, NDArray[Any]]) -> "WallLines":
        """Take back what `arrays` gave."""
        grid = SegmentGrid.from_arrays(_below("segments", stored))
        return cls(read_only(stored["x"]), read_only(stored["y"]), grid)


@dataclass(frozen=True, slots=True, eq=False)
class StreetNetwork:
    """What a search and a link need: modes by name (foot, ebike, car), walls, and from which streets it was built.

    street_id int64[S] are the ids of the streets' table. version is a hash of the content: the same streets and
    settings give the same version everywhere. report says what was kept, dropped and why, per mode.
    """

    version: str
    projection: LocalProjection
    modes: dict[str, ModeNetwork]
    walls: WallLines
    street_id: NDArray[np.int64]
    settings: dict[str, Any]
    report: dict[str, Any]

    @property
    def graphs(self) -> dict[str, Graph]:
        """The graph of each mode."""
        return {mode: network.graph for mode, network in self.modes.items()}

    def to_bytes(self) -> bytes:
        """Give the bytes of the network's file, for a store that is shared."""
        return to_bytes(self._facts() | {"version": self.version, "report": self.report}, self._arrays())

    def save(self, path: str | Path) -> None:
        """Write the network's file at once or not at all."""
        write_atomically(Path(path), self.to_bytes())

    @classmethod
    def open(cls, path: str | Path) -> "StreetNetwork":
        """Map a network's file read-only; processes that open the same file share its memory.

        Raises NetworkFileMissing, NetworkFileForeign, NetworkFileTruncated, NetworkFileOutdated.
        """
        header, arrays = open_mapped(Path(path))
        return cls(
            version=header["version"],
            projection=LocalProjection(*header["center"]),
            modes={mode: ModeNetwork.from_arrays(_below(mode, arrays)) for mode in MODES},
            walls=WallLines.from_arrays(_below("walls", arrays)),
            street_id=read_only(arrays["street_id"]),
            settings=header["settings"],
            report=header["report"],
        )

    @classmethod
    def made(
        cls,
        projection: LocalProjection,
        modes: dict[str, ModeNetwork],
        walls: WallLines,
        street_id: NDArray[np.int64],
        settings: dict[str, Any],
        report: dict[str, Any],
    ) -> "StreetNetwork":
        """Give a network that was just built its version."""
        unnamed = cls("", projection, modes, walls, street_id, settings, report)
        return cls(unnamed.computed_version(), projection, modes, walls, street_id, settings, report)

    def computed_version(self) -> str:
        """Hash the content anew; differs from `version` when the file was damaged."""
        return content_hash(self._arrays(), self._facts())

    def _facts(self) -> dict[str, Any]:
        return {"center": [self.projection.lon0, self.projection.lat0], "settings": self.settings}

    def _arrays(self) -> dict[str, NDArray[Any]]:
        modes = [_prefixed(mode, network.arrays()) for mode, network in self.modes.items()]
        merged = {key: array for arrays in modes for key, array in arrays.items()}
        return merged | _prefixed("walls", self.walls.arrays()) | {"street_id": self.street_id}


class CurrentNetwork:
    """Holds the network in use. Who asked before a swap keeps the old one until done; then its file is unmapped."""

    def __init__(self, network: StreetNetwork | None = None) -> None:
        self._network = network
        self._lock = threading.Lock()

    def get(self) -> StreetNetwork:
        """Give the network in use; take it once for each request. Raises NoNetwork."""
        network = self._network
        if network is None:
            raise NoNetwork("No street network is loaded yet; import streets first (./dev import streets FILE).")
        return network

    def swap(self, network: StreetNetwork) -> bool:
        """Put a network in use; give False when this version is in use already."""
        with self._lock:
            if self._network is not None and self._network.version == network.version:
                return False
            self._network = network
            return True


def _prefixed(prefix: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {f"{prefix}/{name}": array for name, array in arrays.items()}


def _below(prefix: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    start = f"{prefix}/"
    return {name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)}
