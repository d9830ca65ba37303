"""Claim (S11): a person in care has done harm; the public liability insurance steps in at once, three parties are paid.

Sealed: seen by the case's own team alone. The insurer is told on the first working day. 保险法 art. 23: assessed within
30 days, paid within 10 days of the agreement; both are calendar days, counted here from the hour, which is never
later.
"""

import enum
from datetime import date

from pydantic import Field

from services.cases.common import clock_actions, team_actions
from services.cases.kind import STAY, Form, Kind, Party, Rung, Situation, Start, Term, action
from services.cases.refusals import NotMet
from services.errors import Refusal
from services.ladder import TimeUnit
from services.models.accounts import Role
from services.models.areas import AreaLevel

DAY = 86_400


class Payee(enum.StrEnum):
    """The three parties that are compensated: who was harmed, the person in care, who guards that person."""

    HARMED = "HARMED"
    PERSON = "PERSON"
    GUARDIAN = "GUARDIAN"


class Harm(Form):
    """What has happened; no name and no diagnosis."""

    happened_on: date = Field(title="发生日期")
    kind: str = Field(min_length=2, max_length=80, title="损害类型")
    police_told: bool = Field(default=False, title="已报警")


class Insurer(Form):
    """The insurer was told, and has given the claim a number."""

    policy: str = Field(min_length=1, max_length=80)
    claim_number: str = Field(min_length=1, max_length=80)


class Amounts(Form):
    """What the insurer grants each party, in yuan; nought when that party has no damage."""

    harmed_yuan: float = Field(ge=0)
    person_yuan: float = Field(ge=0)
    guardian_yuan: float = Field(ge=0)


class OfPayee(Form):
    """One of the three parties."""

    payee: Payee


class Payment(Form):
    """What was paid to one of them, in yuan."""

    payee: Payee
    yuan: float = Field(gt=0)


def granted(situation: Situation) -> dict[str, float]:
    """What each party is to get, as it was last assessed."""
    last = situation.done("ASSESS")[-1].fields
    return {each.value: float(last[f"{each.value.lower()}_yuan"]) for each in Payee}


def agreed(situation: Situation) -> set[str]:
    """The parties that have agreed since the last assessment."""
    since = situation.done("ASSESS")[-1].at
    return {each.fields["payee"] for each in situation.done("AGREE") if each.at >= since}


def paid(situation: Situation) -> dict[str, float]:
    """What each party has got so far."""
    sums: dict[str, float] = {}
    for each in situation.done("PAY"):
        sums[each.fields["payee"]] = sums.get(each.fields["payee"], 0.0) + float(each.fields["yuan"])
    return sums


def payable(situation: Situation) -> Refusal | None:
    """Nobody is paid before agreeing, and nobody more than was granted."""
    payee, yuan = situation.fields["payee"], float(situation.fields["yuan"])
    if payee not in agreed(situation):
        return NotMet(reason="This party has not agreed to the amount yet.")
    if round(paid(situation).get(payee, 0.0) + yuan, 2) > round(granted(situation)[payee], 2):
        return NotMet(reason="That is more than this party was granted.")
    return None


def all_paid(situation: Situation) -> Refusal | None:
    """A claim is closed when all three parties have agreed and have got what they were granted."""
    have, due = paid(situation), granted(situation)
    open_ = [name for name, yuan in due.items() if name not in agreed(situation) or have.get(name, 0.0) < yuan - 0.005]
    return NotMet(reason=f"Not agreed or not fully paid yet: {', '.join(sorted(open_))}.") if open_ else None


OPEN = "REPORTED TOLD ASSESSED"
TEAM = (Party.TEAM,)

KIND = Kind(
    code="CLAIM",
    prefix="LP",
    name="责任险理赔",
    name_en="Claim on the public liability insurance",
    details=Harm,
    states={
        "REPORTED": "已报告",
        "TOLD": "已报案",
        "ASSESSED": "已定损",
        "CLOSED": "已结案",
        "REFUSED": "保险人拒赔",
    },
    initial="REPORTED",
    ends=frozenset({"CLOSED", "REFUSED"}),
    rungs=(Rung("COMMUNITY", AreaLevel.COMMUNITY, (Role.COMMUNITY_STAFF, Role.SOCIAL_WORKER, Role.MANAGER)),),
    actions=(
        action("TELL_INSURER", "REPORTED > TOLD", TEAM, fields=Insurer),
        action("ASSESS", "TOLD ASSESSED > ASSESSED", TEAM, fields=Amounts),
        action("AGREE", "ASSESSED >", TEAM, fields=OfPayee),
        action("PAY", "ASSESSED >", TEAM, fields=Payment, guard=payable),
        action("CLOSE", "ASSESSED > CLOSED", TEAM, guard=all_paid),
        action("REFUSE", "TOLD ASSESSED > REFUSED", TEAM, needs_note=True),
        action("NOTE", f"{OPEN} >", TEAM, needs_note=True, while_paused=True),
        *team_actions(OPEN),
        *clock_actions(OPEN),
    ),
    terms=(
        Term("TELL_INSURER", 1, met_by=("TELL_INSURER",), missed=STAY),
        Term(
            "ASSESS",
            30 * DAY,
            met_by=("ASSESS", "REFUSE"),
            starts=Start.ACTION,
            started_by=("TELL_INSURER",),
            unit=TimeUnit.SECONDS,
            missed=STAY,
        ),
        Term(
            "PAY",
            10 * DAY,
            met_by=("CLOSE", "REFUSE"),
            starts=Start.ACTION,
            started_by=("AGREE",),
            unit=TimeUnit.SECONDS,
            missed=STAY,
        ),
    ),
    roles=frozenset({Role.GRID_WORKER, Role.SOCIAL_WORKER, Role.COMMUNITY_STAFF, Role.MANAGER}),
    sealed=True,
)
