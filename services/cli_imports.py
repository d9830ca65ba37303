"""./dev import and ./dev template: files in, with progress and a sentence for all that does not fit."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from gis.errors import GisError
from services.database_urls import opened
from services.errors import Invalid
from services.imports.files import Limits
from services.imports.jobs import Options
from services.imports.kinds import KINDS
from services.imports.progress import Shown
from services.imports.runs import Outcome, import_file
from services.imports.templates import KindUnknown, write_template
from services.secrets import keyring
from services.settings import load

MOST_SHOWN = 20
NAMES = ", ".join(KINDS)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(name="import")(import_)
    app.command()(template)


def import_(
    kind: Annotated[str, typer.Argument(help=f"One of: {NAMES}.")],
    file: Annotated[Path, typer.Argument(help="CSV or XLSX; a layer for areas; OSM PBF or a layer for streets.")],
    crs: Annotated[str | None, typer.Option(help="WGS84, CGCS2000, GCJ02, BD09; for layers EPSG:n too.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen and change nothing.")] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Keep the good rows; the bad go to FILE.bad.csv.")
    ] = False,
    ignore: Annotated[list[str] | None, typer.Option(help="A heading to pass over; may be given again.")] = None,
    data: Annotated[Path | None, typer.Option(help="The folder of the private database.")] = None,
) -> None:
    """Import a file: all of it or nothing, unless --skip-bad. The same file again changes nothing."""
    if kind not in KINDS:
        raise KindUnknown(kind, kinds=NAMES)
    settings = load(data=data)
    limits = Limits(most_bytes=settings.import_most_bytes)
    options = Options(crs=crs, dry_run=dry_run, skip_bad=skip_bad, ignored=tuple(ignore or ()), limits=limits)
    with opened(settings) as found, _sentences(), Shown() as reporter:
        assert found.owner_database_url is not None
        url = found.owner_database_url
        outcome = import_file(url, KINDS[kind](), file, keyring(settings), options, reporter)
    _tell(file, outcome)
    if outcome.refused:
        raise typer.Exit(1)


def template(
    kind: Annotated[str, typer.Argument(help=f"One of: {NAMES}.")],
    xlsx: Annotated[bool, typer.Option("--xlsx", help="An Excel workbook instead of CSV.")] = False,
    english: Annotated[bool, typer.Option("--english", help="English headings instead of Chinese ones.")] = False,
    output: Annotated[Path | None, typer.Option(help="The file to write; KIND.csv here if not given.")] = None,
) -> None:
    """Write an empty file with headings and an example row."""
    print(write_template(kind, Path.cwd(), xlsx=xlsx, english=english, target=output))


def _tell(file: Path, outcome: Outcome) -> None:
    counts = outcome.counts
    for note in outcome.notes:
        print(f"  {note}")
    for problem in outcome.problems[:MOST_SHOWN]:
        column = f", {problem.column}" if problem.column else ""
        print(f"  row {problem.row}{column}: {problem.reason} [{problem.code}]", file=sys.stderr)
    if len(outcome.problems) > MOST_SHOWN:
        print(f"  ... {counts.bad:,} bad rows in all", file=sys.stderr)
    if outcome.refused:
        print(
            f"{file.name}: {counts.bad:,} of {counts.total:,} rows are bad, so nothing was imported.", file=sys.stderr
        )
        print("Mend them, or keep the good rows with --skip-bad.", file=sys.stderr)
        return
    word = "would be " if outcome.dry_run else ""
    parts = f"{counts.added:,} {word}added, {counts.changed:,} {word}changed, {counts.unchanged:,} unchanged"
    print(f"{file.name}: {counts.total:,} rows: {parts}, {counts.bad:,} bad")
    if outcome.bad_rows is not None:
        print(f"The bad rows are in {outcome.bad_rows}")


@contextmanager
def _sentences() -> Iterator[None]:
    """What the geometry library refuses is a sentence here, too."""
    try:
        yield
    except GisError as error:
        raise Invalid(reason=str(error)) from None
