"""A server of the drawn town on a port of its own, and Debian's Chromium with all eyes open."""

import asyncio
import math
import os
import re
import shutil
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, Page, async_playwright
from starlette.applications import Starlette

from fixtures.makers import SECRET
from schema import http, maps
from services import tokens
from services.models import Account
from tests.schema.asking import Asking
from tests.schema.conftest import ask, town, town_url
from tests.schema.town import Town

__all__ = ["ask", "town", "town_url"]

BUILT = Path(__file__).resolve().parents[2] / "web" / "dist" / "index.html"
CHROMIUM = shutil.which("chromium") or os.environ.get("CHROMIUM", "")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE_MILLISECONDS = 60_000
HARMLESS = (
    "GPU stall due to ReadPixels",
    "Failed to load resource",
)  # the first of software drawing; the second is in `refused`


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All here need the built client and Chromium."""
    missing = "" if BUILT.exists() else "the client is not built: ./dev test builds it"
    missing = missing or ("" if CHROMIUM else "there is no Chromium: ./dev test installs it")
    for item in items:
        if Path(__file__).parent in item.path.parents and item.get_closest_marker("browser") and missing:
            item.add_marker(pytest.mark.skip(reason=missing))


@pytest.fixture(autouse=True)
def network_left_as_found() -> None:
    """The browser's tests share the streets of the API's town, laid once a session."""


@pytest_asyncio.fixture(scope="session")
async def site(ask: Asking, town: Town) -> AsyncIterator[str]:
    """The address of the server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = Starlette(routes=[*http.routes(ask.api), *maps.routes(ask.api)])
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield found
        await found.close()


@dataclass
class Watched:
    """A page, and all that it said and asked."""

    page: Page
    site: str
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Note all that the page says and asks from now on."""
        page = self.page
        page.on("console", lambda said: self.said.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda problem: self.said.append(str(problem)))
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("response", lambda answer: self.refused.append(answer.url) if answer.status >= 400 else None)

    def refuse_complaints(self, harmless: tuple[str, ...] = ()) -> None:
        """Nothing may have been asked outside, nor complained of save what is known to mean nothing."""
        known = (*HARMLESS, *harmless)
        assert [one for one in self.said if not any(part in one for part in known)] == []
        assert [one for one in self.asked if not one.startswith((self.site, "data:", "blob:"))] == []

    async def enter(self, account: Account, view: str = "") -> None:
        """Open the map as somebody, by the link with the token, and wait until it is drawn."""
        await self.page.goto(f"{self.site}/#token={tokens.issue(account.id, SECRET)}")
        await self.drawn()
        if view:
            await self.page.goto(f"{self.site}/#{view}")
            await self.page.reload()
            await self.drawn()

    async def drawn(self) -> None:
        """Wait for the first whole drawing."""
        await self.page.wait_for_selector("html[data-drawn]", timeout=PATIENCE_MILLISECONDS)

    async def address_has(self, pattern: str) -> None:
        """Wait until the address, as far as it comes after `#`, fits; no script is asked, for the page allows none."""
        await self.page.wait_for_url(lambda url: re.search(pattern, url.partition("#")[2]) is not None)

    async def click_at(self, lon: float, lat: float) -> None:
        """Click a place on the map; where it lies follows from the address (tiles of 512 pixels, web Mercator)."""
        zoom, middle_lat, middle_lon = map(float, self.page.url.split("#")[1].split("/")[:3])
        assert self.page.viewport_size
        scale = 512 * 2**zoom
        x = self.page.viewport_size["width"] / 2 + (lon - middle_lon) / 360 * scale
        up = math.asinh(math.tan(math.radians(lat))) - math.asinh(math.tan(math.radians(middle_lat)))
        await self.page.mouse.click(x, self.page.viewport_size["height"] / 2 - up / (2 * math.pi) * scale)


@pytest_asyncio.fixture
async def watched(browser: Browser, site: str) -> AsyncIterator[Watched]:
    """A fresh page in English, without memory; afterwards nothing may have been asked outside, or complained of."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US", color_scheme="light")
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    found = Watched(page, site)
    found.listen()
    yield found
    await context.close()
    found.refuse_complaints()
