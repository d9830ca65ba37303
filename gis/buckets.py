"""The queue of a search: junctions by the bucket of their ticks, in blocks of 31 that are used again.

A bucket is a chain of blocks, 32 words of `pool` each: the end of the block before, then up to 31 junctions. `ends[b]`
is where the next junction of bucket b would go (0: empty). Blocks that were emptied are the next to be filled, so a
search of any size runs in the few that are still in cache.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis.compiled import compiled

BLOCK = 32
MOST_BUCKETS = 2**14


class Queue(NamedTuple):
    """`pool` uint32[32 blocks], `ends` int64[buckets], `spare` int64[2]: the first emptied block, the first unused."""

    pool: NDArray[np.uint32]
    ends: NDArray[np.int64]
    spare: NDArray[np.int64]


def make_queue(most_junctions: int) -> Queue:
    """An empty queue. `most_junctions` ever put in is the bound; memory is only taken by those waiting at one time."""
    blocks = most_junctions // (BLOCK - 1) + MOST_BUCKETS + 2
    return Queue(np.empty(BLOCK * blocks, np.uint32), np.zeros(MOST_BUCKETS, np.int64), np.array([0, 1]))


def bucket_shift(preferred: int, limit_ticks: int) -> int:
    """The preferred width of a bucket (a power of two), or a wider one when the limit would need too many."""
    return max(preferred, limit_ticks.bit_length() - MOST_BUCKETS.bit_length() + 1)


@compiled
def put(queue: Any, bucket: Any, junction: Any) -> None:
    """Let a junction wait in a bucket."""
    end = queue.ends[bucket]
    if end & (BLOCK - 1) == 0:
        block = take_block(queue)
        queue.pool[BLOCK * block] = end
        end = BLOCK * block + 1
    queue.pool[end] = junction
    queue.ends[bucket] = end + 1


@compiled
def take_block(queue: Any) -> Any:
    """A block to fill: the one emptied last, else one that was never used."""
    block = queue.spare[0]
    if block:
        queue.spare[0] = queue.pool[BLOCK * block]
        return block
    queue.spare[1] += 1
    return queue.spare[1] - 1


@compiled
def give_back(queue: Any, block: Any) -> None:
    """This block is empty again."""
    queue.pool[BLOCK * block] = queue.spare[0]
    queue.spare[0] = block
