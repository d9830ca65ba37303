"""The one rule by which a term of working days runs. All else in this package only knows which days are worked.

民法典 (Civil Code of 2020), where no other law and no agreement says otherwise (art. 204):

| article | what it says | here |
|---|---|---|
| 201 I | a term in days begins on the day after the one on which it starts | that day is day zero, not counted |
| 203 I | a term whose last day is a statutory day off ends on the first day after it | only worked days are counted |
| 203 II | the last day ends at 24:00; where there are business hours, at their close | `end_of` |

行政许可法 art. 82 counts working days and leaves statutory days off out. The days themselves are those of
全国年节及纪念日放假办法 as the State Council arranges them each year, weekends worked in exchange (调休) included.

Not in the law, and so a setting of the jurisdiction: something that comes in after the close of business, or on a day
off, may count as received on the next working day (`Received.NEXT_WORKING_DAY`). Unless that is set, art. 201 is read
as it stands: the day on which it came in is day zero, whatever the hour.

A pause takes the days after the one on which it began, up to and with the one on which it ended, as art. 201 counts
them. So pauses that follow each other add up to the one pause that they are, and a pause begun and ended on one day
lengthens nothing.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)


class Received(enum.StrEnum):
    """When something counts as received that comes in after hours: the same day (the law), or the next working day."""

    SAME_DAY = "SAME_DAY"
    NEXT_WORKING_DAY = "NEXT_WORKING_DAY"


@dataclass(frozen=True, slots=True)
class Hours:
    """Business hours in local time; without `closes` the day ends at 24:00."""

    closes: time | None = None
    received: Received = Received.SAME_DAY


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stood still from one moment to another; `until` is None while it stands."""

    since: datetime
    until: datetime | None = None


class Deadline(NamedTuple):
    """The last day, the moment at which it ends, and whether a day up to it is of a year not yet published."""

    on: date
    at: datetime
    provisional: bool


SINCE = attrgetter("since")


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The local day of a moment."""
    return moment.astimezone(zone).date()


def after_hours(moment: datetime, zone: ZoneInfo, hours: Hours) -> bool:
    """Whether a moment is past the close of business of its own day."""
    return hours.closes is not None and moment.astimezone(zone).time() > hours.closes


def received_later(moment: datetime, zone: ZoneInfo, hours: Hours, works: bool) -> bool:
    """Whether the next working day is day zero, and not the day of the moment itself; `works`: that day is worked."""
    return hours.received is Received.NEXT_WORKING_DAY and (not works or after_hours(moment, zone, hours))


def end_of(day: date, zone: ZoneInfo, hours: Hours) -> datetime:
    """The moment at which a last day ends (art. 203 II); what is done at that very moment is in time."""
    if hours.closes is not None:
        return datetime.combine(day, hours.closes, zone)
    return datetime.combine(day + ONE_DAY, time.min, zone)


def merged(pauses: Iterable[Pause], zone: ZoneInfo) -> list[tuple[date, date | None]]:
    """Pauses as spans of local days, in order, those that meet or overlap made one; None: still standing."""
    spans: list[tuple[date, date | None]] = []
    for pause in sorted(pauses, key=SINCE):
        begun, until = pause.since.astimezone(zone).date(), pause.until
        ended = until and until.astimezone(zone).date()
        if spans and ((last := spans[-1][1]) is None or begun <= last):
            spans[-1] = (spans[-1][0], None if last is None or ended is None else max(last, ended))
        else:
            spans.append((begun, ended))
    return spans
