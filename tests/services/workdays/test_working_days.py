"""Deadlines by the law, over leap years, festivals with worked weekends, years not yet published, and pauses."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.workdays import Hours, OutsideCalendar, Pause, Received, Running, WorkCalendar, published, recomputed
from services.workdays.published import MISSED, Facts

SHANGHAI = ZoneInfo("Asia/Shanghai")
NATION = WorkCalendar(published.national(), SHANGHAI)
DAYS = st.dates(date(2004, 1, 1), date(2026, 12, 31))


def at(text: str) -> datetime:
    """A moment in Shanghai: "2026-06-01 09:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


TABLE = [
    # leap year: 28 February 2024 is a Wednesday; 29, then 1 March
    ("2024-02-28", 2, "2024-03-01"),
    # no leap year: 28 February 2025 is a Friday; Monday 3 March
    ("2025-02-28", 1, "2025-03-03"),
    # National Day 2025: off 1-8 October, worked on Saturday 11: 9, 10, 11
    ("2025-09-30", 1, "2025-10-09"),
    ("2025-09-30", 3, "2025-10-11"),
    # a term that ends on the worked Sunday 28 September 2025
    ("2025-09-26", 1, "2025-09-28"),
    # Spring Festival 2026: off 15-23 February, worked on Saturdays 14 and 28: 14, 24, 25, 26, 27, 28
    ("2026-02-13", 1, "2026-02-14"),
    ("2026-02-13", 2, "2026-02-24"),
    ("2026-02-13", 6, "2026-02-28"),
    # Labour Day 2019: off 1-4 May, worked on Sundays 28 April and 5 May
    ("2019-04-26", 1, "2019-04-28"),
    ("2019-04-30", 1, "2019-05-05"),
    # nought: the day itself when it is worked, else the next that is (art. 203 I)
    ("2026-06-05", 0, "2026-06-05"),
    ("2026-06-06", 0, "2026-06-08"),
    # backwards, for reminders: the two worked days before Monday 8 June 2026 are Friday 5 and Thursday 4
    ("2026-06-08", -1, "2026-06-05"),
    ("2026-06-08", -2, "2026-06-04"),
    # day zero on a day off: Saturday 6 June is not counted, Monday is day one
    ("2026-06-06", 1, "2026-06-08"),
]


@pytest.mark.parametrize(("day", "working_days", "last"), TABLE)
def test_the_last_day_of_a_term(day: str, working_days: int, last: str) -> None:
    assert NATION.add(date.fromisoformat(day), working_days) == date.fromisoformat(last)


@pytest.mark.parametrize(
    ("day", "provisional"),
    [
        ("2026-12-24", False),  # the last year published is 2026 ...
        ("2026-12-25", True),  # ... but the arrangement of 2027 may still have a weekend of its last week worked
        ("2027-01-04", True),
    ],
)
def test_a_day_of_a_year_not_published_is_provisional(day: str, provisional: bool) -> None:
    assert NATION.provisional(date.fromisoformat(day)) is provisional


def test_of_a_year_not_published_only_the_fixed_days_are_known() -> None:
    """1 January 2027 is a Friday and off by law; Spring Festival (6 February 2027) is of the moon, and not guessed."""
    assert NATION.add(date(2026, 12, 31), 1) == date(2027, 1, 4)
    assert NATION.is_working(date(2027, 2, 8))
    assert not NATION.is_working(date(2027, 10, 1))


def test_the_two_libraries_differ_on_one_day_only() -> None:
    """31 December 2005, a Saturday worked for the New Year of 2006: the table in use lacked it, and was completed."""
    from chinese_calendar import constants

    days = published.span(2004, 2026)
    other = holidays.China(years=range(2004, 2027))  # type: ignore[attr-defined]

    def table(day: date) -> bool:
        return day in constants.workdays or (day.weekday() < 5 and day not in constants.holidays)

    assert [day for day in days if table(day) != other.is_working_day(day)] == [date(2005, 12, 31)]
    assert list(MISSED) == [date(2005, 12, 31)]
    assert [day for day in days if NATION.is_working(day) != other.is_working_day(day)] == []


