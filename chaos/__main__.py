"""python -m chaos: break things for some minutes, and say what was lost. Exit code 1 when something was."""

import asyncio
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from chaos import run
from chaos.tally import Tally
from services import logging
from services.errors import Refusal


def main(
    minutes: Annotated[float, typer.Option(help="How long, after the start.")] = 5.0,
    data: Annotated[Path | None, typer.Option(help="An empty folder for the database and the logs.")] = None,
    seed: Annotated[int, typer.Option(help="The order of the faults.")] = 1,
    servers: Annotated[int, typer.Option(help="How many server processes.", min=2)] = 3,
) -> None:
    """Run, print the tally, and end with 1 when something was lost."""
    logging.configure("error")
    console = Console(stderr=True)
    with ExitStack() as stack:
        folder = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="linli-chaos-", dir="/tmp")))
        folder.mkdir(parents=True, exist_ok=True)
        if data is None:
            folder.chmod(0o711)  # the database's own user must get in
        try:
            tally = asyncio.run(_run(folder, minutes * 60, seed, servers, console))
        except Refusal as no:
            console.print(str(no))
            raise typer.Exit(1) from None
    tally.show(Console())
    sys.exit(1 if tally.losses else 0)


async def _run(folder: Path, seconds: float, seed: int, servers: int, console: Console) -> Tally:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)  # leave no process behind
    console.print(f"starting the database and {servers} servers")
    async with run.scene(folder, seed, servers) as scene:
        await run.mix(scene, seconds, lambda fault: console.print(fault))
    return scene.tally


if __name__ == "__main__":
    typer.run(main)
