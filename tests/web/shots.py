"""`./dev shots`: pictures of each view on the demo town, into docs/images; for looking at, not for comparing.

A server is started on a folder of its own (`--data`, a temporary one when not given), which loads the demo town.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright, expect

from services import database, tokens
from services.models import Role
from services.secrets import token_secret
from services.settings import load
from tests.running import ROOT, free_port
from tests.web.conftest import CHROMIUM, FLAGS

expect.set_options(timeout=180_000)
IMAGES = ROOT / "docs" / "images"
MATTERS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("消防通道被占用", "HAZARD", {"what": "FIRE", "danger": "HIGH"}),
    ("夜间施工噪音", "APPEAL", {"topic": "NOISE"}),
    ("路灯不亮", "APPEAL", {"topic": "FACILITIES"}),
    ("自行车停放", "DECISION", {"question": "自行车停在哪里？", "choices": ["架空层", "后院", "不同意", "弃权"]}),
)
CENTRE = "16.30/26.19950/106.74250"
BASE = "communities,grids,service-points"
SETTLED_MILLISECONDS = 2_500
"""A map fades its parts in; it is never quiet for good, since what lives is asked for again every few seconds."""


class Town:
    """The server with the demo town, and the tokens of its people."""

    def __init__(self, site: str, held: dict[Role, str]) -> None:
        self.site, self.held = site, held

    def ask(self, role: Role, query: str, **variables: Any) -> Any:
        """The data of an answer."""
        return self.send(role, "/graphql", {"query": query, "variables": variables})["data"]

    def send(self, role: Role, path: str, message: dict[str, Any]) -> Any:
        """POST JSON, signed in."""
        headers = {"Authorization": f"Bearer {self.held[role]}", "Content-Type": "application/json"}
        asked = urllib.request.Request(f"{self.site}{path}", json.dumps(message).encode(), headers)
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return json.load(answer)


async def taken(page: Page, name: str) -> None:
    """Wait until the map has settled, then take the picture."""
    await page.wait_for_timeout(SETTLED_MILLISECONDS)
    await page.screenshot(path=IMAGES / f"{name}.png")
    packed(name)


async def taken_together(*pictures: tuple[Page, str]) -> None:
    """Several pages at one moment: an offer does not stand until each was taken in its turn."""
    await asyncio.gather(*(page.wait_for_timeout(SETTLED_MILLISECONDS) for page, _ in pictures))
    await asyncio.gather(*(page.screenshot(path=IMAGES / f"{name}.png") for page, name in pictures))


def packed(name: str) -> None:
    """In as few bytes as a picture of a page needs."""
    with Image.open(IMAGES / f"{name}.png") as picture:  # 256 colours do; those of a few pixels (a legend) among them
        few = picture.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
        few.save(IMAGES / f"{name}.png", optimize=True)
    print(IMAGES / f"{name}.png")


@asynccontextmanager
async def opened(browser: Browser, town: Town, role: Role, path: str = "/", **options: Any) -> AsyncIterator[Page]:
    """A page of the demo user with a role."""
    given = {"viewport": {"width": 1280, "height": 800}, "locale": "en-US", "color_scheme": "light", **options}
    context = await browser.new_context(**given)
    page = await context.new_page()
    page.set_default_timeout(180_000)
    await page.goto(f"{town.site}{path}#token={town.held[role]}")
    if path == "/":
        await page.wait_for_selector("html[data-drawn]")
    yield page
    await context.close()


async def seen(page: Page, town: Town, view: str) -> None:
    """Go to a view."""
    await page.goto(f"{town.site}/#{view}")
    await page.reload()
    await page.wait_for_selector("html[data-drawn]")


async def of_planner(browser: Browser, town: Town) -> None:
    """The ten-minute circle and the gaps, and the same by night in Chinese."""
    for name, ending, options in (("map", "light/en", {}), ("night", "dark/zh", {"locale": "zh-CN"})):
        async with opened(browser, town, Role.MANAGER, **options) as page:
            await seen(page, town, f"{CENTRE}/{BASE}/{ending}".replace("16.30", "14.60"))
            await page.click("[data-key=tab-map]")
            await page.click("[data-key=circle]")
            await page.click("[data-key=check]")
            await expect(page.locator("[data-key=add-post]")).to_be_visible()
            await page.locator("[data-key=check]").scroll_into_view_if_needed()
            await taken(page, name)


async def of_what_if(browser: Browser, town: Town) -> None:
    """Sites suggested, one of them added, the two checks compared; then the coverage by grid, and home by home."""
    async with opened(browser, town, Role.MANAGER) as page:
        await seen(page, town, f"{CENTRE}/{BASE}/light/en".replace("16.30", "14.60"))
        await page.click("[data-key=tab-map]")
        await page.click("[data-key=check]")
        await page.click("[data-key=suggest]")
        await page.click("#sites li:first-child button")
        await page.locator("#thought-of").wait_for()
        await page.click("[data-key=compare]")
        await page.click("[data-key=compare-now]")
        await page.locator(".compare dl").wait_for()
        await page.locator("[data-key=check]").scroll_into_view_if_needed()
        await taken(page, "whatif")
        await page.locator("[data-key=hours]").click()
        await page.locator(".hours li").nth(23).wait_for()
        await page.locator("[data-key=compare]").scroll_into_view_if_needed()
        await taken(page, "hours")
        await seen(page, town, f"{CENTRE}/{BASE},coverage,gaps/light/en".replace("16.30", "14.60"))
        await page.click("[data-key=tab-map]")
        await taken(page, "coverage")
        await seen(page, town, f"{CENTRE}/{BASE},coverage,gaps/dark/zh")
        await page.click("[data-key=tab-map]")
        await taken(page, "coverage-homes")


async def of_call(browser: Browser, town: Town) -> None:
    """The desk and the phone while a call is asked, taken and driven to."""
    worker = town.ask(Role.GRID_WORKER, "{ viewer { worker { areas { id } } } }")["viewer"]["worker"]
    grid = town.ask(Role.MANAGER, "query ($id: ID!) { grid(id: $id) { labelPoint } }", id=worker["areas"][0]["id"])
    lon, lat = grid["grid"]["labelPoint"]["coordinates"]
    town.ask(Role.GRID_WORKER, "mutation { startShift { id } }")
    query = "query ($id: ID) { terminals(filter: { areaId: $id }, first: 9) { edges { node { serial } } } }"
    found = town.ask(Role.MANAGER, query, id=worker["areas"][0]["id"])["terminals"]["edges"]
    narrow = {"viewport": {"width": 390, "height": 800}, "locale": "zh-CN", "permissions": ["geolocation"]}
    place = {"longitude": lon, "latitude": lat}
    async with (
        opened(browser, town, Role.DISPATCHER) as desk,
        opened(browser, town, Role.GRID_WORKER, "/phone", geolocation=place, device_scale_factor=2, **narrow) as phone,
    ):
        await expect(phone.locator("#status")).to_be_visible()
        call = town.send(Role.DISPATCHER, "/demo/press", {"serial": found[-1]["node"]["serial"]})["call"]
        await desk.click(f"[data-call='{call}']")
        await phone.locator("#accept").wait_for()
        await taken_together((phone, "phone-offer"), (desk, "desk"))
        await phone.click("#accept")
        await phone.locator("#arrive").wait_for()
        await taken(phone, "phone-way")
        await phone.click("#arrive")
        await phone.click("#close")
        await taken(phone, "phone-close")
        await phone.click("form [type=submit]")
        for name in ("phone-offer", "desk"):
            packed(name)
        await phone.click("#tabs [data-key=visits]")
        await taken(phone, "phone-visits")
        await phone.click("#tabs [data-key=grid]")
        await taken(phone, "phone-grid")


async def of_cases(browser: Browser, town: Town) -> None:
    """Matters on the board, the file of one, a vote; the resident's page and the vote on a narrow phone."""
    area = town.ask(Role.GRID_WORKER, "{ viewer { worker { areas { id } } } }")["viewer"]["worker"]["areas"][0]["id"]
    raise_ = "mutation ($i: OpenCaseInput!) { openCase(input: $i) { case { id number version } } }"
    act = "mutation ($i: ActOnCaseInput!) { actOnCase(input: $i) { case { version } } }"
    made = {}
    for subject, kind, details in MATTERS:
        given = {"kind": kind, "subject": subject, "areaId": area, "details": details}
        made[kind] = town.ask(Role.MANAGER, raise_, i=given)["openCase"]["case"]
    for version, action in enumerate(("DISCUSS", "CALL_VOTE"), start=1):
        wanted = {"id": made["DECISION"]["id"], "action": action, "version": version, "note": "网格议事会"}
        town.ask(Role.MANAGER, act, i=wanted)
    async with opened(browser, town, Role.MANAGER, "/cases", locale="zh-CN") as page:
        await page.locator("[data-case]").first.wait_for()
        await taken(page, "cases")
        await page.click(f"[data-case={made['APPEAL']['number']}]")
        await page.locator("#timeline").wait_for()
        await taken(page, "case-file")
    narrow = {"viewport": {"width": 360, "height": 740}, "locale": "zh-CN", "device_scale_factor": 2}
    async with opened(browser, town, Role.MANAGER, "/case", **narrow) as page:
        await page.click("[data-key=raise]")
        await page.locator("#field-topic").wait_for()
        await taken(page, "case-resident")
        await page.goto(f"{town.site}/vote#{made['DECISION']['number']}")
        await page.locator("#question").wait_for()
        await taken(page, "vote")


