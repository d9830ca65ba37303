"""Stories of the other kinds: petition, visiting days, a decision without majority, a hazard; a sealed case."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from fixtures import makers
from services.access import Actor
from services.cases import engine, links, refusals, rights, visiting, votes
from services.cases.visiting import Candidate, choose
from services.cases.walking import walk
from services.errors import NotFound
from services.models import Case, Household
from services.reach import Measured
from tests.caseroom import CaseRoom, local
from tests.conftest import StandingClock


async def test_petition_with_consent_one_agent_three_tiers(caseroom: CaseRoom) -> None:
    """No consent, no case. The agent stays when it climbs to the street office, and reports back in person."""
    wish = {"wish": "办理房产证"}
    with pytest.raises(refusals.ConsentNeeded):
        await caseroom.open("PETITION", "staff", wish)
    case = await caseroom.open("PETITION", "staff", wish, consent=True)
    agent = caseroom.workers[0].id
    case = await caseroom.act(case, "staff", "ASSIGN", worker_id=agent, agent=True)
    case = await caseroom.act(case, "worker", "ACCEPT")
    case = await caseroom.act(case, "worker", "WHISTLE_UP", "the bureau must decide")
    assert (case.rung, case.agent_id, case.state) == (1, agent, "REGISTERED")
    case = await caseroom.act(case, "street", "ACCEPT")
    assert (case.agent_id, case.officer_id) == (agent, caseroom.actors["street"].account_id)
    case = await caseroom.act(case, "worker", "PROPOSE", measures=["补交材料"])
    case = await caseroom.act(case, "street", "SOLVE")
    with pytest.raises(refusals.NotYourPart):
        await caseroom.act(case, "street", "REPORT_BACK", in_person=True)
    with pytest.raises(refusals.FieldsInvalid):
        await caseroom.act(case, "worker", "REPORT_BACK", in_person=False)
    case = await caseroom.act(case, "worker", "REPORT_BACK", in_person=True)
    case = await caseroom.act(case, "staff", "RATE", satisfied=True)
    assert (case.state, case.satisfied, case.agent_id) == ("CLOSED", True, agent)


async def test_consent_is_revoked_at_any_time(caseroom: CaseRoom) -> None:
    """Even while it is paused: the case ends, and no clock runs on."""
    case = await caseroom.open("PETITION", "staff", {"wish": "办理房产证"}, consent=True)
    case = await caseroom.act(case, "street", "PAUSE", reason="等待上级批复")
    case = await caseroom.act(case, "staff", "REVOKE_CONSENT", "she came and said so")
    assert (case.state, case.consent_at) == ("WITHDRAWN", None)
    assert (await caseroom.state(case)).running == []


async def test_what_is_heard_at_a_door_becomes_a_case(caseroom: CaseRoom) -> None:
    """One matter is heard; the plan ends when it has been answered, not before."""
    home = str(caseroom.home.id)
    plan = {
        "worker_id": str(caseroom.workers[0].id),
        "month": "2026-06",
        "until": "2026-06-05",
        "household_ids": [home],
    }
    case = await caseroom.open("VISIT_PLAN", "staff", plan, subject="六月走访")
    assert case.assignee_id == caseroom.workers[0].id
    assert await caseroom.due(case, "VISITS") == local(6, month=6)
    with pytest.raises(refusals.NotMet):
        await caseroom.act(case, "worker", "COLLECT")
    with pytest.raises(refusals.NotMet):
        await caseroom.act(case, "worker", "VISIT", household_id=str(uuid.uuid4()))
    heard = [{"subject": "楼上漏水", "description": "厨房天花板"}]
    case = await caseroom.act(case, "worker", "VISIT", household_id=home, heard=heard)
    case = await caseroom.act(case, "worker", "COLLECT")
    with pytest.raises(refusals.NotMet):
        await caseroom.act(case, "worker", "RETURN_VISIT")
    async with caseroom.database.read() as session:
        child = (await session.scalars(sa.select(Case).where(Case.kind == "APPEAL"))).one()
    assert (child.subject, child.household_id, child.grid_id) == ("楼上漏水", caseroom.home.id, caseroom.grids[0].id)
    child = await caseroom.act(child, "worker", "ACCEPT")
    child = await caseroom.act(child, "worker", "ANSWER", solved=True)
    await caseroom.act(child, "worker", "RETURN_VISIT", satisfied=True)
    case = await caseroom.act(case, "worker", "RETURN_VISIT")
    assert case.state == "ANSWERED"


async def test_the_plan_takes_care_first_and_the_short_walk(caseroom: CaseRoom) -> None:
    """Of three homes the one whose care is due comes into a plan of two; with all three the walk is the shortest.

    From the post at x = 0 on y = 500: homes at 250, 100, 400; in order of the walk 100, 250, 400: 400 m.
    """
    async with caseroom.database.write() as session:
        near = await makers.make_household(session, caseroom.grids[0], 100, 500)
        far = await makers.make_household(session, caseroom.grids[0], 400, 500)
        person = await makers.make_resident(session, far)
        category = await makers.make_category(session, visit_every_days=7)
        opened_at = datetime(2026, 5, 1, tzinfo=UTC)
        await makers.make_care_record(session, person, category, opened_at=opened_at)
        await session.execute(sa.update(Household).where(Household.id == far.id).values(floor=1))
        worker = caseroom.workers[0]
        worker.post = makers.point(0, 500)
        await session.merge(worker)
    actor = caseroom.actors["staff"]
    async with caseroom.database.read() as session:
        two = await visiting.plan(session, actor, worker.id, "2026-06", 2)
        three = await visiting.plan(session, actor, worker.id, "2026-06", 5)
    assert far.id in two.household_ids
    assert three.household_ids == (near.id, caseroom.home.id, far.id)
    assert three.walk_meters == pytest.approx(400, abs=1)
    assert three.until.isoformat() == "2026-06-05"


def test_choosing_and_walking() -> None:
    """The longest overdue first, then those longest out of any plan; nine homes on a line are walked along the line."""
    at = datetime(2026, 5, 1, tzinfo=UTC)
    ids = [uuid.UUID(int=n) for n in range(1, 5)]
    homes = [
        Candidate(ids[0], (0, 0), None, at),
        Candidate(ids[1], (0, 0), at, None),
        Candidate(ids[2], (0, 0), at - timedelta(days=1), None),
        Candidate(ids[3], (0, 0), None, None),
    ]
    assert [each.household_id for each in choose(homes, 3)] == [ids[2], ids[1], ids[3]]
    order = [4, 0, 7, 2, 8, 1, 6, 3, 5]
    points = [makers.degrees(100 * (n + 1), 0) for n in order]
    found = walk(None, makers.degrees(0, 0), points)
    assert [order[n] for n in found.order] == list(range(9))
    assert (found.meters, found.measured) == (pytest.approx(900, abs=1), Measured.ESTIMATE)
    with pytest.raises(visiting.MonthUnfit):
        visiting.last_day("June")


async def test_a_decision_needs_its_quorum_and_its_majority(caseroom: CaseRoom) -> None:
    """Of three homes two must vote; one for, one against is no majority of the two: it is rejected, and says so."""
    async with caseroom.database.write() as session:
        homes = [caseroom.home, *[await makers.make_household(session, caseroom.grids[0], x, 100) for x in (50, 90)]]
    case = await caseroom.open("DECISION", "staff", {"question": "停车位怎么分？"})
    case = await caseroom.act(case, "staff", "DISCUSS")
    case = await caseroom.act(case, "staff", "CALL_VOTE")
    counts = []
    for home, choice in zip(homes, ("同意", "不同意"), strict=False):
        with pytest.raises(refusals.NoQuorum):
            await caseroom.act(case, "staff", "ADOPT")
        async with caseroom.database.write() as session:
            count = await votes.cast(session, caseroom.actors["staff"], case.id, home.id, choice)
            counts.append((count.voted, count.eligible, count.quorum_reached, dict(count.by_choice)))
    assert counts == [(1, 3, False, {"同意": 1}), (2, 3, True, {"同意": 1, "不同意": 1})]
    with pytest.raises(refusals.NotMet):
        await caseroom.act(case, "staff", "ADOPT")
    case = await caseroom.act(case, "staff", "REJECT")
    assert case.state == "REJECTED"


async def test_a_hazard_is_checked_by_another(caseroom: CaseRoom, standing_clock: StandingClock) -> None:
    """Within two hours, or it climbs; handled on the spot by the volunteer who found it, cleared by the staff."""
    late = await caseroom.open("HAZARD", "volunteer", {"danger": "HIGH"})
    case = await caseroom.open("HAZARD", "volunteer", {"what": "FIRE"})
    case = await caseroom.act(case, "volunteer", "HANDLE_ON_SPOT", "cleared the stairs")
    with pytest.raises(refusals.NotYourPart):
        await caseroom.act(case, "volunteer", "CLEAR")
    case = await caseroom.act(case, "staff", "FIND_AGAIN", "the stairs are full again")
    assert case.state == "IN_WORK"
    standing_clock.forward(hours=2, seconds=1)
    await caseroom.sweep()
    assert [(await caseroom.case(each.id)).rung for each in (late, case)] == [1, 0]


async def test_a_sealed_case_is_seen_by_its_team_alone(caseroom: CaseRoom) -> None:
    """Not by the manager of the street, not by the supervisor, not by search; its words are not in the clear."""
    details = {"happened_on": "2026-05-18", "kind": "人身损害"}
    case = await caseroom.open("CLAIM", "staff", details, subject="张某伤人", description="持刀")
    for name in ("street", "leader", "auditor", "worker", "admin"):
        assert not await sees(caseroom, caseroom.actors[name], case), name
        with pytest.raises(NotFound):
            await caseroom.act(case, name, "NOTE")
    assert await sees(caseroom, caseroom.actors["staff"], case)
    async with caseroom.database.read() as session:
        row = (await session.execute(sa.text("SELECT cases::text FROM cases WHERE id = :id"), {"id": case.id})).scalar()
        lines = await session.execute(sa.text("SELECT string_agg(case_events::text, '') FROM case_events"))
    assert "张某" not in f"{row}{lines.scalar()}"
    assert (case.location, case.assignee_id) == (None, None)
    assert [message.template for message in await caseroom.told()] == []  # nobody else learns that there is one


async def test_links_only_to_cases_that_one_sees(caseroom: CaseRoom) -> None:
    """A case of another grid is linked by the community's staff, not by the worker who does not see it."""
    mine, other = await caseroom.open(), await caseroom.open(at=makers.degrees(900, 900))
    with pytest.raises(NotFound):
        await caseroom.act(mine, "worker", "LINK", case_id=str(other.id))
    with pytest.raises(links.LinkedToItself):
        await caseroom.act(mine, "staff", "LINK", case_id=str(mine.id))
    await caseroom.act(mine, "staff", "LINK", case_id=str(other.id))
    assert await caseroom.kinds(mine) == ["OPENED", "LINK"]


