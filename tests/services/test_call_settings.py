"""The numbers of calls as settings: the defaults are the rules', and what an operator says holds."""

import pytest

from services import settings
from services.call_settings import CallSettings, call_rules
from services.ladder import RULES, CallRules
from services.settings import SettingRefused


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in CallSettings.model_fields:
        monkeypatch.delenv(settings.environment_name(name), raising=False)


def test_the_defaults_are_the_rules() -> None:
    assert call_rules(settings.load()) == RULES


def test_an_operator_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """All rungs of people have the new time; the desk keeps ringing as it did."""
    for name, value in {"JOIN_SECONDS": "60", "OFFLINE_SECONDS": "5", "RUNG_SECONDS": "20"}.items():
        monkeypatch.setenv(f"LINLI_{name}", value)
    found = call_rules(settings.load())
    assert (found.join_seconds, found.offline_seconds, found.surge_calls) == (60, 5, 5)
    assert [(rung.time, rung.emergency_time) for rung in found.rungs] == [(20, 30)] * 4 + [(30, 15)]


def test_every_setting_is_a_rule() -> None:
    """A setting that changes nothing would be a lie in the table of settings."""
    of_rungs = {"rung_seconds", "rung_emergency_seconds"}
    assert set(CallSettings.model_fields) - of_rungs <= set(CallRules.__dataclass_fields__)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("LINLI_JOIN_SECONDS", "0", "LINLI_JOIN_SECONDS cannot be '0'. Allowed: a number of seconds, above 0."),
        ("LINLI_SURGE_CALLS", "1", "LINLI_SURGE_CALLS cannot be '1'. Allowed: a whole number from 2."),
        ("LINLI_LOW_BATTERY_PERCENT", "100", "LINLI_LOW_BATTERY_PERCENT cannot be '100'. Allowed: a whole number"),
    ],
)
def test_a_wrong_number_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingRefused) as refused:
        settings.load()
    assert str(refused.value).startswith(sentence)
