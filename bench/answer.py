"""A simulated day: which share of calls was offered within 10 s, and answered within 60 s and 180 s.

    python -m bench.answer [CALLS]

20,000 calls (or as many as are asked for, with the workers that go with them) come over 24 hours by the habits of a
town, to workers in three shifts of whom some decline and some sleep. The engine, its ladder, its timers and its
database are the real ones; the clock and the people are made up (see `bench.callday`).
"""

import asyncio
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from bench.callday import Day
from bench.callplace import CallPlace, opened
from services import networks
from services.access import Actor
from services.database import Database
from services.models import Role, TerminalButton, new_id

CALLS = 20_000
WORKERS_A_THOUSAND_CALLS = {"GRID_WORKER": 60, "VOLUNTEER": 20, "COMMUNITY_STAFF": 6}
SHIFTS = ((0, 8, 0.2), (8, 16, 0.45), (16, 24, 0.35))
"""From, to (hours), and which share of the workers."""
HOURLY = (2, 1, 1, 1, 1, 3, 5, 7, 8, 8, 7, 6, 6, 5, 5, 5, 6, 7, 7, 6, 5, 4, 3, 2)
BUTTONS = {TerminalButton.HELP: 0.75, TerminalButton.EMERGENCY: 0.1, TerminalButton.SERVICE: 0.15}
BEGINS = datetime(2026, 5, 19, 16, tzinfo=UTC)  # midnight in Shanghai
PEOPLE = """
UPDATE workers SET role = CASE WHEN n < %(volunteers)s THEN 'VOLUNTEER' WHEN n < %(staff)s THEN 'COMMUNITY_STAFF'
                               ELSE 'GRID_WORKER' END, status = 'OFF_DUTY'
FROM (SELECT id, row_number() OVER (ORDER BY md5(code)) AS n FROM workers) AS numbered WHERE numbered.id = workers.id
"""
ASSIGN = """
INSERT INTO assignments (id, worker_id, area_id, since)
SELECT gen_random_uuid(), w.id, CASE WHEN w.role = 'COMMUNITY_STAFF' THEN a.parent_id ELSE a.id END, '2020-01-01'
FROM workers w JOIN areas a ON a.level = 'GRID' AND a.retired_at IS NULL AND ST_Covers(a.boundary, w.post)
"""
WAITS = """
SELECT extract(epoch FROM min(e.at) FILTER (WHERE e.kind IN ('OFFERED', 'RANG')) - c.opened_at),
       extract(epoch FROM min(e.at) FILTER (WHERE e.kind IN ('ACCEPTED', 'CLAIMED')) - c.opened_at),
       bool_or(e.kind = 'RANG')
FROM calls c JOIN call_events e ON e.call_id = c.id WHERE c.opened_at < %s GROUP BY c.id
"""
TARGETS = (("offered in 10 s", 0, 10, 0.99), ("answered in 60 s", 1, 60, 0.975), ("answered in 180 s", 1, 180, 0.99))


def main() -> None:
    """Let the day pass and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else CALLS
    people = {role: round(share * count / 1000) for role, share in WORKERS_A_THOUSAND_CALLS.items()}
    with opened(terminals=count, workers=sum(people.values()), servers=0, durable=False) as place:
        _prepare(place, people)
        begun = time.perf_counter()
        asyncio.run(_day(place, count))
        print(f"{count:,} calls, {people}, simulated in {time.perf_counter() - begun:.0f} s")
        _report(place)


def _prepare(place: CallPlace, people: dict[str, int]) -> None:
    numbers = {"volunteers": people["VOLUNTEER"], "staff": people["VOLUNTEER"] + people["COMMUNITY_STAFF"]}
    with place.connect() as connection:
        connection.execute(PEOPLE, numbers)
        connection.execute(ASSIGN)
        connection.execute("DELETE FROM shifts")


async def _day(place: CallPlace, count: int) -> None:
    database = Database(place.url).acting_as("background")
    networks.CURRENT.use_folder(place.folder / "networks")
    async with database.read() as session:
        await networks.CURRENT.refresh(session)
    luck = random.Random(1)
    day = Day(database, _actor(new_id(), Role.TERMINAL), _actor(place.desk_id, Role.DISPATCHER), luck, BEGINS)
    await _plan_shifts(place, day)
    hours = luck.choices(range(24), HOURLY, k=count)
    for serial, hour in zip(place.serials, hours, strict=True):
        button = luck.choices(list(BUTTONS), list(BUTTONS.values()))[0]
        moment = BEGINS + timedelta(hours=hour + luck.random())
        day.at(moment, partial(day.press, serial, button))
    for hour in range(24):
        await day.run(BEGINS + timedelta(hours=hour + 1))
        print(f"{hour + 1:2} h", end=" ", flush=True)
    print()
    await database.close()


def _actor(account_id: Any, role: Role) -> Actor:
    return Actor(account_id, "Bench", frozenset({role}), (), (), everywhere=True)


async def _plan_shifts(place: CallPlace, day: Day) -> None:
    """Each worker has one shift, and says so up to ten minutes after it began; a few never do."""
    with place.connect() as connection:
        ids = [row[0] for row in connection.execute("SELECT id FROM workers ORDER BY md5(code || 'shift')")]
        for worker_id in ids:
            first, last, _ = day.luck.choices(SHIFTS, [share for *_, share in SHIFTS])[0]
            span = (BEGINS + timedelta(hours=first), BEGINS + timedelta(hours=last))
            connection.execute(
                "INSERT INTO shifts (id, worker_id, starts_at, ends_at) VALUES (%s, %s, %s, %s)",
                (new_id(), worker_id, *span),
            )
            if day.luck.random() > 0.03:
                late = timedelta(seconds=day.luck.uniform(-600, 600))
                day.at(max(span[0] + late, BEGINS), partial(day.start_shift, worker_id))


def _report(place: CallPlace) -> None:
    """Calls of the last ten minutes are left out: their time is not over."""
    with place.connect() as connection:
        rows = connection.execute(WAITS, (BEGINS + timedelta(hours=23, minutes=50),)).fetchall()
    print(f"{len(rows):,} calls counted; {sum(row[2] for row in rows) / len(rows):.1%} came to the duty desk")
    for name, column, seconds, target in TARGETS:
        share = sum(row[column] is not None and row[column] <= seconds for row in rows) / len(rows)
        met = "yes" if share >= target else "no"
        print(f"answer peer=calendar-day share={share:.2%} what={name!r} target=>={target:.1%} met={met}")


if __name__ == "__main__":
    main()
