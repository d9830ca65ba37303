"""A simulated day: which share of calls was offered within 10 s, and answered within 60 s and 180 s.

    python -m bench.answer [CALLS]

20,000 calls (or as many as are asked for, with the workers that go with them) come over 24 hours by the habits of a
town, to workers in three shifts of whom some decline and some sleep. The engine, its ladder, its timers and its
database are the real ones; the clock and the people are made up (see `bench.callday`). The day is lived in two towns of
11,000 homes at once, each with half of the calls and of the workers, in a process and on a cluster of its own.
"""

import asyncio
import multiprocessing
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row

from bench.callday import DISPATCHERS_A_THOUSAND_CALLS, LEAST_DISPATCHERS, Day
from bench.callplace import CallPlace, opened
from fixtures.town import SEED
from services import networks
from services.access import Actor
from services.database import Database
from services.models import Role, TerminalButton, new_id

CALLS = 20_000
TOWNS = 2
CALLS_A_TOWN = 11_000
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
SELECT extract(epoch FROM min(e.at) FILTER (WHERE e.kind IN ('OFFERED', 'RANG')) - c.opened_at)::float8 AS offered,
       extract(epoch FROM min(e.at) FILTER (WHERE e.kind IN ('ACCEPTED', 'CLAIMED')) - c.opened_at)::float8 AS answered,
       coalesce(bool_or(e.kind = 'RANG'), false) AS rang,
       count(*) FILTER (WHERE e.kind IN ('DECLINED', 'EXPIRED')) AS passed_over,
       extract(hour FROM c.opened_at AT TIME ZONE 'Asia/Shanghai')::int AS hour
FROM calls c JOIN call_events e ON e.call_id = c.id WHERE c.opened_at < %s GROUP BY c.id
"""
TARGETS = (("offered in 10 s", 10, 0.99), ("answered in 60 s", 60, 0.975), ("answered in 180 s", 180, 0.99))


@dataclass(frozen=True, slots=True)
class Wait:
    """How long a call waited, in seconds (None: for ever), what happened to it on the way, and its hour of the day."""

    offered: float | None
    answered: float | None
    rang: bool
    passed_over: int
    hour: int


def main() -> None:
    """Let the day pass and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else CALLS
    begun = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(TOWNS) as pool:
        parts = pool.starmap(_lived, [(number, count // TOWNS) for number in range(TOWNS)])
    waits = [Wait(*row) for part in parts for row in part]
    print(f"{count:,} calls in {TOWNS} towns, {_people(count)}, simulated in {time.perf_counter() - begun:.0f} s")
    _report(waits)


def _people(count: int) -> dict[str, int]:
    return {role: round(share * count / 1000) for role, share in WORKERS_A_THOUSAND_CALLS.items()}


def _lived(number: int, count: int) -> list[tuple[Any, ...]]:
    """One town's day: the waits of its calls. Those of the last ten minutes are left out: their time is not over."""
    people, towns = _people(count), -(-count // CALLS_A_TOWN)
    with opened(count, sum(people.values()), 0, durable=False, seed=SEED + number, towns=towns) as place:
        _prepare(place, people)
        asyncio.run(_day(place, count, number))
        with place.connect() as connection:
            rows = connection.execute(WAITS, (BEGINS + timedelta(hours=23, minutes=50),)).fetchall()
    return [astuple(Wait(*row)) for row in rows]


def _prepare(place: CallPlace, people: dict[str, int]) -> None:
    numbers = {"volunteers": people["VOLUNTEER"], "staff": people["VOLUNTEER"] + people["COMMUNITY_STAFF"]}
    with place.connect() as connection:
        connection.execute(PEOPLE, numbers)
        connection.execute(ASSIGN)
        connection.execute("DELETE FROM shifts")


async def _day(place: CallPlace, count: int, number: int) -> None:
    database = Database(place.url).acting_as("background")
    networks.CURRENT.use_folder(place.folder / "networks")
    async with database.read() as session:
        await networks.CURRENT.refresh(session)
    luck = random.Random(number)
    who = (_actor(new_id(), Role.TERMINAL), _actor(place.desk_id, Role.DISPATCHER))
    with place.connect() as phones:
        phones.row_factory = namedtuple_row
        desks = max(LEAST_DISPATCHERS, round(DISPATCHERS_A_THOUSAND_CALLS * count / 1000))
        day = Day(database, phones, *who, luck, BEGINS, free_dispatchers=desks)
        await _plan_shifts(place, day)
        _plan_presses(place, day, count)
        for hour in range(24):
            await day.run(BEGINS + timedelta(hours=hour + 1))
            phones.execute("ANALYZE calls, call_events, offers, timers, positions, outbox")  # they grew from nothing
            _tell_so_far(phones, number, hour + 1)
    await database.close()


def _tell_so_far(phones: psycopg.Connection[Any], number: int, hour: int) -> None:
    """What a day that is cut short has shown by then."""
    waits = [Wait(*row) for row in phones.execute(WAITS, (BEGINS + timedelta(hours=hour, minutes=-10),))]
    shares = " ".join(f"{_share(waits, partial(_came, name, most)):.2%}" for name, most, _ in TARGETS)
    print(f"town {number}: {hour} h, {len(waits):,} calls, {shares}", file=sys.stderr, flush=True)


def _plan_presses(place: CallPlace, day: Day, count: int) -> None:
    hours = day.luck.choices(range(24), HOURLY, k=count)
    for serial, hour in zip(place.serials, hours, strict=True):
        button = day.luck.choices(list(BUTTONS), list(BUTTONS.values()))[0]
        moment = BEGINS + timedelta(hours=hour + day.luck.random())
        day.at(moment, partial(day.press, serial, button))


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


def _report(waits: Sequence[Wait]) -> None:
    """The shares, and what became of those that waited for more than a minute."""
    print(f"{len(waits):,} calls counted; {_share(waits, lambda wait: wait.rang):.1%} came to the duty desk")
    for name, seconds, target in TARGETS:
        share = _share(waits, partial(_came, name, seconds))
        met = "yes" if share >= target else "no"
        print(f"answer peer=calendar-day share={share:.2%} what={name!r} target=>={target:.1%} met={met}")
    late = [wait for wait in waits if not _came("answered", 60, wait)]
    print(f"{len(late):,} waited longer than 60 s: passed over {Counter(wait.passed_over for wait in late)} times")
    print(
        f"of these {_share(late, lambda wait: wait.rang):.0%} came to the desk, {_share(late, _by_night):.0%} by night"
    )
    for part, some in (("night", list(filter(_by_night, waits))), ("day", [w for w in waits if not _by_night(w)])):
        shares = " ".join(f"{_share(some, partial(_came, name, most)):.2%}" for name, most, _ in TARGETS)
        print(f"{part} (0 to 8 h or not): {len(some):,} calls, {shares}")


def _came(name: str, seconds: float, wait: Wait) -> bool:
    waited = wait.offered if name.startswith("offered") else wait.answered
    return waited is not None and waited <= seconds


def _by_night(wait: Wait) -> bool:
    return wait.hour < SHIFTS[0][1]


def _share(waits: Sequence[Wait], holds: Callable[[Wait], bool]) -> float:
    return sum(map(holds, waits)) / max(len(waits), 1)


if __name__ == "__main__":
    main()
