"""Settings come from documented names, and a wrong one is refused with its name and what is allowed."""

from pathlib import Path

import pytest

from services import settings
from services.settings import SettingRefused, Settings, SettingUnknown


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(settings.environment_name(name), raising=False)


def test_without_any_environment_the_defaults_hold() -> None:
    found = settings.load()
    assert (found.database_url, found.host, found.port, found.workers) == (None, "127.0.0.1", 8000, 1)
    assert found.data == Path(".data")


def test_the_environment_is_read_and_the_command_line_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://app@db/linli")
    monkeypatch.setenv("LINLI_PORT", "9001")
    monkeypatch.setenv("LINLI_WORKERS", "3")
    found = settings.load(port=9002, workers=None)
    assert (found.database_url, found.port, found.workers) == ("postgresql://app@db/linli", 9002, 3)


def test_an_empty_value_is_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_PORT", "")
    assert settings.load().port == 8000


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("LINLI_PORT", "abc", "LINLI_PORT cannot be 'abc'. Allowed: a whole number from 1 to 65535."),
        ("LINLI_PORT", "65536", "LINLI_PORT cannot be '65536'. Allowed: a whole number from 1 to 65535."),
        ("LINLI_WORKERS", "0", "LINLI_WORKERS cannot be '0'. Allowed: a whole number from 1 to 64."),
        ("LINLI_ENVIRONMENT", "prod", "LINLI_ENVIRONMENT cannot be 'prod'. Allowed: development or production."),
        ("LINLI_LOG_LEVEL", "loud", "LINLI_LOG_LEVEL cannot be 'loud'. Allowed: debug, info, warning or error."),
    ],
)
def test_a_wrong_value_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingRefused) as refused:
        settings.load()
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("name", "value"), [("DATABASE_URL", "mysql://app:hidden@db/linli"), ("LINLI_TOKEN_SECRET", "hidden")]
)
def test_a_refusal_never_shows_a_secret(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingRefused, match=name) as refused:
        settings.load()
    assert "hidden" not in str(refused.value)


def test_secrets_do_not_show_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_SEALING_SECRET", "s" * 40)
    assert "ssss" not in repr(settings.load())


def test_a_misspelt_name_is_refused_with_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_PROT", "9001")
    with pytest.raises(SettingUnknown) as refused:
        settings.load()
    assert str(refused.value) == (
        "There is no setting LINLI_PROT. Did you mean LINLI_PORT? All of them are in docs/operations.md."
    )


def test_every_setting_is_documented_as_it_is(root: Path) -> None:
    assert settings.table() in (root / "docs" / "operations.md").read_text()
