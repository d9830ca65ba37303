"""Casework with a million open matters: what falls due, a board page, and a deadline.

    python -m bench.cases [COUNT]

One district of 20 communities with 14 grids each. The sweep asks for what fell due in the last minute, and is held
against a select of the same rows by primary key. The board page is what the GraphQL server does for 50 cases of a
community, and what of it are statements, held against plain SQL for the same rows by the same driver. A deadline is ten
working days over National Day, without and with a pause, in processor time.
"""

import asyncio
import sys
import tempfile
import time
import timeit
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.orm import load_only

from bench.contest import Contestant, interleaved, medians, print_ratio, print_times, timed
from schema import build, case_boards
from schema.context import Api
from schema.doorstep import Doorstep
from schema.engine import Asked, Engine, Prepared
from services import clock, database
from services.access import Actor
from services.cases import boards, rights
from services.cluster import OWNER, SUPERUSER, Cluster
from services.database import Database
from services.models import Case, CaseTerm, Role
from services.models.cases import falling_due
from services.sealing import Keyring
from services.workdays import Pause, WorkCalendar
from services.workdays.published import national

ROUNDS, PAGE, TARGET, MICROSECONDS = 15, 50, 2.0, 5.0
NOW = datetime(2026, 5, 20, 4, 0, tzinfo=UTC)
DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]
AREAS = """
INSERT INTO areas (id, level, code, name, parent_id, boundary, label_point, area_square_meters, version, valid_from)
VALUES (%(id)s, %(level)s, %(code)s, 'made up', %(parent)s,
        ST_Multi(ST_MakeEnvelope(102, 25, 102.1, 25.1, 4326)), ST_SetSRID(ST_MakePoint(102.05, 25.05), 4326), 1, 1,
        now())
"""
VERSION = """
INSERT INTO area_versions (id, area_id, version, code, name, parent_id, boundary, valid_from, reason)
SELECT id, id, 1, code, name, parent_id, boundary, now(), 'FOUNDED' FROM areas
"""
CASES = """
INSERT INTO cases (id, number, kind, sealed, subject, data_key, details, grid_id, community_id, street_id, district_id,
                   area_version_id, opened_at, sort_due_at, state, rung, round, version, close_starts, returns,
                   is_complex, pauses, reopened_rungs, location)
SELECT gen_random_uuid(), 'SQ' || n, 'APPEAL', false, 'made up ' || n, '\\x00', '{}', g.id, c.id, s.id, d.id, g.id,
       %(now)s - interval '1 day', %(now)s + (n %% %(minutes)s - 5) * interval '1 minute', 'RECEIVED', 0, 1, 1,
       'ACCEPTED', 0, false, '[]', '[]', ST_SetSRID(ST_MakePoint(102 + random() / 10, 25 + random() / 10), 4326)
FROM generate_series(1, %(count)s) AS n
JOIN (SELECT *, row_number() OVER (ORDER BY code) - 1 AS i FROM areas WHERE level = 'GRID') AS g ON g.i = n %% 280
JOIN areas c ON c.id = g.parent_id JOIN areas s ON s.id = c.parent_id JOIN areas d ON d.id = s.parent_id
"""
TERMS = """
INSERT INTO case_terms (id, case_id, name, rung, round, amount, unit, starts, started_at, due_at, provisional,
                        paused_working_days, looks, next_look_at)
SELECT gen_random_uuid(), id, 'ACCEPT', 0, 1, 1, 'WORKING_DAYS', 'ENTERED', opened_at, sort_due_at, false, 0, 1,
       sort_due_at FROM cases
"""
BOARD = """query($area: ID!) { cases(filter: {areaId: $area, kind: "APPEAL", open: true}, first: 50) { edges { node {
  id number kind { code } subject state rung { level } assignee { id name } acceptDueAt closeDueAt overdueWorkingDays
  paused location } } pageInfo { hasNextPage endCursor } } }"""
SHOWN = ("id", "number", "kind", "subject", "state", "rung", "assignee", *case_boards.CLOCKS, "paused", "location")
PLAIN_PAGE = """SELECT id, number, kind, subject, state, rung, assignee_id, pauses, ST_AsBinary(location), sort_due_at
FROM cases WHERE community_id = %s AND kind = 'APPEAL' AND ended_at IS NULL ORDER BY sort_due_at, id LIMIT 51"""
PLAIN_TERMS = """SELECT case_id, name, due_at, provisional FROM case_terms
WHERE case_id = ANY(%s) AND met_at IS NULL AND ended_at IS NULL ORDER BY started_at, id"""


def main(arguments: list[str]) -> None:
    """Measure and print."""
    count = int(arguments[0]) if arguments else 1_000_000
    with tempfile.TemporaryDirectory(prefix="linli-bench-") as name, ExitStack() as stack:
        Path(name).chmod(0o711)
        cluster = stack.enter_context(_running(Path(name)))
        community = _fill(cluster, count)
        plain = stack.enter_context(psycopg.connect(cluster.url(SUPERUSER), autocommit=True))
        stack.enter_context(clock.frozen(lambda: NOW))
        _sweep(plain)
        asyncio.run(_board(cluster, plain, community))
        _deadline()


