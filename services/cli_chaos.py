"""./dev chaos: servers, a database and sockets are broken on purpose, and what was lost is counted."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

ROOT = Path(__file__).parent.parent


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(chaos)


def chaos(
    minutes: Annotated[float, typer.Option(help="How long, after the start.")] = 5.0,
    data: Annotated[Path | None, typer.Option(help="An empty folder for the database and the logs.")] = None,
    seed: Annotated[int, typer.Option(help="The order of the faults.")] = 1,
    servers: Annotated[int, typer.Option(help="How many server processes.")] = 3,
) -> None:
    """Break things while residents press; exit code 1 when a press, a call or an event was lost."""
    told = ["--minutes", str(minutes), "--seed", str(seed), "--servers", str(servers)]
    told += ["--data", str(data)] if data else []
    # Run apart, since its town comes from the makers of the fixtures, which the product does not know.
    raise typer.Exit(subprocess.run([sys.executable, "-P", "-m", "chaos", *told], cwd=ROOT).returncode)
