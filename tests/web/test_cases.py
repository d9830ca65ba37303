"""Matters in real browsers: raised on a resident's phone, handled on the staff's board, brought back and rated.

The clock stands at Wednesday 2026-05-20, 09:00 in Shanghai, until a test moves it.
"""

import io
import json
from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio
import sqlalchemy as sa
from PIL import Image
from playwright.async_api import Browser, Page, expect

from fixtures import makers
from services import settings
from services.models import Case
from tests import postgres
from tests.callroom import emptied
from tests.caseroom import HERE, local, opened
from tests.conftest import StandingClock
from tests.web.casehouse import CaseHouse, served
from tests.web.house import OFFLINE
from tests.web.test_map import AXE

pytestmark = [pytest.mark.browser, pytest.mark.slow]
expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")
def case_database(databases: postgres.WorkerDatabases) -> Iterator[str]:
    """One database for this file; emptied before each test."""
    name = databases.make()
    yield name
    databases.drop(name)


@pytest_asyncio.fixture
async def casehouse(
    databases: postgres.WorkerDatabases,
    case_database: str,
    standing_clock: StandingClock,
    browser: Browser,
    tmp_path: Path,
) -> AsyncIterator[CaseHouse]:
    """The district with its server and a clock that stands."""
    await emptied(databases.url(case_database, postgres.OWNER))
    url = databases.url(case_database)
    async with opened(url) as room, served(room, url, standing_clock, browser, tmp_path) as found:
        yield found