async def test_refusals_leave_no_trace(caseroom: CaseRoom) -> None:
    """Unknown action, missing note, wrong form, wrong place: each by name, and nothing is stored."""
    case = await caseroom.act(await caseroom.open(), "worker", "ACCEPT")
    with pytest.raises(refusals.ActionUnknown):
        await caseroom.act(case, "worker", "EXPLODE")
    with pytest.raises(refusals.NoteNeeded):
        await caseroom.act(case, "worker", "ANSWER", None, solved=True)
    with pytest.raises(refusals.FieldsInvalid):
        await caseroom.act(case, "worker", "ANSWER", solved="perhaps")
    with pytest.raises(refusals.FieldsInvalid):
        await caseroom.open(details={"topic": "NO_SUCH_TOPIC"})
    with pytest.raises(refusals.PlaceNeeded):
        await caseroom.open(at=None)
    with pytest.raises(refusals.KindNotYours):
        await caseroom.open(by="planner")
    assert await caseroom.kinds(case) == ["OPENED", "ACCEPT"]
    async with caseroom.database.read() as session:
        assert await session.scalar(sa.select(sa.func.count()).select_from(Case)) == 1


async def sees(caseroom: CaseRoom, actor: Actor, case: Case) -> bool:
    """Whether a select finds the case for somebody, and the rules on values say the same."""
    async with caseroom.database.read() as session:
        found = await session.scalar(rights.visible_cases(sa.select(Case.id).where(Case.id == case.id), actor))
        standing = await engine.standing_of(session, await session.get_one(Case, case.id), actor)
        assert rights.may_see(case, actor, standing.state, standing.unit_ids) == (found is not None)
        return found is not None
