"""A call in real browsers: at the duty desk and on the worker's phone, from the press to the return visit.

The town is that of `tests.schema.town`: the pressed home stands at x = 50, the first worker's post at x = 0 and the
second's at x = 500, a street along y = 490.
"""

import asyncio
import uuid
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from fixtures import makers
from services import calls, clock, timelines
from services.models import Role
from tests.web.house import OFFLINE, House
from tests.web.test_map import AXE

pytestmark = [pytest.mark.browser, pytest.mark.slow]
expect.set_options(timeout=60_000)

HERE = makers.degrees(100, 495)
STATUS = "query ($id: ID!) { call(id: $id) { status outcome satisfied claimedBy { name } } }"


@pytest_asyncio.fixture(autouse=True)
async def both_on_duty(house: House) -> None:
    """The two workers, however the test before has ended; and no call is open."""
    for worker in house.stage.workers:
        await house.ask(worker, "mutation { startShift { id } }")
    found = await house.ask(house.stage.dispatcher, "{ calls(filter: { open: true }) { edges { node { id } } } }")
    for edge in found["calls"]["edges"]:
        await house.end(edge["node"]["id"])


async def rings(page: Page, sound: str) -> None:
    """Wait until the page's bell is as said."""
    await page.wait_for_selector(f"html[data-sound='{sound}']", state="attached")


async def test_from_the_press_to_the_return_visit(house: House) -> None:
    """Every step is done on a page, and seen on the other."""
    worker = house.stage.workers[0]
    async with house.page(house.stage.dispatcher) as desk_page, house.phone(worker, HERE) as phone_page:
        desk, phone = desk_page.page, phone_page.page
        await expect(desk.locator("#line")).to_have_text("Live")
        await expect(desk.locator("#queue")).to_have_text("No open calls")
        await expect(phone.locator("#status")).to_contain_text("On duty")
        call = await house.press()

        row = desk.locator(f"[data-call='{call}']")
        await expect(row).to_contain_text("Willow Lane 50")
        await expect(phone.locator("#countdown")).to_be_visible()
        await rings(desk, "new")
        await rings(phone, "alarm")
        await row.click()
        await expect(desk.locator("#call-state")).to_contain_text("offered a call")
        first = desk.locator("#candidates li").first
        await expect(first).to_contain_text("min")

        await phone.click("#accept")
        await expect(phone.locator("#address")).to_have_text("Willow Lane 50")
        await phone.wait_for_selector("#chart[data-drawn]")
        await rings(phone, "none")
        await rings(desk, "none")
        await expect(desk.locator("#call-state")).to_contain_text("on the way")

        await phone.click("#arrive")
        await expect(desk.locator("#timeline li").first).to_contain_text("at the door")
        await phone.click("#close")
        await phone.select_option("#outcome", "HELP_GIVEN")
        await phone.fill("#note", "Tea was made")
        await phone.click("form button[type=submit]")

        await expect(phone.locator(f"[data-return='{call}']")).to_contain_text("Willow Lane 50")
        await expect(desk.locator(f"[data-visit='{call}']")).to_contain_text("help given")
        await phone.click(f"[data-return='{call}'] .main")
        await expect(phone.locator(f"[data-return='{call}']")).to_have_count(0)
        await expect(desk.locator("#call-state")).to_contain_text("closed")
        told = (await house.ask(house.stage.dispatcher, STATUS, id=call))["call"]
        assert told == {"status": "CLOSED", "outcome": "HELP_GIVEN", "satisfied": True, "claimedBy": None}


