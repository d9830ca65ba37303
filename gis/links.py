"""Points linked to the streets: which edge, where along it, and how far from there to the door."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.adjacency import read_only
from gis.compiled import compiled
from gis.errors import GisError
from gis.profiles import MAXIMUM_TICKS


class BadLinks(GisError):
    """Points linked to a graph do not fit it."""

    code = "GIS_LINKS_INVALID"


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """n points on the edges of one graph, with the walk from the street to the door.

    `edge`: int32[n], -1 when the point cannot be linked. `fraction`: float64[n], 0 at `edge_from`, 1 at `edge_to`.
    `door_ticks`: int32[n]. Raises `BadLinks` when shapes differ, a fraction is NaN or outside 0 to 1, or a door walk
    is negative or above `MAXIMUM_TICKS`; the values of unlinked points are not looked at. `greatest_edge` is found.
    """

    edge: NDArray[np.int32]
    fraction: NDArray[np.float64]
    door_ticks: NDArray[np.int32]
    greatest_edge: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Bring the arrays to their types and refuse what cannot be searched."""
        for name, dtype in (("edge", np.int32), ("fraction", np.float64), ("door_ticks", np.int32)):
            array = read_only(np.ascontiguousarray(getattr(self, name), dtype))
            object.__setattr__(self, name, array)
        if self.edge.ndim != 1 or not self.edge.shape == self.fraction.shape == self.door_ticks.shape:
            raise BadLinks("Links differ in shape: give one edge, one fraction and one door walk a point.")
        fault, greatest = _looked_over(self.edge, self.fraction, self.door_ticks)
        object.__setattr__(self, "greatest_edge", greatest)
        if fault >= 0:
            raise BadLinks(f"Point {fault} lies outside its edge, or its door walk is negative or too long: link it.")

    def __len__(self) -> int:
        """How many points."""
        return len(self.edge)


@compiled
def _looked_over(edge: Any, fraction: Any, door_ticks: Any) -> tuple[int, int]:
    """The first point that cannot be (-1: none), and the greatest edge of all (-1: no point is linked)."""
    greatest = -1
    for i in range(len(edge)):
        greatest = max(greatest, edge[i])
        if edge[i] >= 0 and not (0.0 <= fraction[i] <= 1.0 and 0 <= door_ticks[i] <= MAXIMUM_TICKS):
            return i, greatest
    return -1, greatest
