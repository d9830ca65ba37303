"""Staged rows meet the rows that are there: the same stays untouched, what differs is updated, the rest is added."""

from dataclasses import dataclass
from typing import Any

from services.imports.staging import Cursor, touch

Values = dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the table and the SQL expression over a staged row `s` that fills it.

    `source` is the heading that must be in the file for the column to be compared; `compared` is False for what
    differs at each run by itself, such as a value sealed anew.
    """

    column: str
    expression: str
    source: str
    compared: bool = True


@dataclass(frozen=True, slots=True)
class Target:
    """A table and how staged rows `s` become rows `t` of it; `match` says which are the same."""

    table: str
    match: str
    fields: tuple[Field, ...]
    new: tuple[tuple[str, str], ...] = ()
    also_set: str = ""

    def mark_changed(self, cursor: Cursor, present: frozenset[str], values: Values = None, extras: str = "") -> None:
        """Make changed_rows (row_number, id, and `extras` over the stored row `t`) of the rows that differ."""
        compared = [field for field in self.fields if field.compared and field.source in present]
        stored = ", ".join(f"t.{field.column}" for field in compared)
        staged = ", ".join(field.expression for field in compared)
        unlike = f"ROW({stored}) IS DISTINCT FROM ROW({staged})" if compared else "false"
        cursor.execute(
            f"""
            CREATE TEMPORARY TABLE changed_rows ON COMMIT DROP AS
            SELECT s.row_number, t.id{extras} FROM staged_rows s JOIN {self.table} t ON {self.match}
            WHERE {unlike}
            """,
            values,
        )

    def update(self, cursor: Cursor, present: frozenset[str], values: Values = None) -> None:
        """Bring the changed rows up to date and note them."""
        sets = [f"{field.column} = {field.expression}" for field in self.fields if field.source in present]
        if self.also_set:
            sets.append(self.also_set)
        if sets:
            cursor.execute(
                f"UPDATE {self.table} t SET {', '.join(sets)} "
                "FROM changed_rows c JOIN staged_rows s USING (row_number) WHERE t.id = c.id",
                values,
            )
        touch(cursor, "changed_rows", added=False)

    def insert(self, cursor: Cursor, values: Values = None) -> None:
        """Make new_rows (row_number, id) of the rows whose key is new, add them and note them."""
        cursor.execute(
            f"""
            CREATE TEMPORARY TABLE new_rows ON COMMIT DROP AS
            SELECT s.row_number, s.id FROM staged_rows s
            WHERE NOT EXISTS (SELECT FROM {self.table} t WHERE {self.match})
            """
        )
        cursor.execute("ANALYZE new_rows")
        columns = ["id", *(field.column for field in self.fields), *(name for name, _ in self.new)]
        filled = [*(field.expression for field in self.fields), *(value for _, value in self.new)]
        cursor.execute(
            f"INSERT INTO {self.table} ({', '.join(columns)}) SELECT s.id, {', '.join(filled)} "
            "FROM staged_rows s JOIN new_rows n USING (row_number)",
            values,
        )
        touch(cursor, "new_rows", added=True)


def merge(cursor: Cursor, target: Target, present: frozenset[str], values: Values = None) -> None:
    """Mark, update, insert."""
    target.mark_changed(cursor, present, values)
    target.update(cursor, present, values)
    target.insert(cursor, values)
