"""Counts and times by group, against figures worked out by hand."""

import numpy as np

from gis.profiles import BLOCKED
from gis.tally import Groups, tally


def test_counts_and_times_of_each_group() -> None:
    """Group 0: homes 0, 2, 4 at 10, 30 and 50 ticks; group 1: home 1 never, home 3 at 20; group 2 has none."""
    ticks = np.array([10, BLOCKED, 30, 20, 50], np.int32)
    found = tally(
        Groups.of(np.array([0, 1, 0, 1, 0]), 3),
        ticks,
        np.array([2, 0, 1, 3, 0], np.uint16),
        np.array([1, 5, 2, 4, 3], np.int32),
        np.array([True, True, False, True, True]),
        limit_ticks=30,
    )

    assert found.homes.tolist() == [3, 2, 0]
    assert found.covered.tolist() == [2, 1, 0]  # 30 is at the limit and counts
    assert found.twice.tolist() == [1, 1, 0]
    assert found.reached.tolist() == [3, 1, 0]
    assert found.residents.tolist() == [6, 9, 0]
    assert found.covered_residents.tolist() == [3, 4, 0]
    assert found.straight.tolist() == [2, 2, 0]
    assert found.falsely.tolist() == [1, 1, 0]  # home 4 beyond the limit, home 1 that nobody reaches
    assert found.median.tolist() == [30, 20, BLOCKED]
    assert found.p90.tolist() == [50, 20, BLOCKED]  # ceil(0.9 * 3) = 3rd of three


def test_the_median_of_an_even_number_is_the_lower_middle() -> None:
    """Of 10, 20, 30, 40 two do not exceed 20: that is half."""
    homes = np.array([40, 10, 30, 20], np.int32)
    ones = np.ones(4, np.int32)
    found = tally(Groups.of(np.zeros(4, np.int32), 1), homes, ones, ones, np.zeros(4, bool), limit_ticks=100)

    assert found.median.tolist() == [20]
    assert found.p90.tolist() == [40]


def test_ranks_of_many_are_exact() -> None:
    """20,000 arrivals over a wide range, against all of them sorted: ranks 9,999 and 17,999 counted from 0."""
    ticks = np.random.default_rng(5).integers(0, 40_000_000, 20_000).astype(np.int32)
    ones = np.ones(len(ticks), np.int32)
    found = tally(Groups.of(np.zeros(len(ticks), np.int32), 1), ticks, ones, ones, ones.astype(bool), 1)

    assert (found.median[0], found.p90[0]) == (np.sort(ticks)[9_999], np.sort(ticks)[17_999])
