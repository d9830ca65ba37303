"""The guidance opinion on a dispute: printed from rules, for orientation, and never legal advice."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.cases.dispute_questions import Step, Topic, questions
from services.cases.dispute_rules import Rule, rules
from services.errors import Invalid

NOTE = (
    "本意见由规则根据您的回答自动生成，仅供参考，不是法律意见，也不约束任何一方。"
    "证据和细节可能改变结论，请向调解员、律师或者12348公共法律服务热线核实。"
)


class AnswersIncomplete(Invalid):
    """Answer every question with one of its choices; missing or not understood: {missing}."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an opinion, with the law that it points to; empty when it is common sense."""

    text: str
    law: str = ""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What is suggested next, why, and the note that goes with it."""

    topic: Topic
    step: Step
    sentences: tuple[Sentence, ...]
    note: str = NOTE


def opinion(topic: Topic, answers: Mapping[str, str]) -> Opinion:
    """The opinion that the rules give for these answers. Raises AnswersIncomplete."""
    missing = [each.code for each in questions(topic) if answers.get(each.code) not in each.choices]
    if missing:
        raise AnswersIncomplete(missing=", ".join(missing))
    applying = [rule for rule in rules(topic) if _applies(rule, answers)]
    return Opinion(topic, _step(applying), tuple(Sentence(rule.says, rule.law) for rule in applying))


def _applies(rule: Rule, answers: Mapping[str, str]) -> bool:
    return all(answers.get(question) == choice for question, choice in rule.when.items())


def _step(applying: list[Rule]) -> Step:
    """Safety before all; nobody is sent to a court for want of evidence; else what the last rule asks for."""
    asked = [rule.step for rule in applying if rule.step is not None]
    if Step.POLICE in asked:
        return Step.POLICE
    if Step.CONSULT in asked:
        return Step.CONSULT
    return asked[-1] if asked else Step.MEDIATE
