"""Small counts of people are withheld: who counts three can guess who they are."""

SMALLEST_SHOWN = 5
"""Counts of people from 1 to one below this are not told to those who may only count."""


def is_small(people: int) -> bool:
    """Whether a count of people is withheld."""
    return 0 < people < SMALLEST_SHOWN


def shown(people: int) -> int | None:
    """The count, or None when it is withheld."""
    return None if is_small(people) else people
