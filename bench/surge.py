"""500 calls and 500 workers at once: assigned together, against one by one as the calls came.

Timed is what an outage asks of the engine from the committed calls to everybody's worker: fetching calls and workers,
all travel times over the streets, the assignment. Writing the 500 offers, 64 at a time, is told apart.
The sums of weighted arrival times are those of the same calls and the same workers.

Then all phones stay silent: the offers are over in the same moment, and each call must have its next step within 5 s.
"""

import asyncio
import time
import uuid

import numpy as np

from bench.callplace import CallPlace, opened
from bench.contest import print_ratio
from services import networks, offer_endings, surge, surge_plans
from services.database import Database
from services.ladder import RULES

CALLS = 500
ROUNDS = 5
TARGET_SECONDS = 1.0
NEXT_STEP_SECONDS = 5.0
OPEN = """
INSERT INTO calls (id, terminal_serial, terminal_id, household_id, grid_id, community_id, area_ids, location, opened_at,
                   answer_due_at, last_pressed_at, status, priority, press_count, rung, round, cancel_pressed,
                   asked_after, version)
SELECT gen_random_uuid(), t.serial, t.id, h.id, g.id, g.parent_id, ARRAY[g.id, g.parent_id], h.location, now(),
       now() + interval '1 minute', now(), 'OPEN', CASE WHEN random() < 0.1 THEN 6 ELSE 3 END, 1, 0, 1, false, false, 1
FROM terminals t JOIN households h ON h.id = t.household_id JOIN areas g ON g.id = h.grid_id
RETURNING id
"""
OVER = """
WITH timer AS (UPDATE timers SET due_at = now() WHERE kind = 'OFFER_EXPIRES')
UPDATE offers SET expires_at = now() WHERE status = 'OFFERED'
"""


def main() -> None:
    """Measure and print."""
    with opened(terminals=CALLS, workers=CALLS, servers=0) as place:
        asyncio.run(_measure(place))


async def _measure(place: CallPlace) -> None:
    database = Database(place.url).acting_as("dispatch")
    networks.CURRENT.use_folder(place.folder / "networks")
    async with database.read() as session:
        await networks.CURRENT.refresh(session)
    place.refresh()
    with place.connect() as connection:
        call_ids = [row[0] for row in connection.execute(OPEN)]
    plans, seconds = [], []
    for _ in range(ROUNDS + 1):
        begun = time.perf_counter()
        plans.append(await surge_plans.plan(database, call_ids))
        seconds.append(time.perf_counter() - begun)
    middle = float(np.median(seconds[1:]))
    plan = plans[-1]
    assert plan is not None
    together, alone = total(plan, plan.chosen), total(plan, one_by_one(plan))
    print(f"{CALLS} calls, {CALLS} workers: planned in {middle:.3f} s median, {min(seconds[1:]):.3f} s least")
    print(f"weighted arrivals {together:,.0f} s together, {alone:,.0f} s one by one")
    print_ratio("surge", "one-second", middle / TARGET_SECONDS, 1.0, at_most=True)
    print_ratio("surge", "one-by-one-arrivals", together / alone, 1.0, at_most=True)
    await _write(database, call_ids)
    with place.connect() as connection:
        connection.execute(OVER)
    await _go_on(database)
    await database.close()


async def _write(database: Database, call_ids: list[uuid.UUID]) -> None:
    begun = time.perf_counter()
    written = await surge.attempt(database, call_ids)
    print(f"{written} offers planned and written, and the rest sent on, in {time.perf_counter() - begun:.2f} s")


async def _go_on(database: Database) -> None:
    """End the offers as a server does (`services.background`), and find help anew."""
    begun, calls, more = time.perf_counter(), dict[uuid.UUID, int](), True
    while more:
        async with database.write() as session:
            ended = await offer_endings.end_many(session)
        calls |= ended
        more = bool(ended)
    offered = await surge.attempt(database, list(calls))
    seconds = time.perf_counter() - begun
    print(f"{len(calls)} offers over at once: {offered} calls offered anew, and the rest sent on, in {seconds:.2f} s")
    print_ratio("surge", "five-seconds-to-the-next-step", seconds / NEXT_STEP_SECONDS, 1.0, at_most=True)


def one_by_one(plan: surge_plans.Plan) -> list[int | None]:
    """Each call in the order in which it came takes who is nearest of those left."""
    left, chosen = plan.seconds.copy(), []
    for row in left:
        best = int(np.argmin(row))
        found = bool(row[best] < RULES.surge_unserved_seconds)
        chosen.append(best if found else None)
        if found:
            left[:, best] = np.inf
    return chosen


def total(plan: surge_plans.Plan, chosen: list[int | None]) -> float:
    """Weighted seconds until help is there; a call without a worker counts as the rules count it."""
    times = [
        RULES.surge_unserved_seconds if worker is None else plan.seconds[call, worker]
        for call, worker in enumerate(chosen)
    ]
    return float(np.dot(plan.weights, times))


if __name__ == "__main__":
    main()
