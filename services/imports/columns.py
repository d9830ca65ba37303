"""Columns: what a heading may be called in both languages, how its cells are read, and the headings of a file."""

import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.imports.problems import BadValue, HeadingsWrong, Problem
from services.imports.values import Cell, Parser

MISSING = "This must not be empty. Fill it in."
_NOTE = re.compile(r"\([^)]*\)|\[[^\]]*\]|[\s_*:\-]|\ufeff")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a kind of file. A column that a file does not have leaves what is stored as it is."""

    name: str
    chinese: str
    parse: Parser
    example: str
    required: bool = False
    also: tuple[str, ...] = ()

    @property
    def headings(self) -> tuple[str, ...]:
        """All names by which it is recognised."""
        return (self.name, self.chinese, *self.also)

    def is_called(self, heading: str) -> bool:
        """Whether a heading is one of them."""
        return _key(heading) in {_key(name) for name in self.headings}


@dataclass(frozen=True, slots=True)
class Layout:
    """Which cell of a file's rows belongs to which column."""

    columns: tuple[tuple[int, Column], ...]
    width: int

    @property
    def present(self) -> frozenset[str]:
        """The names of the columns that the file has."""
        return frozenset(column.name for _, column in self.columns)

    def read(self, row: int, cells: Sequence[Cell]) -> tuple[dict[str, Any], list[Problem]]:
        """The values of a row by column name, and what is wrong with it; blank cells are None."""
        if len(cells) != self.width:
            reason = (
                f"The row has {len(cells)} fields, the headings have {self.width}. Is a delimiter or a quote missing?"
            )
            return {}, [Problem(row, "", "FIELD_COUNT", reason)]
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        for at, column in self.columns:
            cell = cells[at]
            if cell is None or cell == "" or (isinstance(cell, str) and cell.isspace()):
                values[column.name] = None
                if column.required:
                    problems.append(Problem(row, column.name, "VALUE_MISSING", MISSING))
                continue
            try:
                values[column.name] = column.parse(cell)
            except BadValue as fault:
                problems.append(Problem(row, column.name, fault.code, str(fault)))
        return values, problems


def layout(
    headings: Sequence[Cell], columns: Sequence[Column], file_name: str, kind: str, ignored: Sequence[str] = ()
) -> Layout:
    """Match headings to columns. HeadingsWrong when one is missing, unknown or there twice."""
    known = {_key(heading): column for column in columns for heading in column.headings}
    skipped = {_key(name) for name in ignored}
    found: list[tuple[int, Column]] = []
    for at, heading in enumerate(headings):
        key = _key(heading)
        if not key or key in skipped:
            continue
        if key not in known:
            raise HeadingsWrong(file_name, kind=kind, reason=_unknown(str(heading), known))
        if any(column is known[key] for _, column in found):
            raise HeadingsWrong(file_name, kind=kind, reason=f"the column {known[key].name} is there twice. Drop one.")
        found.append((at, known[key]))
    missing = [c for c in columns if c.required and all(c is not other for _, other in found)]
    if missing:
        names = ", ".join(f"{column.name} ({column.chinese})" for column in missing)
        raise HeadingsWrong(file_name, kind=kind, reason=f"missing: {names}. Add them.")
    return Layout(tuple(found), len(headings))


def _key(heading: Cell) -> str:
    """A heading without what people add to it: spaces, full-width forms, notes in brackets, a star."""
    return _NOTE.sub("", unicodedata.normalize("NFKC", str(heading or "")).casefold())


def _unknown(heading: str, known: dict[str, Column]) -> str:
    close = difflib.get_close_matches(_key(heading), known, n=1)
    hint = f" Did you mean {known[close[0]].name}?" if close else ""
    return f"the column {heading.strip()[:40]!r} is not known.{hint} Rename it, or leave it out with --ignore."
