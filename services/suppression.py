"""Small counts of people are withheld: who counts three can guess who they are. What tells them goes with them.

Whoever may read the people themselves is told the numbers as they are, for there is nothing to guess. For all others a
single small number takes the next one with it, since it would follow from the sum; and numbers over freely chosen
places are blurred, so that two questions that differ by one home do not tell who lives there (the cell-key method of
the statistical offices, see https://doi.org/10.2478/jos-2019-0014, with the simplest of all noise).
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, TypeVar

from services import settings

Cell = TypeVar("Cell", bound=tuple[Any, Any])
"""A line of the one kind and one of the other, such as a grid and a category."""

NOISE = (-2, -1, 0, 1, 2)


def is_small(people: int) -> bool:
    """Whether a count of people is withheld: from 1 to one below LINLI_SUPPRESS_BELOW."""
    return 0 < people < settings.current().suppress_below


def shown(people: int) -> int | None:
    """The count, or None when it is withheld."""
    return None if is_small(people) else people


def withheld(counts: Sequence[int]) -> list[bool]:
    """Which of these counts are withheld when their sum is known: the small ones, and the next where one is alone."""
    small = [is_small(count) for count in counts]
    others = [at for at, count in enumerate(counts) if count > 0 and not small[at]]
    if sum(small) == 1 and others:
        small[min(others, key=lambda at: (counts[at], at))] = True
    return small


def crosswise(table: Mapping[Cell, int]) -> set[Cell]:
    """Which cells of a table are withheld when the sums of its rows and of its columns are known.

    A small number that is alone in its row or its column takes the next smallest of it along, again and again until
    none stands alone; what is 0 tells nothing and hides nothing.
    """
    hidden = {cell for cell, count in table.items() if is_small(count)}
    while more := {cell for side in (0, 1) for cell in _beside(table, hidden, side)} - hidden:
        hidden |= more
    return hidden


def _beside(table: Mapping[Cell, int], hidden: Set[Cell], side: int) -> Iterator[Cell]:
    """For every line of one side with one hidden cell, the smallest other."""
    lines: dict[Any, list[Cell]] = {}
    for cell, count in table.items():
        if count:
            lines.setdefault(cell[side], []).append(cell)
    for cells in lines.values():
        others = [cell for cell in cells if cell not in hidden]
        if others and len(cells) - len(others) == 1:
            yield min(others, key=lambda cell: table[cell])


def blurred(people: int, key: bytes, *what: object) -> int:
    """The count with -2 to 2 added, always the same for the same count of the same thing; 0 stays 0.

    The noise comes from HMAC-SHA256 under a key outside the database: neither repeated nor computed away.
    """
    if people == 0:
        return 0
    digest = hmac.digest(key, repr(("blur", people, what)).encode(), hashlib.sha256)
    return max(1, people + NOISE[digest[0] % len(NOISE)])


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells counts of people to somebody: as they are when `exact`, else blurred; small ones to nobody."""

    key: bytes
    exact: bool = False

    def people(self, count: int, *what: object) -> int | None:
        """The count of `what` as it may be told; None when it is withheld."""
        return shown(count if self.exact or is_small(count) else blurred(count, self.key, *what))

    def withheld(self, counts: Sequence[int]) -> list[bool]:
        """Which of the parts of a known sum are withheld."""
        return [is_small(count) for count in counts] if self.exact else withheld(counts)
