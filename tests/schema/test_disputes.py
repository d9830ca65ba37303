"""The self-assessment of a dispute over the API, for those without an account too."""

import httpx
from starlette.applications import Starlette

from schema import disputes
from services.cases.dispute_opinions import NOTE
from tests.schema.asking import Asking

QUESTIONS = "query ($topic: Topic!) { disputeQuestions(topic: $topic) { code text choices { code text } } }"
OPINION = """query ($topic: Topic!, $answers: [DisputeAnswerInput!]!) {
  guidanceOpinion(topic: $topic, answers: $answers) { topic step note sentences { text law } } }"""
LOAN = {"LENT": "CASH", "INTEREST": "NONE", "DANGER": "NO", "EVIDENCE": "WITNESS", "AGE": "LONGER", "WILLING": "NO"}


def answers(**changed: str) -> list[dict[str, str]]:
    """The answers about a loan, as the API takes them."""
    return [{"question": question, "choice": choice} for question, choice in (LOAN | changed).items()]


async def test_somebody_without_an_account_asks_for_an_opinion(ask: Asking) -> None:
    """Cash lent long ago without interest, the other side unwilling: to court, with the three laws to look at."""
    nobody = ask.as_(None)
    asked = (await nobody(QUESTIONS, topic="LOAN"))["disputeQuestions"]
    assert [each["code"] for each in asked] == list(LOAN)
    assert asked[0]["choices"] == [{"code": "TRANSFER", "text": "转账"}, {"code": "CASH", "text": "现金"}]
    found = (await nobody(OPINION, topic="LOAN", answers=answers()))["guidanceOpinion"]
    assert (found["topic"], found["step"], found["note"]) == ("LOAN", "LITIGATE", NOTE)
    assert [each["law"] for each in found["sentences"] if each["law"]] == [
        "人民调解法第十七条",
        "民法典第一百八十八条、第一百九十五条",
        "民法典第六百七十九条",
        "民法典第六百八十条",
    ]


async def test_an_unanswered_question_is_named(ask: Asking) -> None:
    error = await ask.refused(OPINION, topic="LOAN", answers=answers(AGE="OLD"))
    assert (error["extensions"]["code"], "AGE" in error["message"]) == ("ANSWERS_INCOMPLETE", True)


async def test_the_opinion_is_printed_with_its_note() -> None:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(Starlette(routes=disputes.routes())), base_url="http://linli.test"
    ) as http:
        page = await http.get("/disputes/opinion.html", params={"topic": "LOAN", **LOAN})
        assert (page.status_code, page.headers["content-security-policy"]) == (
            200,
            disputes.HEADERS["Content-Security-Policy"],
        )
        assert NOTE in page.text
        assert "民法典第六百八十条" in page.text
        for wrong in ({"topic": "MOON"}, {"topic": "LOAN", "LENT": "CASH"}):
            refused = await http.get("/disputes/opinion.html", params=wrong)
            assert (refused.status_code, refused.json()["code"]) == (400, "ANSWERS_INCOMPLETE")
