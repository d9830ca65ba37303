"""Contestants measured side by side: one interleaved run, medians, and one line a ratio."""

import statistics
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

QUICK_SECONDS = 0.05

Contestant = Callable[[], float]
"""Does its work once and tells how many seconds that took."""


def timed(work: Callable[[], Any]) -> Contestant:
    """A contestant in this process."""

    def run() -> float:
        begun = perf_counter()
        work()
        return perf_counter() - begun

    return run


def interleaved(contestants: Mapping[str, Contestant], rounds: int) -> dict[str, list[float]]:
    """Run each in turn, `rounds` times; give the seconds of all rounds.

    Each runs once untimed first. What takes less than 50 ms runs once untimed before every timed run as well, for the
    contestant before it leaves cold caches behind: that is the same rule for ours and for theirs.
    """
    quick = {name for name, run in contestants.items() if run() < QUICK_SECONDS}
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, run in contestants.items():
            if name in quick:
                run()
            seconds[name].append(run())
    return seconds


def medians(seconds: Mapping[str, list[float]]) -> dict[str, float]:
    """Give the median seconds of each."""
    return {name: statistics.median(times) for name, times in seconds.items()}


def print_times(seconds: Mapping[str, list[float]], notes: Mapping[str, str] | None = None) -> None:
    """Print median and least of each, in milliseconds, with a note."""
    for name, times in seconds.items():
        note = (notes or {}).get(name, "")
        middle, least = statistics.median(times) * 1000, min(times) * 1000
        print(f"{name:<28} {middle:>12.3f} ms median {least:>12.3f} ms least   {note}".rstrip())


def print_ratio(bench: str, peer: str, ratio: float, target: float, *, at_most: bool = False) -> bool:
    """Print the line that a reader looks for; give whether the target is met."""
    met, sign = (ratio <= target, "<=") if at_most else (ratio >= target, ">=")
    print(f"{bench} peer={peer} ratio={_three_digits(ratio)} target={sign}{target:g} met={'yes' if met else 'no'}")
    return met


def _three_digits(ratio: float) -> str:
    return f"{ratio:.0f}" if abs(ratio) >= 100 else f"{ratio:.3g}"


def print_missing(bench: str, peer: str, why: object) -> None:
    """Print that a peer could not be measured."""
    print(f"{bench} peer={peer} missing: {why}")
