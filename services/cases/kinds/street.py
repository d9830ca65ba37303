"""Street self-management (S14): the consultation loop: raise, decide, do, supervise, report back.

What a duty check of a shop-front finds (`shopfront`) comes here as well. Four working groups share the matters.
"""

import enum

from pydantic import Field

from services.cases.common import common
from services.cases.kind import Effect, Form, Kind, Party, Rung, Start, Term, action
from services.models.accounts import Role
from services.models.areas import AreaLevel
from services.models.organisations import OrganisationKind


class Guarantee(enum.StrEnum):
    """The three guarantees of a shop-front (门前三包): clean, green, in order."""

    CLEAN = "CLEAN"
    GREEN = "GREEN"
    ORDER = "ORDER"


class Group(enum.StrEnum):
    """The four working groups of a street."""

    SANITATION = "SANITATION"
    ORDER = "ORDER"
    SAFETY = "SAFETY"
    CULTURE = "CULTURE"


class Matter(Form):
    """What was raised in the street."""

    group: Group = Field(title="工作小组")
    guarantee: Guarantee | None = Field(default=None, title="门前三包")
    shop_front: str = Field(default="", max_length=80, title="门面编号")


class Decided(Form):
    """What the consultation has decided."""

    measure: str = Field(min_length=2, max_length=400)
    agreed: int = Field(ge=0)
    against: int = Field(ge=0)


OPEN = "RAISED DECIDED DONE SUPERVISED"
STAFF = (Role.VOLUNTEER, Role.COMMUNITY_STAFF, Role.MANAGER)
HANDLERS = (Party.ASSIGNEE, Party.AGENT, Party.RUNG)

KIND = Kind(
    code="STREET",
    prefix="JX",
    name="街巷自治",
    name_en="Street self-management",
    details=Matter,
    states={
        "RAISED": "已提出",
        "DECIDED": "已议定",
        "DONE": "已实施",
        "SUPERVISED": "已监督",
        "REPORTED_BACK": "已反馈",
        "REJECTED": "未通过",
    },
    initial="RAISED",
    ends=frozenset({"REPORTED_BACK", "REJECTED"}),
    rungs=(
        Rung("COMMUNITY", AreaLevel.COMMUNITY, STAFF, teams=(OrganisationKind.VOLUNTEER_TEAM,)),
        Rung("STREET", AreaLevel.STREET, (Role.COMMUNITY_STAFF, Role.MANAGER)),
    ),
    last_resort="STREET",
    actions=(
        action("ACCEPT", f"{OPEN} >", HANDLERS, effect=Effect.ACCEPT, told="已受理"),
        action("DECIDE", "RAISED > DECIDED", HANDLERS, fields=Decided, told="已议定办法"),
        action("REJECT", "RAISED > REJECTED", HANDLERS, needs_note=True, answers=True, told="经商议未通过"),
        action("DO", "DECIDED > DONE", HANDLERS, needs_note=True, told="已实施"),
        action("PASS", "DONE > SUPERVISED", (Party.OVERSEER, Party.RUNG)),
        action("FAIL", "DONE > DECIDED", (Party.OVERSEER, Party.RUNG), needs_note=True),
        action("REPORT_BACK", "SUPERVISED > REPORTED_BACK", HANDLERS, needs_note=True, answers=True, told="已反馈结果"),
        *common(OPEN),
    ),
    terms=(
        Term("ACCEPT", 1, met_by=("ACCEPT",)),
        Term("DECIDE", 5, met_by=("DECIDE", "REJECT"), longer=10),
        Term("DO", 10, met_by=("DO",), starts=Start.ACTION, started_by=("DECIDE", "FAIL")),
        Term("REPORT_BACK", 3, met_by=("REPORT_BACK",), starts=Start.ACTION, started_by=("PASS",)),
    ),
    roles=frozenset({Role.GRID_WORKER, Role.VOLUNTEER, Role.SOCIAL_WORKER, Role.COMMUNITY_STAFF, Role.MANAGER}),
    residents=True,
)
