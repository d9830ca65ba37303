"""Excel workbooks: the first sheet, read row by row, after a look at what it would unpack to."""

import zipfile
from collections.abc import Generator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from services.imports.files import DEFAULT_LIMITS, Limits, refuse_bomb
from services.imports.problems import FileBroken, FileIsABomb
from services.imports.values import Cell

# A document type is how XML names entities that grow when read; no spreadsheet program writes one.
_TYPE_DECLARATION = b"<!DOCTYPE"
_TYPE_DECLARED_WITHIN = 4096
_FAULTS = (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, OSError, SyntaxError)


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook that was found harmless; only its first sheet is read."""

    path: Path
    lines: int | None

    def rows(self) -> Generator[tuple[int, list[Cell]]]:
        """Row number and cells, filled up to the width of the headings; blank rows are passed over."""
        book = _opened(self.path)
        width = 0
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # the declared size may be wrong; the rows themselves are not
            for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
                filled = _without_tail(cells)
                if filled:
                    width = width or len(filled)
                    yield number, filled + [None] * (width - len(filled))
        except _FAULTS as error:
            raise FileBroken(
                self.path.name, reason=f"its sheet is damaged ({error}). Save it again as .xlsx."
            ) from None
        finally:
            book.close()


def look_into(path: Path, limits: Limits = DEFAULT_LIMITS) -> Workbook:
    """A workbook ready to be read. FileIsABomb, FileBroken."""
    try:
        refuse_bomb(path, limits)
        _refuse_entities(path)
    except zipfile.BadZipFile as error:
        raise FileBroken(path.name, reason=f"its archive is damaged ({error}). Save it again.") from None
    book = _opened(path)
    try:
        if not book.worksheets:
            raise FileBroken(path.name, reason="it has no sheet with cells. Put the table on its first sheet.")
        return Workbook(path, book.worksheets[0].max_row)
    finally:
        book.close()


def _opened(path: Path) -> Any:
    try:
        return openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except _FAULTS as error:
        raise FileBroken(path.name, reason=f"it is a damaged workbook ({error}). Save it again as .xlsx.") from None


def _refuse_entities(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.filename.endswith((".xml", ".rels")):
                with archive.open(member) as file:
                    if _TYPE_DECLARATION in file.read(_TYPE_DECLARED_WITHIN):
                        raise FileIsABomb(path.name, size="an unknown number of", ratio="many")


def _without_tail(cells: tuple[Any, ...]) -> list[Cell]:
    last = len(cells)
    while last and (cells[last - 1] is None or cells[last - 1] == ""):
        last -= 1
    return [_cell(cell) for cell in cells[:last]]


def _cell(cell: Any) -> Cell:
    return cell if cell is None or isinstance(cell, (str, int, float, date, datetime, time, timedelta)) else str(cell)