def _sweep(plain: "psycopg.Connection[Any]") -> None:
    """What fell due in the last minute; what was due before has been seen to."""
    plain.execute("UPDATE case_terms SET next_look_at = NULL WHERE next_look_at <= %s", (NOW - timedelta(minutes=1),))
    plain.execute("VACUUM ANALYZE case_terms")
    ours = falling_due(NOW, 1_000_000).compile(dialect=DIALECT)
    due = sa.select(CaseTerm.id).where(CaseTerm.next_look_at <= NOW).compile(dialect=DIALECT)
    ids = [row[0] for row in plain.execute(str(due).encode(), due.params)]
    by_key = "SELECT case_id FROM case_terms WHERE id = ANY(%s) ORDER BY next_look_at"
    contestants = {
        "what fell due": timed(lambda: plain.execute(str(ours).encode(), ours.params).fetchall()),
        "the same by primary key": timed(lambda: plain.execute(by_key, (ids,)).fetchall()),
    }
    seconds = interleaved(contestants, ROUNDS)
    middle = medians(seconds)
    print_times(seconds, dict.fromkeys(seconds, f"{len(ids)} of all terms"))
    print_ratio(
        "cases-sweep", "primary-key", middle["what fell due"] / middle["the same by primary key"], TARGET, at_most=True
    )


async def _board(cluster: Cluster, plain: "psycopg.Connection[Any]", community: uuid.UUID) -> None:
    """A page of 50: as the server answers it, its statements alone, and plain SQL."""
    actor = Actor(uuid.uuid4(), "Manager", frozenset({Role.MANAGER}), (community,), ())
    served = Database(cluster.url("linli_app"))
    api = Api.of(served, Keyring.from_secret(b"bench"), b"a secret of this bench, known to all", development=True)
    engine = Engine(build(), api)
    asked = Asked(BOARD, {"area": str(community)})
    read = load_only(*case_boards.columns(SHOWN), raiseload=True)
    page = (
        sa.select(Case)
        .options(read)
        .where(Case.community_id == community, Case.kind == "APPEAL", Case.ended_at.is_(None))
    )
    narrowed = rights.visible_cases(page, actor, community).order_by(Case.sort_due_at, Case.id).limit(PAGE + 1)
    ours = narrowed.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    clocks = boards.running([]).compile(dialect=DIALECT)
    ids = [row[0] for row in plain.execute(PLAIN_PAGE, (community,)).fetchall()[:PAGE]]

    all_ = dict.fromkeys(clocks.params, ids)

    def statements(page: bytes, given: Any, terms: bytes, of_ids: Any) -> None:
        plain.execute(page, given).fetchall()
        plain.execute(terms, of_ids).fetchall()

    async def answered() -> float:
        begun = time.perf_counter()
        prepared = engine.prepare(asked, actor)
        assert isinstance(prepared, Prepared), prepared
        answer = await engine.run(prepared, asked, actor, Doorstep())
        assert not answer.errors, answer.errors
        assert answer.data is not None
        assert len(answer.data["cases"]["edges"]) == PAGE
        return time.perf_counter() - begun

    seconds: dict[str, list[float]] = {"served": [], "statements": [], "plain SQL": []}
    contestants: dict[str, Contestant] = {
        "statements": timed(lambda: statements(str(ours).encode(), ours.params, str(clocks).encode(), all_)),
        "plain SQL": timed(lambda: statements(PLAIN_PAGE.encode(), (community,), PLAIN_TERMS.encode(), (ids,))),
    }
    for number in range(ROUNDS + 1):
        found = {"served": await answered()} | {name: run() for name, run in contestants.items()}
        for name, took in found.items() if number else ():
            seconds[name].append(took)
    middle = medians(seconds)
    print_times(seconds, dict.fromkeys(seconds, f"a page of {PAGE}"))
    for name, said in (("statements", "cases-board-statements"), ("served", "cases-board-served")):
        print_ratio(said, "plain-sql", middle[name] / middle["plain SQL"], TARGET, at_most=True)
    await served.close()


def _deadline() -> None:
    calendar = WorkCalendar(national(), ZoneInfo("Asia/Shanghai"))
    start = datetime(2026, 9, 24, 2, 0, tzinfo=UTC)
    pause = [Pause(start + timedelta(days=1), start + timedelta(days=2))]
    for name, pauses in (("deadline", []), ("deadline-with-a-pause", pause)):
        asked = partial(calendar.deadline, start, 10, pauses)
        times = timeit.repeat(asked, timer=time.process_time, number=20_000, repeat=9)
        microseconds = min(times) / 20_000 * 1e6
        print_ratio(f"cases-{name}-microseconds", "5-microseconds", microseconds, MICROSECONDS, at_most=True)


def _fill(cluster: Cluster, count: int) -> uuid.UUID:
    """The areas and the cases, due one a minute on average over the following weeks; a community's id."""
    with psycopg.connect(cluster.url(SUPERUSER), autocommit=True) as connection:
        district = _area(connection, "DISTRICT", "990001000000", None)
        street = _area(connection, "STREET", "990001001000", district)
        communities = [_area(connection, "COMMUNITY", f"990001001{n:03}", street) for n in range(1, 21)]
        for number, community in enumerate(communities, start=1):
            for grid in range(1, 15):
                _area(connection, "GRID", f"990001001{number:03}{grid:03}", community)
        connection.execute(VERSION)
        minutes = max(count // 100, 10)
        connection.execute(CASES, {"now": NOW, "count": count, "minutes": minutes})
        connection.execute(TERMS)
        connection.execute("VACUUM ANALYZE")
        return communities[0]


def _area(connection: "psycopg.Connection[Any]", level: str, code: str, parent: uuid.UUID | None) -> uuid.UUID:
    id_ = uuid.uuid4()
    connection.execute(AREAS, {"id": id_, "level": level, "code": code, "parent": parent})
    return id_


@contextmanager
def _running(folder: Path) -> Iterator[Cluster]:
    cluster = Cluster(folder, durable=False).start()
    try:
        database.migrate(cluster.url(OWNER))
        yield cluster
    finally:
        cluster.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
