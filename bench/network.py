"""The search at scale: made grids of a million and ten million junctions, all reached, on one core.

Every junction is joined to its four neighbours, 20 to 200 m apart, and numbered along the Hilbert curve, as an imported
network is. A half-edge is one way along a street. Time is the whole field from many suppliers; memory is all that the
process has more than before the grid: graph, queue and answer.
"""

import ctypes
import resource
from time import perf_counter

import numpy as np

from bench.contest import interleaved, medians, print_ratio, print_times, timed
from gis.graph import Graph, build_graph, hilbert_order
from gis.links import Links
from gis.profiles import MAXIMUM_TICKS
from gis.search import field, warm

ROUNDS = 5
SIDES = {"1M": 1_000, "4M": 2_000, "10M": 3_163}
NANOSECONDS_A_HALF_EDGE = {"1M": 60.0, "10M": 110.0}
BYTES_A_HALF_EDGE = 40.0
JUNCTIONS_A_SUPPLIER = 1_000
GROWTH = 1.25  # 10M over 4M, a half-edge: both lie outside the cache, 1M partly inside, so it says nothing about growth


def made_grid(side: int, seed: int = 0) -> Graph:
    """Make side x side junctions, streets of 20 to 200 m between neighbours."""
    across, up = (axis.ravel() for axis in np.meshgrid(np.arange(side), np.arange(side)))
    number = np.empty(side * side, np.int32)
    number[hilbert_order(across, up)] = np.arange(side * side, dtype=np.int32)
    square = number.reshape(side, side)
    ends = [
        np.concatenate((a.ravel(), b.ravel())) for a, b in ((square[:, :-1], square[:-1]), (square[:, 1:], square[1:]))
    ]
    start, end = np.minimum(*ends), np.maximum(*ends)
    order = np.lexsort((end, start))
    ticks = np.random.default_rng(seed).integers(200_000, 2_000_000, len(order)).astype(np.int32)
    return build_graph(side * side, start[order], end[order], ticks, ticks)


def somewhere(graph: Graph, count: int, seed: int = 1) -> Links:
    """Put points on random streets."""
    rng = np.random.default_rng(seed)
    return Links(rng.integers(0, graph.edge_count, count, np.int32), rng.random(count), np.zeros(count, np.int32))


def main() -> None:
    """Measure and print."""
    warm()
    spent = {name: _measure(name, side) for name, side in SIDES.items()}
    for name, target in NANOSECONDS_A_HALF_EDGE.items():
        print_ratio(f"network-{name}-nanoseconds", "half-edge", spent[name], target, at_most=True)
    print_ratio("network-growth", "linear", spent["10M"] / spent["4M"], GROWTH, at_most=True)


def _measure(name: str, side: int) -> float:
    """Print the bytes a half-edge; give the nanoseconds."""
    before, begun = _resident_bytes(), perf_counter()
    graph = made_grid(side)
    half_edges, starts = 2 * graph.edge_count, somewhere(graph, graph.junction_count // JUNCTIONS_A_SUPPLIER)
    print(f"grid of {graph.junction_count:,}: {half_edges:,} half-edges, made in {perf_counter() - begun:.1f} s")
    reached = field(graph, starts, MAXIMUM_TICKS)
    held = (_resident_bytes() - before) / half_edges
    assert reached.reached.all()
    del reached
    print_ratio(f"network-{name}-bytes", "half-edge", held, BYTES_A_HALF_EDGE, at_most=True)
    seconds = interleaved({name: timed(lambda: field(graph, starts, MAXIMUM_TICKS))}, ROUNDS)
    print_times(seconds)
    return medians(seconds)[name] / half_edges * 1e9


def _resident_bytes() -> int:
    """What the process holds in memory now; what the allocator only keeps for later is given back before."""
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


if __name__ == "__main__":
    main()
