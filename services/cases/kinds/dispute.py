"""Dispute (矛盾纠纷多元化解, S10): consult, assess, mediate, litigate; each step takes off a part.

Three tiers of mediators: community, street, district. The self-assessment and its opinion are in `dispute_questions`
and `dispute_opinions`. The end states tell at which step a dispute was settled, so that the share of each is a count.
The source gives no terms: heard in 3 working days, mediated in 20, hard ones in 30, as 人民调解 is commonly held to.
"""

import enum
from datetime import datetime

from pydantic import Field

from services.cases.common import common
from services.cases.dispute_opinions import opinion
from services.cases.dispute_questions import Topic
from services.cases.kind import Effect, Form, Kind, Party, Rung, Situation, Start, Term, action
from services.cases.refusals import NotMet
from services.errors import Refusal
from services.models.accounts import Role
from services.models.areas import AreaLevel


class Side(enum.StrEnum):
    """The two sides of a dispute; their names are in the agreement, never in a form."""

    FIRST = "FIRST"
    SECOND = "SECOND"


class Way(enum.StrEnum):
    """How somebody signed."""

    ON_PAPER = "ON_PAPER"
    ONLINE = "ONLINE"


class Dispute(Form):
    """What a dispute is about."""

    topic: Topic = Field(title="纠纷类型")
    amount_yuan: float | None = Field(default=None, ge=0, title="涉及金额（元）")


class Answers(Form):
    """The self-assessment: a choice for every question of the topic."""

    answers: dict[str, str] = Field(title="自评答案")


class Appointment(Form):
    """When both sides meet the mediator, and whether online."""

    at: datetime
    online: bool = True
    place: str = Field(default="", max_length=200)


class Signature(Form):
    """Which side has signed the agreement as it was last drawn up."""

    side: Side
    way: Way = Way.ONLINE


def answered(situation: Situation) -> Refusal | None:
    """The assessment needs an answer to every question of its topic."""
    try:
        opinion(Topic(situation.details["topic"]), situation.fields["answers"])
    except Refusal as refusal:
        return refusal
    return None


def signed(situation: Situation) -> frozenset[str]:
    """The sides that have signed since the agreement was last drawn up."""
    drawn = [each.at for each in situation.done("DRAW_UP")]
    return frozenset(each.fields["side"] for each in situation.done("SIGN") if drawn and each.at >= drawn[-1])


def signs_once(situation: Situation) -> Refusal | None:
    """A side signs an agreement once."""
    twice = situation.fields["side"] in signed(situation)
    return NotMet(reason="This side has signed the agreement already.") if twice else None


def both_signed(situation: Situation) -> Refusal | None:
    """An agreement binds when both sides have signed it."""
    missing = sorted({Side.FIRST.value, Side.SECOND.value} - signed(situation))
    return NotMet(reason=f"Not signed yet by: {', '.join(missing)}.") if missing else None


OPEN = "CONSULTING ASSESSED MEDIATING SIGNING"
MEDIATORS = (Party.ASSIGNEE, Party.AGENT, Party.RUNG)
EVERYBODY = (Party.OPENER, *MEDIATORS)

KIND = Kind(
    code="DISPUTE",
    prefix="JF",
    name="矛盾纠纷",
    name_en="Dispute",
    details=Dispute,
    states={
        "CONSULTING": "咨询中",
        "ASSESSED": "已评估",
        "MEDIATING": "调解中",
        "SIGNING": "协议待签",
        "SETTLED_BY_ADVICE": "咨询化解",
        "SETTLED_BY_ASSESSMENT": "评估后化解",
        "SETTLED_BY_MEDIATION": "调解成功",
        "LITIGATED": "转入诉讼",
        "WITHDRAWN": "已撤回",
    },
    initial="CONSULTING",
    ends=frozenset({"SETTLED_BY_ADVICE", "SETTLED_BY_ASSESSMENT", "SETTLED_BY_MEDIATION", "LITIGATED", "WITHDRAWN"}),
    rungs=(
        Rung("COMMUNITY", AreaLevel.COMMUNITY, (Role.COMMUNITY_STAFF, Role.SOCIAL_WORKER, Role.MANAGER)),
        Rung("STREET", AreaLevel.STREET, (Role.COMMUNITY_STAFF, Role.SOCIAL_WORKER, Role.MANAGER)),
        Rung("DISTRICT", AreaLevel.DISTRICT, (Role.SOCIAL_WORKER, Role.MANAGER)),
    ),
    last_resort="DISTRICT",
    steps={
        "SETTLED_BY_ADVICE": "CONSULT",
        "SETTLED_BY_ASSESSMENT": "ASSESS",
        "SETTLED_BY_MEDIATION": "MEDIATE",
        "LITIGATED": "LITIGATE",
    },
    actions=(
        action("ACCEPT", f"{OPEN} >", (Party.ASSIGNEE, Party.RUNG), effect=Effect.ACCEPT, told="调解员已接手"),
        action(
            "ASSESS", "CONSULTING ASSESSED > ASSESSED", EVERYBODY, fields=Answers, guard=answered, told="已完成评估"
        ),
        action("SETTLE", "CONSULTING > SETTLED_BY_ADVICE", EVERYBODY, needs_note=True, told="经咨询已化解"),
        action("SETTLE_NOW", "ASSESSED > SETTLED_BY_ASSESSMENT", EVERYBODY, needs_note=True, told="经评估已化解"),
        action("MEDIATE", "CONSULTING ASSESSED > MEDIATING", MEDIATORS, told="进入调解"),
        action("APPOINT", "MEDIATING SIGNING >", MEDIATORS, fields=Appointment, told="已约定调解时间"),
        action("DRAW_UP", "MEDIATING SIGNING > SIGNING", MEDIATORS, needs_note=True, told="调解协议待双方签字"),
        action("SIGN", "SIGNING >", EVERYBODY, fields=Signature, guard=signs_once),
        action("CONCLUDE", "SIGNING > SETTLED_BY_MEDIATION", MEDIATORS, guard=both_signed, told="调解成功"),
        action("LITIGATE", f"{OPEN} > LITIGATED", EVERYBODY, needs_note=True, told="已转入诉讼"),
        action("WITHDRAW", f"{OPEN} > WITHDRAWN", (Party.OPENER,), told="已撤回"),
        *common(OPEN),
    ),
    terms=(
        Term("ACCEPT", 1, met_by=("ACCEPT",)),
        Term("HEAR", 3, met_by=("ASSESS", "SETTLE", "MEDIATE", "LITIGATE", "WITHDRAW")),
        Term(
            "MEDIATE",
            20,
            met_by=("CONCLUDE", "LITIGATE", "WITHDRAW"),
            starts=Start.ACTION,
            started_by=("MEDIATE",),
            longer=30,
        ),
    ),
    roles=frozenset(
        {Role.GRID_WORKER, Role.VOLUNTEER, Role.SOCIAL_WORKER, Role.COMMUNITY_STAFF, Role.MANAGER, Role.DISPATCHER}
    ),
    residents=True,
)
