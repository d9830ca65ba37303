"""Small counts of people are withheld: who counts three can guess who they are."""

from services import settings


def is_small(people: int) -> bool:
    """Whether a count of people is withheld: from 1 to one below LINLI_SUPPRESS_BELOW."""
    return 0 < people < settings.current().suppress_below


def shown(people: int) -> int | None:
    """The count, or None when it is withheld."""
    return None if is_small(people) else people
