"""Bad rows beside the input: FILE.bad.csv with row number, column, code, reason and the row as it was written."""

import csv
import os
from collections.abc import Iterator
from contextlib import closing
from itertools import groupby
from pathlib import Path

from services.imports.files import Limits
from services.imports.problems import Problem
from services.imports.staging import Cursor
from services.imports.table_files import open_table
from services.imports.values import Cell

OWN_HEADINGS = ("row", "column", "code", "reason")
PROBLEMS_AT_A_TIME = 5_000


def bad_rows_path(path: Path) -> Path:
    """FILE.bad.csv beside FILE."""
    return path.with_name(path.name + ".bad.csv")


def write_bad_rows(cursor: Cursor, path: Path, limits: Limits) -> Path:
    """Write the rows that were refused, in the order of the file, by reading the file once more."""
    target = bad_rows_path(path)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    with draft.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        with closing(open_table(path, limits).rows()) as rows:
            writer.writerow([*OWN_HEADINGS, *next(rows)[1]])
            for problems, cells in _matched(_problems(cursor), rows):
                for problem in problems:
                    own = (problem.row, problem.column, problem.code, problem.reason)
                    writer.writerow([*own, *("" if cell is None else cell for cell in cells)])
    draft.replace(target)
    return target


def _problems(cursor: Cursor) -> Iterator[Problem]:
    cursor.execute("DECLARE refused CURSOR FOR SELECT * FROM bad_rows ORDER BY row_number, column_name, code")
    while found := cursor.execute(f"FETCH {PROBLEMS_AT_A_TIME} FROM refused").fetchall():
        for row in found:
            yield Problem(*row)
    cursor.execute("CLOSE refused")


def _matched(
    problems: Iterator[Problem], rows: Iterator[tuple[int, list[Cell]]]
) -> Iterator[tuple[list[Problem], list[Cell]]]:
    """Both come in the order of the file, so one pass over each is enough."""
    for number, group in groupby(problems, key=lambda problem: problem.row):
        cells = next(cells for at, cells in rows if at == number)
        yield list(group), cells
