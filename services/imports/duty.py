"""Weekly times as people write them: `1-5 08:30-17:30;6-7 09:00-12:00`; Monday is 1, nights run into the next day."""

import re
from dataclasses import dataclass
from datetime import time
from itertools import pairwise

from services.imports.problems import BadValue
from services.imports.values import Cell, plain

MINUTES_A_DAY = 24 * 60
MINUTES_A_WEEK = 7 * MINUTES_A_DAY
_SPAN = re.compile(r"(?:([1-7,-]+)\s+)?(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")


@dataclass(frozen=True, slots=True)
class WeeklySpan:
    """The same hours on some weekdays (ISO 1-7), local time; `ends` at or before `starts` is on the next day."""

    weekdays: tuple[int, ...]
    starts: time
    ends: time

    def minutes(self) -> list[tuple[int, int]]:
        """Each occurrence as minutes from Monday 00:00; the end may lie beyond the week."""
        start, end = (moment.hour * 60 + moment.minute for moment in (self.starts, self.ends))
        length = (end - start) % MINUTES_A_DAY or MINUTES_A_DAY
        begins = [(weekday - 1) * MINUTES_A_DAY + start for weekday in self.weekdays]
        return [(begin, begin + length) for begin in begins]


def weekly_spans(cell: Cell) -> list[WeeklySpan]:
    """The spans that a cell tells. BadValue when it cannot be read, or when two of them overlap."""
    written = plain(cell).replace("~", "-").replace("—", "-")
    spans = [_span(part.strip()) for part in written.split(";") if part.strip()]
    if _overlap(spans):
        raise BadValue("TIMES_OVERLAP", "Two of the times overlap. Write each hour of the week once.")
    return sorted(spans, key=lambda span: (span.weekdays, span.starts))


def opening_hours(cell: Cell) -> list[list[object]]:
    """The same as plain lists: [[weekdays], "HH:MM", "HH:MM"]; an empty list is always open."""
    return [[list(span.weekdays), f"{span.starts:%H:%M}", f"{span.ends:%H:%M}"] for span in weekly_spans(cell)]


def _span(part: str) -> WeeklySpan:
    found = _SPAN.fullmatch(part)
    try:
        if found is None:
            raise ValueError
        days, *clock = found.groups()
        hours = [int(number) for number in clock]
        return WeeklySpan(_weekdays(days or "1-7"), time(hours[0], hours[1]), time(hours[2] % 24, hours[3]))
    except ValueError:
        raise BadValue("TIMES_FORM", "Write times as `1-5 08:30-17:30;6-7 09:00-12:00` (Monday is 1).") from None


def _weekdays(written: str) -> tuple[int, ...]:
    days: set[int] = set()
    for part in written.split(","):
        first, _, last = part.partition("-")
        days.update(range(int(first), int(last or first) + 1))
    if not days or not days <= set(range(1, 8)):
        raise ValueError
    return tuple(sorted(days))


def _overlap(spans: list[WeeklySpan]) -> bool:
    taken = sorted(pair for span in spans for pair in span.minutes())
    wrapped = sorted([*taken, *((start + MINUTES_A_WEEK, end + MINUTES_A_WEEK) for start, end in taken)])
    return any(later[0] < earlier[1] for earlier, later in pairwise(wrapped))
