"""One run at work: its connection, what the file has, what is known of the store, and where it reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from gis.coordinates import CoordinateSystem
from services.imports.files import DEFAULT_LIMITS, Limits
from services.imports.problems import Problem
from services.imports.progress import Reporter, Silent
from services.imports.staging import Cursor
from services.sealing import Keyring

ROWS_AT_A_TIME = 20_000


@dataclass(frozen=True, slots=True)
class Options:
    """What whoever imports may choose. `crs`: one of our names, for layers EPSG:n too; `ignored`: headings skipped."""

    crs: str | None = None
    dry_run: bool = False
    skip_bad: bool = False
    ignored: tuple[str, ...] = ()
    limits: Limits = DEFAULT_LIMITS
    rows_at_a_time: int = ROWS_AT_A_TIME


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows a run met, and what became of them."""

    total: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    bad: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the file: its number as a spreadsheet shows it, and its values by column."""

    number: int
    values: dict[str, Any]

    def get(self, name: str) -> Any:
        """The value, None when the cell is blank or the file has no such column."""
        return self.values.get(name)


@dataclass(slots=True)
class Job:
    """One run at work inside its transaction."""

    cursor: Cursor
    path: Path
    now: datetime
    keyring: Keyring
    options: Options = field(default_factory=Options)
    reporter: Reporter = field(default_factory=Silent)
    system: CoordinateSystem = CoordinateSystem.WGS84
    present: frozenset[str] = frozenset()
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def refuse(self, row: Row, column: str, code: str, reason: str) -> None:
        """Note a fault of a row."""
        self.problems.append(Problem(row.number, column, code, reason))

    def rows(self, query: str, values: Sequence[Any] | Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """All rows of a small query."""
        return self.cursor.execute(query, values).fetchall()
