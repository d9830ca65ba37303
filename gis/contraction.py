"""One mode's streets to a graph: only junctions stay, and each edge costs exactly the sum of its parts."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.compiled import compiled
from gis.profiles import MAXIMUM_TICKS


@dataclass(frozen=True, slots=True)
class Ends:
    """Nodes 0..count-1 at which P parts start and end, int64[P], for one mode; those in keep bool[count] stay."""

    count: int
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    keep: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Chains:
    """C chains of parts between junctions: first int64[C+1] offsets into part int64 and reversed bool.

    start and end int64[C] are nodes; ticks int64[C] is the sum over the parts.
    """

    first: NDArray[np.int64]
    part: NDArray[np.int64]
    reversed: NDArray[np.bool_]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    ticks: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.start)


def number_nodes(
    from_node: NDArray[np.int64], to_node: NDArray[np.int64], gates: NDArray[np.int64], closed: NDArray[np.int64]
) -> Ends:
    """Number the nodes of a mode; each end at a closed gate becomes a node of its own, so nothing passes."""
    nodes, ends = np.unique(np.concatenate((from_node, to_node)), return_inverse=True)
    cut = np.flatnonzero(np.isin(nodes, closed)[ends])
    keep = np.concatenate((np.isin(nodes, gates), np.ones(len(cut), bool)))
    ends[cut] = len(nodes) + np.arange(len(cut))
    start, end = np.split(ends, 2)
    return Ends(len(nodes) + len(cut), start, end, keep)


def contract(ends: Ends, ticks: NDArray[np.int64], forward: NDArray[np.bool_], backward: NDArray[np.bool_]) -> Chains:
    """Join parts through nodes that are no junction: two ends meet there, both may be passed alike, and no gate stands.

    A ring without a junction gets one. A chain longer than `MAXIMUM_TICKS` is broken.
    """
    first, half = _half_parts(ends)
    through = _through(first, half, forward, backward) & ~ends.keep
    parts = _walk(first, half, through, ends.start, ends.end, ticks)
    return Chains(*parts)


def _half_parts(ends: Ends) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give, by node, the parts that touch it: 2 p for the start of part p, 2 p + 1 for its end."""
    at = np.column_stack((ends.start, ends.end)).ravel()
    half = np.argsort(at, kind="stable")
    first = np.searchsorted(at[half], np.arange(ends.count + 1))
    return first.astype(np.int64), half


def _through(
    first: NDArray[np.int64], half: NDArray[np.int64], forward: NDArray[np.bool_], backward: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Say which nodes join exactly two ends over which both directions are allowed alike."""
    through = np.diff(first) == 2
    one, other = half[first[:-1][through]], half[first[:-1][through] + 1]
    into, out_of = np.column_stack((backward, forward)).ravel(), np.column_stack((forward, backward)).ravel()
    through[through] = (into[one] == out_of[other]) & (out_of[one] == into[other])
    return np.asarray(through)


@compiled
def _walk(first: Any, half: Any, through: Any, start: Any, end: Any, ticks: Any) -> Any:
    count = len(start)
    done = np.zeros(count, np.bool_)
    part, turned = np.empty(count, np.int64), np.empty(count, np.bool_)
    chain_first, chain_ticks = np.zeros(count + 1, np.int64), np.empty(count, np.int64)
    chain_start, chain_end = np.empty(count, np.int64), np.empty(count, np.int64)
    chains = 0
    # Junctions first; what is left then are rings and the rest of broken chains, taken from any of their parts.
    for turn in range(3 * count):
        side = half[turn] if turn < 2 * count else 2 * (turn - 2 * count)
        node = end[side // 2] if side % 2 else start[side // 2]
        if done[side // 2] or (turn < 2 * count and through[node]):
            continue
        through[node] = False
        filled, stop, total = _follow(
            side, first, half, through, start, end, ticks, done, part, turned, chain_first[chains]
        )
        chain_start[chains], chain_end[chains], chain_ticks[chains] = node, stop, total
        chains += 1
        chain_first[chains] = filled
    starts, ends, sums = chain_start[:chains].copy(), chain_end[:chains].copy(), chain_ticks[:chains].copy()
    return chain_first[: chains + 1].copy(), part, turned, starts, ends, sums


@compiled
def _follow(
    side: int,
    first: Any,
    half: Any,
    through: Any,
    start: Any,
    end: Any,
    ticks: Any,
    done: Any,
    part: Any,
    turned: Any,
    filled: int,
) -> Any:
    """Go on from one end of a part until a junction; give the parts filled so far, that junction and the ticks."""
    total = 0
    while True:
        at = side // 2
        done[at], part[filled], turned[filled] = True, at, side % 2 == 1
        filled, total = filled + 1, total + ticks[at]
        node = start[at] if side % 2 else end[at]
        if not through[node]:
            return filled, node, total
        arrived_by = side ^ 1
        side = half[first[node]] if half[first[node]] != arrived_by else half[first[node] + 1]
        if done[side // 2] or total + ticks[side // 2] > MAXIMUM_TICKS:
            through[node] = False
            return filled, node, total