def test_the_end_of_the_last_day_is_midnight_or_the_close_of_business() -> None:
    """Art. 203 II. Wednesday 20 May 2026 is day zero, 21 the first day."""
    plain = NATION.deadline(at("2026-05-20 09:00"), 1)
    assert plain is not None
    assert (plain.on, plain.at, plain.provisional) == (date(2026, 5, 21), at("2026-05-22 00:00"), False)
    office = WorkCalendar(published.national(), SHANGHAI, Hours(time(17, 30)))
    closing = office.deadline(at("2026-05-20 09:00"), 1)
    assert closing is not None
    assert closing.at == at("2026-05-21 17:30")


def test_day_zero_is_the_local_day() -> None:
    """16:30 UTC on 20 May is 00:30 on 21 May in Shanghai, so 22 is the first day; UTC's own 20 would give 21."""
    found = NATION.deadline(datetime(2026, 5, 20, 16, 30, tzinfo=ZoneInfo("UTC")), 1)
    assert found is not None
    assert found.on == date(2026, 5, 22)


@pytest.mark.parametrize(
    ("moment", "received", "last"),
    [
        ("2026-05-20 17:30", Received.SAME_DAY, "2026-05-21"),  # Wednesday at closing: day zero, 21 is day one
        ("2026-05-20 17:31", Received.SAME_DAY, "2026-05-21"),  # after hours: by art. 201 still Wednesday
        ("2026-05-20 17:30", Received.NEXT_WORKING_DAY, "2026-05-21"),  # at closing is within hours
        ("2026-05-20 17:31", Received.NEXT_WORKING_DAY, "2026-05-22"),  # received on 21, so 22 is day one
        ("2026-05-23 10:00", Received.SAME_DAY, "2026-05-25"),  # Saturday is day zero, Monday day one
        ("2026-05-23 10:00", Received.NEXT_WORKING_DAY, "2026-05-26"),  # received on Monday 25, Tuesday is day one
    ],
)
def test_what_comes_in_after_hours(moment: str, received: Received, last: str) -> None:
    office = WorkCalendar(published.national(), SHANGHAI, Hours(time(17, 30), received))
    found = office.deadline(at(moment), 1)
    assert found is not None
    assert found.on == date.fromisoformat(last)


PAUSED = [
    # three days from Monday 1 June 2026: 2, 3, 4
    ([], "2026-06-04"),
    # a weekend alone takes nothing
    ([("2026-06-06 08:00", "2026-06-07 20:00")], "2026-06-04"),
    # Wednesday 3 to Monday 8: takes 4, 5, 8; 2 and 3 are counted, the third day is 9
    ([("2026-06-03 15:00", "2026-06-08 10:00")], "2026-06-09"),
    # the same in two that meet on Friday 5, and in two that overlap
    ([("2026-06-03 15:00", "2026-06-05 09:00"), ("2026-06-05 09:00", "2026-06-08 10:00")], "2026-06-09"),
    ([("2026-06-03 15:00", "2026-06-05 09:00"), ("2026-06-04 09:00", "2026-06-08 10:00")], "2026-06-09"),
    # within one day: nothing
    ([("2026-06-03 09:00", "2026-06-03 17:00")], "2026-06-04"),
    # before the term began: only what lies after day zero, Tuesday 2
    ([("2026-05-28 09:00", "2026-06-02 17:00")], "2026-06-05"),
    # after it was over: does not revive it
    ([("2026-06-05 09:00", "2026-06-12 17:00")], "2026-06-04"),
    # over Dragon Boat (Friday 19 is off), from its last day on: takes 5, 8-12, 15-18 and 22, and ends with the pause
    ([("2026-06-04 09:00", "2026-06-22 17:00")], "2026-06-22"),
]


@pytest.mark.parametrize(("pauses", "last"), PAUSED)
def test_a_paused_day_does_not_count(pauses: list[tuple[str, str]], last: str) -> None:
    spans = [Pause(at(since), at(until)) for since, until in pauses]
    found = NATION.deadline(at("2026-06-01 09:00"), 3, spans)
    assert found is not None
    assert found.on == date.fromisoformat(last)


def test_while_it_is_paused_a_term_has_no_deadline() -> None:
    assert NATION.deadline(at("2026-06-01 09:00"), 3, [Pause(at("2026-06-03 15:00"))]) is None
    # by Tuesday 9 the pause from Wednesday 3 has taken 4, 5, 8, 9
    assert NATION.paused_days(at("2026-06-01 09:00"), [Pause(at("2026-06-03 15:00"))], at("2026-06-09 12:00")) == 4


