"""The ten minutes around one place as a polygon: time and error against Valhalla's isochrone.

The error is counted in homes, summed over the places: those that the polygon claims but the streets do not give, and
those that it leaves out, as a share of those truly reached.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from bench.contest import Contestant, interleaved, medians, print_missing, print_ratio, print_times, timed
from bench.dataset import Dataset, load
from bench.peers import PeerMissing, PeerProcess
from bench.prepared import valhalla_config
from gis.linking import Linker
from gis.outlines import outlines
from gis.profiles import WALK, ticks
from gis.search import field, homes_by_edge, homes_reached, warm

PLACES = 60
LIMIT_SECONDS = 600
MAXIMUM_ERROR_PERCENT = 1.0


@dataclass
class Tally:
    """Homes claimed wrongly and left out, and those truly reached."""

    over: int = 0
    missed: int = 0
    reached: int = 0

    def percent(self, wrong: int) -> float:
        """Give a share of the homes truly reached."""
        return 100 * wrong / max(self.reached, 1)

    def words(self) -> str:
        """Say it."""
        return f"over-claimed {self.percent(self.over):.2f} %, missed {self.percent(self.missed):.2f} %"


class Places:
    """The places in turn, each with what is truly reached from it."""

    def __init__(self, dataset: Dataset) -> None:
        """Choose them from the homes, by a seed."""
        self.dataset, self.linker = dataset, Linker(dataset.network)
        self.lonlat = np.column_stack(dataset.homes)[np.random.default_rng(4).choice(len(dataset.homes[0]), PLACES)]
        self.tree = shapely.STRtree(shapely.points(*dataset.homes))
        graph = dataset.network.graphs["foot"]
        self.homes = homes_by_edge(graph, self.linker.link(*dataset.homes).for_profile(WALK))

    def truth(self, at: int) -> np.ndarray:
        """Give the homes that are reached, by the search."""
        graph, limit = self.dataset.network.graphs["foot"], ticks(WALK, LIMIT_SECONDS)
        start = self.linker.link(*self.lonlat[at]).for_profile(WALK)
        return np.flatnonzero(homes_reached(graph, field(graph, start, limit), start, self.homes).supplier >= 0)

    def judge(self, areas: dict[int, shapely.Geometry]) -> Tally:
        """Compare the areas with the truth."""
        tally = Tally()
        for at, area in areas.items():
            truth, claimed = self.truth(at), self.tree.query(area, predicate="intersects")
            tally.reached += len(truth)
            tally.over += len(np.setdiff1d(claimed, truth))
            tally.missed += len(np.setdiff1d(truth, claimed))
        return tally


def main() -> None:
    """Measure and print."""
    warm()
    dataset = load()
    places = Places(dataset)
    ours: dict[int, shapely.Geometry] = {}
    theirs: dict[int, shapely.Geometry] = {}
    contestants = {"linli": _ours(places, ours)}
    try:
        contestants["valhalla"] = _valhalla(places, theirs)
    except PeerMissing as why:
        print_missing("outline", "valhalla", why)
    seconds = interleaved(contestants, PLACES)
    tallies = {"linli": places.judge(ours), "valhalla": places.judge(theirs)}
    print(f"{dataset.name}: {PLACES} places, {tallies['linli'].reached:,} homes truly reached")
    print_times(seconds, {name: tally.words() for name, tally in tallies.items()})
    middle, error = medians(seconds), tallies["linli"].percent(tallies["linli"].over + tallies["linli"].missed)
    if theirs:
        print_ratio("outline", "valhalla", middle["valhalla"] / middle["linli"], 1)
    print_ratio("outline", "error-percent", error, MAXIMUM_ERROR_PERCENT, at_most=True)


def _ours(places: Places, areas: dict[int, shapely.Geometry]) -> Contestant:
    network, turn = places.dataset.network, _Turn()

    def draw() -> None:
        start = places.linker.link(*places.lonlat[turn.next()]).for_profile(WALK)
        areas[turn.at] = outlines(network, WALK, start, [LIMIT_SECONDS])[0]

    return timed(draw)


def _valhalla(places: Places, areas: dict[int, shapely.Geometry]) -> Contestant:
    engine, turn = PeerProcess("valhalla_engine.py", str(valhalla_config(places.dataset.path))), _Turn()

    def draw() -> float:
        place = places.lonlat[turn.next()].tolist()
        answer = engine.ask("isochrone", place=place, minutes=LIMIT_SECONDS / 60)
        areas[turn.at] = shapely.make_valid(shapely.from_geojson(answer["geojson"]))
        return float(answer["seconds"])

    return draw


class _Turn:
    """Goes round the places, so that every run draws another one."""

    def __init__(self) -> None:
        self.at = -1

    def next(self) -> int:
        self.at = (self.at + 1) % PLACES
        return self.at


if __name__ == "__main__":
    main()
