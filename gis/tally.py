"""What an audit comes to: counts and times of the homes of each group (a grid), in one pass over the homes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.arrivals import reaches
from gis.compiled import compiled
from gis.profiles import BLOCKED


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Homes by group: `order` int32[n] lists homes group after group, `first` int32[groups + 1] where each begins."""

    order: NDArray[np.int32]
    first: NDArray[np.int32]

    @classmethod
    def of(cls, group: NDArray[np.integer[Any]], count: int) -> "Groups":
        """Homes sorted by their group number, 0 to `count` - 1."""
        order = np.argsort(group, kind="stable").astype(np.int32)
        return cls(order, np.searchsorted(group[order], np.arange(count + 1)).astype(np.int32))


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Counts int64[groups] (homes, residents; `reached`: somebody comes at all) and ticks int32[groups].

    `median` and `p90` are taken over the homes that anybody reaches at all: the smallest arrival that at least half
    (nine tenths) of them do not exceed; `BLOCKED` where nobody is reached.
    """

    homes: NDArray[np.int64]
    covered: NDArray[np.int64]
    twice: NDArray[np.int64]
    reached: NDArray[np.int64]
    residents: NDArray[np.int64]
    covered_residents: NDArray[np.int64]
    straight: NDArray[np.int64]
    falsely: NDArray[np.int64]
    median: NDArray[np.int32]
    p90: NDArray[np.int32]


def tally(
    groups: Groups,
    ticks: NDArray[np.int32],
    times_covered: NDArray[np.integer[Any]],
    residents: NDArray[np.int32],
    straight: NDArray[np.bool_],
    limit_ticks: int,
) -> Tally:
    """Count homes by group: `ticks` int32[n] of the first arrival (`BLOCKED`: none), `times_covered` [n] within the
    limit, `residents` int32[n], `straight` bool[n] whether the circle claims the home."""
    size = len(groups.first) - 1
    counts, times = np.zeros((8, size), np.int64), np.full((2, size), BLOCKED, np.int32)
    _tally(groups.order, groups.first, ticks, times_covered, residents, straight, limit_ticks, counts, times)
    return Tally(*counts, *times)


@compiled
def _tally(
    order: Any,
    first: Any,
    ticks: Any,
    times_covered: Any,
    residents: Any,
    straight: Any,
    limit: int,
    counts: Any,
    times: Any,
) -> None:
    arrivals = np.empty(len(order), np.int32)
    for group in range(len(first) - 1):
        found = 0
        for at in range(first[group], first[group + 1]):
            home = order[at]
            covered = reaches(ticks[home], limit)
            counts[0, group] += 1
            counts[1, group] += covered
            counts[2, group] += times_covered[home] >= 2
            counts[4, group] += residents[home]
            counts[5, group] += residents[home] * covered
            counts[6, group] += straight[home]
            counts[7, group] += straight[home] and not covered
            if ticks[home] != BLOCKED:
                arrivals[found] = ticks[home]
                found += 1
        counts[3, group] = found
        if found:
            times[0, group] = _smallest_covering(arrivals[:found], 0.5)
            times[1, group] = _smallest_covering(arrivals[:found], 0.9)


BINS = 4_096


@compiled
def _smallest_covering(arrivals: Any, share: float) -> int:
    """Exact: arrivals are counted in bins, and only those of the bin that holds the rank are sorted."""
    rank = int(np.ceil(share * len(arrivals))) - 1
    least, most = arrivals.min(), arrivals.max()
    width = (np.int64(most) - least) // BINS + 1
    counts = np.zeros(BINS, np.int64)
    for ticks in arrivals:
        counts[(ticks - least) // width] += 1
    bin, before = 0, 0
    while before + counts[bin] <= rank:
        before += counts[bin]
        bin += 1
    held, size = np.empty(counts[bin], np.int32), 0
    for ticks in arrivals:
        if (ticks - least) // width == bin:
            held[size] = ticks
            size += 1
    held.sort()
    return int(held[rank - before])
