"""The exact answer by other means: Dijkstra in scipy over the streets as they were read, nothing contracted.

Lengths are float64 metres, walkers go at 1.3 m/s. Homes and suppliers stand where their links say (street and place on
it), and the place is found anew with shapely. csr_matrix adds parallel edges up, so only the cheapest is given to it.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from gis.access_tags import StreetFlag
from gis.linking import PointLinks
from gis.network import StreetNetwork
from gis.streets import Streets, walking_ends

METERS_PER_SECOND = 1.3
SMALLEST = 1e-9  # an explicit 0 would be no edge


@dataclass(frozen=True)
class Stand:
    """Where points stand: row of the street, metres from its start, metres to its end, metres to the door."""

    row: NDArray[np.int64]
    start: NDArray[np.float64]
    end: NDArray[np.float64]
    door: NDArray[np.float64]


def seconds_on_foot(
    streets: Streets, network: StreetNetwork, suppliers: PointLinks, homes: PointLinks
) -> NDArray[np.float64]:
    """Give for every home the seconds float64[n] from the nearest supplier, inf where there is no way or no link."""
    walkable = streets.having(StreetFlag.FOOT_FORWARD | StreetFlag.FOOT_BACKWARD)
    nodes, ends = np.unique(np.stack(walking_ends(streets)), return_inverse=True)
    ends = ends.reshape(2, -1)
    goers, doors = _stand(streets, network, suppliers), _stand(streets, network, homes)
    virtual = len(nodes) + np.arange(len(goers.row))
    froms = np.concatenate((ends[0][walkable], ends[1][walkable], virtual, virtual))
    tos = np.concatenate((ends[1][walkable], ends[0][walkable], ends[0][goers.row], ends[1][goers.row]))
    metres = streets.meters[walkable]
    costs = np.concatenate((metres, metres, goers.door + goers.start, goers.door + goers.end))
    graph = _cheapest(froms, tos, costs, len(nodes) + len(virtual))
    reached = dijkstra(graph, indices=virtual, min_only=True)
    by_street = np.minimum(reached[ends[0][doors.row]] + doors.start, reached[ends[1][doors.row]] + doors.end)
    found = np.full(len(homes), np.inf)
    found[homes.linked] = np.minimum(by_street, _on_one_street(goers, doors)) + doors.door
    return found / METERS_PER_SECOND


def _stand(streets: Streets, network: StreetNetwork, links: PointLinks) -> Stand:
    row = np.searchsorted(streets.id, links.street[links.linked])
    lines = streets.lines.take(row).geometries()
    planar = network.projection.geometry_to_meters(lines)
    places = shapely.points(links.x[links.linked], links.y[links.linked])
    share = shapely.line_locate_point(planar, places) / shapely.length(planar)
    metres = streets.meters[row]
    return Stand(row, share * metres, (1 - share) * metres, links.door_meters[links.linked])


def _cheapest(froms: NDArray[np.int64], tos: NDArray[np.int64], costs: NDArray[np.float64], count: int) -> csr_matrix:
    order = np.lexsort((costs, tos, froms))
    froms, tos, costs = froms[order], tos[order], np.maximum(costs[order], SMALLEST)
    first = np.ones(len(order), bool)
    first[1:] = (froms[1:] != froms[:-1]) | (tos[1:] != tos[:-1])
    return csr_matrix((costs[first], (froms[first], tos[first])), shape=(count, count))


def _on_one_street(goers: Stand, doors: Stand) -> NDArray[np.float64]:
    best = np.full(len(doors.row), np.inf)
    order = np.argsort(doors.row, kind="stable")
    for row, start, door in zip(goers.row, goers.start, goers.door, strict=True):
        low, high = np.searchsorted(doors.row[order], [row, row + 1])
        same = order[low:high]
        best[same] = np.minimum(best[same], np.abs(doors.start[same] - start) + door)
    return best
