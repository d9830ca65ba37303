"""Joint meeting (地企联席会议) with risk assessment (S12): government convenes, both sides talk as equals.

What is agreed becomes cases of the kind COMMITMENT, each with its owner and its date. A large decision cannot be marked
decided without its assessment of risks to social stability, which looks at four things (合法、合理、可行、可控); what
is assessed as of high risk is not carried out, and what is of middle risk only with measures.
"""

import enum
from collections.abc import Sequence
from datetime import date

from pydantic import Field

from services.cases.common import clock_actions, joint_actions
from services.cases.kind import STAY, Effect, Form, Kind, Party, Rung, Situation, Spawn, Term, action
from services.cases.refusals import NotMet
from services.errors import Refusal
from services.models.accounts import Role
from services.models.areas import AreaLevel
from services.models.cases import UnitKind

COMMITMENT = "COMMITMENT"


class Risk(enum.StrEnum):
    """How great a risk is."""

    LOW = "LOW"
    MIDDLE = "MIDDLE"
    HIGH = "HIGH"


class Meeting(Form):
    """Who meets, on what. Parties are organisations and groups, not persons."""

    parties: list[str] = Field(min_length=2, max_length=20, title="参会各方")
    agenda: list[str] = Field(min_length=1, max_length=30, title="议题")
    meets_on: date = Field(title="会议日期")
    large_decision: bool = Field(default=False, title="涉及重大决策")


class Present(Form):
    """Which of the parties have come."""

    present: list[str] = Field(min_length=1, max_length=20)


class RiskAssessment(Form):
    """The four looks at a large decision, and the measures against what was found."""

    legality: Risk
    reasonableness: Risk
    feasibility: Risk
    controllability: Risk
    asked_publicly: bool = Field(title="已公开征求意见")
    measures: str = Field(default="", max_length=2000)


class Commitment(Form):
    """What one party takes upon itself, until when."""

    party: str = Field(min_length=1, max_length=200)
    what: str = Field(min_length=2, max_length=100)
    due_on: date


class Decision(Form):
    """What the meeting has agreed."""

    commitments: list[Commitment] = Field(default_factory=list, max_length=30)


def all_parties_came(situation: Situation) -> Refusal | None:
    """Nobody is decided about in absence: every party is there."""
    absent = [party for party in situation.details["parties"] if party not in situation.fields["present"]]
    return NotMet(reason=f"Not present: {', '.join(absent)}. Adjourn, or agree on another day.") if absent else None


def overall(assessed: Situation | dict[str, str]) -> Risk:
    """The greatest of the four risks."""
    fields = assessed.fields if isinstance(assessed, Situation) else assessed
    looks = [fields[name] for name in ("legality", "reasonableness", "feasibility", "controllability")]
    return max((Risk(each) for each in looks), key=list(Risk).index)


def may_be_decided(situation: Situation) -> Refusal | None:
    """Only parties commit themselves; a large decision needs its assessment, and measures against what it found."""
    strangers = {each["party"] for each in situation.fields["commitments"]} - set(situation.details["parties"])
    if strangers:
        return NotMet(reason=f"Not a party of this meeting: {', '.join(sorted(strangers))}.")
    if not situation.details["large_decision"]:
        return None
    assessed = situation.done("ASSESS_RISK")
    if not assessed:
        return NotMet(reason="A large decision is not decided before its risks are assessed: use ASSESS_RISK.")
    last = dict(assessed[-1].fields)
    risk = overall(last)
    if risk is Risk.HIGH:
        return NotMet(reason="The risk was assessed as high: change the plan and assess it anew, or give it up.")
    if risk is Risk.MIDDLE and not last["measures"]:
        return NotMet(reason="The risk was assessed as middle: it needs measures.")
    return None if last["asked_publicly"] else NotMet(reason="Those concerned were not asked publicly yet.")


def commitments(situation: Situation) -> Sequence[Spawn]:
    """Each commitment becomes a case of its own."""
    return [Spawn(COMMITMENT, each["what"], each, relation=COMMITMENT) for each in situation.fields["commitments"]]


def all_kept(situation: Situation) -> Refusal | None:
    """A meeting is closed when none of its commitments is open."""
    open_ = situation.open_links.get(COMMITMENT, 0)
    return NotMet(reason=f"{open_} of the commitments are still open.") if open_ else None


OPEN = "PREPARING MEETING FOLLOWING_UP"
HOSTS = (Party.ASSIGNEE, Party.RUNG)

KIND = Kind(
    code="MEETING",
    prefix="LX",
    name="地企联席会议",
    name_en="Joint meeting",
    details=Meeting,
    states={
        "PREPARING": "筹备中",
        "MEETING": "会议中",
        "FOLLOWING_UP": "跟踪落实",
        "CLOSED": "已办结",
        "GIVEN_UP": "未形成决定",
    },
    initial="PREPARING",
    ends=frozenset({"CLOSED", "GIVEN_UP"}),
    rungs=(
        Rung(
            "STREET",
            AreaLevel.STREET,
            (Role.COMMUNITY_STAFF, Role.MANAGER, Role.SUPERVISOR),
            UnitKind.STREET_OFFICE,
        ),
    ),
    actions=(
        action("ACCEPT", f"{OPEN} >", HOSTS, effect=Effect.ACCEPT),
        action("ASSESS_RISK", "PREPARING MEETING >", HOSTS, fields=RiskAssessment, needs_note=True),
        action("CONVENE", "PREPARING > MEETING", HOSTS, fields=Present, guard=all_parties_came),
        action("ADJOURN", "MEETING > PREPARING", HOSTS, needs_note=True),
        action(
            "DECIDE",
            "MEETING > FOLLOWING_UP",
            HOSTS,
            fields=Decision,
            guard=may_be_decided,
            follows=commitments,
            needs_note=True,
        ),
        action("GIVE_UP", "PREPARING MEETING > GIVEN_UP", HOSTS, needs_note=True),
        action("CLOSE", "FOLLOWING_UP > CLOSED", HOSTS, guard=all_kept),
        *clock_actions(OPEN),
        *joint_actions(OPEN, HOSTS),
    ),
    terms=(
        Term("MEET", 10, met_by=("DECIDE", "GIVE_UP"), due_field="meets_on", missed=STAY),
        Term("ACCEPT", 3, met_by=("ACCEPT",), missed=STAY),
    ),
    roles=frozenset({Role.COMMUNITY_STAFF, Role.MANAGER, Role.SUPERVISOR}),
)