async def axe_finds_nothing(page: Page) -> None:
    """WCAG 2.2 A and AA."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate("axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag22aa'] })")
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found["violations"]] == []


async def whistled(house: CaseHouse, page: Page, subject: str = "Stairs light broken") -> tuple[str, str]:
    """A matter is raised on the phone; its number and tracking code."""
    await page.click("[data-key=raise]")
    await page.fill("#subject", subject)
    await page.select_option("#field-topic", "FACILITIES")
    await page.click("#here")
    await expect(page.locator("#where")).to_have_text("Your position is taken")
    await page.fill("#phone", "138 0000 1234")
    await page.click("#send-code")
    await expect(page.locator("#code-state")).to_contain_text("on its way")
    await page.fill("#code", await house.code_sent())
    await page.click("#whistle")
    number = page.locator("#number")
    await expect(number).to_be_visible()
    return await number.inner_text(), await page.locator("#tracking").inner_text()


def drawn_photo() -> bytes:
    """A small photo."""
    drawn = io.BytesIO()
    Image.new("RGB", (64, 48), "grey").save(drawn, "JPEG")
    return drawn.getvalue()


async def done(page: Page, action: str, note: str = "", *ticked: str) -> None:
    """One of the actions that the file offers, with its form; the file then shows it as the last line."""
    await page.click(f"[data-act={action}]")
    lines = page.locator("#timeline > li")
    before = await lines.count()
    if note:
        await page.fill("#act-note", note)
    for name in ticked:
        await page.check(f"#act-{action}-{name}")
    await page.click("#act-send")
    await expect(lines).to_have_count(before + 1)


async def test_the_whistle_from_a_resident_s_phone_to_the_leader_and_back_to_the_rating(casehouse: CaseHouse) -> None:
    """Nobody takes it, then nobody closes it: it climbs by itself twice, once by hand; rated twice."""
    house = casehouse
    async with house.resident() as told:
        resident = told.page
        await axe_finds_nothing(resident)
        number, tracking = await whistled(house, resident)
        assert number.startswith("SQ2026")
        assert number not in resident.url
        assert tracking not in resident.url
        await resident.click("#look")
        await expect(resident.locator("#state")).to_have_text("Received")
        await expect(resident.locator("#facts")).to_contain_text("grid")
        await axe_finds_nothing(resident)

        async with house.staff("worker") as seen:
            await expect(seen.page.locator(f"[data-column=GRID] [data-case={number}]")).to_contain_text("Stairs light")
            await axe_finds_nothing(seen.page)

        # ACCEPT: one working day, until the end of Thursday 21; on Friday it is the community's.
        await house.later(days=2)
        await resident.click("#again")
        await expect(resident.locator("#facts")).to_contain_text("community")
        async with house.staff("staff") as seen:
            page = seen.page
            await page.click(f"[data-column=COMMUNITY] [data-case={number}]")
            await expect(page.locator("#clocks .late-by").first).to_have_text("late")
            await done(page, "ACCEPT")
            await expect(page.locator("#state")).to_have_text("In work")
            await axe_finds_nothing(page)

        # CLOSE: three working days from Friday 22: Mon 25, Tue 26, Wed 27; on Thursday 28 it is the centre's.
        await house.later(days=6)
        assert house.clock().astimezone(local(1).tzinfo) == local(28, 9)
        async with house.staff("centre") as seen:
            page = seen.page
            await page.click(f"[data-column=DISTRICT_CENTRE] [data-case={number}]")
            await done(page, "WHISTLE_UP", "Needs money for new cables")
            await expect(page.locator("#rung")).to_contain_text("district leader")
            await expect(page.locator("#timeline")).to_contain_text("“Needs money for new cables”")
        async with house.staff("leader") as seen:
            page = seen.page
            await page.click(f"[data-case={number}]")
            await done(page, "ACCEPT")
            await page.click("[data-act=ANSWER]")
            await expect(page.locator("label[for=act-note]")).to_contain_text("whoever raised it reads these words")
            await page.click("[data-act=ANSWER]")
            await done(page, "ANSWER", "Lamps ordered", "solved")

        await resident.click("#again")
        await expect(resident.locator("#state")).to_have_text("Answered, please rate")
        await expect(resident.locator("#timeline blockquote")).to_have_text("Lamps ordered")
        await expect(resident.locator("#timeline")).not_to_contain_text("Needs money for new cables")
        await axe_finds_nothing(resident)
        await resident.fill("#comment", "It is still dark")
        await resident.click("#not-content")
        await expect(resident.locator("#state")).to_have_text("Received")
        async with house.staff("leader") as seen:
            page = seen.page
            await page.click(f"[data-case={number}]")
            await expect(page.locator("#timeline")).to_contain_text("“It is still dark”")
            await done(page, "ACCEPT")
            await done(page, "ANSWER", "Lamps are in", "solved", "on_site")
        await resident.click("#again")
        await resident.click("#content")
        await expect(resident.locator("#state")).to_have_text("Closed")
        await expect(resident.locator("#told")).to_have_text("Your rating is written down.")
        await resident.click("[data-key=leave]")
        await expect(resident.locator("[data-key=raise]")).to_be_visible()
        assert await resident.evaluate("JSON.stringify({ ...sessionStorage, ...localStorage })") == json.dumps({})

    case = await house.case(number)
    assert (case.state, case.satisfied) == ("CLOSED", True)
    moves = [line for line in await house.room.kinds(case) if line != "REMINDED"]
    first = ["OPENED", "CLIMBED", "ACCEPT", "CLIMBED", "WHISTLE_UP", "ACCEPT", "ANSWER", "RATE"]
    assert moves == [*first, "ACCEPT", "ANSWER", "RATE"]


async def test_a_resident_is_told_in_words_what_went_wrong(casehouse: CaseHouse) -> None:
    """A wrong code, a matter of somebody else, no place; in Chinese, since the phone is."""
    async with casehouse.resident("zh-CN") as told:
        page = told.page
        await page.click("[data-key=raise]")
        await page.fill("#subject", "路灯不亮")
        await page.fill("#phone", "12")
        await page.click("#send-code")
        await expect(page.locator(".problem")).to_have_text("手机号不对，请检查。")
        await page.fill("#phone", "13800001235")
        await page.click("#send-code")
        await expect(page.locator("#code-state")).to_have_text("验证码已发送，十分钟内有效。")
        code = await casehouse.code_sent()
        await page.fill("#code", "000000" if code != "000000" else "111111")
        await page.click("#whistle")
        await expect(page.locator(".problem")).to_contain_text("验证码不对")
        await page.fill("#code", code)
        await page.click("#whistle")
        await expect(page.locator(".problem")).to_contain_text("请说明在哪里")
        await expect(page.locator("#subject")).to_have_value("路灯不亮")
        await page.click("#here")
        await page.click("#whistle")
        await expect(page.locator("#tracking")).to_be_visible()
        await page.click("[data-key=leave]")
        await page.click("[data-key=follow]")
        await page.fill("#own-number", "SQ20990000001")
        await page.fill("#own-code", "AAAAAAAAAA")
        await page.click("#follow [type=submit]")
        await expect(page.locator(".problem")).to_have_text("编号或查询码不对。")


async def test_a_notice_at_the_door_says_where(casehouse: CaseHouse) -> None:
    """Without a position the area comes with the code that was scanned, and leaves the address at once."""
    grid = casehouse.room.grids[1].id
    async with casehouse.resident(fragment=f"#at={grid}", permissions=[]) as told:
        page = told.page
        assert "#" not in page.url
        await page.click("[data-key=raise]")
        await expect(page.locator("#where")).to_contain_text("the notice that you scanned")
        await page.fill("#subject", "Loose manhole cover")
        await page.fill("#phone", "13800001236")
        await page.click("#send-code")
        await expect(page.locator("#code-state")).to_contain_text("on its way")
        await page.fill("#code", await casehouse.code_sent())
        await page.click("#whistle")
        number = await page.locator("#number").inner_text()
        await page.click("#look")
        photo = {"name": "manhole.jpg", "mimeType": "image/jpeg", "buffer": drawn_photo()}
        await page.set_input_files("#photo", photo)  # type: ignore[arg-type]
        await expect(page.locator("#told")).to_have_text("It is added.")
        paper = {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF\n"}
        await page.set_input_files("#photo", paper)  # type: ignore[arg-type]
        await expect(page.locator("#files > li")).to_have_count(2)
        await expect(page.locator("#files")).to_contain_text("letter.pdf · 1 kB")
        wrong = {"name": "letter.txt", "mimeType": "text/plain", "buffer": b"plain words"}
        await page.set_input_files("#photo", wrong)  # type: ignore[arg-type]
        await expect(page.locator(".problem")).to_have_text("Only photos (JPEG, PNG, WebP) and PDFs are taken.")
    assert (await casehouse.case(number)).grid_id == grid
    async with casehouse.staff("neighbour") as told:
        await told.page.click(f"[data-case={number}]")
        await expect(told.page.locator("#photos img")).to_have_attribute("alt", "manhole.jpg")
        await expect(told.page.locator("#photos img")).to_be_visible()


async def test_of_two_at_once_the_loser_sees_why(casehouse: CaseHouse) -> None:
    """Both have the file open; the worker answers first, the staff hears it and keeps the words that were written."""
    case = await casehouse.room.open(by="staff")
    await casehouse.act(case, "worker", "ACCEPT")
    async with casehouse.staff("staff") as told:
        page = told.page
        await page.click(f"[data-case={case.number}]")
        await page.click("[data-act=PAUSE]")
        await page.fill("#act-PAUSE-reason", "Waiting for a part")
        await page.fill("#act-note", "Ordered today")
        await casehouse.act(case, "worker", "WHISTLE_UP")
        await page.click("#act-send")
        await expect(page.locator(".problem")).to_have_text(
            "Somebody was quicker: Whistle up. It is now “Received”. Look again; what you wrote is kept."
        )
        await expect(page.locator("#rung")).to_contain_text("community")
        await expect(page.locator("#act-PAUSE-reason")).to_have_value("Waiting for a part")
        await expect(page.locator("#act-note")).to_have_value("Ordered today")
        await page.click("#act-send")
        await expect(page.locator("#due")).to_have_text("paused")
    assert (await casehouse.room.kinds(case))[-2:] == ["WHISTLE_UP", "PAUSE"]


async def test_homes_vote_by_phone_and_at_the_door_and_read_the_result(casehouse: CaseHouse) -> None:
    """Three homes may vote, two must: one does by its own phone, one at the door; the leader of the vote publishes."""
    room, phone = casehouse.room, "13800001237"
    async with room.database.write() as session:
        await makers.make_household(session, room.grids[0], 300, 500, address="Plum Lane 2")
        await makers.make_household(session, room.grids[0], 350, 500)
        await makers.make_resident(session, room.home, phone=phone, birth_date=date(1950, 1, 1))
    case = await room.open(
        "DECISION",
        "staff",
        {
            "question": "Where do bicycles stand?",
            "choices": ["Hall", "Yard", "No"],
            "against": "No",
            "abstaining": "No",
        },
    )
    for action in ("DISCUSS", "CALL_VOTE"):
        await casehouse.act(case, "staff", action)
    async with casehouse.resident(path="/vote", fragment=f"#{case.number}") as told:
        page = told.page
        await expect(page.locator("#question")).to_have_text("Where do bicycles stand?")
        assert "#" not in page.url
        await axe_finds_nothing(page)
        await page.check("#choice-1")
        await page.fill("#vote-phone", phone)
        await page.click("#vote-send-code")
        await expect(page.locator("#told")).to_contain_text("on its way")
        await page.fill("#vote-code", await casehouse.code_sent())
        await page.click("#cast")
        await expect(page.locator("#told")).to_have_text("The vote of your home is kept.")
        await expect(page.locator("#voted")).to_have_text("Homes that voted: 1 / 3")
        async with casehouse.staff("staff") as seen:
            desk = seen.page
            await desk.click(f"[data-case={case.number}]")
            await desk.fill("#vote-find", "Plum Lane")
            await expect(desk.locator("#vote-home option")).to_have_count(1)
            await desk.select_option("#vote-choice", "Yard")
            await desk.click("#vote-cast")
            await expect(desk.locator("#voted")).to_have_text("Homes that voted: 2 / 3 · two thirds reached")
            await expect(desk.locator("#tally [data-choice=Yard]")).to_contain_text("Yard: 2")
            await axe_finds_nothing(desk)
            await done(desk, "ADOPT")
        await page.click("#again")
        await expect(page.locator("#vote-state")).to_have_text("Adopted")
        await expect(page.locator("[data-choice=Yard]")).to_contain_text("Yard: 2")
        assert phone not in await page.content()


async def test_the_visiting_days_on_the_phone_without_a_network(casehouse: CaseHouse) -> None:
    """A plan is proposed and taken; what is heard at a door is kept, sent later, and is then a matter of its own."""
    room = casehouse.room
    async with casehouse.phone("worker", OFFLINE) as told:
        page = told.page
        await page.click("#tabs [data-key=visits]")
        await page.click("#propose")
        await expect(page.locator("#plan")).to_contain_text(room.home.address)
        await page.click("#take-plan")
        door = page.locator("#plan-homes button")
        await expect(door).to_have_count(1)
        await axe_finds_nothing(page)
        await page.context.set_offline(True)
        await door.click()
        await page.fill("#heard-subject", "The handrail is loose")
        await page.fill("#plan-note", "Second floor")
        await page.click("#plan-seen")
        await expect(door).to_contain_text("to be sent")
        await page.context.set_offline(False)
        await expect(door).to_contain_text("seen")
    async with room.database.read() as session:
        plan, heard = (await session.scalars(sa.select(Case).order_by(Case.feature_id))).all()
    assert (plan.kind, plan.assignee_id) == ("VISIT_PLAN", room.workers[0].id)
    assert (heard.kind, heard.subject, heard.household_id) == ("APPEAL", "The handrail is loose", room.home.id)
    assert await room.kinds(plan) == ["OPENED", "VISIT"]


async def test_a_matter_on_the_map_opens_its_file(casehouse: CaseHouse) -> None:
    """The layer is asked for in the address; the matter stands where it was raised."""
    await casehouse.room.open(by="staff")
    async with casehouse.map("staff") as watched:
        await watched.drawn()
        await watched.seen(f"16.30/{HERE[1]:.5f}/{HERE[0]:.5f}/cases,grids/light/en")
        await watched.click_at(*HERE)
        await expect(watched.page.locator("#subject")).to_have_text("楼道灯坏了")
        assert "/cases#case=" in watched.page.url
        await watched.page.click("[data-key=map]")
        await watched.drawn()
        await watched.page.click("#tools [data-key=cases]")
        await expect(watched.page.locator("[data-case]")).to_have_count(1)


async def test_the_board_is_narrowed_and_the_assessment_is_drawn(casehouse: CaseHouse) -> None:
    """By kind, by lateness, by whose; the assessment's charts are shown in the page."""
    mine = await casehouse.room.open(by="staff")
    other = await casehouse.room.open("HAZARD", by="staff", subject="Loose tiles")
    await casehouse.act(mine, "worker", "ACCEPT")
    async with casehouse.staff("worker") as told:
        page = told.page
        await expect(page.locator("#total")).to_have_text("2 matters")
        await page.select_option("#kind", "HAZARD")
        await expect(page.locator("#total")).to_have_text("1 matters")
        await expect(page.locator(f"[data-case={other.number}]")).to_be_visible()
        await page.select_option("#kind", "")
        await page.check("#late")
        await expect(page.locator("#total")).to_have_text("0 matters")
        await page.uncheck("#late")
        await page.select_option("#group", "state")
        await expect(page.locator("[data-column=ACCEPTED] [data-case]")).to_have_count(1)
    async with casehouse.staff("staff") as told:
        page = told.page
        await page.click("[data-key=assessment]")
        await page.fill("#assess-from", "2026-01-01")
        await page.fill("#assess-to", "2026-12-31")
        await page.click("#assess-show")
        await expect(page.locator("#assessment svg").first).to_be_visible()
        assert await page.locator("#assessment h1").evaluate("(one) => getComputedStyle(one).fontSize") == "22px"


