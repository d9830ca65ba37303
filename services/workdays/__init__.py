"""Working days: deadlines that a lawyer would sign.

law.py            the one rule: day zero, time of day, after hours, pauses, with the articles beside it
published.py      what the State Council has published: days off, and weekends worked for them (调休)
calendar.py       one jurisdiction's calendar as prefix sums: a deadline in microseconds
jurisdictions.py  the stored versions of calendars; which calendar holds for an area
arrival.py        a year's days were published: provisional deadlines are told anew
"""

from services.workdays.arrival import Recomputed, Running, recomputed
from services.workdays.calendar import OutsideCalendar, WorkCalendar
from services.workdays.jurisdictions import calendar_for
from services.workdays.law import Deadline, Hours, Pause, Received

__all__ = [
    "Deadline",
    "Hours",
    "OutsideCalendar",
    "Pause",
    "Received",
    "Recomputed",
    "Running",
    "WorkCalendar",
    "calendar_for",
    "recomputed",
]
