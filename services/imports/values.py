"""From cells to values: text, codes, numbers, dates, words for yes and no. A bad one says what to write instead."""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from services import clock
from services.imports.problems import BadValue

Cell = str | int | float | bool | date | datetime | time | timedelta | None
Parser = Callable[[Cell], Any]
Word = TypeVar("Word", bound=StrEnum)

EXCEL_DAY_ZERO = date(1899, 12, 30)
EXCEL_DAYS = range(1, 73_051)  # up to the end of 2099
# A spreadsheet keeps 15 digits of a number; a longer one has lost its end.
MOST_EXACT = 10**15
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d{2})(\d{2}))")
_TIME_OF_DAY = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2})?$")
_YES = frozenset(("1", "true", "t", "yes", "y", "有", "是"))
_NO = frozenset(("0", "false", "f", "no", "n", "无", "否", "没有"))


def plain(cell: Cell) -> str:
    """A cell as text, full-width forms made narrow, without the spaces around it."""
    text = cell if isinstance(cell, str) else _written(cell)
    return (text if text.isascii() else unicodedata.normalize("NFKC", text)).strip()


def text(most: int = 400) -> Parser:
    """Text as it stands, at most `most` characters, on one line."""

    def parse(cell: Cell) -> str:
        value = (cell if isinstance(cell, str) else _written(cell)).strip()
        if len(value) > most:
            raise BadValue("TEXT_TOO_LONG", f"The text has more than {most} characters. Shorten it.")
        if not value.isprintable():
            value = _one_line(value)
        return value

    return parse


def code(most: int = 40) -> Parser:
    """A code: at most `most` characters without spaces inside, narrow forms."""

    def parse(cell: Cell) -> str:
        value = plain(cell)
        if len(value) > most:
            raise BadValue("CODE_TOO_LONG", f"A code has at most {most} characters. Shorten it.")
        if not value.isprintable() or " " in value:
            raise BadValue("CODE_FORM", "A code holds no spaces or line breaks. Take them out.")
        return value

    return parse


def codes(cell: Cell) -> list[str]:
    """Several codes, divided by semicolons; each once, in their order."""
    one = code()
    return list(dict.fromkeys(one(part) for part in re.split("[;,、]", plain(cell)) if part.strip()))


def whole(least: int, most: int) -> Parser:
    """A whole number within bounds."""

    def parse(cell: Cell) -> int:
        value = number(cell)
        if value != int(value) or not least <= value <= most:
            raise BadValue("NUMBER_RANGE", f"Write a whole number from {least} to {most}.")
        return int(value)

    return parse


def number(cell: Cell) -> float:
    """A finite number."""
    try:
        if cell is None or isinstance(cell, (bool, date, time, timedelta)) or (isinstance(cell, str) and "_" in cell):
            raise ValueError
        value = float(cell)  # takes spaces and full-width digits as they come
    except ValueError:
        raise BadValue("NUMBER_FORM", "This is not a number. Write digits, with a point for decimals.") from None
    if not math.isfinite(value):
        raise BadValue("NUMBER_FORM", "This is not a finite number. Write digits, with a point for decimals.")
    return value


def longitude(cell: Cell) -> float:
    """Degrees east."""
    value = number(cell)
    if abs(value) > 180:
        raise BadValue("LONGITUDE_RANGE", "A longitude lies between -180 and 180 degrees. Are these metres?")
    return value


def latitude(cell: Cell) -> float:
    """Degrees north."""
    value = number(cell)
    if abs(value) > 90:
        raise BadValue("LATITUDE_RANGE", "A latitude lies between -90 and 90. Were longitude and latitude swapped?")
    return value


def day(cell: Cell) -> date:
    """A day: 2026-11-21, 2026/11/21, 20261121, 2026年11月21日, or a date cell of a spreadsheet."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and int(cell) in EXCEL_DAYS:
        return EXCEL_DAY_ZERO + timedelta(days=int(cell))
    written = plain(cell)
    try:
        if len(written) == 10 and written[4] == "-":
            return date.fromisoformat(written)
        found = _DATE.fullmatch(_TIME_OF_DAY.sub("", written))
        if found is None:
            raise ValueError
        year, month, day_of_month = (int(part) for part in found.groups() if part is not None)
        return date(year, month, day_of_month)
    except ValueError:
        raise BadValue("DATE_FORM", "This is no date. Write it as 2026-11-21, 2026/11/21 or 20261121.") from None


def moment(cell: Cell) -> datetime:
    """A moment: an ISO 8601 time (local where no offset is written), or a day, which begins at local midnight."""
    if not isinstance(cell, (date, int, float)):
        try:
            found = datetime.fromisoformat(plain(cell).replace(" ", "T", 1))
            return found if found.tzinfo else found.replace(tzinfo=clock.zone())
        except ValueError:
            pass
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=cell.tzinfo or clock.zone())
    return datetime.combine(day(cell), time(), clock.zone())


def yes(cell: Cell) -> bool:
    """Yes or no, in either language."""
    word = plain(cell).casefold()
    if word in _YES or word in _NO:
        return word in _YES
    raise BadValue("YES_NO_FORM", "Write yes or no (是 or 否).")


def one_of(kind: type[Word], chinese: Mapping[str, Word]) -> Parser:
    """One name of an enum, or its Chinese word."""
    words = {member.value.casefold(): member.value for member in kind}
    words |= {word: member.value for word, member in chinese.items()}
    offered = ", ".join(sorted(member.value for member in kind)) + " (" + ", ".join(chinese) + ")"

    def parse(cell: Cell) -> str:
        found = words.get(plain(cell).casefold().replace(" ", "_"))
        if found is None:
            raise BadValue("WORD_UNKNOWN", f"This word is not known here. Write one of {offered}.")
        return found

    return parse


def some_of(kind: type[Word], chinese: Mapping[str, Word]) -> Parser:
    """Several names of an enum, divided by semicolons."""
    one = one_of(kind, chinese)

    def parse(cell: Cell) -> list[str]:
        return list(dict.fromkeys(one(part) for part in re.split("[;,、]", plain(cell)) if part.strip()))

    return parse


def words(cell: Cell) -> list[str]:
    """Free words, divided by semicolons."""
    return list(dict.fromkeys(part.strip() for part in re.split("[;；、]", str(plain(cell))) if part.strip()))


def telephone(cell: Cell) -> str:
    """A telephone number: 5 to 15 digits, with +, spaces, hyphens, brackets."""
    value = plain(cell)
    digits = re.sub(r"[\s()+-]", "", value)
    if not (digits.isascii() and digits.isdigit() and 5 <= len(digits) <= 20):
        raise BadValue("TELEPHONE_FORM", "A telephone number has 5 to 20 digits. Write digits, + and hyphens only.")
    return value


def _written(cell: Cell) -> str:
    """A spreadsheet's cell as it was meant: 101, not 101.0."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, int) and not isinstance(cell, bool) and abs(cell) >= MOST_EXACT:
        raise BadValue("DIGITS_LOST", "The spreadsheet kept a number and lost digits. Format the column as text.")
    return str(cell)


def _one_line(value: str) -> str:
    if "\x00" in value:
        raise BadValue("NUL_BYTE", "The text holds a NUL byte. Type it again.")
    return "".join(character if character.isprintable() else " " for character in value).strip()
