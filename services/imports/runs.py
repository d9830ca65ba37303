"""A run from file to commit: one at a time, all or nothing, and written down whatever becomes of it."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg.types.json import Jsonb

from services import clock, contents
from services.contents import Content
from services.database import plain_sql
from services.errors import Refusal
from services.imports.jobs import Counts, Job, Options
from services.imports.problems import Problem
from services.imports.progress import Reporter, Silent
from services.imports.staging import first_problems
from services.models import ImportState, new_id
from services.sealing import Keyring

ONE_AT_A_TIME = 0x696D706F7274  # "import"
# Whole sets meet here while the planner's figures are those of before: never row by row, and never for a first row.
WHOLE_SETS = "SET LOCAL enable_nestloop = off; SET LOCAL cursor_tuple_fraction = 1; SET LOCAL jit = off"
CUT_OFF = Problem(0, "", "CUT_OFF", "The import was cut off and nothing of it is stored. Start it again.")
EVERYWHERE = '{"system": "import"}'


class Import(Protocol):
    """A kind of file and what is done with it."""

    @property
    def kind(self) -> str:
        """The word that the command takes."""

    @property
    def contents(self) -> tuple[Content, ...]:
        """What is cached and changes with it."""

    def run(self, job: Job) -> Counts:
        """Do it inside the job's transaction."""

    def write_bad_rows(self, job: Job) -> Path:
        """Write what was refused beside the file."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a run: its id, counts, the first faults, and the file of bad rows if one was written."""

    run_id: uuid.UUID
    counts: Counts
    problems: list[Problem]
    bad_rows: Path | None
    dry_run: bool
    notes: tuple[str, ...] = ()

    @property
    def refused(self) -> bool:
        """True when rows were bad and none was taken."""
        return bool(self.counts.bad) and not self.counts.added + self.counts.changed + self.counts.unchanged


def import_file(
    url: str,
    kind: Import,
    path: Path,
    keyring: Keyring,
    options: Options | None = None,
    reporter: Reporter | None = None,
    actor_id: uuid.UUID | None = None,
) -> Outcome:
    """Import one file into the database at `url` in one transaction, and record the run.

    Bad rows without `skip_bad` give an outcome with `refused`, and nothing is stored. Raises what makes the whole
    file unusable (`services.imports.problems`, `gis.errors`).
    """
    options = options or Options()
    with psycopg.connect(url, autocommit=True) as records, psycopg.connect(url, autocommit=True) as connection:
        _wait_for_turn(records)
        run_id = _begin(records, kind.kind, path, options, actor_id)
        try:
            outcome = _at_work(connection, run_id, kind, path, keyring, options, reporter or Silent())
        except BaseException as error:
            _end(records, run_id, ImportState.REFUSED, Counts(), [_as_problem(error)])
            raise
        if outcome.refused or options.dry_run:
            state = ImportState.REFUSED if outcome.refused else ImportState.DONE
            _end(records, run_id, state, outcome.counts, outcome.problems)
        return outcome


def _at_work(
    connection: psycopg.Connection[Any],
    run_id: uuid.UUID,
    kind: Import,
    path: Path,
    keyring: Keyring,
    options: Options,
    reporter: Reporter,
) -> Outcome:
    with _transaction(connection):
        cursor = connection.cursor()
        job = Job(cursor, path, clock.now(), keyring, options, reporter)
        counts = kind.run(job)
        problems = first_problems(cursor) if counts.bad else []
        written = kind.write_bad_rows(job) if counts.bad and options.skip_bad else None
        outcome = Outcome(run_id, counts, problems, written, options.dry_run, tuple(job.notes))
        if outcome.refused or options.dry_run:
            raise psycopg.Rollback
        _end(connection, run_id, ImportState.DONE, counts, problems)
        if counts.added or counts.changed:
            _say_changed(connection, kind.contents)
    return outcome


@contextmanager
def _transaction(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """One transaction that speaks for the platform."""
    with connection.transaction():
        connection.execute("SELECT set_config('linli.actor', %s, true)", (EVERYWHERE,))
        connection.execute(WHOLE_SETS)
        yield


def _wait_for_turn(connection: psycopg.Connection[Any]) -> None:
    """One import at a time, until the connection is closed; so a run that still says RUNNING now was cut off."""
    connection.execute("SELECT pg_advisory_lock(%s)", (ONE_AT_A_TIME,))
    connection.execute(
        "UPDATE import_runs SET state = %s, finished_at = %s, problems = %s WHERE state = %s",
        (ImportState.REFUSED, clock.now(), Jsonb([CUT_OFF.as_dict()]), ImportState.RUNNING),
    )


def _begin(
    connection: psycopg.Connection[Any], kind: str, path: Path, options: Options, actor_id: uuid.UUID | None
) -> uuid.UUID:
    run_id = new_id()
    connection.execute(
        "INSERT INTO import_runs (id, kind, file_name, state, dry_run, started_at, rows_total, rows_added,"
        " rows_changed, rows_unchanged, rows_bad, problems, actor_id)"
        " VALUES (%s, %s, %s, %s, %s, %s, 0, 0, 0, 0, 0, '[]', %s)",
        (run_id, kind, path.name, ImportState.RUNNING, options.dry_run, clock.now(), actor_id),
    )
    return run_id


def _end(
    connection: psycopg.Connection[Any], run_id: uuid.UUID, state: ImportState, counts: Counts, problems: list[Problem]
) -> None:
    connection.execute(
        "UPDATE import_runs SET state = %s, finished_at = %s, rows_total = %s, rows_added = %s, rows_changed = %s,"
        " rows_unchanged = %s, rows_bad = %s, problems = %s WHERE id = %s",
        (
            state,
            clock.now(),
            counts.total,
            counts.added,
            counts.changed,
            counts.unchanged,
            counts.bad,
            Jsonb([problem.as_dict() for problem in problems]),
            run_id,
        ),
    )


def _say_changed(connection: psycopg.Connection[Any], changed: tuple[Content, ...]) -> None:
    if changed:
        connection.execute(plain_sql(contents.raised(*changed)))


def _as_problem(error: BaseException) -> Problem:
    """What made the whole file unusable; foreign errors only by their kind, since they may quote a row."""
    code = str(getattr(error, "code", type(error).__name__))
    known = isinstance(error, Refusal) or type(error).__module__.startswith("gis.")
    return Problem(0, "", code, str(error) if known else type(error).__name__)
