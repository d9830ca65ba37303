"""The planner at the map: the circle is dragged, a post is added and one closed, two checks are compared.

The drawn town (see `tests.schema.town`): one street with a river between x = 600 and 700, the clinic at x = 250. From
the clinic seven of nine homes are reached; from a post at 750 the two beyond the river (`tests.schema.test_coverage`).
"""

import asyncio
import json
import math
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Request

from fixtures import makers
from gis.coordinates import LocalProjection
from tests.schema.asking import Asking
from tests.schema.town import Town
from tests.web.watched import PATIENCE_MILLISECONDS, Watched

pytestmark = pytest.mark.browser
COUNT = "query ($at: PointInput!) { serviceCircle(center: $at, minutes: 10) { householdCount } }"
PATCH_PIXELS = 12


def around(x: float, zoom: float = 15.2) -> str:
    """The address of the view around x metres on the street."""
    lon, lat = makers.degrees(x, 490)
    return f"{zoom:.2f}/{lat:.5f}/{lon:.5f}/communities,grids,service-points/light/en"


def asked_circles(watched: Watched) -> list[dict[str, Any]]:
    """What the page asks of circles from now on, the variables of each question."""
    found: list[dict[str, Any]] = []

    def listen(request: Request) -> None:
        if request.url.endswith("/graphql") and "serviceCircle" in (request.post_data or ""):
            found.append(json.loads(request.post_data or "")["variables"])

    watched.page.on("request", listen)
    return found


async def patch(watched: Watched, x: float) -> bytes:
    """The picture of a small square of the map around x metres on the street."""
    left, top = watched.pixel(*makers.degrees(x, 490))
    half = PATCH_PIXELS / 2
    return await watched.page.screenshot(
        clip={"x": left - half, "y": top - half, "width": PATCH_PIXELS, "height": PATCH_PIXELS}
    )


async def becomes_other(watched: Watched, x: float, before: bytes) -> None:
    """Wait until the map is drawn anew there."""
    async with asyncio.timeout(PATIENCE_MILLISECONDS / 1000):
        while await patch(watched, x) == before:
            await asyncio.sleep(0.05)


async def test_the_outline_follows_the_marker(watched: Watched, town: Town, ask: Asking) -> None:
    """From x = 500, west of the river, to x = 900, east of it: there the outline was not before, and is then."""
    page = watched.page
    await watched.enter(town.manager)
    await watched.seen(around(500))
    circles = asked_circles(watched)
    await page.click("text=Place the marker")
    reached = page.locator(".planner dl").first.locator("dd").first
    await page.locator(".planner dl").first.locator("text=Homes reached over the streets").wait_for()
    before = await patch(watched, 1100)
    start, end = (watched.pixel(*makers.degrees(x, 490)) for x in (500, 900))
    await page.mouse.move(start[0], start[1] - 12)
    await page.mouse.down()
    for step in range(1, 9):
        share = step / 8
        await page.mouse.move(start[0] + share * (end[0] - start[0]), start[1] - 12 + share * (end[1] - start[1]))
    await page.mouse.up()
    await becomes_other(watched, 1100, before)
    at = circles[-1]["center"]
    x, y = LocalProjection(*makers.CENTER).to_meters(at["longitude"], at["latitude"])
    assert math.hypot(x - 900, y - 490) < 5  # a pixel is 2 m here
    found = await ask(COUNT, at=at)
    assert found["serviceCircle"]["householdCount"] == 2  # those at 750 and 1250
    assert await reached.inner_text() == "2"
    assert len(circles) > 2  # it followed while it was dragged


async def test_a_post_more_and_a_post_less(watched: Watched, town: Town, ask: Asking) -> None:
    """A post at 750 gains two homes: nine of nine. Without the clinic as well, its seven are lost: two of nine."""
    page = watched.page
    await watched.enter(town.manager)
    await watched.seen(around(750))
    await page.select_option("#check-supply", "CLINIC")
    await page.click("[data-key=check]")
    figures = page.locator(".planner dl").nth(0)
    await figures.locator("dd:has-text('7 / 9')").wait_for()
    assert await page.locator("ol.gaps li").count() == 2
    await page.click("[data-key=add-post]")  # in the middle of the map
    await figures.locator("dd:has-text('9 / 9')").wait_for()
    assert (await figures.inner_text()).split("\n")[:2] == ["Change", "+2 Homes"]
    assert await page.locator("ol.gaps li").count() == 0
    assert await page.locator("#thought-of li").all_inner_texts() == ["Added post 1"]
    async with page.expect_response(lambda answer: "/tiles/coverage/" in answer.url):
        await page.check("#layer-coverage")
    await watched.click_at(*makers.degrees(250, 500))
    async with page.expect_response(lambda answer: "/tiles/coverage/" in answer.url):  # asked for again after a check
        await page.click("[data-key=close-post]")
    await figures.locator("dd:has-text('2 / 9')").wait_for()
    assert (await figures.inner_text()).split("\n")[:2] == ["Change", "-5 Homes"]
    latest = await ask(
        "query ($id: ID!) { coverageAudits(filter: { areaId: $id }, first: 1) { edges { node { coveredCount } } } }",
        id=str(town.community.id),
    )
    assert latest["coverageAudits"]["edges"][0]["node"]["coveredCount"] == 2
    await page.click("[data-key=undo-posts]")
    await figures.locator("dd:has-text('7 / 9')").wait_for()


async def test_two_checks_are_compared_and_taken_along(watched: Watched, town: Town, tmp_path: Path) -> None:
    """As it is, then with a post at 750: two homes gained, in grids where few live, which are not told by number."""
    page = watched.page
    await watched.enter(town.manager)
    await watched.seen(around(750))
    await page.select_option("#check-supply", "CLINIC")
    await page.click("[data-key=check]")
    figures = page.locator(".planner dl").nth(0)
    await figures.locator("dd:has-text('7 / 9')").wait_for()
    await page.click("[data-key=add-post]")
    await figures.locator("dd:has-text('9 / 9')").wait_for()
    before = await patch(watched, 1250)
    await page.click("[data-key=compare]")
    await page.click("[data-key=compare-now]")
    compared = page.locator(".compare dl")
    await compared.wait_for()
    told = (await compared.inner_text()).split("\n")
    assert told == ["Gained", "2 Homes · few People", "Lost", "0 Homes · 0 People"]
    assert await page.locator("#compared-grids li").all_inner_texts() == []
    await becomes_other(watched, 1250, before)
    async with page.expect_download() as download:
        await page.click("[data-key=take-csv]")
    await (await download.value).save_as(tmp_path / "audit.csv")
    lines = (tmp_path / "audit.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("code,name,households,covered")
    assert [line.split(",")[0] for line in lines[1:]] == [grid.code for grid in town.grids]


async def test_an_hour_is_checked_with_who_is_on_shift_then(watched: Watched, town: Town) -> None:
    """Nobody has a shift in the town: 24 hours without anybody, and no home is reached in any of them."""
    page = watched.page
    await watched.enter(town.manager)
    await page.click("[data-key=hours]")
    rows = page.locator(".hours li button")
    await rows.nth(23).wait_for()
    assert await rows.count() == 24
    assert (await rows.first.inner_text()).endswith("0 + 0")
    await rows.nth(1).click()
    await page.locator(".hours button[aria-pressed=true] >> text=· 0 %").wait_for()
    assert "0 / 9" in await page.locator(".planner dl").nth(0).locator("dd").first.inner_text()