async def of_borders(browser: Browser, town: Town) -> None:
    """The line that cuts a grid in two, before it is saved."""
    async with opened(browser, town, Role.MANAGER) as page:
        await seen(page, town, f"{CENTRE}/communities,grids/light/en".replace("16.30", "15.00"))
        await page.click("[data-key=tab-map]")
        await page.mouse.click(760, 420)
        await page.click("#card [data-key=split]")
        await page.locator("#edit-told").wait_for()
        await page.mouse.click(640, 360)
        await page.mouse.click(1010, 455)
        await page.fill("#edit-name", "Laojie Community Grid 4")
        await taken(page, "split")


async def shoot(data: Path) -> None:
    """Serve the demo town and take all pictures."""
    port, settings = free_port(), load(data=data)
    command = [sys.executable, "-P", "-m", "services.cli", "run", "--data", str(data), "--port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        site = f"http://127.0.0.1:{port}"
        await _ready(site)
        IMAGES.mkdir(exist_ok=True)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            town = Town(site, await _tokens(data, token_secret(settings)))
            for view in (of_call, of_planner, of_what_if, of_borders, of_cases):
                await view(browser, town)
            await browser.close()
    finally:
        server.terminate()
        server.wait(60)


async def _ready(site: str) -> None:
    for _ in range(2_400):
        try:
            with urllib.request.urlopen(f"{site}/health/ready", timeout=5):
                return
        except OSError:
            await asyncio.sleep(0.5)
    raise SystemExit("the server did not become ready")


async def _tokens(data: Path, secret: bytes) -> dict[Role, str]:
    from services.database_urls import opened as store_opened

    with store_opened(load(data=data)) as settings:
        assert settings.owner_database_url is not None
        store = database.Database(settings.owner_database_url, pool_size=1).acting_as("shots")
        wanted = (Role.DISPATCHER, Role.MANAGER, Role.PLANNER, Role.GRID_WORKER)
        async with store.read() as session:
            found = {role: await tokens.issue_for_role(session, role, secret) for role in wanted}
        await store.close()
        return found


def main() -> None:
    """Where to keep the demo town is all there is to say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    given = parser.parse_args().data
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(shoot(given or Path(folder)))


if __name__ == "__main__":
    main()
