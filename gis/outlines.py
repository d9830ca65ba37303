"""The area reached in time, as polygons that agree with the homes: a home inside is reached, a home outside is not."""

from collections.abc import Sequence

import numpy as np
from shapely import MultiPolygon

from gis.bands import Bands, Neighbourhood, Rule, bands
from gis.field import Field, field
from gis.linking import DEFAULT_LIMIT_METERS
from gis.links import Links
from gis.nearby import nearby, reached_boxes, trips
from gis.profiles import WALK, Profile, ticks
from gis.streetnetwork import StreetNetwork

CELLS_TO_LIMIT, CAR_METERS_PER_SECOND = 60, 10.0
SMALLEST_CELL_METERS, LARGEST_CELL_METERS = 5.0, 13.0


def outlines(
    network: StreetNetwork,
    profile: Profile,
    suppliers: Links,
    limits_seconds: Sequence[float],
    *,
    reached: Field | None = None,
    link_limit_meters: float = DEFAULT_LIMIT_METERS,
    cell_meters: float | None = None,
) -> list[MultiPolygon]:
    """Draw the area that the suppliers reach within each limit, as one MultiPolygon (degrees) a limit, in that order.

    A place belongs to it when a home there, on the ground floor and linked within `link_limit_meters`, would be
    reached: its nearest street that no wall hides, the streets to it, and the door walk. Holes are kept; the area of a
    shorter limit lies inside that of a longer one. Borders are exact to a 16th of a cell where they cross the lines of
    the grid; what is thinner than a cell may be missed. A cell is by default a 60th of the way that the shortest limit
    allows, 5 to 13 m. An empty MultiPolygon: nothing is reached. `reached` spares the search when the field of the same
    suppliers, up to the longest limit, is at hand. Raises LimitOutOfRange, BadLinks.
    """
    limits = [ticks(profile, seconds) for seconds in limits_seconds]
    graph = network.graphs[profile.graph]
    reached = field(graph, suppliers, max(limits)) if reached is None else reached
    rising = sorted(set(limits))
    cell = _cell_meters(profile, rising[0]) if cell_meters is None else cell_meters
    raster = _bands(network, profile, suppliers, reached, rising, link_limit_meters, cell)
    areas = [MultiPolygon() if raster is None else raster.polygon(number) for number in range(len(rising))]
    return [network.projection.geometry_to_degrees(areas[rising.index(limit)]) for limit in limits]


def _bands(
    network: StreetNetwork,
    profile: Profile,
    suppliers: Links,
    reached: Field,
    limits: list[int],
    link_limit: float,
    cell: float,
) -> Bands | None:
    mode, ticks_per_meter = network.modes[profile.graph], door_ticks_per_meter(profile)
    streets = trips(mode, suppliers, reached)
    box, streets_box = reached_boxes(streets, limits[-1], ticks_per_meter, link_limit)
    if box[0] > box[2]:
        return None
    near = nearby(mode, network.walls, streets, streets_box)
    about = Neighbourhood(mode, network.walls, streets, near)
    return bands(about, Rule(ticks_per_meter, link_limit, np.array(limits, np.float64)), box, cell)


def _cell_meters(profile: Profile, limit: int) -> float:
    """Give a 60th of the way that the shortest limit allows, so that small areas are as exact as large ones."""
    meters = limit / profile.ticks_per_second * (profile.speed_meters_per_second or CAR_METERS_PER_SECOND)
    return min(LARGEST_CELL_METERS, max(SMALLEST_CELL_METERS, meters / CELLS_TO_LIMIT))


def door_ticks_per_meter(profile: Profile) -> float:
    """Give the ticks of a metre from the street to the door: on foot, at the profile's walking speed or at 1.3 m/s."""
    on_foot = profile.graph == WALK.graph and profile.speed_meters_per_second is not None
    speed = profile.speed_meters_per_second if on_foot else WALK.speed_meters_per_second
    return profile.ticks_per_second / (speed or 1.0)
