"""What is printed once the server answers: where, and how to get in."""

import asyncio
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from services import demo_links
from services.settings import Settings
from services.steps import tell

PATIENCE_SECONDS = 600  # the first start compiles the street search


def when_ready(settings: Settings) -> None:
    """Print the addresses as soon as the server is ready, without holding it up."""
    begun = time.perf_counter()

    def wait() -> None:
        if _answers(f"{_site(settings)}/health/ready"):
            tell(f"{'server':<44} {time.perf_counter() - begun:7.1f} s")
            tell(text(settings))
            with suppress(SQLAlchemyError):  # a server that is being stopped already has no links to give
                tell(_links(settings))

    threading.Thread(target=wait, name="announcement", daemon=True).start()


def text(settings: Settings) -> str:
    """The addresses, and the command that prints a token."""
    site = _site(settings)
    lines = ["", f"API       {site}/graphql", f"Map       {site}/", f"Health    {site}/health/ready"]
    if settings.environment == "development":
        lines.insert(2, f"GraphiQL  {site}/graphql in a browser")
    lines += [f"Token     ./dev token dispatcher --data {settings.data}   (or another role)", "Stop      Ctrl-C"]
    return "\n".join(lines)


def _links(settings: Settings) -> str:
    found = asyncio.run(demo_links.links(settings, _site(settings)))
    return "\n".join(["", "Look around, signed in as:", *found] if found else [])


def _site(settings: Settings) -> str:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def _answers(address: str) -> bool:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    return False
