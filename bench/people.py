"""Made-up homes and workers on real streets, from a seed."""

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.network import StreetNetwork
from gis.streets import Streets

Places = tuple[NDArray[np.float64], NDArray[np.float64]]


def along_residential_streets(streets: Streets, network: StreetNetwork, count: int, seed: int) -> Places:
    """Give longitudes and latitudes float64[count] of places 6 to 25 m off residential streets, evenly by length."""
    rng = np.random.default_rng(seed)
    rows = np.flatnonzero(streets.road_class == streets.class_names.index("residential"))
    lines = streets.lines.take(rng.choice(rows, count, p=streets.meters[rows] / streets.meters[rows].sum()))
    planar = network.projection.geometry_to_meters(lines.geometries())
    share = rng.uniform(0, 1, count)
    here = shapely.line_interpolate_point(planar, share, normalized=True)
    ahead = shapely.line_interpolate_point(planar, np.where(share < 0.5, share + 0.01, share - 0.01), normalized=True)
    bearing = np.arctan2(shapely.get_y(ahead) - shapely.get_y(here), shapely.get_x(ahead) - shapely.get_x(here))
    aside = rng.uniform(6, 25, count) * rng.choice([-1, 1], count)
    x, y = shapely.get_x(here) - aside * np.sin(bearing), shapely.get_y(here) + aside * np.cos(bearing)
    return network.projection.to_degrees(x, y)


def in_buildings(streets: Streets) -> Places:
    """Give the centroids of all buildings."""
    features = streets.features
    buildings = features.geometry[np.array(features.kind) == "building"]
    centers = shapely.centroid(buildings)
    return shapely.get_x(centers), shapely.get_y(centers)


def some(places: Places, count: int, seed: int) -> Places:
    """Give count of these places, each at most once."""
    chosen = np.random.default_rng(seed).choice(len(places[0]), count, replace=False)
    return places[0][chosen], places[1][chosen]
