"""One worker moves among 500: the audit brought up to date, against the audit made anew."""

import numpy as np

from bench.contest import Contestant, interleaved, medians, print_ratio, print_times, timed
from bench.dataset import Dataset, load
from gis.linking import Linker
from gis.links import Links
from gis.profiles import WALK, ticks
from gis.search import Coverage, field, homes_by_edge, homes_reached, warm

ROUNDS = 101
LIMIT_SECONDS = 600
FASTER = 10.0


def main() -> None:
    """Measure and print."""
    warm()
    dataset = load()
    contestants, coverage = _contestants(dataset)
    seconds = interleaved(contestants, ROUNDS)
    _check(coverage)
    print(f"{dataset.name}: {coverage.homes.count:,} homes, {len(coverage.suppliers)} suppliers")
    print_times(seconds)
    middle = medians(seconds)
    print_ratio("refresh", "fresh-audit", middle["anew"] / middle["refresh"], FASTER)


def _contestants(dataset: Dataset) -> tuple[dict[str, Contestant], Coverage]:
    """Make both on the same homes; every move takes another supplier to another home's place."""
    graph, linker = dataset.network.graphs["foot"], Linker(dataset.network)
    suppliers, doors = (linker.link(*places).for_profile(WALK) for places in (dataset.suppliers, dataset.homes))
    homes, limit = homes_by_edge(graph, doors), ticks(WALK, LIMIT_SECONDS)
    coverage, goals = Coverage(graph, suppliers, homes, limit), np.random.default_rng(4).permutation(len(doors))
    moves = iter(enumerate(goals))

    def move() -> None:
        number, goal = next(moves)
        coverage.move(number % len(suppliers), _one(doors, int(goal)))

    def anew() -> None:
        homes_reached(graph, field(graph, suppliers, limit), suppliers, homes)

    return {"refresh": timed(move), "anew": timed(anew)}, coverage


def _one(points: Links, at: int) -> Links:
    return Links(points.edge[at : at + 1], points.fraction[at : at + 1], points.door_ticks[at : at + 1])


def _check(coverage: Coverage) -> None:
    """After all the moves the answer is that of a fresh audit, bit for bit."""
    anew = field(coverage.graph, coverage.suppliers, coverage.field.limit_ticks)
    reach = homes_reached(coverage.graph, anew, coverage.suppliers, coverage.homes)
    assert np.array_equal(anew.words, coverage.field.words)
    assert np.array_equal(reach.words, coverage.reach.words)


if __name__ == "__main__":
    main()
