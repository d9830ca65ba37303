"""./dev account: a first password on standard output and nothing else."""

import asyncio
from pathlib import Path

import psycopg
import pytest

from services import cli_account, passwords
from services.accounts import LoginTaken
from services.errors import Invalid, NotFound
from tests.postgres import OWNER, WorkerDatabases

COMMUNITY = "990001001001"


@pytest.fixture
def owner_url(databases: WorkerDatabases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The database of an installation with one area."""
    name = databases.make()
    monkeypatch.setenv("DATABASE_URL", databases.url(name))
    monkeypatch.setenv("LINLI_OWNER_DATABASE_URL", databases.url(name, OWNER))
    monkeypatch.setenv("LINLI_DATA", str(tmp_path))
    with psycopg.connect(databases.url(name, OWNER)) as connection:
        connection.execute(
            "INSERT INTO areas (id, level, code, name, boundary, label_point, area_square_meters, version, valid_from)"
            " VALUES (gen_random_uuid(), 'DISTRICT', '990001000000', 'D',"
            " 'SRID=4326;MULTIPOLYGON(((0 0,0 1,1 1,0 0)))', 'SRID=4326;POINT(0.2 0.5)', 1, 1, now())"
        )
    return databases.url(name, OWNER)


def stored(url: str) -> list[tuple[object, ...]]:
    """Login, role, area's code, whether the password must be changed, its hash."""
    with psycopg.connect(url) as connection:
        connection.execute("SELECT set_config('linli.actor', '{\"everywhere\": true}', true)")
        return connection.execute(
            "SELECT login, role, code, must_change_password, password_hash FROM accounts"
            " LEFT JOIN role_grants ON account_id = accounts.id LEFT JOIN areas ON areas.id = area_id ORDER BY login"
        ).fetchall()


async def test_an_account_with_a_role_and_a_first_password(owner_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    await asyncio.to_thread(cli_account.add, "li-1", "dispatcher", area="990001000000")
    told = capsys.readouterr()
    ((login, role, code, must_change, password_hash),) = stored(owner_url)
    assert (login, role, code, must_change) == ("li-1", "DISPATCHER", "990001000000", True)
    assert await passwords.fits(str(password_hash), told.out.strip())
    assert (told.out.count("\n"), told.err) == (1, "")


def test_an_administrator_may_hold_everywhere_others_not(owner_url: str) -> None:
    cli_account.add("root-1", "admin")
    assert stored(owner_url)[0][:3] == ("root-1", "ADMIN", None)
    with pytest.raises(Invalid, match="add --area CODE"):
        cli_account.add("li-1", "manager")
    with pytest.raises(Invalid, match="with the terminal"):
        cli_account.add("li-1", "terminal", area="990001000000")
    with pytest.raises(NotFound, match=COMMUNITY):
        cli_account.add("li-1", "manager", area=COMMUNITY)
    with pytest.raises(LoginTaken):
        cli_account.add("root-1", "admin")
    assert len(stored(owner_url)) == 1


def test_a_password_is_reset_and_an_account_closed(owner_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    cli_account.add("root-1", "admin")
    before = stored(owner_url)[0][4]
    cli_account.reset("root-1")
    assert stored(owner_url)[0][4] != before
    first, second = capsys.readouterr().out.split()
    assert first != second
    cli_account.tie("root-1", "https://id.example", "person-1")
    cli_account.close("root-1")
    with psycopg.connect(owner_url) as connection:
        connection.execute("SELECT set_config('linli.actor', '{\"everywhere\": true}', true)")
        tied = connection.execute(
            "SELECT issuer, subject, disabled_at IS NOT NULL FROM outside_identities JOIN accounts ON id = account_id"
        ).fetchall()
    assert tied == [("https://id.example", "person-1", True)]
    with pytest.raises(NotFound, match="nobody"):
        cli_account.close("nobody")
