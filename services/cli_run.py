"""./dev run: the database, its schema, the demo town on the first run, then the server."""

import os
import shutil
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
import uvicorn

from services import announcement, database, frames, logging, metrics, ports, processes
from services.database_urls import opened
from services.secrets import keyring, token_secret
from services.settings import Settings, current, load
from services.steps import step

WORKER_PATIENCE_SECONDS = 60  # a process that starts on a busy machine is silent for many seconds while it imports
PHONE_BEAT_SECONDS = 10  # a phone that is silent for two of them is offline, and what it was asked goes on


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(run)


def run(
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on.")] = None,
    data: Annotated[Path | None, typer.Option(help="The folder of the private database.")] = None,
    workers: Annotated[int | None, typer.Option(help="How many server processes.")] = None,
    empty: Annotated[bool, typer.Option("--empty", help="Do not load the demo town.")] = False,
) -> None:
    """Serve until stopped; on the first run the demo town is loaded."""
    settings = load(host=host, port=port, data=data, workers=workers)
    signal.signal(signal.SIGTERM, _leave)
    logging.configure(settings.log_level)
    ports.refuse_taken(settings.host, settings.port)
    token_secret(settings)
    keyring(settings)
    with ExitStack() as stack:
        with step("database"):
            settings = stack.enter_context(opened(settings))
        prepare(settings, empty=empty)
        serve(settings)


def prepare(settings: Settings, *, empty: bool) -> None:
    """Bring the schema up to date and, in a database without areas, load the demo town; never in production."""
    assert settings.owner_database_url is not None
    with step("schema"):
        database.migrate(settings.owner_database_url)
    if not empty and settings.environment == "development":
        from services import demo  # here, since every start would wait for the importers that it needs

        if demo.is_wanted(settings):
            with step("demo town"):
                demo.load(settings)


def serve(settings: Settings) -> None:
    """Serve from one or more processes until told to leave; requests under way are answered first."""
    shared = metrics.share_between_processes() if settings.workers > 1 else None
    os.environ.update(_for_processes(settings))
    current.cache_clear()  # loading the demo town has read them before the server's own were told
    announcement.when_ready(settings)
    processes.watch()
    try:
        uvicorn.run(
            "server:create",
            factory=True,
            host=settings.host,
            port=settings.port,
            workers=settings.workers,
            timeout_graceful_shutdown=settings.drain_seconds,
            timeout_worker_healthcheck=WORKER_PATIENCE_SECONDS,
            ws=frames.SERVER,
            ws_ping_interval=PHONE_BEAT_SECONDS,
            ws_ping_timeout=PHONE_BEAT_SECONDS,
            log_config=None,
            access_log=False,
            server_header=False,
        )
    finally:
        if shared:
            shutil.rmtree(shared, ignore_errors=True)


def _for_processes(settings: Settings) -> dict[str, str]:
    """What the server processes need to know; not how to reach the database as its owner."""
    given = {"DATABASE_URL": settings.database_url, "LINLI_DATA": settings.data.resolve(), "LINLI_PORT": settings.port}
    os.environ.pop("LINLI_OWNER_DATABASE_URL", None)
    return {name: str(value) for name, value in given.items()}


def _leave(_: int, __: FrameType | None) -> None:
    sys.exit(0)