async def test_of_two_desks_one_gets_the_call_and_the_other_is_told_who(house: House) -> None:
    """Nobody is on duty, so the alarm of the desk rings; both claim at once."""
    for worker in house.stage.workers:
        await house.ask(worker, "mutation { endShift { id } }")
    async with house.stage.database.write() as session:
        second = await makers.make_account(session, Role.DISPATCHER, house.stage.town.community, name="Second desk")
    async with house.page(house.stage.dispatcher) as one, house.page(second) as other:
        call = await house.press()
        pages = (one.page, other.page)
        for page in pages:
            await rings(page, "alarm")
            await page.click(f"[data-call='{call}']")
            await page.wait_for_selector("[data-key=claim]")
        async with house.stage.database.write() as session:  # neither is decided before both have clicked
            await timelines.lock(session, uuid.UUID(call))
            await asyncio.gather(*(page.click("[data-key=claim]") for page in pages))
        await rings(pages[0], "none")
        for page in pages:
            await expect(page.locator("#call-state")).to_contain_text("with ")
        told = (await house.ask(second, STATUS, id=call))["call"]
        winner, loser = pages if told["claimedBy"]["name"] == "Desk" else pages[::-1]
        await expect(winner.locator("[data-key=release]")).to_be_visible()
        await expect(loser.locator("[data-key=claim]")).to_have_count(0)
        await expect(loser.locator("#call-state")).to_contain_text(f"with {told['claimedBy']['name']}")

        await winner.click("[data-key=resolve]")
        await winner.select_option("#outcome", "FALSE_ALARM")
        await winner.click("#call form [type=submit]")
        await expect(loser.locator(f"[data-call='{call}']")).to_have_count(0)
        assert (await house.ask(second, STATUS, id=call))["call"]["outcome"] == "FALSE_ALARM"
        await winner.click(f"[data-visit='{call}']")
        await winner.click("[data-key=satisfied]")
        await expect(loser.locator(f"[data-visit='{call}']")).to_have_count(0)


async def test_the_dispatcher_asks_somebody_and_escalates(house: House) -> None:
    """From HELP (priority 3) one step up; the second worker is asked by hand."""
    second = house.stage.worker(1)
    async with house.page(house.stage.dispatcher) as watched:
        page = watched.page
        call = await house.press()
        await page.click(f"[data-call='{call}']")
        await page.click(f"#candidates [data-worker='{second.id}'] button")
        await expect(page.locator("#timeline li").first).to_contain_text(second.name)
        priority = page.locator(f"[data-call='{call}'] .priority")
        before = int(await priority.inner_text())
        await page.click("[data-key=escalate]")
        await page.fill("#reason", "She fell")
        await page.click("#call form [type=submit]")
        await expect(priority).not_to_have_text(str(before))
        assert int(await priority.inner_text()) > before
        await house.end(call)
        await expect(page.locator(f"[data-call='{call}']")).to_have_count(0)


async def test_a_server_that_dies_in_the_middle_of_a_call_costs_neither_page_anything(house: House) -> None:
    """Both say that the line is lost; when a server is back both go on, and what happened meanwhile is there."""
    worker, database = house.stage.workers[0], house.stage.database
    async with (
        house.page(house.stage.dispatcher, harmless=OFFLINE) as desk_page,
        house.phone(worker, HERE, harmless=OFFLINE) as phone_page,
    ):
        desk, phone = desk_page.page, phone_page.page
        await expect(desk.locator("#line")).to_have_text("Live")
        call = await house.press()
        await phone.click("#accept")
        await expect(phone.locator("#arrive")).to_be_visible()
        await desk.click(f"[data-call='{call}']")
        await expect(desk.locator("#call-state")).to_contain_text("on the way")

        await house.stop()
        await expect(desk.locator("#line")).to_contain_text("Connection lost")
        await expect(phone.locator("#line")).to_have_text("Offline")
        await expect(desk.locator(f"[data-call='{call}']")).to_be_visible()  # what was known stays
        await house.start()
        async with database.write() as session:  # before the pages are back, perhaps
            await calls.arrive(session, uuid.UUID(call), house.stage.worker(0).id)
        await expect(desk.locator("#line")).to_have_text("Live")
        await expect(desk.locator("#timeline")).to_contain_text("at the door")
        await expect(phone.locator("#close")).to_be_visible()
        await phone.click("#close")
        await phone.click("form button[type=submit]")
        await expect(desk.locator(f"[data-call='{call}']")).to_have_count(0)
        await phone.click(f"[data-return='{call}'] .main")
        await expect(phone.locator(f"[data-return='{call}']")).to_have_count(0)


