"""Weekly hours in local time."""

from datetime import UTC, datetime

import pytest

from services.opening_hours import open_at

OFFICE = [[[1, 2, 3, 4, 5], "08:30", "17:30"]]
NIGHT = [[[5], "22:00", "06:00"]]


@pytest.mark.parametrize(
    ("hours", "at", "expected"),
    [
        ([], datetime(2026, 5, 24, 3, tzinfo=UTC), True),
        (OFFICE, datetime(2026, 5, 20, 0, 30, tzinfo=UTC), True),  # Wednesday 08:30 in Shanghai
        (OFFICE, datetime(2026, 5, 20, 0, 29, 59, tzinfo=UTC), False),
        (OFFICE, datetime(2026, 5, 20, 9, 30, tzinfo=UTC), False),  # 17:30: closed from then on
        (OFFICE, datetime(2026, 5, 23, 2, tzinfo=UTC), False),  # Saturday
        (OFFICE, datetime(2026, 5, 24, 23, 0, tzinfo=UTC), False),  # Sunday in London, Monday 07:00 in Shanghai
        (NIGHT, datetime(2026, 5, 22, 14, tzinfo=UTC), True),  # Friday 22:00
        (NIGHT, datetime(2026, 5, 22, 21, 59, tzinfo=UTC), True),  # Saturday 05:59, Friday's night
        (NIGHT, datetime(2026, 5, 22, 22, tzinfo=UTC), False),  # Saturday 06:00
        (NIGHT, datetime(2026, 5, 21, 21, tzinfo=UTC), False),  # Friday 05:00 belongs to Thursday's night
    ],
)
def test_open_at(hours: list[list[object]], at: datetime, expected: bool) -> None:
    """Starts count, ends do not, nights belong to the day on which they begin."""
    assert open_at(hours, at) is expected
