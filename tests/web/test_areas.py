"""Grids changed on the map by a manager, in a real browser; the town is that of `tests.schema.town`."""

import pytest
from playwright.async_api import expect

from fixtures import makers
from tests.web.house import House
from tests.web.watched import Watched

pytestmark = [pytest.mark.browser, pytest.mark.slow]
expect.set_options(timeout=60_000)

WIDE = "15.30/26.57450/106.70500/communities,grids/light/en"
GRIDS = "query ($id: ID) { grids(filter: { areaId: $id }) { edges { node { code name householdCount } } } }"


async def grids(house: House) -> dict[str, int]:
    """Homes by code, as the API tells."""
    area = str(house.stage.town.community.id)
    found = await house.ask(house.stage.town.manager, GRIDS, id=area)
    return {edge["node"]["code"][-3:]: edge["node"]["householdCount"] for edge in found["grids"]["edges"]}


async def opened(watched: Watched, x: float, y: float, act: str) -> None:
    """The card of the grid at a place in metres, and one of its acts."""
    await watched.click_at(*makers.degrees(x, y))
    await watched.page.click(f"#card [data-key={act}]")
    await expect(watched.page.locator("#edit h2")).to_be_visible()


async def test_a_manager_splits_a_grid_by_a_line(house: House) -> None:
    """Grid 001 is cut along x = 250: its homes at 50, 130, 210 on one side, those at 290, 370, 450 on the other."""
    async with house.page(house.stage.town.manager) as watched:
        page = watched.page
        await watched.seen(WIDE)
        assert await grids(house) == {"001": 6, "002": 2, "003": 1, "004": 0}
        await opened(watched, 330, 300, "split")
        save = page.locator("#edit [data-key=save]")
        await expect(save).to_be_disabled()
        await watched.click_at(*makers.degrees(250, -60))
        await watched.click_at(*makers.degrees(250, 1060))
        await expect(page.locator("#edit-told")).to_have_text("Points drawn 2")
        assert (await page.input_value("#edit-code")).endswith("005")  # the next that nobody has
        await page.fill("#edit-name", "West")
        await save.click()
        await expect(page.locator("#edit")).to_be_hidden()
        assert await grids(house) == {"001": 3, "002": 2, "003": 1, "004": 0, "005": 3}


async def test_a_manager_merges_neighbours(house: House) -> None:
    """Grids 003 and 004 become one; the form waits until a second one is chosen."""
    async with house.page(house.stage.town.manager) as watched:
        page = watched.page
        await watched.seen(WIDE.replace("106.70500", "106.71200"))
        await opened(watched, 1250, 300, "merge")
        await expect(page.locator("#edit [data-key=save]")).to_be_disabled()
        await watched.click_at(*makers.degrees(1750, 300))
        await expect(page.locator("#edit-told")).to_contain_text("+")
        await page.fill("#edit-code", house.stage.town.community.code + "009")
        await page.fill("#edit-name", "East")
        await page.click("#edit [data-key=save]")
        await expect(page.locator("#edit")).to_be_hidden()
        found = await grids(house)
        assert found["009"] == 1
        assert not {"003", "004"} & set(found)


async def test_a_border_that_would_leave_the_community_is_red_and_cannot_be_saved(house: House) -> None:
    """The north-west corner of grid 002 (500, 1000) is dragged 80 m to the north, then 200 m into its neighbour."""
    async with house.page(house.stage.town.manager) as watched:
        page = watched.page
        await watched.seen(WIDE)
        before = await grids(house)
        await opened(watched, 750, 300, "border")
        told, save = page.locator("#edit-told"), page.locator("#edit [data-key=save]")
        await expect(told).to_have_text("Nothing changed yet")
        await page.mouse.move(*watched.pixel(*makers.degrees(500, 1000)))
        await page.mouse.down()
        await page.mouse.move(*watched.pixel(*makers.degrees(500, 1080)), steps=4)
        await expect(told).to_contain_text("out of the community")
        await expect(save).to_be_disabled()
        await page.mouse.move(*watched.pixel(*makers.degrees(300, 1000)), steps=4)
        await expect(told).to_contain_text("May be saved")
        await page.mouse.up()
        await save.click()
        await expect(page.locator("#edit")).to_be_hidden()
        # The border now runs from (300, 1000) to (500, 0), at y = 500 through x = 400, give or take the metre or two of
        # a pixel: of the homes of 001 beside it, at 370 and 450, the second now lies in 002.
        assert await grids(house) == {**before, "001": before["001"] - 1, "002": before["002"] + 1}


async def test_who_is_no_manager_is_not_offered_to_change_borders(house: House) -> None:
    """A dispatcher sees the card without its acts."""
    async with house.page(house.stage.dispatcher) as watched:
        await watched.seen(WIDE)
        await watched.page.click("[data-key=tab-map]")
        await watched.click_at(*makers.degrees(750, 300))
        await expect(watched.page.locator("#card dl")).to_be_visible()
        assert await watched.page.locator("#card [data-key=split]").count() == 0
