"""./dev simulate: a made-up day on a running server."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

LEAST_WORKERS = 12


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(simulate)


def simulate(
    calls: Annotated[int, typer.Option(min=1, help="How many presses.")] = 20,
    speed: Annotated[float, typer.Option(min=0.1, max=1000, help="Simulated seconds in a real one.")] = 10.0,
    url: Annotated[str | None, typer.Option(help="Where the server answers.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="How many workers at least are on duty.")] = LEAST_WORKERS,
    seed: Annotated[int, typer.Option(help="The same seed draws the same day.")] = 1,
    data: Annotated[Path | None, typer.Option(help="The folder of the private database.")] = None,
) -> None:
    """Let made-up homes press and made-up workers come, through the public API. Ctrl-C ends it in good order."""
    from services.database_urls import opened  # here, since every command would wait for them otherwise
    from services.secrets import token_secret
    from services.settings import load
    from services.simulation import cast, play

    settings = load(data=data)
    if settings.environment == "production":
        raise cast.NotInProduction
    site = url or f"http://{settings.host}:{settings.port}"
    asyncio.run(play.require_server(site))
    with opened(settings) as found:
        assert found.owner_database_url is not None
        who = cast.gather(found.owner_database_url, token_secret(settings), workers)
        try:
            tally = asyncio.run(play.play(site, who, calls, speed, seed, typer.echo))
        finally:
            cast.dismiss(found.owner_database_url)
    typer.echo(tally.summary())
