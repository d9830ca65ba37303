"""./dev token: a token of the demo user with a role, on standard output and nothing else."""

import uuid
from pathlib import Path

import psycopg
import pytest

from services import cli_token
from services.errors import Invalid, NotFound
from services.models import Role
from services.secrets import token_secret
from services.settings import Settings
from services.tokens import account_of
from tests.postgres import OWNER, WorkerDatabases

ACCOUNT = uuid.UUID(int=7)


@pytest.fixture
def data(databases: WorkerDatabases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of an installation in which only the demo's dispatcher has an account."""
    name = databases.make()
    monkeypatch.setenv("DATABASE_URL", databases.url(name))
    monkeypatch.setenv("LINLI_OWNER_DATABASE_URL", databases.url(name, OWNER))
    with psycopg.connect(databases.url(name, OWNER)) as connection:
        connection.execute("SELECT set_config('linli.actor', '{\"everywhere\": true}', true)")
        connection.execute(
            "INSERT INTO accounts (id, login, name, created_at) VALUES (%s, 'demo-dispatcher', 'd', now())", [ACCOUNT]
        )
    return tmp_path


def test_it_prints_a_token_that_speaks_for_the_demo_user(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli_token.token("dispatcher", data=data)
    told = capsys.readouterr()
    assert account_of(told.out.strip(), token_secret(Settings(data=data))) == ACCOUNT
    assert (told.out.count("\n"), told.err) == (1, "")


def test_a_role_that_nobody_has_is_refused(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NotFound, match="demo-planner"):
        cli_token.token("planner", data=data)
    assert capsys.readouterr().out == ""


def test_a_terminal_needs_its_serial(data: Path) -> None:
    with pytest.raises(Invalid, match=r"add --serial S"):
        cli_token.token("terminal", data=data)


def test_roles_are_written_with_either_dash_and_unknown_ones_listed() -> None:
    assert cli_token.role_named("grid-worker") is cli_token.role_named("GRID_WORKER") is Role.GRID_WORKER
    with pytest.raises(Invalid, match=r"There is no role boss\. The roles are: grid_worker, volunteer, "):
        cli_token.role_named("boss")
