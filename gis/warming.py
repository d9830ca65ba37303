"""Compile every search once, or load it compiled: a town of two streets is linked, searched, drawn and counted."""

import threading

import numpy as np

from gis import search
from gis.access_tags import StreetFlag
from gis.barriers import Walls
from gis.circles import Cells, within_circles
from gis.linking import Linker
from gis.network import build_network
from gis.outlines import outlines
from gis.polylines import Polylines
from gis.profiles import EBIKE, WALK, ticks
from gis.sites import covering, greedy
from gis.streets import Streets, make_streets
from gis.tally import Groups, tally

_DONE = threading.Event()


def is_warm() -> bool:
    """True when a search answers in milliseconds in this process."""
    return _DONE.is_set()


def warm() -> None:
    """Call once at the start of a process, before the first question needs an answer in milliseconds."""
    search.warm()
    network = build_network(_two_streets())
    linker = Linker(network)
    for profile in (WALK, EBIKE):
        homes = linker.link([0.0005, 0.0015], [0.00005, 0.00005], profile.graph).for_profile(profile)
        graph, limit = network.graphs[profile.graph], ticks(profile, 600)
        found = search.field(graph, homes, limit)
        reach = search.homes_reached(graph, found, homes, homes)
        times = search.pairs(graph, homes, homes, limit).counts.astype(np.uint16)
        search.nearest(graph, linker.link(0.001, 0.0, profile.graph).for_profile(profile), homes, 1)[0].path  # noqa: B018
        outlines(network, profile, homes, [600.0], reached=found)
        ones, groups = np.ones(2, np.int32), Groups.of(np.zeros(2, np.int32), 1)
        tally(groups, reach.ticks, times, ones, ones.astype(np.bool_), limit)
    places = np.column_stack(network.projection.to_meters([0.0, 0.001], [0.0, 0.0]))
    within_circles(Cells.of(places), places, 10.0)
    greedy(covering(np.zeros(1, np.int32), np.zeros(1, np.int32), 1, np.ones(1, np.int64)), 1)
    _DONE.set()


def _two_streets() -> Streets:
    open_to_all = StreetFlag(63)
    lines = Polylines(np.array([0, 2, 4]), np.array([0.0, 0.001, 0.001, 0.002]), np.zeros(4))
    wall = Polylines(np.array([0, 2]), np.array([0.0004, 0.0006]), np.full(2, 0.0002))
    return make_streets(
        id=np.arange(2),
        way=np.arange(2),
        from_node=np.array([1, 2]),
        to_node=np.array([2, 3]),
        road_class=["residential", "residential"],
        name=[(None, None), (None, None)],
        flags=np.full(2, int(open_to_all), np.uint16),
        layer=np.zeros(2, np.int16),
        maximum_speed=np.full(2, np.nan),
        lines=lines,
        gates=None,
        walls=Walls(np.array([3]), ("wall",), wall),
    )
