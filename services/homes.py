"""All homes in memory, as columns: what an audit passes over; loaded once a version of homes and streets."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from gis.circles import Cells
from gis.graph import Graph
from gis.homes import HomesByEdge, homes_by_edge
from gis.linking import PointLinks
from gis.links import Links
from gis.profiles import Profile
from gis.streetnetwork import StreetNetwork
from gis.tally import Groups
from services.models.areas import AreaLevel

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, eq=False)
class Homes:
    """n homes as columns, ordered by feature id (the integer that maps use).

    `feature_id` int64[n]; `lon`, `lat` float64[n] degrees; `grid` int32[n] into `grid_ids`; `residents` int32[n];
    `stairs` float64[n] seconds; `care_home`, `care_category`, `care_people` int32[m]: so many people of a home in a
    category (into `category_ids`).
    """

    version: tuple[int, ...]
    network_version: str
    feature_id: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    grid: NDArray[np.int32]
    residents: NDArray[np.int32]
    stairs: NDArray[np.float64]
    links: dict[str, PointLinks]
    grid_ids: tuple[uuid.UUID, ...]
    grid_codes: tuple[str, ...]
    care_home: NDArray[np.int32]
    care_category: NDArray[np.int32]
    care_people: NDArray[np.int32]
    category_ids: tuple[uuid.UUID, ...]
    _made: dict[Any, Any] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.feature_id)

    def links_for(self, profile: Profile) -> Links:
        """The homes linked to the profile's graph, door walk and stairs in its ticks."""
        return self._once(("links", profile.name), lambda: self.links[profile.graph].for_profile(profile, self.stairs))

    def prepared(self, graph: Graph, profile: Profile) -> HomesByEdge:
        """The same laid out by edge, made once."""
        return self._once(("by edge", profile.name), lambda: homes_by_edge(graph, self.links_for(profile)))

    def by_grid(self) -> Groups:
        """The homes by grid."""
        return self._once("by grid", lambda: Groups.of(self.grid, len(self.grid_ids)))

    def meters(self, network: StreetNetwork) -> NDArray[np.float64]:
        """The homes' places in the network's metres, float64[n, 2]."""
        return self._once("meters", lambda: np.column_stack(network.projection.to_meters(self.lon, self.lat)))

    def cells(self, network: StreetNetwork) -> Cells:
        """The homes by square cell, for circles."""
        return self._once("cells", lambda: Cells.of(self.meters(network)))

    def digest(self, make: Callable[[], uuid.UUID]) -> uuid.UUID:
        """The id under which this list of homes is stored, made once."""
        return self._once("digest", make)

    def of(self, area_code: str) -> "Homes":
        """The homes of one area (any level), with their own grids only."""
        return self._once(("of", area_code), lambda: self._of(area_code))

    def _of(self, area_code: str) -> "Homes":
        digits = next(level.own_digits for level in AreaLevel if _is_level(area_code, level))
        inside = [at for at, code in enumerate(self.grid_codes) if code.startswith(area_code[:digits])]
        renumbered = np.full(len(self.grid_ids) + 1, -1, np.int32)
        renumbered[inside] = np.arange(len(inside))
        kept = np.flatnonzero(renumbered[self.grid] >= 0)
        home_now = np.full(len(self), -1, np.int32)
        home_now[kept] = np.arange(len(kept))
        care = np.flatnonzero(home_now[self.care_home] >= 0) if len(self) else np.zeros(0, np.int64)
        return Homes(
            version=self.version,
            network_version=self.network_version,
            feature_id=self.feature_id[kept],
            lon=self.lon[kept],
            lat=self.lat[kept],
            grid=renumbered[self.grid[kept]],
            residents=self.residents[kept],
            stairs=self.stairs[kept],
            links={graph: _taken(links, kept) for graph, links in self.links.items()},
            grid_ids=tuple(self.grid_ids[at] for at in inside),
            grid_codes=tuple(self.grid_codes[at] for at in inside),
            care_home=home_now[self.care_home[care]],
            care_category=self.care_category[care],
            care_people=self.care_people[care],
            category_ids=self.category_ids,
        )

    def _once(self, name: Any, make: Callable[[], Made]) -> Made:
        found: Made | None = self._made.get(name)
        return self._made.setdefault(name, make()) if found is None else found


def _taken(links: PointLinks, kept: NDArray[np.intp]) -> PointLinks:
    return PointLinks(
        edge=links.edge[kept],
        fraction=links.fraction[kept],
        door_meters=links.door_meters[kept],
        street=links.street[kept],
        x=links.x[kept],
        y=links.y[kept],
        reason=links.reason[kept],
    )


def _is_level(code: str, level: AreaLevel) -> bool:
    whole = len(code) == (15 if level is AreaLevel.GRID else 12)
    return whole and set(code[level.own_digits :]) <= {"0"}
