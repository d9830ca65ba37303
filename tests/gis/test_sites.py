"""Maximal covering: where greedy is not best, against every choice tried, and with a bound that holds."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.sites import Covering, SitesOutOfRange, best, covering, greedy

TRAP = {0: [0, 1, 2, 3], 1: [0, 1, 4], 2: [2, 3, 5]}
"""Candidate 0 reaches four homes, 1 and 2 reach three each, and together all six: greedy takes 0 first and gets 5."""


def of(reaches: dict[int, list[int]], weight: list[int]) -> Covering:
    """A covering from candidate -> homes."""
    pairs = [(candidate, home) for candidate, homes in reaches.items() for home in homes]
    candidate, home = np.array(pairs, np.int32).reshape(-1, 2).T
    return covering(candidate, home, len(reaches), np.array(weight, np.int64))


def most(reaches: dict[int, list[int]], weight: list[int], count: int) -> int:
    """What the best choice covers, every choice tried."""
    sizes = range(min(count, len(reaches)) + 1)
    chosen = (few for size in sizes for few in combinations(reaches, size))
    return max(sum(weight[home] for home in {home for one in few for home in reaches[one]}) for few in chosen)


def test_greedy_takes_what_adds_most() -> None:
    """Four homes by candidate 0, then one more by 1 (the lower of two that add one): 5 of 6."""
    found = greedy(of(TRAP, [1] * 6), 2)
    assert (found.candidates.tolist(), found.added.tolist()) == ([0, 1], [4, 1])
    assert found.gap >= 1 / 5  # six is possible, so the proven gap may not say less


def test_the_exact_answer_is_proven() -> None:
    """Candidates 1 and 2 reach all six; nothing better exists."""
    found = best(of(TRAP, [1] * 6), 2, time_limit_seconds=10)
    assert sorted(found.candidates.tolist()) == [1, 2]
    assert found.added.tolist() == [3, 3]
    assert found.gap == pytest.approx(0.0, abs=1e-9)


def test_weights_decide() -> None:
    """Home 4 weighs ten: candidate 1 brings 12, then 2 brings its three."""
    found = greedy(of(TRAP, [1, 1, 1, 1, 10, 1]), 2)
    assert (found.candidates.tolist(), found.added.tolist()) == ([1, 2], [12, 3])


def test_none_that_adds_nothing_and_none_twice() -> None:
    """Two candidates that reach the same home, four asked for: one is enough."""
    found = best(of({0: [0], 1: [0]}, [7]), 4, time_limit_seconds=5)
    assert (found.candidates.tolist(), found.added.tolist(), found.gap) == ([0], [7], 0.0)


def test_homes_covered_already_have_no_weight() -> None:
    """Homes 0 to 3 are covered by those who stay: only 4 and 5 count."""
    found = best(of(TRAP, [0, 0, 0, 0, 1, 1]), 1, time_limit_seconds=5)
    assert (found.candidates.tolist(), found.added.tolist(), found.gap) == ([1], [1], 0.0)


def test_nothing_to_gain() -> None:
    """No pairs at all."""
    found = best(covering(np.zeros(0, np.int32), np.zeros(0, np.int32), 3, np.ones(2, np.int64)), 2, 5)
    assert (len(found.candidates), found.gap) == (0, 0.0)


def test_no_sites_asked_for() -> None:
    """A number that cannot be chosen is refused by name."""
    with pytest.raises(SitesOutOfRange, match="at least 1"):
        greedy(of(TRAP, [1] * 6), 0)


def test_without_time_the_greedy_answer_with_its_bound() -> None:
    """The bound must hold though nothing was proven best: 5 * (1 + gap) >= 6."""
    found = best(of(TRAP, [1] * 6), 2, time_limit_seconds=0)
    assert found.added.sum() * (1 + found.gap) >= 6


towns = st.lists(st.lists(st.integers(0, 9), max_size=6, unique=True), min_size=1, max_size=6)


@given(towns, st.lists(st.integers(0, 5), min_size=10, max_size=10), st.integers(1, 4))
def test_the_bounds_hold_and_the_exact_answer_is_best(reaches: list[list[int]], weight: list[int], count: int) -> None:
    """Against every choice: the exact one equals it, greedy and its gap bracket it."""
    town = dict(enumerate(reaches))
    true = most(town, weight, count)
    quick, exact = greedy(of(town, weight), count), best(of(town, weight), count, time_limit_seconds=20)

    assert exact.added.sum() == true
    assert quick.added.sum() >= (1 - 1 / np.e) * true - 1e-9
    assert quick.added.sum() * (1 + quick.gap) >= true - 1e-6
    assert exact.added.sum() * (1 + exact.gap) >= true - 1e-6
    assert len(set(exact.candidates.tolist())) == len(exact.candidates) <= count
