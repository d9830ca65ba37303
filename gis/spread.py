"""The search itself: arrivals spread from junction to junction, bucket by bucket, each street looked at once."""

from typing import Any

from gis.arrivals import later, reaches
from gis.buckets import BLOCK, give_back, put
from gis.compiled import compiled, inlined
from gis.prefetch import prefetch


@compiled
def spread(records: Any, words: Any, queue: Any, shift: int, limit: int, scanned: Any) -> int:
    """Finish the search of all that wait; returns how many junctions were looked at, listed in `scanned`."""
    count = 0
    for bucket in range((limit >> shift) + 1):
        if queue.ends[bucket]:
            count = scan_bucket(records, words, queue, bucket, shift, limit, scanned, count)
    return count


@compiled
def scan_bucket(
    records: Any, words: Any, queue: Any, bucket: int, shift: int, limit: int, scanned: Any, count: int
) -> int:
    """Look at all that wait in one bucket, also at those that come in meanwhile."""
    pool = queue.pool
    while queue.ends[bucket]:
        end = queue.ends[bucket]
        queue.ends[bucket] = 0
        while end:
            first = (end - 1) // BLOCK * BLOCK
            _fetch_ahead(records, words, pool, first + 1, end)
            for at in range(first + 1, end):
                junction = pool[at]
                word = words[junction]
                if word & 1:
                    words[junction] = word - 1
                    scanned[count] = junction
                    count += 1
                    _scan(records, words, queue, junction, word, shift, limit)
            end = pool[first]
            give_back(queue, first // BLOCK)
    return count


@inlined
def _fetch_ahead(records: Any, words: Any, pool: Any, first: int, end: int) -> None:
    for at in range(first, end):
        prefetch(records, 8 * pool[at])
        prefetch(words, pool[at])
    for at in range(first, end):
        record = 8 * pool[at]
        for slot in range(record, record + 4):
            prefetch(words, records[slot])


@inlined
def _scan(records: Any, words: Any, queue: Any, junction: Any, word: Any, shift: int, limit: int) -> None:
    record = 8 * junction
    while True:
        for slot in range(record, record + 3):
            relax(words, queue, records[slot], later(word, records[slot + 4]), shift, limit)
        if records[record + 7]:
            break
        record = 8 * records[record + 3]
    relax(words, queue, records[record + 3], later(word, records[record + 7]), shift, limit)


@compiled
def relax(words: Any, queue: Any, junction: Any, word: Any, shift: int, limit: int) -> None:
    """Keep the arrival `word` (its queued bit set) at a junction when it is better and in time, and let it wait."""
    known = words[junction]
    if word < known and reaches(word >> 32, limit):
        words[junction] = word
        bucket = word >> 32 >> shift
        if not (known & 1 and known >> 32 >> shift == bucket):  # else it waits there already
            put(queue, bucket, junction)
