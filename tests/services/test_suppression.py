"""Small counts, what subtracting them would tell, and two questions that differ by one home."""

import pytest

from services import suppression
from services.suppression import Teller

KEY = b"k" * 32


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ((6, 2, 9), (True, True, False)),  # 17 - 6 - 9 would tell the 2: the next smallest goes with it
        ((6, 2, 1), (False, True, True)),  # 9 - 6 = 3 of two: neither follows
        ((6, 7, 0), (False, False, False)),
        ((2, 0, 0), (True, False, False)),  # nothing else that could go; whoever shows the sum sees that it is small
        ((5, 5, 4), (True, False, True)),  # of equals the first
        ((), ()),
    ],
)
def test_one_small_count_takes_the_next_with_it(counts: tuple[int, ...], hidden: tuple[bool, ...]) -> None:
    assert tuple(suppression.withheld(counts)) == hidden


def test_small_cells_of_a_table_take_others_along_both_ways() -> None:
    """Grid by category; the 3 is alone in its line: the 7 goes; alone in its column: the 8 goes. They cover each other.

           alone  disabled                     alone  disabled
    west     3       7                  west     -       -
    east     8       9        becomes   east     -       -      (the 9 would follow from 7 + 9 and from 8 + 9)
    """
    table = {("west", "alone"): 3, ("west", "disabled"): 7, ("east", "alone"): 8, ("east", "disabled"): 9}
    assert suppression.crosswise(table) == set(table)
    assert suppression.crosswise({("west", "alone"): 7, ("east", "alone"): 8}) == set()
    single = {("west", "alone"): 3, ("west", "disabled"): 0, ("east", "alone"): 0, ("east", "disabled"): 9}
    assert suppression.crosswise(single) == {("west", "alone")}  # nothing beside it: its sums are as small


def test_a_blurred_count_is_near_and_always_the_same() -> None:
    """At most 2 away, never below 1, each noise as likely as another, other things other noise; none stays none."""
    told = [suppression.blurred(count, KEY, "audit", "LIVES_ALONE") for count in range(1000)]
    assert told == [suppression.blurred(count, KEY, "audit", "LIVES_ALONE") for count in range(1000)]
    assert told[0] == 0
    noise = [seen - count for count, seen in enumerate(told)][3:]
    assert {one: 150 < noise.count(one) < 250 for one in range(-2, 3)} == dict.fromkeys(range(-2, 3), True)
    assert told != [suppression.blurred(count, KEY, "audit", "DISABLED") for count in range(1000)]
    assert told != [suppression.blurred(count, b"other" * 6, "audit", "LIVES_ALONE") for count in range(1000)]


def test_one_home_more_does_not_show() -> None:
    """20 and 21 people: the difference that is told is 1 only by chance, for one key in five or so."""
    differences = []
    for number in range(300):
        teller = Teller(number.to_bytes(32, "big"))
        fewer, more = teller.people(20, "circle"), teller.people(21, "circle")
        assert fewer is not None
        assert more is not None
        differences.append(more - fewer)
    assert set(differences) == set(range(-3, 6))
    assert differences.count(1) < 100


def test_who_may_read_the_people_is_told_the_number() -> None:
    teller = Teller(KEY, exact=True)
    assert [teller.people(count) for count in (0, 4, 5, 21)] == [0, None, 5, 21]
    assert teller.withheld((6, 2, 9)) == [False, True, False]


def test_a_small_count_is_not_blurred_into_sight() -> None:
    """4 would often become 5 or 6: it is withheld before."""
    assert {Teller(number.to_bytes(32, "big")).people(4) for number in range(50)} == {None}
