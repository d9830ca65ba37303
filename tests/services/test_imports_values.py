"""Cells to values: what is accepted, and the sentence for what is not."""

from datetime import UTC, date, datetime, time

import pytest

from services.imports import values
from services.imports.areacodes import area_code, is_within, level_of, parent_code
from services.imports.duty import WeeklySpan, opening_hours, weekly_spans
from services.imports.identity_numbers import birth_date, checked_number, is_male
from services.imports.problems import BadValue
from services.models import AreaLevel, Sex


@pytest.mark.parametrize(
    "cell",
    [
        "2026-11-21",
        "2026/11/21",
        "20261121",
        "2026年11月21日",
        "２０２６－１１－２１",
        " 2026-11-21 ",
        "2026/11/21 00:00:00",
        datetime(2026, 11, 21),
        date(2026, 11, 21),
        46347,  # Excel counts days from 1899-12-30
        46347.0,
    ],
)
def test_a_day_in_every_accepted_form(cell: values.Cell) -> None:
    """All of them are the same day."""
    assert values.day(cell) == date(2026, 11, 21)


@pytest.mark.parametrize(
    "cell", ["2026-13-01", "21.11.2026", "11/21/2026", "2026-2-30", "46347", "soon", "2026-1121", 0]
)
def test_a_date_of_the_wrong_form(cell: values.Cell) -> None:
    """It says how to write dates; a bare number is a day in a spreadsheet only."""
    with pytest.raises(BadValue, match="Write it as 2026-11-21, 2026/11/21 or 20261121") as refused:
        values.day(cell)
    assert refused.value.code == "DATE_FORM"


def test_a_moment_is_local_unless_it_says_otherwise() -> None:
    """09:30 in Shanghai is 01:30 in UTC; a day begins at local midnight, 16:00 UTC of the day before."""
    assert values.moment("2026-03-01T09:30:00+08:00") == datetime(2026, 3, 1, 1, 30, tzinfo=UTC)
    assert values.moment("2026-03-01 09:30") == datetime(2026, 3, 1, 1, 30, tzinfo=UTC)
    assert values.moment("2026/3/1") == datetime(2026, 2, 28, 16, 0, tzinfo=UTC)
    assert values.moment(date(2026, 3, 1)) == datetime(2026, 2, 28, 16, 0, tzinfo=UTC)


def test_a_spreadsheet_s_numbers_are_codes_again() -> None:
    """101.0 is 101; an 18-digit number has lost its end and is refused."""
    assert values.code()(101.0) == "101"
    with pytest.raises(BadValue, match="Format the column as text") as refused:
        values.code()(5.2990119500307e17)
    assert refused.value.code == "DIGITS_LOST"


@pytest.mark.parametrize(("cell", "expected"), [("有", True), ("否", False), ("YES", True), (True, True), (0, False)])
def test_yes_and_no(cell: values.Cell, expected: bool) -> None:
    """In both languages."""
    assert values.yes(cell) is expected


def test_words_in_both_languages() -> None:
    """An enum's name in any case, or its Chinese word; else the sentence lists them."""
    parse = values.one_of(Sex, {"女": Sex.FEMALE, "男": Sex.MALE})
    assert (parse("女"), parse("male")) == ("FEMALE", "MALE")
    with pytest.raises(BadValue, match=r"FEMALE, MALE, UNSTATED \(女, 男\)"):
        parse("?")


def test_numbers_have_bounds() -> None:
    """Floors are whole, latitudes end at the poles, NaN is no number."""
    assert values.whole(-9, 200)("-2") == -2
    assert [values.number(cell) for cell in (0, "0", " ３.5 ", 2.5)] == [0.0, 0.0, 3.5, 2.5]
    for parse, cell, code in (
        (values.whole(-9, 200), "1.5", "NUMBER_RANGE"),
        (values.whole(-9, 200), "201", "NUMBER_RANGE"),
        (values.latitude, "106.7", "LATITUDE_RANGE"),
        (values.longitude, "500000", "LONGITUDE_RANGE"),
        (values.longitude, "nan", "NUMBER_FORM"),
        (values.longitude, "12,5", "NUMBER_FORM"),
        (values.longitude, "1_0", "NUMBER_FORM"),
        (values.longitude, True, "NUMBER_FORM"),
    ):
        with pytest.raises(BadValue) as refused:
            parse(cell)
        assert refused.value.code == code


