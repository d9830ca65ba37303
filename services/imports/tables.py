"""Importing a table: rows are read, checked and staged by the thousand, then merged as one set."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

from services.contents import Content
from services.imports import staging
from services.imports.badrows import write_bad_rows
from services.imports.columns import Column, Layout, layout
from services.imports.crs import system_of_table
from services.imports.jobs import Counts, Job, Row
from services.imports.problems import FileEmpty
from services.imports.table_files import Cells, open_table


class TableImport(ABC):
    """What is particular to one kind of table; `run` is the same for all."""

    kind: ClassVar[str]
    columns: ClassVar[tuple[Column, ...]]
    # Staged column -> SQL type, in the order of what `staged_row` gives.
    staged: ClassVar[dict[str, str]]
    contents: ClassVar[tuple[Content, ...]] = ()

    def begin(self, job: Job) -> None:  # noqa: B027 - nothing to know is the usual case
        """Fetch what the rows are read against."""

    def refine(self, job: Job, rows: Sequence[Row]) -> Sequence[Row]:
        """The good ones of a batch, for kinds that look at whole columns (places); others keep all."""
        return rows

    @abstractmethod
    def staged_row(self, job: Job, row: Row) -> tuple[Any, ...] | None:
        """The values of `staged`; None when the row was refused."""

    @abstractmethod
    def check(self, job: Job) -> None:
        """Find faults that show only in the whole file and against the store."""

    @abstractmethod
    def merge(self, job: Job) -> None:
        """Bring the staged rows into their tables."""

    def run(self, job: Job) -> Counts:
        """Stage, check and merge; the caller decides whether it is committed."""
        job.system = system_of_table(job.options.crs)
        total = self._stage(job)
        job.reporter.step("checking")
        job.cursor.execute("ANALYZE staged_rows")
        self.check(job)
        staging.drop_bad(job.cursor)
        bad = staging.bad_count(job.cursor)
        if bad and not job.options.skip_bad:
            return Counts(total=total, bad=bad)
        job.reporter.step("storing")
        self.merge(job)
        added, changed, unchanged = staging.touched(job.cursor)
        return Counts(total, added, changed, unchanged, bad)

    def write_bad_rows(self, job: Job) -> Path:
        """The rows that were refused, beside the file."""
        return write_bad_rows(job.cursor, job.path, job.options.limits)

    def _stage(self, job: Job) -> int:
        table = open_table(job.path, job.options.limits)
        with closing(table.rows()) as cells:
            found = headed(cells, self, job)
            job.present = found.present
            self.begin(job)
            staging.create(job.cursor, self.staged)
            job.reporter.step("reading", table.lines and table.lines - 1)
            total = 0
            while batch := list(islice(cells, job.options.rows_at_a_time)):
                total += len(batch)
                self._stage_batch(job, found, batch)
                job.reporter.advance(len(batch))
        if not total:
            raise FileEmpty(job.path.name)
        return total

    def _stage_batch(self, job: Job, found: Layout, batch: list[Cells]) -> None:
        job.problems = []
        rows = []
        for number, cells in batch:
            values, problems = found.read(number, cells)
            job.problems += problems
            if not problems:
                rows.append(Row(number, values))
        ready = ((row.number, self.staged_row(job, row)) for row in self.refine(job, rows))
        whole = ((number, *values) for number, values in ready if values is not None)
        staging.copy_rows(job.cursor, list(self.staged), whole)
        staging.copy_problems(job.cursor, job.problems)


def headed(cells: Iterator[Cells], kind: TableImport, job: Job) -> Layout:
    """Take the headings off the rows and match them."""
    first = next(cells, None)
    if first is None:
        raise FileEmpty(job.path.name)
    return layout(first[1], kind.columns, job.path.name, kind.kind, job.options.ignored)
