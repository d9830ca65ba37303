"""The self-assessment of a dispute (S10): what is asked, and the guidance opinion that rules give for the answers.

GET /disputes/opinion.html?topic=LOAN&LENT=CASH&...    the opinion as a page to print; for everybody
"""

from collections.abc import Mapping, Sequence

import jinja2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from strawberry import Parent

from schema import answers
from schema.context import Info
from schema.lens import field, given, lens, listing, shown, words
from services.cases import dispute_opinions
from services.cases.dispute_opinions import AnswersIncomplete, Opinion, Sentence
from services.cases.dispute_questions import STEPS, TOPICS, Question, Step, Topic, questions

words(Topic, Step)

MOST_QUESTIONS = 20
MOST_CHOICES = 20
MOST_SENTENCES = 40
_PAGES = jinja2.Environment(
    loader=jinja2.PackageLoader("services"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
}


@lens
class DisputeChoice:
    """One answer that a question has."""

    code: str = shown("Send it as the answer.")
    text: str = shown("In words.")


@lens
class DisputeQuestion:
    """One multiple-choice question."""

    code: str = shown("Names the question.")
    text: str = shown("The question.")

    @listing(graphql_type=list[DisputeChoice], at_most=MOST_CHOICES)
    async def choices(self, row: Parent[Question]) -> list[DisputeChoice]:
        """Its answers, in order."""
        return [DisputeChoice(code=code, text=text) for code, text in row.choices.items()]


@lens
class OpinionSentence:
    """One sentence of an opinion."""

    text: str = shown("What is said.")
    law: str = shown("The law that it points to; empty when none.")


@lens
class GuidanceOpinion:
    """What rules suggest, for orientation. It is not legal advice, and its note says so."""

    topic: Topic = shown("The kind of dispute.")
    step: Step = shown("Where to take it next.")
    note: str = shown("What the opinion is not; to be shown with it, always.")

    @listing(graphql_type=list[OpinionSentence], at_most=MOST_SENTENCES)
    async def sentences(self, row: Parent[Opinion]) -> Sequence[Sentence]:
        """Why, in order."""
        return row.sentences


@given
class DisputeAnswerInput:
    """The answer to one question."""

    question: str = shown("The question's code.")
    choice: str = shown("The choice's code.")


@lens
class DisputeQuery:
    """What can be asked about a dispute before it is one."""

    @listing(graphql_type=list[DisputeQuestion] | None, at_most=MOST_QUESTIONS)
    async def dispute_questions(self, info: Info, topic: Topic) -> Sequence[Question]:
        """What a dispute of a kind is asked."""
        return questions(topic)

    @field(graphql_type=GuidanceOpinion | None)
    async def guidance_opinion(self, info: Info, topic: Topic, answers: list[DisputeAnswerInput]) -> Opinion:
        """The opinion that the rules give for these answers; nothing of them is kept."""
        return dispute_opinions.opinion(topic, {each.question: each.choice for each in answers})


def routes() -> list[BaseRoute]:
    """The page to print."""
    return [Route("/disputes/opinion.html", answers.answering(_printed))]


async def _printed(request: Request) -> Response:
    given_answers: Mapping[str, str] = request.query_params
    if given_answers.get("topic") not in list(Topic):
        raise AnswersIncomplete(missing="topic")
    topic = Topic(given_answers["topic"])
    found = dispute_opinions.opinion(topic, given_answers)
    told = [(each.text, each.choices[given_answers[each.code]]) for each in questions(topic)]
    page = _PAGES.get_template("opinion.html").render(opinion=found, answers=told, topics=TOPICS, steps=STEPS)
    return Response(page, headers=HEADERS, media_type="text/html; charset=utf-8")
