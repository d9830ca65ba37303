"""Which junctions lie next to a junction: one 32 byte record each, so that a settled junction costs one cache line.

A record is eight uint32: four heads, then four ticks. An unused slot points back at its own junction with ticks that no
limit allows, so that a scan never asks how many slots are filled. A junction with more than four half-edges links its
fourth slot (ticks 0, which no half-edge has) to a further record behind the first `junction_count`.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis.compiled import compiled
from gis.profiles import BLOCKED, MAXIMUM_TICKS

NEVER = MAXIMUM_TICKS + 1
NO_EDGE = 2**32 - 1


class Adjacency(NamedTuple):
    """Half-edges packed by junction: `records` uint32[8 r] and the edge of every slot, `edges` uint32[4 r]."""

    records: NDArray[np.uint32]
    edges: NDArray[np.uint32]


def pack(
    junction_count: int,
    edge_from: NDArray[np.int32],
    edge_to: NDArray[np.int32],
    forward_ticks: NDArray[np.int32],
    backward_ticks: NDArray[np.int32],
) -> Adjacency:
    """The half-edges that leave each junction. Swap `edge_from` and `edge_to` for those that arrive."""
    degree = _degrees(junction_count, edge_from, edge_to, forward_ticks, backward_ticks)
    further = _further_records(degree)
    records = aligned(8 * (junction_count + int(further[-1])))
    edges = aligned(len(records) // 2)
    _fill_empty(records, edges, further, junction_count)
    _fill(records, edges, further, degree, edge_from, edge_to, forward_ticks, backward_ticks)
    return Adjacency(records, edges)


def aligned(size: int) -> NDArray[np.uint32]:
    """An uninitialised uint32[size] that starts on a cache line: a record across two lines would cost two misses."""
    raw: NDArray[np.uint8] = np.empty(4 * size + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + 4 * size].view(np.uint32)


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """A plain view that cannot be written, so that made and mapped arrays are one type to the compiled search."""
    view = np.asarray(array).view()
    view.setflags(write=False)
    return view


@compiled
def _degrees(count: int, edge_from: Any, edge_to: Any, forward: Any, backward: Any) -> Any:
    degree = np.zeros(count, np.int32)
    for edge in range(len(edge_from)):
        degree[edge_from[edge]] += forward[edge] != BLOCKED
        degree[edge_to[edge]] += backward[edge] != BLOCKED
    return degree


def _further_records(degree: NDArray[np.int32]) -> NDArray[np.int64]:
    """Records beyond the first, summed up before each junction: all but a junction's last record hold three slots."""
    needed = np.where(degree > 4, (degree - 2) // 3, 0)
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(needed, dtype=np.int64)))


@compiled
def _fill_empty(records: Any, edges: Any, further: Any, count: int) -> None:
    edges[:] = NO_EDGE
    for junction in range(count):
        _empty_record(records, junction, junction)
        last = count + further[junction + 1] - 1
        record = junction
        for more in range(count + further[junction], last + 1):
            _empty_record(records, more, junction)
            records[8 * record + 3], records[8 * record + 7] = more, 0
            record = more


@compiled
def _empty_record(records: Any, record: int, junction: int) -> None:
    for slot in range(8 * record, 8 * record + 4):
        records[slot] = junction
        records[slot + 4] = NEVER


@compiled
def _fill(records: Any, edges: Any, further: Any, degree: Any, tails: Any, heads: Any, out: Any, back: Any) -> None:
    filled = np.zeros(len(degree), np.int32)
    for edge in range(len(tails)):
        if out[edge] != BLOCKED:
            slot = _next_slot(filled, further, tails[edge])
            records[slot + 4 * (slot // 4)], edges[slot] = heads[edge], edge
            records[slot + 4 * (slot // 4) + 4] = out[edge]
        if back[edge] != BLOCKED:
            slot = _next_slot(filled, further, heads[edge])
            records[slot + 4 * (slot // 4)], edges[slot] = tails[edge], edge
            records[slot + 4 * (slot // 4) + 4] = back[edge]


@compiled
def _next_slot(filled: Any, further: Any, junction: int) -> Any:
    nth = filled[junction]
    filled[junction] += 1
    step = min(nth // 3, further[junction + 1] - further[junction])
    record = junction if step == 0 else len(filled) + further[junction] + step - 1
    return 4 * record + nth - 3 * step
