"""Hazard ledger (一事一案, S13): what patrols, persuaders and safety teams (S9) see, settled on the spot or passed on.

Every hazard is a case with its measures, and is checked again by somebody who did not remove it. A danger is answered
for in 2 hours, a general matter in 7 days, a complex one in 15 (the Beijing 12345 draft of 2021): calendar time.
"""

import enum

from pydantic import Field

from services.cases.common import common
from services.cases.kind import CLIMB, STAY, Effect, Form, Kind, Party, Rung, Start, Term, action
from services.ladder import TimeUnit
from services.models.accounts import Role
from services.models.areas import AreaLevel
from services.models.cases import UnitKind
from services.models.organisations import OrganisationKind

DAY_SECONDS = 86_400


class Danger(enum.StrEnum):
    """How dangerous it is."""

    LOW = "LOW"
    MIDDLE = "MIDDLE"
    HIGH = "HIGH"


class What(enum.StrEnum):
    """What was found."""

    FIRE = "FIRE"
    BUILDING = "BUILDING"
    ILLEGAL_STRUCTURE = "ILLEGAL_STRUCTURE"
    GAS_OR_POWER = "GAS_OR_POWER"
    ROAD = "ROAD"
    PUBLIC_ORDER = "PUBLIC_ORDER"
    OTHER = "OTHER"


class Hazard(Form):
    """What was found, and by which team."""

    what: What = Field(default=What.OTHER, title="隐患类别")
    danger: Danger = Field(default=Danger.MIDDLE, title="危险程度")
    team: str = Field(default="", max_length=80, title="发现队伍")


class Plan(Form):
    """What is to be done about it, one line a measure."""

    measures: list[str] = Field(min_length=1, max_length=20, title="整改措施")


OPEN = "FOUND IN_WORK"
HANDLERS = (Party.ASSIGNEE, Party.AGENT, Party.RUNG)

KIND = Kind(
    code="HAZARD",
    prefix="YH",
    name="隐患与问题台账",
    name_en="Hazard and matter ledger",
    details=Hazard,
    states={"FOUND": "已发现", "IN_WORK": "整改中", "HANDLED": "已整改，待复查", "CLEARED": "已销号"},
    initial="FOUND",
    ends=frozenset({"CLEARED"}),
    rungs=(
        Rung("GRID", AreaLevel.GRID, (Role.GRID_WORKER,), teams=(OrganisationKind.SAFETY_TEAM,)),
        Rung("COMMUNITY", AreaLevel.COMMUNITY, (Role.COMMUNITY_STAFF, Role.MANAGER)),
        Rung("STREET", AreaLevel.STREET, (Role.MANAGER,), UnitKind.STREET_OFFICE),
        Rung("DISTRICT_CENTRE", AreaLevel.DISTRICT, (Role.DISPATCHER, Role.SUPERVISOR), UnitKind.DISTRICT_CENTRE),
    ),
    last_resort="STREET",
    actions=(
        action("HANDLE_ON_SPOT", "FOUND > HANDLED", (Party.OPENER, *HANDLERS), needs_note=True, told="已当场处理"),
        action("ACCEPT", "FOUND > IN_WORK", (Party.ASSIGNEE, Party.RUNG), effect=Effect.ACCEPT, told="已受理"),
        action("PLAN", "IN_WORK >", HANDLERS, fields=Plan),
        action("HANDLE", "IN_WORK > HANDLED", (*HANDLERS, Party.UNIT), needs_note=True, told="已整改"),
        action("CLEAR", "HANDLED > CLEARED", (Party.OVERSEER,), needs_note=True, told="复查合格，已销号"),
        action("FIND_AGAIN", "HANDLED > IN_WORK", (Party.OVERSEER, Party.OPENER), needs_note=True, told="复查不合格"),
        *common(OPEN),
    ),
    terms=(
        Term("ACCEPT", 7_200, met_by=("ACCEPT", "HANDLE_ON_SPOT"), unit=TimeUnit.SECONDS, missed=CLIMB),
        Term(
            "CLOSE",
            7 * DAY_SECONDS,
            met_by=("HANDLE",),
            starts=Start.ACCEPTED,
            unit=TimeUnit.SECONDS,
            longer=15 * DAY_SECONDS,
        ),
        Term(
            "CHECK",
            3,
            met_by=("CLEAR", "FIND_AGAIN"),
            starts=Start.ACTION,
            started_by=("HANDLE", "HANDLE_ON_SPOT"),
            missed=STAY,
        ),
    ),
    roles=frozenset(
        {Role.GRID_WORKER, Role.VOLUNTEER, Role.SOCIAL_WORKER, Role.COMMUNITY_STAFF, Role.MANAGER, Role.DISPATCHER}
    ),
)
