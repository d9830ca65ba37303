"""One jurisdiction's calendar: worked days as prefix sums, so that a deadline is a few look-ups."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import accumulate, count, takewhile
from zoneinfo import ZoneInfo

from services.errors import Refusal
from services.workdays import law, published
from services.workdays.law import Deadline, Hours, Pause, Received
from services.workdays.published import Facts

FIRST_YEAR = 2004
LAST_YEAR = 2064


class OutsideCalendar(Refusal):
    """Working days are known from {first} to {last}, not on {subject}. Ask for a day in between."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A day that was passed over, and why."""

    date: date
    reason: str


class WorkCalendar:
    """Which days are worked, from 2004 to 2064; immutable, so that it may be kept and shared."""

    def __init__(self, facts: Facts, zone: ZoneInfo, hours: Hours | None = None, version: str = "") -> None:
        """`facts` as published or decided; years that they do not settle are guessed and make deadlines provisional."""
        self.facts, self.zone, self.hours, self.version = facts, zone, hours or Hours(), version
        self._first = date(FIRST_YEAR, 1, 1).toordinal()
        self._as_law = self.hours.received is Received.SAME_DAY
        days = published.span(FIRST_YEAR, LAST_YEAR)
        self._days = _with_guesses(facts)
        works = [self._works(day) for day in days]
        self._until = [0, *accumulate(works)]  # how many days are worked before day i
        self._worked = [day for day, is_worked in zip(days, works, strict=True) if is_worked]

    def is_working(self, day: date) -> bool:
        """Whether this day is worked."""
        at = self._place(day)
        return self._until[at + 1] > self._until[at]

    def add(self, day: date, working_days: int) -> date:
        """The last day of a term that starts on `day`, which is not counted (art. 201 I).

        Nought gives the day itself, or the next that is worked (art. 203 I); a negative number counts back.
        """
        at = self._place(day)
        before, through = self._until[at], self._until[at + 1]
        found = through + working_days - 1 if working_days > 0 else before + working_days
        if not 0 <= found < len(self._worked):
            raise self._outside(day)
        return self._worked[found]

    def add_calendar_days(self, day: date, days: int) -> date:
        """The last day of a term in calendar days: a day off moves to the first worked day after it (art. 203 I)."""
        return self.add(date.fromordinal(day.toordinal() + days), 0)

    def between(self, after: date, until: date) -> int:
        """How many days are worked after `after`, up to and with `until`; negative when that lies before."""
        return self._until[self._place(until) + 1] - self._until[self._place(after) + 1]

    def deadline(self, started: datetime, working_days: int, pauses: Sequence[Pause] = ()) -> Deadline | None:
        """When a term that began at `started` ends; None while it is paused.

        A pause that begins when the term is over already does not revive it.
        """
        zero = self.day_zero(started)
        due = self.add(zero, working_days)
        for begun, ended in law.merged(pauses, self.zone) if pauses else ():
            if begun > due:
                break
            if ended is None:
                return None
            if ended > zero:
                due = self.add(due, self.between(begun if begun > zero else zero, ended))
        return Deadline(due, law.end_of(due, self.zone, self.hours), self.provisional(due))

    def day_zero(self, moment: datetime) -> date:
        """The day that is not counted for a term that begins at this moment (art. 201 I)."""
        day = law.day_of(moment, self.zone)
        if self._as_law:
            return day
        later = law.received_later(moment, self.zone, self.hours, self.is_working(day))
        return self.add(day, 1) if later else day

    def overdue(self, due: datetime, at: datetime) -> int:
        """How many working days `at` lies beyond a due time; 0 until it has passed, and on its own last day."""
        last = self._last_day(due)
        return max(0, self.between(last, law.day_of(at, self.zone))) if at > due else 0

    def paused_days(self, started: datetime, pauses: Sequence[Pause], now: datetime) -> int:
        """How many working days the pauses have taken so far from a term that began at `started`."""
        zero, today = self.day_zero(started), law.day_of(now, self.zone)
        spans = law.merged(pauses, self.zone)
        return sum(self.between(max(begun, zero), max(ended or today, zero)) for begun, ended in spans)

    def provisional(self, day: date) -> bool:
        """Whether this day may yet move: of a year not yet published, or of the last week before such a year.

        The arrangement of a year reaches back: 31 December 2005, 30 and 31 December 2006 and 31 December 2011 were
        weekends worked for the New Year after them.
        """
        return day >= self.settled_before

    def skipped(self, after: date, until: date) -> list[Skipped]:
        """The days off between the two, `until` included, each with its reason."""
        days = map(date.fromordinal, range(after.toordinal() + 1, until.toordinal() + 1))
        return [Skipped(day, self.reason(day)) for day in days if not self.is_working(day)]

    def reason(self, day: date) -> str:
        """Why a day is off (festival, 周末) or worked (调休上班, 工作日)."""
        named = self._days.off.get(day) if not self.is_working(day) else self._days.worked.get(day)
        return named or ("工作日" if self.is_working(day) else "周末")

    @cached_property
    def settled_before(self) -> date:
        """The first day that may yet move: the last week of the unbroken run of published years."""
        years = takewhile(lambda year: year in self.facts.years, count(FIRST_YEAR))
        return date(max(years, default=FIRST_YEAR - 1), 12, 25)

    def _works(self, day: date) -> bool:
        return day in self._days.worked or (not published.weekend(day) and day not in self._days.off)

    def _place(self, day: date) -> int:
        at = day.toordinal() - self._first
        if not 0 <= at < len(self._until) - 1:
            raise self._outside(day)
        return at

    def _last_day(self, due: datetime) -> date:
        """The day that a due time ends: at 24:00 it is the one before."""
        local = due.astimezone(self.zone)
        return local.date() if self.hours.closes is not None else date.fromordinal(local.toordinal() - 1)

    def _outside(self, day: date) -> OutsideCalendar:
        return OutsideCalendar(day, first=f"{FIRST_YEAR}-01-01", last=f"{LAST_YEAR}-12-31")


def _with_guesses(facts: Facts) -> Facts:
    guess = Facts()
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        if year not in facts.years:
            guess = published.guessed(year).over(guess)
    return facts.over(guess)
