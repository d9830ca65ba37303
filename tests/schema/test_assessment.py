"""The assessment over the API."""

from typing import Any

import httpx
from starlette.applications import Starlette

from fixtures import makers
from schema import assessment_exports
from services.models import Account
from tests.contracts import OPERATIONS
from tests.schema.asking import Asking
from tests.schema.casestage import CaseStage
from tests.schema.town import Town

ASSESSMENT = OPERATIONS["case", "Assessment"]
COMPARED = """query ($area: ID!, $before: PeriodInput!, $after: PeriodInput!) {
  assessmentCompared(areaId: $area, before: $before, after: $after) {
    subject { code } kind { code } before { opened } after { opened satisfiedShare } } }"""
YEAR = {"from": "2020-01-01", "to": "2020-12-31"}


def now() -> dict[str, str]:
    """A period around today, whatever the clock says."""
    from services import clock

    today = clock.today()
    return {"from": today.isoformat(), "to": today.isoformat()}


async def staged(changing: tuple[Asking, Town]) -> tuple[Asking, Town, CaseStage]:
    """Five appeals opened today in the first grid, the first of them answered and rated."""
    ask, town = changing
    stage = await CaseStage.of(ask, town)
    case = await stage.answered()
    await stage.act(case, stage.staff, "RATE", satisfied=True)
    for _ in range(4):
        await stage.opened()
    return ask, town, stage


async def test_managers_see_what_became_of_matters(changing: tuple[Asking, Town]) -> None:
    ask, town, _ = await staged(changing)
    found = (await ask(ASSESSMENT, areaId=str(town.community.id), **now()))["assessment"]
    (row,) = found["rows"]
    shown = {name: row[name] for name in ("opened", "accepted", "closed", "satisfied", "satisfiedShare", "suppressed")}
    assert shown == {
        "opened": 5,
        "accepted": 1,
        "closed": 1,
        "satisfied": 1,
        "satisfiedShare": 1.0,
        "suppressed": False,
    }
    assert (row["area"]["code"], row["kind"]["code"]) == (town.grids[0].code, "APPEAL")
    assert found["calls"] == {
        "opened": 0,
        "answeredWithin60": 0,
        "answeredWithin180": 0,
        "medianArrivalSeconds": None,
    }
    worker = ask.as_(town.grid_worker)
    assert await worker.code(ASSESSMENT, areaId=str(town.community.id), **now()) == "NOT_ALLOWED"


async def test_the_share_settled_at_each_step_is_asked_for(changing: tuple[Asking, Town]) -> None:
    """Five disputes settled by advice: all of them at the first step."""
    ask, town = changing
    stage = await CaseStage.of(ask, town)
    for _ in range(5):
        case = await stage.opened("DISPUTE", topic="HOUSE_LEASE")
        await stage.act(case, stage.staff, "SETTLE")
    asked = """query($area: ID!, $from: Date!, $to: Date!) { assessment(areaId: $area, from: $from, to: $to) {
      steps { kind { code } step name settled share } } }"""
    steps = (await ask(asked, area=str(town.community.id), **now()))["assessment"]["steps"]
    assert steps[0] == {"kind": {"code": "DISPUTE"}, "step": "CONSULT", "name": "咨询化解", "settled": 5, "share": 1.0}
    assert [(step["step"], step["share"]) for step in steps[1:]] == [("ASSESS", 0), ("MEDIATE", 0), ("LITIGATE", 0)]


async def test_two_periods_stand_side_by_side(changing: tuple[Asking, Town]) -> None:
    ask, town, _ = await staged(changing)
    (row,) = (await ask(COMPARED, area=str(town.community.id), before=YEAR, after=now()))["assessmentCompared"]
    assert row == {
        "subject": {"code": town.grids[0].code},
        "kind": {"code": "APPEAL"},
        "before": None,
        "after": {"opened": 5, "satisfiedShare": 1.0},
    }


async def test_the_assessment_is_taken_along(changing: tuple[Asking, Town]) -> None:
    """As table, workbook and page; refused without days, and to those who may not see it."""
    ask, town, _ = await staged(changing)

    async def get(form: str, who: Account, **asked: str) -> httpx.Response:
        app = Starlette(routes=assessment_exports.routes(ask.api))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://linli.test") as http:
            place = f"/assessments/{town.community.id}.{form}"
            return await http.get(place, params=asked, headers=makers.authorization(who))

    starts: dict[str, Any] = {"csv": b"\xef\xbb\xbfcode,", "xlsx": b"PK\x03\x04", "html": b"<!doctype html>"}
    for form, start in starts.items():
        given = await get(form, town.manager, **now())
        assert (given.status_code, given.content[: len(start)]) == (200, start)
    page = await get("html", town.manager, **now(), beforeFrom="2020-01-01", beforeTo="2020-12-31")
    assert "2020-01-01" in page.text
    starts = {"STEPS": "kind,name,settled,share", "CALLS": "opened,answered_within_60", "VISITS": "code,name,due,done"}
    for table, headings in starts.items():
        given = await get("csv", town.manager, **now(), table=table)
        assert given.content.decode("utf-8-sig").startswith(headings)
    assert (await get("csv", town.manager, **now(), table="MOON")).json()["code"] == "TABLE_UNKNOWN"
    assert (await get("csv", town.manager)).json()["code"] == "PERIOD_MISSING"
    assert (await get("csv", town.manager, **now(), by="MOON")).json()["code"] == "PERIOD_MISSING"
    assert (await get("csv", town.grid_worker, **now())).status_code == 403
