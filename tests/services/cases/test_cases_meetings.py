"""Joint meetings with their commitments and risk assessments (S12); the street's own matters and duties (S14)."""

from typing import Any

import pytest
import sqlalchemy as sa

from services.cases import refusals
from services.models import Case
from services.models.cases import CaseLink
from tests.caseroom import CaseRoom, local

PARTIES = ["矿业公司", "村民代表", "街道办事处"]
LOW = {"legality": "LOW", "reasonableness": "LOW", "feasibility": "LOW", "controllability": "LOW"}
PROMISE = {"party": "矿业公司", "what": "修复灌溉渠", "due_on": "2026-06-30"}


async def meeting(room: CaseRoom, large: bool = False) -> Case:
    """A meeting of three parties, on 22 May, at which all have come."""
    details = {"parties": PARTIES, "agenda": ["用水"], "meets_on": "2026-05-22", "large_decision": large}
    case = await room.open("MEETING", by="street", details=details, subject="用水联席会议")
    with pytest.raises(refusals.NotMet, match="村民代表"):
        await room.act(case, "street", "CONVENE", present=["矿业公司", "街道办事处"])
    return await room.act(case, "street", "CONVENE", present=PARTIES)


async def linked(room: CaseRoom, case: Case) -> list[Case]:
    """The cases that came of a case."""
    chosen = sa.select(Case).join(CaseLink, CaseLink.other_id == Case.id).where(CaseLink.case_id == case.id)
    async with room.database.read() as session:
        return list(await session.scalars(chosen.order_by(Case.number)))


async def test_commitments_become_cases_with_owner_and_date(caseroom: CaseRoom) -> None:
    """Due at the end of 30 June; the meeting cannot be closed before the commitment is."""
    case = await caseroom.act(await meeting(caseroom), "street", "DECIDE", commitments=[PROMISE])
    (promise,) = await linked(caseroom, case)
    assert (promise.kind, promise.subject, promise.details) == ("COMMITMENT", "修复灌溉渠", PROMISE)
    assert await caseroom.due(promise, "KEEP") == local(1, month=7)
    with pytest.raises(refusals.NotMet, match="1 of the commitments"):
        await caseroom.act(case, "street", "CLOSE")
    await caseroom.act(promise, "street", "REPORT_DONE")
    await caseroom.act(promise, "street", "CONFIRM")
    assert (await caseroom.act(case, "street", "CLOSE")).state == "CLOSED"


async def test_only_parties_commit_themselves(caseroom: CaseRoom) -> None:
    case = await meeting(caseroom)
    with pytest.raises(refusals.NotMet, match="别的公司"):
        await caseroom.act(case, "street", "DECIDE", commitments=[PROMISE | {"party": "别的公司"}])
    assert await linked(caseroom, case) == []


@pytest.mark.parametrize(
    ("assessed", "refused"),
    [
        (None, "ASSESS_RISK"),
        (LOW | {"legality": "HIGH", "asked_publicly": True, "measures": "x"}, "high"),
        (LOW | {"feasibility": "MIDDLE", "asked_publicly": True}, "measures"),
        (LOW | {"asked_publicly": False}, "publicly"),
        (LOW | {"asked_publicly": True}, None),
        (LOW | {"feasibility": "MIDDLE", "asked_publicly": True, "measures": "分期实施"}, None),
    ],
)
async def test_a_large_decision_needs_its_assessment(
    caseroom: CaseRoom, assessed: dict[str, Any] | None, refused: str | None
) -> None:
    case = await meeting(caseroom, large=True)
    if assessed:
        case = await caseroom.act(case, "street", "ASSESS_RISK", note="评估报告", **assessed)
    if refused:
        with pytest.raises(refusals.NotMet, match=refused):
            await caseroom.act(case, "street", "DECIDE", commitments=[])
        assert (await caseroom.case(case.id)).state == "MEETING"
    else:
        assert (await caseroom.act(case, "street", "DECIDE", commitments=[])).state == "FOLLOWING_UP"


async def test_the_street_s_loop(caseroom: CaseRoom) -> None:
    """Raise, decide, do, supervise, report back; what is not done well is done again."""
    case = await caseroom.open("STREET", by="volunteer", details={"group": "SANITATION"}, subject="占道堆物")
    case = await caseroom.act(case, "staff", "DECIDE", measure="周五集中清理", agreed=9, against=1)
    # decided on Wednesday 20 May: ten working days are 21, 22, 25-29, 1, 2, 3 June
    assert await caseroom.due(case, "DO") == local(4, month=6)
    case = await caseroom.act(case, "staff", "DO")
    case = await caseroom.act(case, "staff", "FAIL")
    assert case.state == "DECIDED"
    for step in ("DO", "PASS", "REPORT_BACK"):
        case = await caseroom.act(case, "staff", step)
    assert (case.state, case.ended_at is not None) == ("REPORTED_BACK", True)


async def test_a_shop_front_is_checked_and_what_is_wanting_is_raised(caseroom: CaseRoom) -> None:
    """Signed on Wednesday 20 May: checked by the end of Wednesday 27. Neither clean nor in order: two matters."""
    case = await caseroom.open("SHOP_FRONT", by="staff", details={"number": "12号"}, subject="12号门面")
    case = await caseroom.act(case, "staff", "SIGN")
    assert await caseroom.due(case, "CHECK") == local(28)
    case = await caseroom.act(case, "staff", "CHECK", clean=False, green=True, order=False)
    found = [(each.kind, each.details["guarantee"], each.details["group"]) for each in await linked(caseroom, case)]
    assert sorted(found) == [("STREET", "CLEAN", "SANITATION"), ("STREET", "ORDER", "ORDER")]
    assert (await caseroom.act(case, "staff", "CHECK", clean=True, green=True, order=True)).state == "SIGNED"
    assert len(await linked(caseroom, case)) == 2
