"""What a resident reads of the own matter: where it stands and whose office has it, and no person's name."""

import sqlalchemy as sa

from fixtures import makers
from services.actors import actor_of
from services.cases import engine
from services.cases.engine import Act
from services.models import Account, Case, CaseEvent, Reading
from tests.schema.asking import Asking
from tests.schema.casestage import TRACKING, CaseStage
from tests.schema.town import Town

TRACK = """query($number: String!, $code: String!) {
  trackCase(number: $number, code: $code) { kind state rung handledBy publicTimeline { kind text } }
}"""


async def test_who_has_it_is_told_by_area_and_never_by_name(changing: tuple[Asking, Town]) -> None:
    """First the grid, then the community to which it was whistled up; the reason is not for the resident."""
    ask, town = changing
    stage, nobody = await CaseStage.of(ask, town), ask.as_(None)
    case = await stage.opened()
    told = (await nobody(TRACK, number=case.number, code=TRACKING))["trackCase"]
    assert told == {
        "kind": "APPEAL",
        "state": "RECEIVED",
        "rung": "GRID",
        "handledBy": town.grids[0].name,
        "publicTimeline": [{"kind": "OPENED", "text": "已收到"}],
    }
    await stage.act(case, town.grid_worker, "WHISTLE_UP")
    response = await nobody.send(TRACK, number=case.number, code=TRACKING)
    told = response.json()["data"]["trackCase"]
    assert (told["rung"], told["handledBy"]) == ("COMMUNITY", town.community.name)
    assert told["publicTimeline"][-1] == {"kind": "WHISTLE_UP", "text": "已上报上一级处理"}
    assert town.workers[0].name not in response.text
    assert "because" not in response.text


ANSWERS = """query($number: String!, $code: String!) {
  trackCase(number: $number, code: $code) { publicTimeline { kind answer } }
}"""
ALLOWED = "query($id: ID!) { case(id: $id) { allowedActions { name answers } } }"


async def said(stage: CaseStage, case: Case, account: Account, action: str, note: str, **fields: object) -> None:
    """Somebody does something, in these words."""
    async with stage.ask.api.platform("casework").write() as session:
        actor = await actor_of(session, account.id)
        await engine.act(session, makers.KEYRING, actor, Act(case.id, action, note, fields))


async def test_the_words_of_the_answer_reach_the_resident_and_no_others_do(changing: tuple[Asking, Town]) -> None:
    """What the worker answered is read as it was written; the note kept beside it and the reason of a call are not."""
    ask, town = changing
    stage, nobody = await CaseStage.of(ask, town), ask.as_(None)
    case = await stage.opened()
    await said(stage, case, town.grid_worker, "ACCEPT", "internal: looks like the owner again")
    await said(stage, case, town.grid_worker, "NOTE", "internal: spoke with the neighbours")
    await said(stage, case, town.grid_worker, "ANSWER", "路灯已换新", solved=True)
    response = await nobody.send(ANSWERS, number=case.number, code=TRACKING)
    assert response.json()["data"]["trackCase"]["publicTimeline"] == [
        {"kind": "OPENED", "answer": None},
        {"kind": "ACCEPT", "answer": None},
        {"kind": "ANSWER", "answer": "路灯已换新"},
    ]
    assert "internal" not in response.text
    assert await nobody.code(ANSWERS, number=case.number, code="AAAAAAAAAA") == "NOT_FOUND"


async def test_an_account_that_reads_an_answer_by_its_code_stands_in_the_read_log(
    changing: tuple[Asking, Town],
) -> None:
    """As for whoever opens the file itself; who has no account reads what was written to them."""
    ask, town = changing
    stage = await CaseStage.of(ask, town)
    case = await stage.answered()
    await ask.as_(None)(ANSWERS, number=case.number, code=TRACKING)
    await ask.as_(stage.staff)(ANSWERS, number=case.number, code=TRACKING)
    async with ask.database.read({"everywhere": True}) as session:
        found = (await session.scalars(sa.select(Reading))).all()
    assert [(each.actor_id, each.thing, each.fields) for each in found] == [(stage.staff.id, "case_events", ["detail"])]


async def test_words_from_before_residents_read_them_stay_in_the_house(changing: tuple[Asking, Town]) -> None:
    """A line without the mark was written when nobody outside read it: it tells that there was an answer, no more."""
    ask, town = changing
    case = await (await CaseStage.of(ask, town)).answered()
    async with ask.api.platform("casework").write() as session:
        old = {"fields": {"solved": True, "on_site": False}}
        await session.execute(
            sa.update(CaseEvent).where(CaseEvent.case_id == case.id, CaseEvent.kind == "ANSWER").values(detail=old)
        )
    told = (await ask.as_(None)(ANSWERS, number=case.number, code=TRACKING))["trackCase"]["publicTimeline"]
    assert told[-1] == {"kind": "ANSWER", "answer": None}


async def test_whoever_answers_is_told_that_the_resident_reads_it(changing: tuple[Asking, Town]) -> None:
    """Of what the worker may do with an accepted appeal, the answer alone is written to the resident."""
    ask, town = changing
    stage = await CaseStage.of(ask, town)
    case = await stage.act(await stage.opened(), town.grid_worker, "ACCEPT")
    allowed = (await ask.as_(town.grid_worker)(ALLOWED, id=str(case.id)))["case"]["allowedActions"]
    assert [each["name"] for each in allowed if each["answers"]] == ["ANSWER"]
    assert len(allowed) > 1


async def test_the_time_zone_of_the_house_is_told_to_anybody(ask: Asking) -> None:
    """Pages without an account show due times in it; beside another field it is open to nobody without a token."""
    assert await ask.as_(None)("{ settings { timeZone } }") == {"settings": {"timeZone": "Asia/Shanghai"}}
    assert await ask("{ settings { timeZone } viewer { name } }")
    assert await ask.as_(None).code("{ settings { timeZone } viewer { name } }") == "NOT_SIGNED_IN"
