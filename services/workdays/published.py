"""The days off and the worked weekends that the State Council has published, year by year (国务院办公厅通知)."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any

WORKED = "调休上班"

MISSED = MappingProxyType({date(2005, 12, 31): WORKED})
"""Worked for the New Year of 2006 (国办发明电〔2005〕50号); the library's table of 2005 has not got it."""

FIXED = MappingProxyType(
    {(1, 1): "元旦", (5, 1): "劳动节", (5, 2): "劳动节", (10, 1): "国庆节", (10, 2): "国庆节", (10, 3): "国庆节"}
)
"""Days off by the calendar of the sun (全国年节及纪念日放假办法, as amended 2024), known before any arrangement."""

AMENDED = 2025
"""From this year 2 May is a day off by the amended rules; a guess is only ever made for later years."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Which days differ from Monday to Friday, with their names, and for which years this is settled."""

    off: dict[date, str] = field(default_factory=dict)
    worked: dict[date, str] = field(default_factory=dict)
    years: frozenset[int] = frozenset()

    def over(self, below: "Facts") -> "Facts":
        """These facts laid over others: what is said here of a day replaces what was said of it."""
        said = self.off.keys() | self.worked.keys()
        off = {day: name for day, name in below.off.items() if day not in said} | self.off
        worked = {day: name for day, name in below.worked.items() if day not in said} | self.worked
        return Facts(off, worked, self.years | below.years)


@lru_cache(maxsize=1)
def national() -> Facts:
    """The published facts: `off` holds days of rest with their festival, weekends among them."""
    from chinese_calendar import constants  # a table of twenty years: read when first asked, not at start

    kinds: Any = constants.Holiday
    festival = {kind.value: str(kind.chinese) for kind in kinds}
    off = {day: festival[name] for day, name in constants.holidays.items()}
    worked = {day: f"{festival[name]}{WORKED}" for day, name in constants.workdays.items()} | dict(MISSED)
    years = frozenset(day.year for day in off)
    return Facts(off, worked, years)


def guessed(year: int) -> Facts:
    """What the law alone says of a year not yet published: the fixed days. It errs to the early side.

    No moon festival and no bridge day is guessed, so a provisional deadline is never later than the settled one,
    unless a weekend is worked for it.
    """
    return Facts({date(year, month, day): name for (month, day), name in FIXED.items()})


def weekend(day: date) -> bool:
    """Saturday or Sunday."""
    return day.weekday() >= 5


def span(first: int, last: int) -> list[date]:
    """All days of the years from `first` to `last`."""
    begin, days = date(first, 1, 1), (date(last + 1, 1, 1) - date(first, 1, 1)).days
    return [begin + timedelta(days=at) for at in range(days)]
