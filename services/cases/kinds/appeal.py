"""Appeal, the little red whistle (小红哨, S7): a resident whistles, the grid worker of the place gets it by itself.

What the grid cannot solve the community whistles up to the district centre, and beyond that to a district leader.
Accepted in 1 working day, closed in 3, complex ones in 5. The source leaves open whether 3 and 5 run from the whistle
or from the acceptance: from the acceptance, unless the jurisdiction has settled otherwise (`case_rules`).
"""

import enum

from pydantic import Field

from services.cases.common import common
from services.cases.kind import Effect, Form, Kind, Party, Rung, Start, Term, action
from services.models.accounts import Role
from services.models.areas import AreaLevel
from services.models.cases import UnitKind


class Topic(enum.StrEnum):
    """What an appeal is about."""

    SANITATION = "SANITATION"
    FACILITIES = "FACILITIES"
    PROPERTY_SERVICE = "PROPERTY_SERVICE"
    NOISE = "NOISE"
    PARKING = "PARKING"
    SAFETY = "SAFETY"
    OTHER = "OTHER"


class Appeal(Form):
    """What a resident whistles for."""

    topic: Topic = Field(default=Topic.OTHER, title="事项类别")
    wishes_call_back: bool = Field(default=True, title="需要回访")


class Answer(Form):
    """What was done."""

    solved: bool
    on_site: bool = False


class Rating(Form):
    """Whether the one who asked is content."""

    satisfied: bool


OPEN = "RECEIVED ACCEPTED"

KIND = Kind(
    code="APPEAL",
    prefix="SQ",
    name="居民诉求（小红哨）",
    name_en="Resident's appeal",
    details=Appeal,
    states={"RECEIVED": "已收到", "ACCEPTED": "办理中", "ANSWERED": "已答复，请评价", "CLOSED": "已办结"},
    initial="RECEIVED",
    ends=frozenset({"CLOSED"}),
    rungs=(
        Rung("GRID", AreaLevel.GRID, (Role.GRID_WORKER,)),
        Rung("COMMUNITY", AreaLevel.COMMUNITY, (Role.COMMUNITY_STAFF, Role.MANAGER)),
        Rung("DISTRICT_CENTRE", AreaLevel.DISTRICT, (Role.DISPATCHER, Role.MANAGER), UnitKind.DISTRICT_CENTRE),
        Rung("DISTRICT_LEADER", AreaLevel.DISTRICT, (Role.SUPERVISOR,), UnitKind.DISTRICT_LEADER),
    ),
    last_resort="DISTRICT_CENTRE",
    actions=(
        action("ACCEPT", "RECEIVED > ACCEPTED", (Party.ASSIGNEE, Party.RUNG), effect=Effect.ACCEPT, told="已受理"),
        action(
            "ANSWER",
            "ACCEPTED > ANSWERED",
            (Party.ASSIGNEE, Party.AGENT, Party.RUNG),
            fields=Answer,
            needs_note=True,
            answers=True,
            told="已处理并答复",
        ),
        action("RATE", "ANSWERED > CLOSED", (Party.OPENER,), fields=Rating, effect=Effect.RATE, told="已评价"),
        action(
            "RETURN_VISIT",
            "ANSWERED > CLOSED",
            (Party.ASSIGNEE, Party.AGENT, Party.OVERSEER),
            fields=Rating,
            effect=Effect.RATE,
            told="已回访",
        ),
        action("SETTLE", "ANSWERED > CLOSED", (Party.SYSTEM,), told="逾期未评价，自动办结"),
        *common(OPEN),
    ),
    terms=(
        Term("ACCEPT", 1, met_by=("ACCEPT",)),
        Term("CLOSE", 3, met_by=("ANSWER",), starts=Start.ACCEPTED, longer=5),
        Term(
            "RATING", 10, met_by=("RATE", "RETURN_VISIT"), starts=Start.ACTION, started_by=("ANSWER",), missed="SETTLE"
        ),
    ),
    roles=frozenset({Role.GRID_WORKER, Role.VOLUNTEER, Role.SOCIAL_WORKER, Role.COMMUNITY_STAFF, Role.MANAGER}),
    residents=True,
)
