"""./dev verify-log: proves that the read log is whole, or names the first line that is not."""

import asyncio
from pathlib import Path
from typing import Annotated

import psycopg
import sqlalchemy as sa
import typer

from services import read_log_proof
from services.database import Database
from services.database_urls import opened
from services.errors import Refusal
from services.read_log_proof import Proof
from services.secrets import keyring
from services.settings import Settings, load


class ReadLogBroken(Refusal):
    """The read log is not whole. {breaks}"""


class NoReadLog(Refusal):
    """This database has no read log: its tables were never made. Check the address; ./dev run makes them."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="verify-log")(verify_log)


def verify_log(data: Annotated[Path | None, typer.Option(help="The folder of the private database.")] = None) -> None:
    """Prove the read log whole: every line of every chain, and the anchors that saw them; 1 when it is not."""
    settings = load(data=data)
    with opened(settings) as open_settings:
        proof = asyncio.run(_proof(open_settings, keyring(settings).log_key))
    for head in sorted(proof.heads.values(), key=lambda head: head.chain_id):
        if head.number >= 0:
            print(f"{head.chain_id} {head.number} {head.mac.hex()}")
    print(f"{proof.lines} lines in {len(proof.heads)} chains, {proof.anchors} anchors, {len(proof.breaks)} breaks")
    if proof.breaks:
        raise ReadLogBroken(breaks=" ".join(f"{one}." for one in proof.breaks))


async def _proof(settings: Settings, key: bytes) -> Proof:
    assert settings.database_url is not None
    database = Database(settings.database_url, pool_size=1)
    try:
        return await read_log_proof.verify(database.acting_as("read log"), key)
    except sa.exc.ProgrammingError as problem:
        if isinstance(problem.orig, psycopg.errors.UndefinedTable):
            raise NoReadLog from None
        raise
    finally:
        await database.close()
