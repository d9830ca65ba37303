"""The call: who of 500 workers is there first, link included, against the engines' matrices on 10 candidates.

Ours looks among all 500. The engines get the 10 that are nearest as the crow flies, found before and not timed. Each
answers ten other calls in a row before the next one's turn; counted is the mean of the ten.
"""

import numpy as np

from bench.contest import Contestant, interleaved, medians, print_missing, print_ratio, print_times, timed
from bench.dataset import Dataset, load, straight_line_nearest
from bench.peers import PeerMissing, PeerProcess
from bench.prepared import osrm_base, valhalla_config
from gis.linking import Linker
from gis.profiles import WALK
from gis.search import nearest, warm

CALLS = 200
CANDIDATES = 10
IN_A_ROW = 10
MEDIAN_MICROSECONDS = 100


def main() -> None:
    """Measure and print."""
    warm()
    dataset = load()
    calls = np.column_stack(dataset.homes)[np.random.default_rng(3).choice(len(dataset.homes[0]), CALLS)]
    contestants = {"linli": _ours(dataset, calls)} | _engines(dataset, calls)
    seconds = interleaved({name: _in_a_row(ask) for name, ask in contestants.items()}, CALLS // IN_A_ROW)
    print(f"{dataset.name}: {CALLS} calls, {len(dataset.suppliers[0])} workers")
    print_times(seconds)
    middle = medians(seconds)
    for peer, target in (("valhalla", 50.0), ("osrm", 20.0)):
        if peer in middle:
            print_ratio("nearest", peer, middle[peer] / middle["linli"], target)
    print_ratio("nearest", "microseconds", middle["linli"] * 1e6, MEDIAN_MICROSECONDS, at_most=True)


def _in_a_row(ask: Contestant) -> Contestant:
    return lambda: sum(ask() for _ in range(IN_A_ROW)) / IN_A_ROW


def _ours(dataset: Dataset, calls: np.ndarray) -> Contestant:
    graph, linker = dataset.network.graphs["foot"], Linker(dataset.network)
    workers = linker.link(*dataset.suppliers).for_profile(WALK)
    turn = _Turn(len(calls))

    def ask() -> None:
        lon, lat = calls[turn.next()]
        nearest(graph, linker.link(lon, lat).for_profile(WALK), workers, 1)

    return timed(ask)


def _engines(dataset: Dataset, calls: np.ndarray) -> dict[str, Contestant]:
    engines: dict[str, Contestant] = {}
    try:
        valhalla = PeerProcess("valhalla_engine.py", str(valhalla_config(dataset.path)))
        engines["valhalla"] = _engine(valhalla, "matrix", dataset, calls)
        osrm = PeerProcess("osrm_engine.py", str(osrm_base(dataset.path, "CH")), "CH")
        engines["osrm"] = _engine(osrm, "table", dataset, calls)
    except PeerMissing as why:
        print_missing("nearest", "osrm" if engines else "valhalla and osrm", why)
    return engines


def _engine(engine: PeerProcess, question: str, dataset: Dataset, calls: np.ndarray) -> Contestant:
    candidates = [straight_line_nearest(dataset, call, CANDIDATES) for call in calls]
    turn = _Turn(len(calls))

    def ask() -> float:
        at = turn.next()
        answer = engine.ask(question, sources=candidates[at], targets=[calls[at].tolist()])
        return float(answer["seconds"])

    return ask


class _Turn:
    """Goes round the calls, so that every run asks another one."""

    def __init__(self, count: int) -> None:
        self.count, self.at = count, -1

    def next(self) -> int:
        self.at = (self.at + 1) % self.count
        return self.at


if __name__ == "__main__":
    main()
