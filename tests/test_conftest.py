"""The fixtures keep what they promise."""

from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from fixtures import makers
from services import clock, database
from services.models import Area
from tests import postgres
from tests.conftest import StandingClock
from tests.copies import Copies


async def test_a_test_speaks_as_the_servers_role_on_a_migrated_database(session: AsyncSession) -> None:
    role = await session.execute(
        text("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
    )
    revision = await session.execute(text("SELECT version_num FROM alembic_version"))
    assert tuple(role.one()) == ("linli_app", False, False)
    assert revision.scalar_one() == database.head()


async def test_what_a_session_commits_is_gone_for_the_next_reader(
    session: AsyncSession, owner_database_url: str
) -> None:
    await session.execute(text("CREATE TEMP TABLE seen (n int)"))
    await session.execute(text("INSERT INTO seen VALUES (1)"))
    await session.commit()
    assert (await session.execute(text("SELECT count(*) FROM seen"))).scalar_one() == 1
    with psycopg.connect(owner_database_url) as other:
        row = other.execute("SELECT count(*) FROM pg_class WHERE relname = 'seen'").fetchone()
    assert row == (0,)


def test_the_clock_stands_until_moved(standing_clock: StandingClock) -> None:
    # 01:00 UTC is 09:00 in Shanghai; 90 minutes on it is 02:30 UTC, still the same day there.
    before = clock.now()
    assert clock.now() == before
    assert (standing_clock.forward(minutes=90) - before).total_seconds() == 5400
    assert clock.now().isoformat() == "2026-05-20T02:30:00+00:00"
    assert clock.today().isoformat() == "2026-05-20"


class Founding:
    """Stores a community, and counts how often it was asked to."""

    def __init__(self) -> None:
        self.times = 0

    async def __call__(self, url: str) -> Area:
        self.times += 1
        store = database.Database(url)
        async with store.write({"everywhere": True}) as session:
            community = await makers.make_community(session)
        await store.close()
        return community


def areas(databases: postgres.WorkerDatabases, name: str) -> dict[str, str]:
    """Names of all areas by code, as the database's owner sees them."""
    with psycopg.connect(databases.url(name, postgres.OWNER)) as connection:
        connection.execute("SELECT set_config('linli.actor', '{\"everywhere\": true}', true)")
        return dict(connection.execute("SELECT code, name FROM areas").fetchall())


async def test_what_one_copy_changes_no_other_sees(databases: postgres.WorkerDatabases) -> None:
    copies = Copies(databases, founding := Founding())
    (first, mine), (second, yours) = await copies.make(), await copies.make()
    assert founding.times == 1
    assert mine is not yours
    assert (mine.id, mine.name) == (yours.id, yours.name)
    before = areas(databases, first)
    assert sorted(before) == ["990001000000", "990001001000", "990001001001"]  # district, street, community
    mine.name = "Mine"
    with psycopg.connect(databases.url(first, postgres.OWNER)) as connection:
        connection.execute("SELECT set_config('linli.actor', '{\"everywhere\": true}', true)")
        connection.execute("UPDATE areas SET name = 'Mine'")
    third, theirs = await copies.make()
    assert set(areas(databases, first).values()) == {"Mine"}
    assert areas(databases, second) == areas(databases, third) == before
    assert yours.name == theirs.name == before[mine.code]
    for name in (first, second, third):
        databases.drop(name)


async def test_what_is_stored_while_the_clock_stands_is_no_copy_of_what_was_stored_before(
    databases: postgres.WorkerDatabases,
) -> None:
    copies = Copies(databases, founding := Founding())
    now, by_the_systems_clock = await copies.make()
    with clock.frozen(StandingClock()):
        then, while_it_stands = await copies.make()
        again, same = await copies.make()
    assert founding.times == 2
    assert while_it_stands.valid_from == same.valid_from == StandingClock()()
    assert by_the_systems_clock.valid_from > while_it_stands.valid_from
    for name in (now, then, again):
        databases.drop(name)


def test_a_database_begins_without_what_was_done_in_another(databases: postgres.WorkerDatabases) -> None:
    first = databases.make()
    with psycopg.connect(databases.url(first, postgres.OWNER)) as connection:
        connection.execute("CREATE TABLE left_behind (n int)")
    second = databases.make()
    for name, expected in ((first, 1), (second, 0)):
        with psycopg.connect(databases.url(name, postgres.OWNER)) as connection:
            found = connection.execute("SELECT count(*) FROM pg_class WHERE relname = 'left_behind'").fetchone()
        assert found == (expected,)
        databases.drop(name)


def test_clusters_lie_in_memory_only_where_there_is_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(postgres, "MEMORY", tmp_path)
    monkeypatch.setattr(postgres, "CLUSTER_BYTES", 0)
    assert postgres.place() == tmp_path
    monkeypatch.setattr(postgres, "CLUSTER_BYTES", 2**62)
    assert postgres.place() == postgres.DISK
    monkeypatch.setattr(postgres, "MEMORY", tmp_path / "missing")
    assert postgres.place() == postgres.DISK
