"""Disputes (S10): the self-assessment and its opinion, mediation, and an agreement that both sides sign."""

import itertools

import pytest

from services.cases import refusals
from services.cases.dispute_opinions import NOTE, AnswersIncomplete, opinion
from services.cases.dispute_questions import Step, Topic, questions
from services.cases.dispute_rules import rules
from services.errors import NotAllowed
from services.models import Case
from tests.caseroom import CaseRoom, local
from tests.conftest import StandingClock

RENT = {"LEASE": "ORAL", "ABOUT": "RENT", "DANGER": "NO", "EVIDENCE": "MESSAGES", "AGE": "YEAR", "WILLING": "YES"}
WAGES = {"ABOUT": "WAGES", "EMPLOYED": "YES", "DANGER": "NO", "EVIDENCE": "WRITTEN", "AGE": "THREE", "WILLING": "NO"}


def test_there_are_ten_kinds_and_every_rule_can_apply() -> None:
    """Each rule names questions of its topic and choices that they have."""
    assert len(Topic) == 10
    for topic in Topic:
        asked = {each.code: each for each in questions(topic)}
        assert len(asked) == len(questions(topic))
        for rule in rules(topic):
            assert all(choice in asked[question].choices for question, choice in rule.when.items()), rule


@pytest.mark.parametrize("topic", Topic)
def test_every_way_of_answering_gives_an_opinion(topic: Topic) -> None:
    """With something to say, and never a court for somebody in danger or without evidence."""
    asked = questions(topic)
    for choices in itertools.product(*(each.choices for each in asked)):
        answers = dict(zip((each.code for each in asked), choices, strict=True))
        found = opinion(topic, answers)
        assert found.sentences
        assert found.note == NOTE
        if answers["DANGER"] == "YES":
            assert found.step is Step.POLICE
        elif answers["EVIDENCE"] == "NONE":
            assert found.step in (Step.CONSULT, Step.POLICE)


def test_the_opinion_says_what_the_law_says() -> None:
    found = opinion(Topic.HOUSE_LEASE, RENT)
    assert found.step is Step.MEDIATE
    assert [each.law for each in found.sentences] == [
        "",
        "人民调解法第四条、第三十三条",
        "民法典第七百零七条",
        "民法典第七百二十二条",
    ]


def test_labour_goes_to_arbitration_before_the_court() -> None:
    found = opinion(Topic.LABOUR, WAGES)
    assert found.step is Step.ARBITRATE
    assert "劳动争议调解仲裁法第五条" in [each.law for each in found.sentences]
    assert not any("民法典第一百八十八条" in each.law for each in found.sentences)


def test_an_opinion_needs_every_answer() -> None:
    with pytest.raises(AnswersIncomplete, match="AGE, WILLING"):
        opinion(Topic.HOUSE_LEASE, {**RENT, "AGE": "LONG", "WILLING": ""})


async def opened(room: CaseRoom) -> Case:
    """A dispute about rent, opened by a volunteer and accepted by the community."""
    case = await room.open("DISPUTE", by="volunteer", details={"topic": "HOUSE_LEASE"}, subject="租金纠纷")
    return await room.act(case, "staff", "ACCEPT")


async def test_a_dispute_is_mediated_and_signed_by_both(caseroom: CaseRoom) -> None:
    """Mediation began on Wednesday 20 May 2026: 20 working days later is Wednesday 17 June."""
    case = await caseroom.act(await opened(caseroom), "volunteer", "ASSESS", answers=RENT)
    case = await caseroom.act(case, "staff", "MEDIATE")
    assert await caseroom.due(case, "MEDIATE") == local(18, month=6)
    case = await caseroom.act(case, "staff", "APPOINT", at="2026-05-22T10:00:00+08:00", online=True)
    case = await caseroom.act(case, "staff", "DRAW_UP", note="六月底前付清")
    case = await caseroom.act(case, "staff", "SIGN", side="FIRST")
    with pytest.raises(refusals.NotMet, match="SECOND"):
        await caseroom.act(case, "staff", "CONCLUDE")
    with pytest.raises(refusals.NotMet, match="already"):
        await caseroom.act(case, "volunteer", "SIGN", side="FIRST")
    case = await caseroom.act(case, "volunteer", "SIGN", side="SECOND", way="ON_PAPER")
    case = await caseroom.act(case, "staff", "CONCLUDE")
    assert case.state == "SETTLED_BY_MEDIATION"
    assert case.ended_at is not None


async def test_a_new_draft_is_signed_anew(caseroom: CaseRoom, standing_clock: StandingClock) -> None:
    case = await caseroom.act(await opened(caseroom), "staff", "MEDIATE")
    case = await caseroom.act(case, "staff", "DRAW_UP", note="first")
    case = await caseroom.act(case, "staff", "SIGN", side="FIRST")
    case = await caseroom.act(case, "staff", "SIGN", side="SECOND")
    standing_clock.forward(minutes=1)
    case = await caseroom.act(case, "staff", "DRAW_UP", note="second")
    case = await caseroom.act(case, "staff", "SIGN", side="SECOND")
    with pytest.raises(refusals.NotMet, match="FIRST"):
        await caseroom.act(case, "staff", "CONCLUDE")


async def test_an_incomplete_assessment_changes_nothing(caseroom: CaseRoom) -> None:
    case = await opened(caseroom)
    with pytest.raises(AnswersIncomplete):
        await caseroom.act(case, "volunteer", "ASSESS", answers={"LEASE": "ORAL"})
    assert (await caseroom.case(case.id)).state == "CONSULTING"
    assert await caseroom.kinds(case) == ["OPENED", "ACCEPT"]


async def test_only_the_opener_withdraws(caseroom: CaseRoom) -> None:
    case = await opened(caseroom)
    with pytest.raises(NotAllowed):
        await caseroom.act(case, "staff", "WITHDRAW")
    assert (await caseroom.act(case, "volunteer", "WITHDRAW")).state == "WITHDRAWN"
