"""Five-step decision (五事工作法, S8): residents raise, the grid discusses, a meeting decides, all carry out and rate.

One household, one vote, open or secret. 民法典 art. 278, by count of homes: two thirds must take part; an ordinary
matter needs more than half of those who vote, a special one (`special`: funds for repair, rebuilding, other use of
what is shared) three quarters. The result is published as it was counted.
"""

from datetime import date
from fractions import Fraction

from pydantic import Field, model_validator

from services.cases.common import clock_actions, joint_actions
from services.cases.kind import STAY, Ballot, Effect, Form, Kind, Party, Rung, Situation, Start, Term, action
from services.cases.quorum import needed
from services.cases.refusals import NoQuorum, NotMet
from services.errors import Refusal
from services.models.accounts import Role
from services.models.areas import AreaLevel

ORDINARY, SPECIAL = Fraction(1, 2), Fraction(3, 4)


class Matter(Form):
    """What is to be decided, among which choices; one of them says no."""

    question: str = Field(min_length=4, max_length=300, title="议题")
    choices: list[str] = Field(default=["同意", "不同意", "弃权"], min_length=2, max_length=10, title="选项")
    against: str = Field(default="不同意", title="反对选项")
    abstaining: str = Field(default="弃权", title="弃权选项")
    secret: bool = Field(default=False, title="无记名")
    special: bool = Field(default=False, title="重大事项（四分之三）")
    vote_until: date | None = Field(default=None, title="投票截止日")

    @model_validator(mode="after")
    def _fits(self) -> "Matter":
        if len(set(self.choices)) != len(self.choices) or any(not 1 <= len(each) <= 80 for each in self.choices):
            raise ValueError("choices differ from each other and have 1 to 80 characters")
        if self.against not in self.choices:
            raise ValueError("against is one of the choices")
        return self


class Rated(Form):
    """What the public says of it afterwards: how many homes were asked, and how many are content."""

    asked: int = Field(ge=1)
    content: int = Field(ge=0)


def quorum(situation: Situation) -> Refusal | None:
    """Two thirds of the homes have voted."""
    voted, least = sum(situation.tally.values()), needed(situation.eligible)
    return NoQuorum(voted=voted, eligible=situation.eligible, needed=least) if voted < least else None


def carried(situation: Situation) -> str | None:
    """The choice that has the majority it needs of those who voted; None when none has."""
    voted, details = sum(situation.tally.values()), situation.details
    says_nothing = {details["against"], details["abstaining"]}
    found = [choice for choice in situation.tally if choice not in says_nothing]
    best = max(found, key=lambda choice: situation.tally[choice], default=None)
    if best is None:
        return None
    share = Fraction(situation.tally[best], voted)
    return best if (share >= SPECIAL if details["special"] else share > ORDINARY) else None


def may_adopt(situation: Situation) -> Refusal | None:
    """Enough have voted, and enough of them for one choice."""
    missing = quorum(situation)
    if missing is not None or carried(situation) is not None:
        return missing
    return NotMet(reason="No choice has the majority that it needs. Close the vote with REJECT.")


def may_reject(situation: Situation) -> Refusal | None:
    """Enough have voted, and no choice has its majority."""
    missing = quorum(situation)
    if missing is not None or carried(situation) is None:
        return missing
    return NotMet(reason=f"{carried(situation)} has the majority. Close the vote with ADOPT.")


def was_rated(situation: Situation) -> Refusal | None:
    """Nobody is content who was not asked."""
    fields = situation.fields
    return NotMet(reason="More are content than were asked.") if fields["content"] > fields["asked"] else None


OPEN = "RAISED DISCUSSED"
LEADERS = (Party.RUNG, Party.ASSIGNEE)

KIND = Kind(
    code="DECISION",
    prefix="WS",
    name="五事工作法议事",
    name_en="Five-step decision",
    details=Matter,
    states={
        "RAISED": "群众提事",
        "DISCUSSED": "网格议事",
        "VOTING": "会议定事（投票中）",
        "ADOPTED": "已通过，共同办事",
        "CARRIED_OUT": "已办成，大家评事",
        "RATED": "已评议",
        "REJECTED": "未通过",
        "DROPPED": "已撤回",
    },
    initial="RAISED",
    ends=frozenset({"RATED", "REJECTED", "DROPPED"}),
    rungs=(Rung("COMMUNITY", AreaLevel.COMMUNITY, (Role.COMMUNITY_STAFF, Role.MANAGER)),),
    actions=(
        action(
            "DISCUSS",
            "RAISED > DISCUSSED",
            (Party.OPENER, *LEADERS),
            effect=Effect.ACCEPT,
            needs_note=True,
            told="网格已议事",
        ),
        action("CALL_VOTE", "DISCUSSED > VOTING", LEADERS, told="开始投票"),
        action(
            "ADOPT",
            "VOTING > ADOPTED",
            LEADERS,
            guard=may_adopt,
            effect=Effect.COUNT_VOTES,
            told="表决通过，已公布",
        ),
        action(
            "REJECT",
            "VOTING > REJECTED",
            LEADERS,
            guard=may_reject,
            effect=Effect.COUNT_VOTES,
            told="表决未通过，结果已公布",
        ),
        action("CARRY_OUT", "ADOPTED > CARRIED_OUT", LEADERS, needs_note=True, told="已办成"),
        action("PUBLIC_RATING", "CARRIED_OUT > RATED", LEADERS, fields=Rated, guard=was_rated, told="群众已评议"),
        action("DROP", f"{OPEN} > DROPPED", (Party.OPENER, *LEADERS), needs_note=True, told="已撤回"),
        *clock_actions("RAISED DISCUSSED ADOPTED CARRIED_OUT"),
        *joint_actions("RAISED DISCUSSED VOTING ADOPTED CARRIED_OUT", LEADERS),
    ),
    terms=(
        Term("ACCEPT", 10, met_by=("DISCUSS", "DROP"), missed=STAY),
        Term(
            "VOTE",
            20,
            met_by=("ADOPT", "REJECT"),
            starts=Start.ACTION,
            started_by=("CALL_VOTE",),
            due_field="vote_until",
            missed=STAY,
        ),
        Term("CLOSE", 60, met_by=("CARRY_OUT",), starts=Start.ACTION, started_by=("ADOPT",), longer=120, missed=STAY),
        Term("RATING", 20, met_by=("PUBLIC_RATING",), starts=Start.ACTION, started_by=("CARRY_OUT",), missed=STAY),
    ),
    roles=frozenset({Role.GRID_WORKER, Role.SOCIAL_WORKER, Role.COMMUNITY_STAFF, Role.MANAGER}),
    ballot=Ballot("VOTING"),
)
