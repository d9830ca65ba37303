"""The one clock and the one time zone: local times follow `LINLI_TIME_ZONE`, and an unknown zone is refused."""

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, time

import pytest

from services import clock, settings, shifts
from services.opening_hours import open_at
from services.settings import SettingRefused
from services.shifts import Duty

MOMENT = datetime(2026, 5, 20, 17, 30, tzinfo=UTC)


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The setting, forgotten again afterwards."""
    settings.current.cache_clear()
    yield monkeypatch
    settings.current.cache_clear()


@pytest.mark.parametrize(("name", "day"), [(None, 21), ("Asia/Shanghai", 21), ("Asia/Urumqi", 20), ("UTC", 20)])
def test_today_is_the_day_of_the_zone(zone: pytest.MonkeyPatch, name: str | None, day: int) -> None:
    """17:30 in London is 01:30 of the next day in Shanghai (+8), and 23:30 of the same in Urumqi (+6)."""
    if name is not None:
        zone.setenv("LINLI_TIME_ZONE", name)
    with clock.frozen(lambda: MOMENT):
        assert clock.today() == date(2026, 5, day)


def test_duties_and_opening_hours_are_told_in_the_zone(zone: pytest.MonkeyPatch) -> None:
    """A duty at 09:00 in Urumqi begins at 03:00 UTC; at that moment a desk that opens at nine is open."""
    zone.setenv("LINLI_TIME_ZONE", "Asia/Urumqi")
    duty = Duty(uuid.uuid4(), (4,), time(9), time(12))  # Thursdays
    span = next(shifts.planned([duty], MOMENT, datetime(2026, 5, 21, 12, tzinfo=UTC)))
    assert (span.starts_at, span.ends_at) == (
        datetime(2026, 5, 21, 3, tzinfo=UTC),
        datetime(2026, 5, 21, 6, tzinfo=UTC),
    )
    office = [[[4], "09:00", "12:00"]]
    assert open_at(office, span.starts_at)
    assert not open_at(office, datetime(2026, 5, 21, 2, 59, tzinfo=UTC))


def test_an_unknown_zone_is_refused(zone: pytest.MonkeyPatch) -> None:
    """With what is allowed."""
    zone.setenv("LINLI_TIME_ZONE", "Mars/Olympus")
    with pytest.raises(SettingRefused, match="LINLI_TIME_ZONE cannot be 'Mars/Olympus'"):
        clock.zone()
