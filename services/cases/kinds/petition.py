"""Petition agency (信访代理, S6): residents speak, officials do the walking.

Only with the principal's consent, which is recorded and can be revoked at any time. Three tiers: community, street
office or bureau, district leader. One matter, one agent, one closure: the agent stays through all tiers and reports
back in person. The unit first in charge stays responsible for the whole.

The sources name no days. 信访工作条例 (2022) art. 22 and 34: accepted within 15 days, concluded within 60, prolonged
once by at most 30; calendar days.
"""

import enum
from typing import Literal

from pydantic import Field

from services.cases.common import common
from services.cases.kind import STAY, Effect, Form, Kind, Party, Rung, Start, Term, action
from services.ladder import TimeUnit
from services.models.accounts import Role
from services.models.areas import AreaLevel
from services.models.cases import UnitKind

DAY_SECONDS = 86_400


class Matter(enum.StrEnum):
    """What a petition is about."""

    HOUSING = "HOUSING"
    LAND = "LAND"
    LABOUR = "LABOUR"
    SOCIAL_SECURITY = "SOCIAL_SECURITY"
    PUBLIC_SERVICE = "PUBLIC_SERVICE"
    OTHER = "OTHER"


class Petition(Form):
    """What the principal asks, and whether it has been asked elsewhere."""

    topic: Matter = Field(default=Matter.OTHER, title="诉求领域")
    asked_before: bool = Field(default=False, title="此前是否反映过")
    wish: str = Field(min_length=2, max_length=1000, title="诉求")


class Found(Form):
    """What was found out, and where it can be read."""

    sources: list[str] = Field(min_length=1, max_length=20, title="了解途径")


class Measures(Form):
    """What is proposed, and who would do it."""

    measures: list[str] = Field(min_length=1, max_length=20, title="拟办措施")


class Reported(Form):
    """The report back: in person, since that is the point of it."""

    in_person: Literal[True] = Field(title="已当面反馈")


class Rating(Form):
    """Whether the principal is content."""

    satisfied: bool


OPEN = "REGISTERED FINDING_OUT PROPOSED COORDINATED SOLVED"
DOERS = (Party.AGENT, Party.ASSIGNEE)

KIND = Kind(
    code="PETITION",
    prefix="XF",
    name="信访代理",
    name_en="Petition agency",
    details=Petition,
    states={
        "REGISTERED": "已登记",
        "FINDING_OUT": "了解情况",
        "PROPOSED": "已提出意见",
        "COORDINATED": "协调办理",
        "SOLVED": "已解决，待反馈",
        "REPORTED": "已当面反馈，请评价",
        "CLOSED": "已办结",
        "WITHDRAWN": "委托已撤回",
    },
    initial="REGISTERED",
    ends=frozenset({"CLOSED", "WITHDRAWN"}),
    rungs=(
        Rung("COMMUNITY", AreaLevel.COMMUNITY, (Role.COMMUNITY_STAFF, Role.SOCIAL_WORKER), UnitKind.COMMUNITY_OFFICE),
        Rung("STREET", AreaLevel.STREET, (Role.MANAGER,), UnitKind.STREET_OFFICE),
        Rung("DISTRICT_LEADER", AreaLevel.DISTRICT, (Role.SUPERVISOR,), UnitKind.DISTRICT_LEADER),
    ),
    last_resort="STREET",
    actions=(
        action(
            "ACCEPT",
            "REGISTERED > FINDING_OUT",
            (Party.ASSIGNEE, Party.AGENT, Party.RUNG),
            effect=Effect.ACCEPT,
            told="已受理，代理员正在了解情况",
        ),
        action("PROPOSE", "FINDING_OUT > PROPOSED", DOERS, fields=Measures, told="已提出办理意见"),
        action("FIND_OUT", "FINDING_OUT >", DOERS, fields=Found, needs_note=True),
        action("DISCUSS", "PROPOSED >", (*DOERS, Party.RUNG), needs_note=True, told="已召开专题研究"),
        action("COORDINATE", "PROPOSED > COORDINATED", DOERS, needs_note=True, told="正在协调相关单位办理"),
        action("SOLVE", "PROPOSED COORDINATED > SOLVED", DOERS, needs_note=True, told="已解决"),
        action(
            "REPORT_BACK",
            "SOLVED > REPORTED",
            (Party.AGENT,),
            fields=Reported,
            needs_note=True,
            answers=True,
            told="已当面反馈",
        ),
        action("RATE", "REPORTED > CLOSED", (Party.OPENER,), fields=Rating, effect=Effect.RATE, told="已评价"),
        action(
            "RETURN_VISIT", "REPORTED > CLOSED", (Party.OVERSEER,), fields=Rating, effect=Effect.RATE, told="已回访"
        ),
        action("SETTLE", "REPORTED > CLOSED", (Party.SYSTEM,), told="逾期未评价，自动办结"),
        action(
            "REVOKE_CONSENT",
            f"{OPEN} REPORTED > WITHDRAWN",
            (Party.OPENER, Party.AGENT, Party.RUNG),
            effect=Effect.REVOKE,
            needs_note=True,
            while_paused=True,
            told="委托已撤回",
        ),
        *common(OPEN),
    ),
    terms=(
        Term("ACCEPT", 15 * DAY_SECONDS, met_by=("ACCEPT",), unit=TimeUnit.SECONDS),
        Term(
            "CLOSE",
            60 * DAY_SECONDS,
            met_by=("REPORT_BACK",),
            starts=Start.ACCEPTED,
            unit=TimeUnit.SECONDS,
            longer=90 * DAY_SECONDS,
        ),
        Term("REPORT", 5, met_by=("REPORT_BACK",), starts=Start.ACTION, started_by=("SOLVE",), missed=STAY),
        Term(
            "RATING",
            10,
            met_by=("RATE", "RETURN_VISIT"),
            starts=Start.ACTION,
            started_by=("REPORT_BACK",),
            missed="SETTLE",
        ),
    ),
    roles=frozenset({Role.GRID_WORKER, Role.SOCIAL_WORKER, Role.COMMUNITY_STAFF, Role.MANAGER}),
    residents=True,
    needs_consent=True,
)
