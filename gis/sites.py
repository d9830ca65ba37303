"""Where to put the next points so that most homes are in reach: maximal covering, greedy at once and proven by a MIP.

Church and ReVelle, The maximal covering location problem (1974): choose N places x_j of the candidates so that the
weight of the homes y_h with at least one chosen candidate in reach is greatest, y_h <= sum of x_j over those that reach
h. Only the x_j need to be whole. The greedy answer is at least 1 - 1/e of the best (Nemhauser, Wolsey, Fisher 1978).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from gis.compiled import compiled
from gis.errors import GisError


class SitesOutOfRange(GisError):
    """The number of sites asked for cannot be chosen."""

    code = "GIS_SITES_OUT_OF_RANGE"


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """The chosen candidates, the one that adds most first; `added` int64[k] is the weight that each adds.

    `gap`: no choice of as many candidates covers more than (1 + gap) times what this one adds; 0 when proven best.
    """

    candidates: NDArray[np.int32]
    added: NDArray[np.int64]
    gap: float


@dataclass(frozen=True, slots=True, eq=False)
class Covering:
    """Which candidates reach which homes: candidate c reaches `home[first[c]:first[c + 1]]`; `weight` int64[homes]."""

    first: NDArray[np.int64]
    home: NDArray[np.int32]
    weight: NDArray[np.int64]

    @property
    def candidate_count(self) -> int:
        """How many candidates."""
        return len(self.first) - 1


def covering(
    candidate: NDArray[np.int32], home: NDArray[np.int32], candidate_count: int, weight: NDArray[np.integer[Any]]
) -> Covering:
    """Pairs of candidate and home, in any order, as a Covering; homes of no weight are left out."""
    kept = weight[home] > 0
    order = np.argsort(candidate[kept], kind="stable")
    first = np.searchsorted(candidate[kept][order], np.arange(candidate_count + 1))
    return Covering(first.astype(np.int64), home[kept][order].astype(np.int32), weight.astype(np.int64))


def greedy(covering: Covering, count: int) -> Choice:
    """Take the candidate that adds most, `count` times; ties go to the lower number, none that adds nothing is taken.

    Raises `SitesOutOfRange`. The gap is the proven one of the bound by the best `count` remaining gains.
    """
    if count < 1:
        raise SitesOutOfRange(f"Asked for {count} sites: give at least 1.")
    chosen, added, bound = _greedy(covering.first, covering.home, covering.weight, count)
    total = int(added.sum())
    return Choice(chosen, added, max(0.0, (bound - total) / total) if total else 0.0)


def best(covering: Covering, count: int, time_limit_seconds: float) -> Choice:
    """The best choice that HiGHS finds and proves within the time, never worse than the greedy one.

    Raises `SitesOutOfRange`.
    """
    quick = greedy(covering, count)
    if quick.gap == 0.0 or len(quick.candidates) < count or time_limit_seconds <= 0:
        return quick
    groups = _homes_alike(covering)
    found = _solved(covering, groups, count, time_limit_seconds)
    if found is None:
        return quick
    taken, bound = found
    exact = _in_order(covering, taken)
    better = exact if exact.added.sum() > quick.added.sum() else quick
    total = int(better.added.sum())
    return Choice(better.candidates, better.added, min(quick.gap, max(0.0, (bound - total) / max(total, 1))))


@compiled
def _greedy(first: Any, home: Any, weight: Any, count: int) -> Any:
    left, candidates = weight.copy(), len(first) - 1
    gain = np.zeros(candidates, np.int64)
    for candidate in range(candidates):
        for at in range(first[candidate], first[candidate + 1]):
            gain[candidate] += left[home[at]]
    chosen, added, size, total = np.empty(count, np.int32), np.empty(count, np.int64), 0, 0
    bound = _best_sum(gain, count)
    fresh = np.zeros(candidates, np.int64)
    while size < min(count, candidates):
        # A gain only falls as homes are covered: an old one is an upper bound, looked at again only when it leads.
        best = np.argmax(gain)
        if gain[best] <= 0:
            bound = total  # nothing is left to add, by anybody
            break
        if fresh[best] < size:
            gain[best], fresh[best] = 0, size
            for at in range(first[best], first[best + 1]):
                gain[best] += left[home[at]]
            continue
        chosen[size], added[size] = best, gain[best]
        total += gain[best]
        size += 1
        for at in range(first[best], first[best + 1]):
            left[home[at]] = 0
        gain[best] = -1
        # Submodular: what any `count` candidates cover is at most what is covered plus the best `count` gains now.
        bound = min(bound, total + _best_sum(gain, count))
    return chosen[:size], added[:size], bound


@compiled
def _best_sum(gain: Any, count: int) -> int:
    best = np.sort(gain)[max(0, len(gain) - count) :]
    return int(np.maximum(best, 0).sum())


@dataclass(frozen=True, slots=True, eq=False)
class _Alike:
    candidate: NDArray[np.int64]
    group: NDArray[np.int64]
    weight: NDArray[np.int64]


def _homes_alike(covering: Covering) -> _Alike:
    """Homes reached by the same candidates count as one, with their weights added up."""
    candidate = np.repeat(np.arange(covering.candidate_count), np.diff(covering.first))
    order = np.lexsort((candidate, covering.home))
    home, candidate = covering.home[order], candidate[order]
    starts = np.flatnonzero(np.concatenate(([True], home[1:] != home[:-1]))) if len(home) else np.zeros(0, np.int64)
    stops = np.concatenate((starts[1:], [len(home)])).astype(np.int64)
    groups: dict[bytes, int] = {}
    weights: list[int] = []
    pairs: list[tuple[NDArray[np.int64], int]] = []
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        reachers = candidate[start:stop]
        number = groups.setdefault(reachers.tobytes(), len(groups))
        if number == len(weights):
            weights.append(0)
            pairs.append((reachers, number))
        weights[number] += int(covering.weight[home[start]])
    sizes = [len(reachers) for reachers, _ in pairs]
    return _Alike(
        np.concatenate([reachers for reachers, _ in pairs]) if pairs else np.zeros(0, np.int64),
        np.repeat(np.arange(len(pairs)), sizes),
        np.array(weights, np.int64),
    )


def _solved(
    covering: Covering, alike: _Alike, count: int, time_limit_seconds: float
) -> tuple[NDArray[np.int64], float] | None:
    """The candidates chosen and the proven upper bound; None when HiGHS found nothing in time."""
    places, groups = covering.candidate_count, len(alike.weight)
    reach = sparse.csr_array((np.ones(len(alike.group)), (alike.group, alike.candidate)), shape=(groups, places))
    rows = sparse.vstack(
        [
            sparse.hstack([-reach, sparse.eye_array(groups)]),
            sparse.hstack([sparse.csr_array(np.ones((1, places))), sparse.csr_array((1, groups))]),
        ],
        format="csr",
    )
    result = milp(
        c=np.concatenate([np.zeros(places), -alike.weight.astype(np.float64)]),
        integrality=np.concatenate([np.ones(places), np.zeros(groups)]),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(rows, -np.inf, np.concatenate([np.zeros(groups), [count]])),
        options={"time_limit": time_limit_seconds, "mip_rel_gap": 0.0},
    )
    if result.x is None or result.mip_dual_bound is None:
        return None
    return np.flatnonzero(result.x[:places] > 0.5), -float(result.mip_dual_bound)


def _in_order(covering: Covering, taken: NDArray[np.int64]) -> Choice:
    """The chosen ones alone, the one that adds most first."""
    only = np.repeat(np.arange(covering.candidate_count), np.diff(covering.first))
    kept = np.isin(only, taken)
    among = Covering(
        np.concatenate(([0], np.cumsum(np.diff(covering.first)[taken]))).astype(np.int64),
        covering.home[kept],
        covering.weight,
    )
    found = greedy(among, max(len(taken), 1))
    return Choice(taken[found.candidates].astype(np.int32), found.added, 0.0)
