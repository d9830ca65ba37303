"""A server of the drawn town on a port of its own, and Debian's Chromium with all eyes open."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright
from starlette.applications import Starlette

from schema import exports, http, maps
from schema.context import Api
from services.database import Database
from tests import postgres
from tests.schema.asking import Asking, storing
from tests.schema.callstage import CallStage
from tests.schema.conftest import ask, standing_town, town, town_url, towns
from tests.schema.town import Town, lay_streets, make_town
from tests.serving import in_this_process
from tests.web.house import House
from tests.web.watched import PATIENCE_MILLISECONDS, Watched

__all__ = ["ask", "standing_town", "town", "town_url", "towns"]

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


@asynccontextmanager
async def serving(api: Api) -> AsyncIterator[str]:
    """The address of a server of this API, in this process."""
    app = Starlette(routes=[*http.routes(api), *maps.routes(api), *exports.routes(api)])
    async with in_this_process(app) as address:
        yield address


@pytest_asyncio.fixture(scope="session")
async def site(ask: Asking, town: Town) -> AsyncIterator[str]:
    """The address of the server."""
    async with serving(ask.api) as address:
        yield address


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield found
        await found.close()


@pytest_asyncio.fixture(scope="module")
async def house(
    databases: postgres.WorkerDatabases, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """The town for one file's tests alone, with a server process of its own."""
    name = databases.make()
    url = databases.url(name)
    async with storing(url) as session:
        drawn = await make_town(session)
    lay_streets(url)
    database = Database(url, pool_size=2).acting_as("tests")
    found = House(url, tmp_path_factory.mktemp("house"), await CallStage.of(database, drawn), browser)
    await found.start()
    yield found
    await found.stop()
    await database.close()
    databases.drop(name)


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