def test_how_many_working_days_something_is_late() -> None:
    """Due on Thursday 4 June 2026 at 24:00: on Friday one, over the weekend still one, on Monday two."""
    due = NATION.deadline(at("2026-06-01 09:00"), 3)
    assert due is not None
    moments = ("2026-06-04 23:59", "2026-06-05 00:00", "2026-06-05 00:01", "2026-06-07 12:00", "2026-06-08 08:00")
    assert [NATION.overdue(due.at, at(moment)) for moment in moments] == [0, 0, 1, 1, 2]


def test_a_term_in_calendar_days_ends_on_a_working_day() -> None:
    """15 days from 20 September 2025 is 5 October, in the holidays: 9 October, the first day after (art. 203 I)."""
    assert NATION.add_calendar_days(date(2025, 9, 20), 15) == date(2025, 10, 9)
    assert NATION.add_calendar_days(date(2026, 6, 1), 3) == date(2026, 6, 4)


def test_days_passed_over_are_named() -> None:
    """From Friday 18 September 2026 to Monday 28: Saturday 19 is off, Sunday 20 worked, 25-27 Mid-Autumn."""
    found = [(one.date.day, one.reason) for one in NATION.skipped(date(2026, 9, 18), date(2026, 9, 28))]
    assert found == [(19, "周末"), (25, "中秋"), (26, "中秋"), (27, "中秋")]
    assert NATION.reason(date(2026, 9, 20)) == "国庆节调休上班"
    assert NATION.reason(date(2026, 9, 21)) == "工作日"


@pytest.mark.parametrize("day", [date(2003, 12, 31), date(2065, 1, 1)])
def test_days_outside_the_calendar_are_refused(day: date) -> None:
    with pytest.raises(OutsideCalendar, match=day.isoformat()):
        NATION.add(day, 1)


def test_when_the_year_arrives_provisional_terms_are_told_anew() -> None:
    """Five days from Thursday 4 February 2027, guessed: 5, 8, 9, 10, 11. Published: 5-11 off, worked on Sunday 14.

    So 12, 14, 15, 16, 17. A term that ends on 4 January stays where it was and is settled; the settled one is let be.
    """
    off = {date(2027, 2, day): "春节" for day in range(5, 12)} | {date(2027, 1, 1): "元旦"}
    arrived = Facts(off, {date(2027, 2, 14): "春节调休上班"}, frozenset({2027}))
    known = WorkCalendar(arrived.over(published.national()), SHANGHAI)
    spring, new_year = (at("2027-02-04 09:00"), 5), (at("2026-12-31 09:00"), 1)
    terms = [
        Running("spring", *spring, due_at=at("2027-02-12 00:00")),
        Running("new year", *new_year, due_at=at("2027-01-05 00:00")),
        Running("settled", at("2026-06-01 09:00"), 3, due_at=at("2026-06-05 00:00"), provisional=False),
        Running("paused", *spring, due_at=at("2027-02-12 00:00"), pauses=[Pause(at("2027-02-05 09:00"))]),
    ]
    guessed = NATION.deadline(*spring)
    assert guessed is not None
    assert (guessed.at, guessed.provisional) == (at("2027-02-12 00:00"), True)
    found = {one.subject: (one.deadline.on, one.deadline.provisional, one.moved) for one in recomputed(known, terms)}
    assert found == {"spring": (date(2027, 2, 17), False, True), "new year": (date(2027, 1, 4), False, False)}


@given(DAYS, st.integers(1, 60))
def test_a_term_holds_as_many_worked_days_as_it_says(day: date, working_days: int) -> None:
    last = NATION.add(day, working_days)
    assert NATION.is_working(last)
    assert NATION.between(day, last) == working_days
    assert NATION.add(day, working_days - 1) <= last


@given(DAYS, st.integers(1, 20), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 10)), max_size=4))
def test_pauses_only_lengthen_and_by_what_they_take(day: date, term: int, spans: list[tuple[int, int]]) -> None:
    start = datetime.combine(day, time(9), SHANGHAI)
    pauses = [Pause(start + timedelta(days=begun), start + timedelta(days=begun + length)) for begun, length in spans]
    plain, paused = NATION.deadline(start, term), NATION.deadline(start, term, pauses)
    assert plain is not None
    assert paused is not None
    assert plain.on <= paused.on <= NATION.add(plain.on, sum(length for _, length in spans))
