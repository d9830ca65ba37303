"""Is it open now: weekly hours in local time, over midnight too."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services import clock


def open_at(hours: Sequence[Any], at: datetime, zone: ZoneInfo | None = None) -> bool:
    """Whether weekly `hours` ([ISO weekdays, "HH:MM", "HH:MM"] each) hold at `at`; no hours means always open.

    In the jurisdiction's time zone, unless another is given. The end is no longer open; an end at or before the start
    lies on the next day.
    """
    local = at.astimezone(zone or clock.zone())
    return not hours or any(_holds(weekdays, starts, ends, local) for weekdays, starts, ends in hours)


def _holds(weekdays: Sequence[int], starts: str, ends: str, local: datetime) -> bool:
    begins, closes, now = time.fromisoformat(starts), time.fromisoformat(ends), local.time()
    today, yesterday = local.isoweekday(), (local - timedelta(days=1)).isoweekday()
    if begins < closes:
        return today in weekdays and begins <= now < closes
    return (today in weekdays and now >= begins) or (yesterday in weekdays and now < closes)
