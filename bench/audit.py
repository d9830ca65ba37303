"""The audit: which of 361,984 homes do 500 suppliers reach in ten minutes on foot. Ours is exact; so is pgRouting's.

What each does in the time: ours and scipy search from all suppliers and give seconds for every home, ours the supplier
too; pgRouting searches and joins; Valhalla draws 500 isochrones, unites them and looks which homes lie inside; PostGIS
counts the homes within 780 m as the crow flies. All data is in place and indexed before.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numba import njit

from bench.contest import Contestant, interleaved, medians, print_missing, print_ratio, print_times, timed
from bench.databasepeers import DatabasePeers
from bench.dataset import Dataset, load, pairs_of
from bench.peers import PeerMissing, PeerProcess
from bench.prepared import valhalla_config
from bench.scipypeer import ScipyAudit
from gis.adjacency import NEVER
from gis.graph import Graph
from gis.linking import Linker
from gis.links import Links
from gis.profiles import WALK, ticks
from gis.search import Field, HomesByEdge, field, homes_by_edge, homes_reached, warm

ROUNDS = 7
LIMIT_SECONDS = 600
TARGETS = {"valhalla": 100.0, "pgrouting": 50.0, "scipy": 5.0, "postgis-circles": 50.0}


class Floor:
    """What binds a search that does not look ahead: latency, and then one pass over the homes.

    Every settled junction's record and every word at the other end of its streets, in random order, each read after
    the one before has come; then the homes' costs and numbers are read and an answer is written for each.
    """

    def __init__(self, graph: Graph, reached: Field, homes: HomesByEdge) -> None:
        """Prepare the arrays of the right sizes."""
        settled = np.flatnonzero(reached.supplier >= 0)
        self.order = np.random.default_rng(0).permutation(settled).astype(np.uint32)
        self.records, self.words, self.groups = graph.leaving.records, reached.words, homes.groups
        self.found = np.empty(homes.count, np.int64)

    def run(self) -> None:
        """Touch them."""
        _touch(self.order, self.records, self.words, 0, self.groups, self.found)


@njit(cache=True, nogil=True)
def _touch(order: Any, records: Any, words: Any, nothing: int, groups: Any, found: Any) -> int:
    """`nothing` is 0, but the compiler cannot know: so each address depends on what was read before."""
    read = 0
    for at in range(len(order)):
        record = 8 * (np.int64(order[at]) + (read & nothing))
        for slot in range(record, record + 4):
            if records[slot + 4] < NEVER:
                read += words[records[slot + (read & nothing)]]
    for at in range(len(found)):
        found[at] = min(groups.near[at], groups.far[at]) + groups.number[at]
    return read


def main() -> None:
    """Measure and print."""
    warm()
    dataset = load()
    graph, linker = dataset.network.graphs["foot"], Linker(dataset.network)
    suppliers, homes = (linker.link(*places).for_profile(WALK) for places in (dataset.suppliers, dataset.homes))
    dataset, homes = _by_street(dataset, homes)
    prepared, limit = homes_by_edge(graph, homes), ticks(WALK, LIMIT_SECONDS)
    notes = {"linli": f"{_covered(graph, suppliers, prepared, limit):,} homes, exact"}
    scipy = ScipyAudit(graph, suppliers, homes, limit)
    floor = Floor(graph, field(graph, suppliers, limit), prepared)
    contestants: dict[str, Contestant] = {
        "linli": timed(lambda: homes_reached(graph, field(graph, suppliers, limit), suppliers, prepared)),
        "floor": timed(floor.run),
        "scipy": timed(scipy.run),
    }
    notes["scipy"] = f"{scipy.run():,} homes"
    print(f"{dataset.name}: {graph.junction_count:,} junctions, {len(homes):,} homes, {len(suppliers)} suppliers")
    with DatabasePeers(dataset, graph, suppliers, homes) as database:
        for name, ask in (("pgrouting", database.streets), ("postgis-circles", database.circles)):
            contestants[name], notes[name] = partial(_seconds, ask), f"{ask()[1]:,} homes"
        _with_valhalla(dataset, contestants, notes)
        seconds = interleaved(contestants, ROUNDS)
    print_times(seconds, notes)
    _print_ratios(medians(seconds))


def _by_street(dataset: Dataset, homes: Links) -> tuple[Dataset, Links]:
    """The homes street by street, as real tables have them, for all contestants."""
    order = np.argsort(homes.edge, kind="stable")
    lon, lat = dataset.homes
    links = Links(homes.edge[order], homes.fraction[order], homes.door_ticks[order])
    return replace(dataset, homes=(lon[order], lat[order])), links


def _seconds(ask: Callable[[], tuple[float, int]]) -> float:
    return ask()[0]


def _covered(graph: Graph, suppliers: Links, homes: HomesByEdge, limit: int) -> int:
    return int((homes_reached(graph, field(graph, suppliers, limit), suppliers, homes).supplier >= 0).sum())


def _with_valhalla(dataset: Dataset, contestants: dict[str, Contestant], notes: dict[str, str]) -> None:
    try:
        engine = PeerProcess("valhalla_engine.py", str(valhalla_config(dataset.path)))
    except PeerMissing as why:
        return print_missing("audit", "valhalla", why)
    engine.ask("remember", places=pairs_of(dataset.homes))
    question = {"suppliers": pairs_of(dataset.suppliers), "minutes": LIMIT_SECONDS / 60}
    notes["valhalla"] = f"{engine.ask('audit', **question)['covered']:,} homes"
    contestants["valhalla"] = lambda: float(engine.ask("audit", **question)["seconds"])


def _print_ratios(middle: dict[str, float]) -> None:
    for peer, target in TARGETS.items():
        if peer in middle:
            print_ratio("audit", peer, middle[peer] / middle["linli"], target)
    print_ratio("audit", "floor", middle["linli"] / middle["floor"], 2, at_most=True)


if __name__ == "__main__":
    main()
