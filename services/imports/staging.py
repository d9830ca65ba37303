"""The staging table of one run: rows go in by COPY, faults beside them, and SQL on whole sets does the rest."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psycopg
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from services.imports.problems import MOST_KEPT, Problem

Cursor = psycopg.Cursor[TupleRow]


def create(cursor: Cursor, staged: Mapping[str, str]) -> None:
    """Make the temporary tables of a run: staged_rows (`staged`: column -> type), bad_rows, touched_rows."""
    columns = "".join(f', "{name}" {kind}' for name, kind in staged.items())
    cursor.execute(f"CREATE TEMPORARY TABLE staged_rows (row_number int NOT NULL{columns}) ON COMMIT DROP")
    cursor.execute(
        "CREATE TEMPORARY TABLE bad_rows (row_number int, column_name text, code text, reason text, area jsonb)"
        " ON COMMIT DROP"
    )
    cursor.execute("CREATE TEMPORARY TABLE touched_rows (row_number int, added boolean) ON COMMIT DROP")


def copy_rows(cursor: Cursor, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Bring rows (row number first) into staged_rows."""
    copy_into(cursor, "staged_rows", ("row_number", *columns), rows)


def copy_into(cursor: Cursor, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Bring rows into any table by COPY."""
    names = ", ".join(f'"{name}"' for name in columns)
    with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def copy_problems(cursor: Cursor, problems: Sequence[Problem]) -> None:
    """Bring faults into bad_rows."""
    if problems:
        with cursor.copy("COPY bad_rows FROM STDIN") as copy:
            for problem in problems:
                copy.write_row(_written(problem))


def _written(problem: Problem) -> tuple[Any, ...]:
    area = Jsonb(problem.area) if problem.area is not None else None
    return problem.row, problem.column, problem.code, problem.reason, area


def refuse_repeated(cursor: Cursor, columns: Sequence[str], shown: str) -> None:
    """Faults for rows whose key stands in an earlier row of the file."""
    key = ", ".join(f'"{name}"' for name in columns)
    cursor.execute(
        f"""
        INSERT INTO bad_rows
        SELECT row_number, %(shown)s, 'DUPLICATE_IN_FILE',
               'The same value stands in row ' || first || '. Drop or mend one of them.'
        FROM (SELECT row_number, min(row_number) OVER (PARTITION BY {key}) AS first
              FROM staged_rows WHERE ROW({key}) IS NOT NULL) AS numbered
        WHERE row_number > first
        """,
        {"shown": shown},
    )


def refuse_where(cursor: Cursor, column: str, code: str, reason: str, source: str, **values: Any) -> None:
    """Faults for the rows of `source`, the text after FROM, in which staged_rows is called s; `reason` is SQL."""
    cursor.execute(
        f"INSERT INTO bad_rows SELECT s.row_number, %(column)s, %(code)s, {reason} FROM {source}",
        {"column": column, "code": code, **values},
    )


def drop_bad(cursor: Cursor) -> None:
    """Take the bad rows out of staged_rows."""
    cursor.execute("DELETE FROM staged_rows s USING bad_rows b WHERE b.row_number = s.row_number")


def bad_count(cursor: Cursor) -> int:
    """How many rows have at least one fault."""
    return _one(cursor, "SELECT count(DISTINCT row_number) FROM bad_rows")


def first_problems(cursor: Cursor, most: int = MOST_KEPT) -> list[Problem]:
    """The first faults in the order of the file."""
    cursor.execute("SELECT * FROM bad_rows ORDER BY row_number, column_name, code LIMIT %s", (most,))
    return [Problem(*row) for row in cursor.fetchall()]


def touch(cursor: Cursor, source: str, *, added: bool) -> None:
    """Note the rows that were added or changed; `source` gives row_number."""
    cursor.execute(f"INSERT INTO touched_rows SELECT row_number, {added} FROM {source}")


def touched(cursor: Cursor) -> tuple[int, int, int]:
    """How many rows were added, changed, left as they were."""
    cursor.execute(
        """
        SELECT count(*) FILTER (WHERE added), count(*) FILTER (WHERE NOT added),
               (SELECT count(*) FROM staged_rows) - count(*)
        FROM (SELECT row_number, bool_or(added) AS added FROM touched_rows GROUP BY row_number) AS each_row
        """
    )
    row = cursor.fetchone()
    assert row is not None
    return row[0], row[1], row[2]


def _one(cursor: Cursor, query: str) -> int:
    cursor.execute(query)
    row = cursor.fetchone()
    assert row is not None
    return int(row[0])
