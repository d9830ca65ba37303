"""Random pairs of junctions, named both as nodes of the streets and as places of the network."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.field import field
from gis.links import Links
from gis.network import StreetNetwork
from gis.profiles import BLOCKED, MAXIMUM_TICKS
from gis.streets import Streets

TICKS_PER_METER = 10_000


@dataclass(frozen=True)
class Pairs:
    """n pairs: nodes int64[n], junctions int64[n], longitude and latitude float64[n, 2] of both ends."""

    from_node: NDArray[np.int64]
    to_node: NDArray[np.int64]
    from_junction: NDArray[np.int64]
    to_junction: NDArray[np.int64]
    from_place: NDArray[np.float64]
    to_place: NDArray[np.float64]


def random_pairs(streets: Streets, network: StreetNetwork, starts: int, ends: int, seed: int) -> Pairs:
    """Give pairs from each of some starts to some ends; no gates, where a node may be several junctions."""
    node, junction, place = _junctions(streets, network)
    rng = np.random.default_rng(seed)
    start = np.repeat(rng.choice(len(node), starts, replace=False), ends)
    end = rng.integers(0, len(node), len(start))
    return Pairs(node[start], node[end], junction[start], junction[end], place[start], place[end])


def _junctions(
    streets: Streets, network: StreetNetwork
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    lines, foot = streets.lines, network.modes["foot"]
    ends = np.concatenate((lines.first[:-1], lines.first[1:] - 1))
    nodes, at = np.unique(np.concatenate((streets.from_node, streets.to_node)), return_index=True)
    place = np.column_stack((lines.x[ends[at]], lines.y[ends[at]]))
    x, y = network.projection.to_meters(*place.T)
    number = {spot: junction for junction, spot in enumerate(zip(foot.junction_x, foot.junction_y, strict=True))}
    junction = np.array([number.get(spot, -1) for spot in zip(x, y, strict=True)])
    good = (junction >= 0) & ~np.isin(nodes, streets.gates.node)
    return nodes[good], junction[good], place[good]


def meters_on_foot(network: StreetNetwork, pairs: Pairs) -> NDArray[np.float64]:
    """Give our metres float64[n], inf where there is no way."""
    graph = network.graphs["foot"]
    found = np.full(len(pairs.from_node), np.inf)
    for start in np.unique(pairs.from_junction):
        edge = np.flatnonzero((graph.edge_from == start) | (graph.edge_to == start))[:1]
        share = np.where(graph.edge_from[edge] == start, 0.0, 1.0)
        ticks = field(graph, Links(edge, share, np.zeros(1)), MAXIMUM_TICKS).ticks
        mine = pairs.from_junction == start
        reached = ticks[pairs.to_junction[mine]]
        found[mine] = np.where(reached == BLOCKED, np.inf, reached / TICKS_PER_METER)
    return found
