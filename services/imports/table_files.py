"""A table as a file: CSV or XLSX, whichever it is in truth, read row by row."""

from pathlib import Path

from services.imports.csv_files import TextFile, look_through
from services.imports.files import DEFAULT_LIMITS, Limits, checked_file, is_workbook
from services.imports.values import Cell
from services.imports.workbooks import Workbook, look_into

Cells = tuple[int, list[Cell]]


def open_table(path: Path, limits: Limits = DEFAULT_LIMITS) -> TextFile | Workbook:
    """A CSV or XLSX file ready to be read row by row; refused with a sentence when it is not what it seems."""
    checked_file(path, limits)
    return look_into(path, limits) if is_workbook(path) else look_through(path, limits)
