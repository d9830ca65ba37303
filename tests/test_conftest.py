"""The fixtures keep what they promise."""

import psycopg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, database
from tests.conftest import StandingClock


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
