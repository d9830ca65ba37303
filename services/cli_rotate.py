"""./dev rotate-key: makes the next sealing secret, or brings every row to the newest one."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from services import rotation
from services.database import Database
from services.database_urls import opened
from services.rotation import Rotated
from services.secrets import add_sealing_secret, keyring
from services.settings import Settings, load


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="rotate-key")(rotate_key)


def rotate_key(
    new: Annotated[bool, typer.Option("--new", help="Make the next secret; start all servers again after it.")] = False,
    data: Annotated[Path | None, typer.Option(help="The folder of the private database.")] = None,
) -> None:
    """Wrap every data key under the newest secret and make the blind indexes anew; may be cut off and goes on."""
    settings = load(data=data)
    if new:
        generation = add_sealing_secret(settings)
        print(f"secret {generation} made. Start all servers again, then run ./dev rotate-key")
        return
    with opened(settings) as open_settings:
        found = asyncio.run(_rotate(open_settings))
    print(f"{found.rows} rows brought to today's secret, {found.left} left")
    if not found.left:
        print("Former secrets open nothing here any more: destroy them once the backups under them are gone.")
        print("Where the environment gives the secret, set LINLI_SEALING_GENERATION to its number when you do.")


async def _rotate(settings: Settings) -> Rotated:
    assert settings.owner_database_url is not None
    database = Database(settings.owner_database_url, pool_size=1)
    console = Console(stderr=True)
    try:
        return await rotation.rotate(
            database.acting_as("rotation"),
            keyring(settings),
            lambda table, done, todo: console.print(f"{table}: {done} of {todo}"),
        )
    finally:
        await database.close()
