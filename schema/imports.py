"""Imports: which files were brought in, with how many rows, and what was wrong with the rest."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
import strawberry
from strawberry import Parent

from schema.context import Info
from schema.lens import field, given, lens, listing, shown, words
from schema.pages import After, Connection, First, Order, Page, page
from services.models import ImportRun as RunRow
from services.models import ImportState, Role

words(ImportState)

LATEST_FIRST = Order("imports", RunRow.started_at, RunRow.id, descending=True)
MOST_PROBLEMS = 100


@dataclass(frozen=True)
class Fault:
    """One fault as stored."""

    row: int
    column: str
    code: str
    reason: str


@lens
class ImportProblem:
    """What was wrong with one row."""

    row: int = shown("The row, counted as a spreadsheet does: the headings are row 1.")
    column: str = shown("The column's heading.")
    code: str = shown("The kind of fault, in capitals.")
    reason: str = shown("What to do about it.")


@lens
class ImportRun:
    """One run of one file."""

    id: strawberry.ID = shown("Opaque.")
    kind: str = shown("What was imported: streets, areas, households, workers, terminals, service-points.")
    file_name: str = shown("The file's name.")
    state: ImportState = shown("Running, done, or refused as a whole.")
    dry_run: bool = shown("True when nothing was to be stored.")
    started_at: datetime = shown("When it began.")
    finished_at: datetime | None = shown("When it ended; null while it runs.")
    rows_total: int = shown("Rows read.")
    rows_added: int = shown("Rows that were new.")
    rows_changed: int = shown("Rows that changed what was there.")
    rows_unchanged: int = shown("Rows that were there already.")
    rows_bad: int = shown("Rows that could not be used.")

    @listing(graphql_type=list[ImportProblem], at_most=MOST_PROBLEMS)
    async def problems(self, row: Parent[RunRow]) -> list[Fault]:
        """What was wrong, row by row; `rowsBad` counts them all."""
        return [Fault(one["row"], one["column"], one["code"], one["reason"]) for one in row.problems]


@given
class ImportRunFilter:
    """Which imports; all that is given must hold."""

    kind: str | None = strawberry.field(default=None, description="Of this kind.")
    state: ImportState | None = strawberry.field(default=None, description="In this state.")


@lens
class ImportQuery:
    """What can be asked of imports."""

    @field(graphql_type=Connection[ImportRun] | None)
    async def import_runs(
        self, info: Info, filter: ImportRunFilter | None = None, first: First = 20, after: After = None
    ) -> Page[RunRow]:
        """The imports, the latest first; for managers."""
        info.context.actor.require(Role.MANAGER)
        chosen = sa.select(RunRow)
        if filter and filter.kind:
            chosen = chosen.where(RunRow.kind == filter.kind)
        if filter and filter.state:
            chosen = chosen.where(RunRow.state == filter.state)
        return await page(info.context, chosen, LATEST_FIRST, first, after)
