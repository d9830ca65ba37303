"""What row-level security costs: the server's own questions, asked by its role, against a superuser, whom it binds not.

    python -m bench.rls

One district of 120 grids, 120,000 homes of one person each and 12,000 records of care. The manager has 100 of the
grids, so that 100,000 rows are counted. Both ask the very same statements, by the access helper.
"""

import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from bench.contest import Contestant, interleaved, medians, print_ratio, print_times
from services import database
from services.access import Actor, Held, Reach, visible
from services.cluster import OWNER, SUPERUSER, Cluster
from services.models import AreaLevel, CareRecord, Household, Resident, Role

ROUNDS, PAGE_ROUNDS = 15, 75
GRIDS, HOMES = 120, 120_000
PAGE, PAGE_TARGET, COUNT_TARGET = 50, 1.5, 2.0
ASKED_AT_ONCE = 10

DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]
Connection = psycopg.Connection[tuple[Any, ...]]

AREAS = """
INSERT INTO areas (id, level, code, name, parent_id, boundary, label_point, area_square_meters, version, valid_from)
VALUES (%(id)s, %(level)s, %(code)s, 'made up', %(parent)s,
        ST_Multi(ST_MakeEnvelope(102, 25, 102.1, 25.1, 4326)), ST_SetSRID(ST_MakePoint(102.05, 25.05), 4326),
        1, 1, now())
"""
PEOPLE = """
INSERT INTO households (id, code, address, has_lift, location, declared_system, declared_longitude, declared_latitude,
                        grid_id, restricted, version, created_at)
SELECT gen_random_uuid(), 'H' || lpad(n::text, 7, '0'), 'Willow Lane ' || n, false,
       ST_SetSRID(ST_MakePoint(102 + random() / 10, 25 + random() / 10), 4326), 'WGS84', 102, 25,
       (%(grids)s::uuid[])[1 + n %% %(count)s], false, 1, now() FROM generate_series(1, %(homes)s) AS n;
INSERT INTO residents (id, code, sex, mobile, restricted, created_at)
SELECT gen_random_uuid(), 'R' || lpad(n::text, 7, '0'), 'UNSTATED', false, false, now()
FROM generate_series(1, %(homes)s) AS n;
INSERT INTO residences (id, resident_id, household_id, relation, since)
SELECT gen_random_uuid(), p.id, h.id, 'HEAD', '2020-01-01'
FROM residents p JOIN households h ON substr(h.code, 2) = substr(p.code, 2);
INSERT INTO care_records (id, resident_id, category_id, consent_at, opened_at)
SELECT gen_random_uuid(), p.id, (SELECT id FROM care_categories WHERE sensitivity <> 'SEALED' LIMIT 1),
       '2020-01-01', now()
FROM residents p WHERE right(p.code, 1) = '7';
"""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="linli-bench-") as name, ExitStack() as stack:
        Path(name).chmod(0o711)
        cluster = stack.enter_context(_running(Path(name)))
        grids = _fill(cluster)
        actor = _manager(grids[:100])
        bound, free = (stack.enter_context(psycopg.connect(cluster.url(role))) for role in ("linli_app", SUPERUSER))
        for title, statement, target in _questions(actor):
            _contest(title, statement, target, bound, free, actor)


def _questions(actor: Actor) -> Iterator[tuple[str, Any, float]]:
    """What a server asks: a page of homes with its people, and counts, each narrowed by the access helper."""
    homes = visible(sa.select(Household.id, Household.code, Household.address), actor)
    yield "page-of-homes", homes.order_by(Household.code, Household.id).limit(PAGE), PAGE_TARGET
    people = sa.select(Resident.id, Resident.code, Resident.sex)
    yield "page-of-people", visible(people, actor).order_by(Resident.code).limit(PAGE), PAGE_TARGET
    yield "count-of-homes", sa.select(sa.func.count()).select_from(homes.subquery()), COUNT_TARGET
    found = visible(sa.select(Resident.id), actor)
    yield "count-of-people", sa.select(sa.func.count()).select_from(found.subquery()), COUNT_TARGET
    records = sa.select(CareRecord.id).join(Resident, Resident.id == CareRecord.resident_id)
    yield "count-of-records", sa.select(sa.func.count()).select_from(visible(records, actor).subquery()), COUNT_TARGET


def _contest(title: str, statement: Any, target: float, bound: Connection, free: Connection, actor: Actor) -> None:
    times = ASKED_AT_ONCE if title.startswith("page") else 1
    ours, theirs = (_asking(one, statement, actor, times) for one in (bound, free))
    assert ours[1]() == theirs[1](), "both must find the same rows"
    seconds = interleaved({"with policies": ours[0], "without": theirs[0]}, PAGE_ROUNDS if times > 1 else ROUNDS)
    middle = medians(seconds)
    print_times(seconds, dict.fromkeys(seconds, f"{title}, {times} times in a transaction each"))
    print_ratio(f"rls-{title}", "without", middle["with policies"] / middle["without"], target, at_most=True)


def _asking(connection: Connection, statement: Any, actor: Actor, times: int) -> tuple[Contestant, Any]:
    """The time of asking, each time in a transaction that says its name; and what is answered."""
    told, compiled = database.told(actor.identity), statement.compile(dialect=DIALECT)

    def ask() -> list[tuple[Any, ...]]:
        with connection.transaction():
            connection.execute("SELECT set_config('linli.actor', %s, true)", (told,))
            return connection.execute(str(compiled).encode(), compiled.params).fetchall()

    def run() -> float:
        begun = time.perf_counter()
        for _ in range(times):
            ask()
        return time.perf_counter() - begun

    return run, lambda: sorted(ask(), key=repr)


def _manager(grids: list[uuid.UUID]) -> Actor:
    held, own = Held(Role.MANAGER, AreaLevel.COMMUNITY, tuple(grids)), Reach(False, tuple(grids))
    return Actor(
        uuid.uuid4(),
        "Manager",
        frozenset({Role.MANAGER}),
        (uuid.uuid4(),),
        tuple(grids),
        held=(held,),
        finds=own,
        cares=own,
        names=own,
    )


def _fill(cluster: Cluster) -> list[uuid.UUID]:
    """Store the district; give its grids."""
    grids = [uuid.uuid4() for _ in range(GRIDS)]
    with psycopg.connect(cluster.url(SUPERUSER), autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        parent = None
        for level, code in (("DISTRICT", "9" * 6 + "0" * 6), ("STREET", "9" * 9 + "000"), ("COMMUNITY", "9" * 12)):
            known = {"id": uuid.uuid4(), "level": level, "code": code, "parent": parent}
            connection.execute(AREAS, known)
            parent = known["id"]
        for number, grid in enumerate(grids):
            connection.execute(AREAS, {"id": grid, "level": "GRID", "code": f"{'9' * 12}{number:03}", "parent": parent})
        connection.execute(PEOPLE, {"grids": grids, "count": GRIDS, "homes": HOMES})
        connection.execute("VACUUM ANALYZE")
    return grids


@contextmanager
def _running(place: Path) -> Iterator[Cluster]:
    cluster = Cluster(place / "data").start()
    try:
        database.migrate(cluster.url(OWNER))
        yield cluster
    finally:
        cluster.stop()


if __name__ == "__main__":
    main()
