"""Benches: who runs when, and the line that a reader looks for."""

import pytest

from bench.contest import Contestant, interleaved, medians, print_ratio


def test_contestants_take_turns() -> None:
    order: list[str] = []

    def contestant(name: str, seconds: list[float]) -> Contestant:
        def run() -> float:
            order.append(name)
            return seconds[min(order.count(name), len(seconds)) - 1]

        return run

    # "slow" runs once untimed, then three times; "quick" once untimed, then an untimed and a timed run a round.
    quick = contestant("quick", [0.001, 9, 0.003, 9, 0.001, 9, 0.002])
    slow = contestant("slow", [1.0, 3.0, 5.0, 4.0])
    seconds = interleaved({"quick": quick, "slow": slow}, rounds=3)
    assert order == ["quick", "slow", *["quick", "quick", "slow"] * 3]
    assert seconds == {"quick": [0.003, 0.001, 0.002], "slow": [3.0, 5.0, 4.0]}
    assert medians(seconds) == {"quick": 0.002, "slow": 4.0}


@pytest.mark.parametrize(
    ("ratio", "at_most", "line"),
    [
        (100.0, False, "audit peer=valhalla ratio=100 target=>=100 met=yes"),
        (99.94, False, "audit peer=valhalla ratio=99.9 target=>=100 met=no"),
        (100.0, True, "audit peer=valhalla ratio=100 target=<=100 met=yes"),
        (1234.0, True, "audit peer=valhalla ratio=1234 target=<=100 met=no"),
    ],
)
def test_the_line_of_a_ratio(capsys: pytest.CaptureFixture[str], ratio: float, at_most: bool, line: str) -> None:
    print_ratio("audit", "valhalla", ratio, 100, at_most=at_most)
    assert capsys.readouterr().out == line + "\n"