async def test_the_phone_is_installable_and_opens_without_a_network(house: House) -> None:
    """The service worker keeps page, script and sheet; signing out leaves nothing on the phone."""
    async with house.phone(house.stage.workers[0], HERE, harmless=OFFLINE) as watched:
        page = watched.page
        await expect(page.locator("#shift")).to_be_visible()
        manifest = await (await page.request.get(f"{house.site}/phone.webmanifest")).json()
        assert (manifest["start_url"], manifest["display"]) == ("/phone", "standalone")
        await watched.controlled()  # before the page is loaded anew: one that is just being loaded is not taken in hand
        async with page.expect_event("request", predicate=lambda request: "/graphql" in request.url):
            await page.reload()
        await watched.controlled()
        await page.context.set_offline(True)
        await page.reload()
        await expect(page.locator("#tabs button").first).to_be_visible()
        await page.context.set_offline(False)
        await page.click("#leave")
        await expect(page.locator("#token")).to_be_visible()
        assert await page.evaluate("sessionStorage.length + localStorage.length") == 0


DUE = "query ($by: DateTime) { visitsDue(by: $by) { edges { node { careRecord { id } household { id } } } } }"
VISITS = "query ($id: ID!) { household(id: $id) { visits(first: 5) { edges { node { note } } } } }"


async def test_a_visit_without_a_network_is_kept_on_the_phone_and_sent_once(house: House) -> None:
    """Care began today and is weekly, so that visits are due within the week that the phone looks ahead."""
    worker = house.stage.workers[0]
    async with house.phone(worker, HERE, harmless=OFFLINE) as watched:
        page = watched.page
        await expect(page.locator("#status")).to_be_visible()
        await watched.controlled()
        await page.click("#tabs [data-key=visits]")
        due = page.locator("#due [data-due]")
        await expect(due.first).to_be_visible()
        record, count = await due.first.get_attribute("data-due"), await due.count()
        await page.context.set_offline(True)
        await due.first.click()
        await page.fill("#visit-note", "The stove was cold")
        await page.click("#visits form [type=submit]")
        await expect(page.locator("#pending li")).to_have_count(1)
        await expect(due).to_have_count(count - 1)
        await page.reload()
        await page.click("#tabs [data-key=visits]")
        await expect(page.locator("#pending li")).to_have_count(1)
        await page.context.set_offline(False)
        await expect(page.locator("#pending li")).to_have_count(0)
        by = (clock.now() + timedelta(days=8)).isoformat()
        found = (await house.ask(worker, DUE, by=by))["visitsDue"]["edges"]
        (home,) = {edge["node"]["household"]["id"] for edge in found if edge["node"]["careRecord"]["id"] == record}
        told = (await house.ask(worker, VISITS, id=home))["household"]["visits"]["edges"]
        assert [edge["node"]["note"] for edge in told] == ["The stove was cold"]


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_no_fault_at_the_desk_and_on_the_phone(house: House, theme: str) -> None:
    """WCAG 2.2 A and AA with a call open on both."""
    worker = house.stage.workers[0]
    async with (
        house.page(house.stage.dispatcher, color_scheme=theme) as desk_page,
        house.page(worker, "/phone", viewport={"width": 390, "height": 800}, color_scheme=theme) as phone_page,
    ):
        call = await house.press()
        await desk_page.page.click(f"[data-call='{call}']")
        await expect(desk_page.page.locator("#timeline")).to_be_visible()
        await expect(phone_page.page.locator("#accept")).to_be_visible()
        for page in (desk_page.page, phone_page.page):
            await page.evaluate(AXE.read_text(encoding="utf-8"))
            found = await page.evaluate("axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag22aa'] })")
            assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found["violations"]] == []
        await house.end(call)
