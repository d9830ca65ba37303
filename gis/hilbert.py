"""Numbering places so that neighbours on the map are neighbours in memory."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.compiled import compiled

_BITS = 20


def hilbert_order(x: ArrayLike, y: ArrayLike) -> NDArray[np.int64]:
    """The places in the order of a Hilbert curve over their bounding square: a permutation, int64[n].

    `x`, `y`: float64[n], any unit. Places in one cell (a millionth of the side) keep their order.
    Curve: J. K. Lawder, "Calculation of mappings between one and n-dimensional values using the Hilbert space-filling
    curve" (2000); the loop is the usual rotation of quadrants.
    """
    across, up = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if not len(across):
        return np.empty(0, np.int64)
    side = max(float(np.ptp(across)), float(np.ptp(up))) or 1.0
    scale = ((1 << _BITS) - 1) / side
    keys = _keys(((across - across.min()) * scale).astype(np.int64), ((up - up.min()) * scale).astype(np.int64))
    return np.argsort(keys, kind="stable")


@compiled
def _keys(across: Any, up: Any) -> Any:
    keys = np.empty(len(across), np.int64)
    for i in range(len(across)):
        keys[i] = _key(across[i], up[i])
    return keys


@compiled
def _key(x: int, y: int) -> int:
    key, side = 0, 1 << (_BITS - 1)
    while side:
        right, top = int(x & side != 0), int(y & side != 0)
        key += side * side * ((3 * right) ^ top)
        if top == 0:
            if right:
                x, y = side - 1 - (x & (side - 1)), side - 1 - (y & (side - 1))
            x, y = y, x
        side >>= 1
    return key