def test_identity_numbers_are_checked() -> None:
    """GB 11643, of 52990119500307002: 299 mod 11 = 2, whose check character is X.

    5*7+2*9+9*10+9*5+0*8+1*4+1*2+9*1+5*6+0*3+0*7+3*9+0*10+7*5+0*8+0*4+2*2 = 299.
    """
    assert checked_number("52990119500307002x") == "52990119500307002X"
    assert birth_date("52990119500307002X") == date(1950, 3, 7)
    assert not is_male("52990119500307002X")  # the 17th digit, 2, is even
    for number, code in (
        ("529901195003070021", "IDENTITY_CHECKSUM"),
        ("52990119500307", "IDENTITY_FORM"),
        ("5299011950030700２X", "IDENTITY_FORM"),
    ):
        with pytest.raises(BadValue) as refused:
            checked_number(number)
        assert refused.value.code == code


def test_an_identity_number_carries_a_real_day() -> None:
    """30 February is none, though the check character fits: the sum is 285, 285 mod 11 = 10, character 2."""
    with pytest.raises(BadValue) as refused:
        checked_number("529901195002300022")
    assert refused.value.code == "IDENTITY_DATE"


def test_weekly_times() -> None:
    """Weekdays as ranges or lists, nights into the next day, without weekdays every day."""
    assert weekly_spans("6-7 09:00-12:00;1-5 08:30-17:30") == [
        WeeklySpan((1, 2, 3, 4, 5), time(8, 30), time(17, 30)),
        WeeklySpan((6, 7), time(9), time(12)),
    ]
    assert opening_hours("1,3 20:00-08:30") == [[[1, 3], "20:00", "08:30"]]
    assert opening_hours("07:00-24:00") == [[[1, 2, 3, 4, 5, 6, 7], "07:00", "00:00"]]
    assert opening_hours("1-5 ０８：３０－１７：３０") == [[[1, 2, 3, 4, 5], "08:30", "17:30"]]


@pytest.mark.parametrize("cell", ["8-17", "1-9 08:00-12:00", "1-5 25:00-12:00", "Mon 08:00-12:00", "5-1 08:00-12:00"])
def test_weekly_times_of_the_wrong_form(cell: str) -> None:
    """The sentence shows the form."""
    with pytest.raises(BadValue, match="1-5 08:30-17:30;6-7 09:00-12:00"):
        weekly_spans(cell)


@pytest.mark.parametrize("cell", ["1-5 08:00-12:00;5 11:00-13:00", "7 22:00-06:00;1 05:00-09:00"])
def test_weekly_times_must_not_overlap(cell: str) -> None:
    """Sunday's night runs into Monday."""
    with pytest.raises(BadValue) as refused:
        weekly_spans(cell)
    assert refused.value.code == "TIMES_OVERLAP"


def test_area_codes_tell_their_level() -> None:
    """Short codes are filled up with zeros."""
    assert area_code("529901") == "529901000000"
    assert [level_of(area_code(c)) for c in ("529901", "529901001", "529901001001", "529901001001001")] == list(
        AreaLevel
    )
    assert parent_code("529901001001001") == "529901001001"
    assert [parent_code("529901001001"), parent_code("529901000000")] == ["529901001000", None]
    assert is_within("529901001001001", "529901001000")
    assert not is_within("529901002001", "529901001000")
    with pytest.raises(BadValue, match="12 digits"):
        area_code("5299")