async def test_a_sealed_matter_tells_its_team_who_they_are(casehouse: CaseHouse) -> None:
    """Whoever opens a claim is of its team; the leader of the district is not, and sees no such matter."""
    harm = {"happened_on": "2026-05-18", "kind": "Broken window"}
    case = await casehouse.room.open("CLAIM", "staff", harm)
    async with casehouse.staff("staff") as told:
        page = told.page
        await expect(page.locator(f"[data-case={case.number}]")).to_contain_text("sealed")
        await page.click(f"[data-case={case.number}]")
        await expect(page.locator("#sealed")).to_have_text("Sealed: only its team sees it.")
        await expect(page.locator("#team > li")).to_have_count(1)
        await axe_finds_nothing(page)
    async with casehouse.staff("leader") as told:
        await expect(told.page.locator("#total")).to_have_text("0 matters")
        await told.page.goto(f"{casehouse.site}/cases#case={case.id}")
        await expect(told.page.locator(".problem")).to_be_visible()
        await expect(told.page.locator("#team")).to_have_count(0)


async def test_a_matter_is_written_down_at_a_home(casehouse: CaseHouse) -> None:
    """The home is found by its address, not by an id; a refusal is said in Chinese where the page is."""
    home = casehouse.room.home
    async with casehouse.staff("staff", locale="zh-CN") as told:
        page = told.page
        await expect(page.locator("#board")).to_contain_text("这里暂时没有未办结的事项")
        await page.click("[data-key=new]")
        await page.fill("#new-subject", "楼道灯不亮")
        await page.select_option("#new-APPEAL-topic", "FACILITIES")
        await page.fill("#new-find", home.address)
        await expect(page.locator("#new-place")).to_have_value(f"home:{home.id}")
        await page.click("#new-send")
        await expect(page.locator("#subject")).to_have_text("楼道灯不亮")
        await expect(page.locator("#file")).to_contain_text(home.address)
        await page.click("[data-act=NOTE]")
        await page.evaluate("document.querySelector('#act-note').required = false")
        await page.click("#act-send")
        await expect(page.locator(".problem")).to_have_text("请写明理由或办理情况。")


