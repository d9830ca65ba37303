"""The demo town, loaded as any county would be: its figures, its accounts, who is on duty."""

from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from services import clock, demo
from services.imports.progress import Silent
from services.models import Role
from services.secrets import keyring
from services.settings import Settings
from services.tokens import demo_login
from tests.services.county import County

NOON = datetime(2026, 5, 20, 4, 0, tzinfo=UTC)  # a Wednesday, 12:00 in Shanghai


@pytest.fixture
def settings(county: County, tmp_path: Path) -> Settings:
    """Settings on an empty county's database."""
    return Settings(database_url=county.url, owner_database_url=county.url, data=tmp_path)


@pytest.mark.slow
def test_the_demo_town(county: County, settings: Settings, tmp_path: Path) -> None:
    """S1-S3: 6 communities, 14 grids, over 11,000 homes, over 40,000 people, about 5,000 mobile, 22 terminals."""
    assert demo.is_wanted(settings)
    demo.make_files(tmp_path / "town")
    with clock.frozen(lambda: NOON):
        demo.load_files(county.url, tmp_path / "town", keyring(settings), Silent())
    assert not demo.is_wanted(settings)
    levels = dict(county.ask("SELECT level, count(*) FROM areas GROUP BY level"))
    assert (levels["COMMUNITY"], levels["GRID"]) == (6, 14)
    assert county.one("SELECT count(*) FROM households") > 11_000
    assert county.one("SELECT count(*) FROM residents") > 40_000
    assert county.one("SELECT count(*) FROM residents WHERE mobile") == pytest.approx(5_000, rel=0.1)
    assert county.one("SELECT count(*) FROM terminals WHERE household_id IS NOT NULL") == 22
    assert county.one("SELECT count(*) FROM workers WHERE role = 'VOLUNTEER'") == 120
    # Every home, post and service point has its link to the one network.
    places = sum(county.one(f"SELECT count(*) FROM {table}") for table in ("households", "workers", "service_points"))
    assert county.one("SELECT count(*) FROM street_links") == places
    _accounts(county)
    _duties(county)


def _accounts(county: County) -> None:
    granted = "SELECT a.login, g.role, count(*) OVER () FROM accounts a JOIN role_grants g ON g.account_id = a.id"
    rows = county.ask(granted + " WHERE a.terminal_id IS NULL ORDER BY a.login")
    assert [(row[0], row[1]) for row in rows] == sorted(
        (demo_login(role), role.value) for role in Role if role is not Role.TERMINAL
    )
    assert county.one("SELECT count(*) FROM accounts WHERE terminal_id IS NOT NULL") == 22


def _duties(county: County) -> None:
    """All on duty at noon have begun, can be called and stand at their posts; shifts reach a fortnight ahead."""
    begun = county.ask(
        "SELECT worker_id FROM shifts WHERE began_at IS NOT NULL AND %s BETWEEN starts_at AND ends_at", NOON
    )
    assert len(begun) >= 14
    assert county.one("SELECT count(*) FROM workers WHERE status = 'AVAILABLE'") == len(begun)
    at_post = (
        "SELECT count(*) FROM positions p JOIN workers w ON w.id = p.worker_id WHERE ST_Equals(p.location, w.post)"
    )
    assert county.one(at_post) == len(begun)
    assert county.one("SELECT max(starts_at) FROM shifts") > datetime(2026, 6, 2, tzinfo=UTC)


def test_the_demo_goes_on_where_it_was_interrupted(county: County, settings: Settings) -> None:
    """With only its district there it is wanted still; in a real county it never is."""
    county.bring_areas()
    assert demo.is_wanted(settings)
    with psycopg.connect(county.url) as connection:
        connection.execute("UPDATE areas SET code = '5301' || substr(code, 5)")
    assert not demo.is_wanted(settings)
