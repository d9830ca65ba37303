"""The network of a place: for each mode a graph of junctions with the course of its edges, as one versioned file."""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.access_tags import MODES
from gis.adjacency import read_only
from gis.container import content_hash, open_mapped, to_bytes, write_atomically
from gis.coordinates import LocalProjection
from gis.errors import GisError
from gis.graph import Graph
from gis.modenetwork import ModeNetwork, WallLines, below, prefixed

__all__ = ["CurrentNetwork", "ModeNetwork", "NoNetwork", "StreetNetwork", "WallLines"]


class NoNetwork(GisError):
    """No street network has been loaded yet."""

    code = "NO_NETWORK"


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
            modes={mode: ModeNetwork.from_arrays(below(mode, arrays)) for mode in MODES},
            walls=WallLines.from_arrays(below("walls", arrays)),
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
        modes = [prefixed(mode, network.arrays()) for mode, network in self.modes.items()]
        merged = {key: array for arrays in modes for key, array in arrays.items()}
        return merged | prefixed("walls", self.walls.arrays()) | {"street_id": self.street_id}


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