async def test_a_dispute_is_assessed_by_its_questions(casehouse: CaseHouse) -> None:
    """The questions of its topic are the form; an unanswered one is not sent; the opinion is a page to print."""
    case = await casehouse.room.open("DISPUTE", "staff", {"topic": "LOAN"})
    async with casehouse.staff("staff", locale="zh-CN") as told:
        page = told.page
        await page.click(f"[data-case={case.number}]")
        await page.click("[data-act=ASSESS]")
        asked = page.locator("#act-ASSESS-answers select")
        await expect(page.locator("#act-ASSESS-answers")).to_contain_text("钱是怎样给的？")
        await axe_finds_nothing(page)
        await page.click("#act-send")
        assert await asked.first.evaluate("(one) => one.validity.valueMissing")
        for each in await asked.all():
            await each.select_option(index=1)
        await page.click("#act-send")
        await expect(page.locator("#state")).to_have_text("已评估")
        async with page.expect_popup() as opened_page:
            await page.click("[data-key=opinion]")
        opinion = await opened_page.value
        await expect(opinion.locator("body")).to_contain_text("不是法律意见")
    assert (await casehouse.case(case.number)).state == "ASSESSED"


@pytest.fixture
def in_kolkata(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A house five and a half hours ahead; forgotten again afterwards."""
    monkeypatch.setenv("LINLI_TIME_ZONE", "Asia/Kolkata")
    settings.current.cache_clear()
    yield
    settings.current.cache_clear()


@pytest.mark.usefixtures("in_kolkata")
async def test_times_are_those_of_the_house(casehouse: CaseHouse) -> None:
    """The clock stands at 01:00 UTC: 06:30 in Kolkata, wherever the browser is."""
    case = await casehouse.room.open(by="staff")
    async with casehouse.staff("staff", timezone_id="America/Lima") as told:
        await told.page.click(f"[data-case={case.number}]")
        await expect(told.page.locator("#timeline")).to_contain_text("Wed 20 May, 06:30")


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_no_fault_by_day_and_by_night(casehouse: CaseHouse, theme: str) -> None:
    """The board, the file with a form open, and the resident's form."""
    case = await casehouse.room.open(by="staff")
    await casehouse.later(days=1, hours=20)
    async with casehouse.staff("staff", color_scheme=theme, viewport={"width": 390, "height": 800}) as told:
        page = told.page
        await expect(page.locator("[data-case]")).to_have_count(1)
        await axe_finds_nothing(page)
        await page.click(f"[data-case={case.number}]")
        await page.click("[data-act=JOIN_UNIT]")
        await expect(page.locator("#act-JOIN_UNIT-unit_id option")).to_have_count(2)
        await axe_finds_nothing(page)
        await page.click("[data-key=new]")
        await axe_finds_nothing(page)
    async with casehouse.resident("zh-CN", color_scheme=theme) as told:
        await told.page.click("[data-key=raise]")
        await expect(told.page.locator("#field-topic")).to_be_visible()
        await axe_finds_nothing(told.page)
