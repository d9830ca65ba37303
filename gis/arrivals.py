"""An arrival: after how many ticks, and whose, in one 64-bit word, so that one comparison decides both.

`ticks << 32 | supplier << 1 | queued`. The smaller word is the better arrival: fewer ticks, and among equals the lower
supplier number; hence answers never depend on the order in which streets are looked at. The lowest bit says that a
search has yet to look at the junction; it is 0 in every finished answer. Nothing arrived: the largest int64.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.adjacency import NEVER
from gis.compiled import compiled

UNREACHED = 2**63 - 1
LATEST = NEVER << 32
"""A word that no limit allows and to which any cost can still be added."""


@compiled
def reaches(total_ticks: Any, limit_ticks: Any) -> Any:
    """The rule of who is there in time, for dispatch, audit and map: the limit itself is still in time."""
    return total_ticks <= limit_ticks


@compiled
def arrival(ticks: Any, supplier: Any) -> Any:
    """The word of a supplier who arrives after `ticks`."""
    return np.int64(ticks) << 32 | np.int64(supplier) << 1


@compiled
def later(word: Any, ticks: Any) -> Any:
    """The same supplier `ticks` later."""
    return word + (np.int64(ticks) << 32)


def ticks_of(words: NDArray[np.int64]) -> NDArray[np.int32]:
    """The ticks in the words, as a view: int32, `BLOCKED` where nobody arrives."""
    return words.view(np.int32)[1::2]


def suppliers_of(words: NDArray[np.int64]) -> NDArray[np.int32]:
    """The suppliers in the words, int32, -1 where nobody arrives."""
    return words.view(np.int32)[::2] >> 1
