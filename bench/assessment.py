"""The assessment of a district over a year: under two seconds.

    python -m bench.assessment [COUNT]

One district of 20 communities with 14 grids each, and COUNT matters (100,000: fifty times what the source counts)
opened over the year, each with three clocks; seven in ten ended, one in five with a return visit, one in fifty paused
or given back; 50,000 calls. Asked by street, by unit and by person. Held against the two seconds, and against a plain
count of the same rows by kind, which is what any answer must at least read.
"""

import asyncio
import sys
import tempfile
import time
import uuid
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import psycopg

from bench.cases import NOW, _area, _running
from bench.contest import interleaved, medians, print_ratio, print_times, timed
from services import assessment, clock
from services.access import Actor
from services.assessment import By
from services.assessment_ledger import Period
from services.cluster import SUPERUSER, Cluster
from services.database import Database
from services.models import Role

ROUNDS, TARGET_SECONDS = 5, 2.0
YEAR = Period(date(2025, 5, 20), date(2026, 5, 19))
VERSION = """
INSERT INTO area_versions (id, area_id, version, code, name, parent_id, boundary, valid_from, reason)
SELECT id, id, 1, code, name, parent_id, boundary, '2020-01-01', 'FOUNDED' FROM areas
"""
CASES = """
INSERT INTO cases (id, number, kind, sealed, subject, data_key, details, grid_id, community_id, street_id, district_id,
                   area_version_id, opened_at, sort_due_at, state, rung, round, version, close_starts, returns,
                   is_complex, pauses, reopened_rungs, ended_at, satisfied)
SELECT gen_random_uuid(), 'SQ' || n, (ARRAY['APPEAL', 'PETITION', 'DISPUTE', 'HAZARD'])[1 + n %% 4], false, 'made up',
       '\\x00', '{}', g.id, c.id, s.id, d.id, g.id, o.at, o.at, 'RECEIVED', 0, 1 + (n %% 40 = 0)::int, 1, 'ACCEPTED',
       (n %% 50 = 0)::int, false, CASE WHEN n %% 50 = 1 THEN '[{}]'::jsonb ELSE '[]' END, '[]',
       CASE WHEN n %% 10 < 7 THEN o.at + (n %% 9) * interval '1 day' END, CASE WHEN n %% 10 < 5 THEN n %% 10 < 4 END
FROM generate_series(1, %(count)s) AS n
CROSS JOIN LATERAL (SELECT %(now)s - (n %% 364 + 1) * interval '1 day' AS at) AS o
JOIN (SELECT *, row_number() OVER (ORDER BY code) - 1 AS i FROM areas WHERE level = 'GRID') AS g ON g.i = n %% 280
JOIN areas c ON c.id = g.parent_id JOIN areas s ON s.id = c.parent_id JOIN areas d ON d.id = s.parent_id
"""
TERMS = """
INSERT INTO case_terms (id, case_id, name, rung, round, amount, unit, starts, started_at, due_at, provisional,
                        paused_working_days, looks, met_at)
SELECT gen_random_uuid(), id, t.name, 0, 1, t.amount, 'WORKING_DAYS', 'ENTERED', opened_at,
       opened_at + t.amount * interval '1 day', false, 0, 1, coalesce(ended_at, opened_at + interval '6 hours')
FROM cases, (VALUES ('ACCEPT', 1), ('CLOSE', 3), ('RATING', 10)) AS t (name, amount)
"""
EVENTS = """
INSERT INTO case_events (id, case_id, number, at, kind, state, rung, detail, changes)
SELECT gen_random_uuid(), id, 1, opened_at, 'RETURN_VISIT', 'CLOSED', 0, '{}', '{}' FROM cases
WHERE right(number, 1) IN ('1', '2')
"""
CALLS = """
INSERT INTO calls (id, terminal_serial, area_ids, opened_at, answer_due_at, last_pressed_at, status, priority,
                   press_count, rung, round, cancel_pressed, asked_after, version, answered_at, arrived_at)
SELECT gen_random_uuid(), 'T' || n, ARRAY[%(district)s::uuid], o.at, o.at, o.at, 'RESOLVED', 1, 1, 0, 1, false, false,
       1, o.at + (n %% 200) * interval '1 second', o.at + (n %% 900) * interval '1 second'
FROM generate_series(1, 50000) AS n
CROSS JOIN LATERAL (SELECT %(now)s - (n %% 364 + 1) * interval '1 day' AS at) AS o
"""
PLAIN = """
SELECT c.kind, count(*), count(t.met_at) FROM cases c JOIN case_terms t ON t.case_id = c.id
WHERE c.district_id = %s GROUP BY c.kind
"""


def main(arguments: list[str]) -> None:
    """Measure and print."""
    count = int(arguments[0]) if arguments else 100_000
    with tempfile.TemporaryDirectory(prefix="linli-bench-") as name, ExitStack() as stack:
        Path(name).chmod(0o711)
        cluster = stack.enter_context(_running(Path(name)))
        district = _fill(cluster, count)
        plain = stack.enter_context(psycopg.connect(cluster.url(SUPERUSER), autocommit=True))
        stack.enter_context(clock.frozen(lambda: NOW))
        counted = interleaved({"plain": timed(lambda: plain.execute(PLAIN, (district,)).fetchall())}, ROUNDS)
        asyncio.run(_assessed(cluster, district, count, medians(counted)["plain"]))


async def _assessed(cluster: Cluster, district: uuid.UUID, count: int, plain: float) -> None:
    actor = Actor(uuid.uuid4(), "Manager", frozenset({Role.MANAGER}), (district,), ())
    store = Database(cluster.url("linli_app"))
    seconds: dict[str, list[float]] = {by.value: [] for by in By}
    for number in range(ROUNDS + 1):
        for by in By:
            begun = time.perf_counter()
            async with store.read(actor.identity) as session:
                found = await assessment.assess(session, actor, district, YEAR, by)
            assert sum(row.figures.opened or 0 for row in found.rows) == count
            if number:
                seconds[by.value].append(time.perf_counter() - begun)
    await store.close()
    print_times(seconds, dict.fromkeys(seconds, f"{count} matters"))
    for name, middle in medians(seconds).items():
        print_ratio(f"assessment-year-by-{name.lower()}-seconds", "2-seconds", middle, TARGET_SECONDS, at_most=True)
        print_ratio(f"assessment-year-by-{name.lower()}", "plain-count", middle / plain, 10.0, at_most=True)


def _fill(cluster: Cluster, count: int) -> uuid.UUID:
    """The areas, the matters and the calls; the district's id."""
    told: dict[str, Any] = {"now": NOW, "count": count}
    with psycopg.connect(cluster.url(SUPERUSER), autocommit=True) as connection:
        district = _area(connection, "DISTRICT", "990001000000", None)
        street = _area(connection, "STREET", "990001001000", district)
        for number in range(1, 21):
            community = _area(connection, "COMMUNITY", f"990001001{number:03}", street)
            for grid in range(1, 15):
                _area(connection, "GRID", f"990001001{number:03}{grid:03}", community)
        connection.execute(VERSION)
        connection.execute(CASES, told)
        connection.execute(TERMS)
        connection.execute(EVENTS)
        connection.execute(CALLS, told | {"district": district})
        connection.execute("VACUUM ANALYZE")
        return district


if __name__ == "__main__":
    main(sys.argv[1:])
