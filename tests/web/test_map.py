"""The map as its users meet it: entering, looking, finding, planning, leaving."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Route

from fixtures import makers
from fixtures.makers import SECRET
from services import tokens
from tests.schema.asking import Asking
from tests.schema.town import Town
from tests.web.watched import Watched

SOURCES = Path(__file__).resolve().parents[2] / "web" / "src"
AXE = SOURCES.parent / "node_modules" / "axe-core" / "axe.min.js"
CLOSE = "16.50/26.57450/106.70250/communities,grids,households,service-points,terminals,workers/light/en"
"""Around x = 250, y = 500 of the drawn town."""

browser = pytest.mark.browser


@browser
async def test_the_link_with_the_token_opens_the_map_and_forgets_itself(watched: Watched, town: Town) -> None:
    await watched.enter(town.manager)
    assert "token" not in watched.page.url
    assert not any("token" in url or "eyJ" in url for url in watched.asked[1:])
    assert await watched.page.text_content("#panel h1") == "Linli · community map"
    assert "Manager — manager" in (await watched.page.text_content("#panel header p") or "")
    assert watched.refused == []


@browser
async def test_a_pasted_token_opens_the_map_and_signing_out_forgets_it(watched: Watched, town: Town) -> None:
    page = watched.page
    await page.goto(watched.site)
    await page.fill("#token", "no.such.token")
    await page.press("#token", "Enter")
    await page.wait_for_selector("text=Your sign-in is over")
    await page.fill("#token", tokens.issue(town.manager.id, SECRET))
    await page.press("#token", "Enter")
    await watched.drawn()
    await page.click("[aria-label='Sign out']")
    await page.wait_for_selector("#token")
    assert await page.evaluate("sessionStorage.length + localStorage.length") == 0
    assert await page.evaluate("document.cookie") == ""


@browser
async def test_each_role_is_offered_its_layers(watched: Watched, town: Town) -> None:
    await watched.enter(town.grid_worker)
    assert await watched.page.locator("#layer-workers").count() == 0
    assert await watched.page.locator("#layer-households").count() == 1
    assert await watched.page.locator("text=Coverage check").count() == 0


@browser
async def test_a_layer_that_is_off_is_not_even_asked_for(watched: Watched, town: Town) -> None:
    await watched.enter(town.manager)
    assert not any("/tiles/care/" in url for url in watched.asked)
    async with watched.page.expect_response(lambda answer: "/tiles/care/" in answer.url):
        await watched.page.check("#layer-care")
    await watched.page.wait_for_selector("li.on >> text=300 and more")
    await watched.address_has("care")


@browser
async def test_over_a_slow_line_the_map_comes_to_be_whole(watched: Watched, town: Town) -> None:
    """Tiles that are asked for every five seconds take six to come."""

    async def slowly(route: Route) -> None:
        await asyncio.sleep(6)
        await route.continue_()

    await watched.page.route("**/tiles/workers/**", slowly)
    await watched.enter(town.manager, CLOSE)
    await watched.page.unroute_all(behavior="ignoreErrors")


@browser
async def test_a_click_on_a_grid_opens_its_card(watched: Watched, town: Town) -> None:
    """Grid 001: six homes, six people, 500 m by 1,000 m (50 ha), two categories."""
    await watched.enter(town.manager, CLOSE)
    await watched.click_at(*makers.degrees(330, 400))
    card = watched.page.locator("#card")
    await card.locator(f"h2:text-is('{town.grids[0].name}')").wait_for()
    told = await card.locator("dl").inner_text()
    assert told.split("\n")[:6] == ["Homes", "6", "People", "6", "Area", "50 ha"]
    assert "Lives_Alone 6" in told
    await watched.page.keyboard.press("Escape")
    assert await card.is_hidden()


@browser
async def test_a_click_on_a_home_opens_its_card_for_who_may(watched: Watched, town: Town) -> None:
    await watched.enter(town.manager, CLOSE)
    await watched.click_at(*makers.degrees(210, 500))
    await watched.page.locator("#card dt:text-is('Willow Lane 210')").wait_for()
    assert "People 1 · Lives_Alone" in await watched.page.locator("#card dd").inner_text()


@browser
async def test_a_home_and_a_grid_are_found_by_text(watched: Watched, town: Town) -> None:
    page = watched.page
    await watched.enter(town.manager)
    await page.fill("#search", "Willow Lane 75")
    await page.click("#hits button:has-text('Willow Lane 750')")
    await page.locator("#card dt:text-is('Willow Lane 750')").wait_for()
    await watched.address_has(r"^17\.5")
    await page.fill("#search", town.grids[3].code)
    await page.click(f"#hits button:has-text('{town.grids[3].name}')")
    await page.locator(f"#card h2:text-is('{town.grids[3].name}')").wait_for()


@browser
async def test_the_search_is_walked_by_keys(watched: Watched, town: Town) -> None:
    """Down to the first hit, up to the line again; Enter in the line takes the first."""
    page = watched.page
    await watched.enter(town.manager)
    await page.fill("#search", town.grids[3].code)
    await page.locator("#hits button").first.wait_for()
    await page.press("#search", "ArrowDown")
    assert await page.evaluate("document.activeElement.closest('#hits') !== null")
    await page.keyboard.press("ArrowUp")
    assert await page.evaluate("document.activeElement.id") == "search"
    await page.keyboard.press("Enter")
    await page.locator(f"#card h2:text-is('{town.grids[3].name}')").wait_for()


@browser
async def test_the_map_s_own_buttons_speak_the_page_s_language(watched: Watched, town: Town) -> None:
    page = watched.page
    await watched.enter(town.manager, CLOSE.replace("/en", "/zh"))
    shown = page.locator(".maplibregl-ctrl-zoom-in")
    assert (await shown.get_attribute("aria-label"), await shown.get_attribute("title")) == ("放大", "放大")
    assert await page.locator(".skip").text_content() == "跳到面板"
    await page.click("[data-key=language]")
    await page.locator(".maplibregl-ctrl-zoom-in[aria-label='Zoom in']").wait_for()


@browser
async def test_language_and_night_are_kept_in_the_address(watched: Watched, town: Town) -> None:
    page = watched.page
    await watched.enter(town.manager)
    await page.click("[aria-label='中文']")
    await page.wait_for_selector("h1:text-is('邻里 · 社区网格地图')")
    await page.wait_for_selector("label:has-text('服务点')")
    await page.click("[aria-label='日间 / 夜间']")
    await watched.address_has("/dark/zh$")
    await page.reload()
    await watched.drawn()
    assert await page.get_attribute("html", "data-theme") == "dark"
    assert await page.get_attribute("html", "lang") == "zh"


@browser
async def test_the_circle_and_the_check_say_what_the_server_says(watched: Watched, town: Town, ask: Asking) -> None:
    page = watched.page
    await watched.enter(town.manager, CLOSE)
    await page.click("text=Place the marker")
    figures = page.locator(".planner dl").first
    await figures.locator("text=Homes reached over the streets").wait_for()
    lat, lon = map(float, page.url.split("#")[1].split("/")[1:3])
    found = await ask(
        "query ($at: PointInput!) { serviceCircle(center: $at, minutes: 10) { householdCount } }",
        at={"longitude": lon, "latitude": lat},
    )
    assert await figures.locator("dd").first.inner_text() == str(found["serviceCircle"]["householdCount"])
    await page.select_option("#check-supply", "CLINIC")
    await page.click("[data-key=check]")
    checked = page.locator(".planner dl").nth(1)
    await checked.locator("text=Covered").wait_for()
    audit = await ask(
        "mutation ($input: AuditCoverageInput!)"
        " { auditCoverage(input: $input) { coveredCount householdCount gaps { id } } }",
        input={"areaId": str(town.community.id), "supply": "CLINIC"},
    )
    told = audit["auditCoverage"]
    assert f"{told['coveredCount']} / {told['householdCount']}" in await checked.locator("dd").first.inner_text()
    assert await page.locator("ol.gaps li").count() == len(told["gaps"])


@browser
async def test_the_keyboard_is_enough(watched: Watched, town: Town) -> None:
    """From the top: skip link, map, then the panel; a layer is switched by the space bar and keeps the focus."""
    page = watched.page
    await watched.enter(town.manager)
    await page.evaluate("document.activeElement?.blur()")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await page.focus("#layer-care")
    await page.keyboard.press("Space")
    await watched.address_has("care")
    assert await page.evaluate("document.activeElement.id") == "layer-care"


@browser
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("shown", ["light/en", "dark/zh"])
async def test_axe_finds_no_fault(watched: Watched, town: Town, width: int, shown: str) -> None:
    """WCAG 2.2 A and AA, wide and narrow, by day in English and by night in Chinese."""
    page = watched.page
    await page.set_viewport_size({"width": width, "height": 800})
    await watched.enter(town.manager, CLOSE.replace("light/en", shown))
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate("axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag22aa'] })")
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found["violations"]] == []
