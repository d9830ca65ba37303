"""Commitment (S12): what a party took upon itself in a joint meeting, followed up until it is kept."""

from datetime import date

from pydantic import Field

from services.cases.common import clock_actions, joint_actions
from services.cases.kind import STAY, Effect, Form, Kind, Party, Rung, Term, action
from services.models.accounts import Role
from services.models.areas import AreaLevel
from services.models.cases import UnitKind


class Commitment(Form):
    """Who does what until when; the party is an organisation or a group."""

    party: str = Field(min_length=1, max_length=200, title="承诺方")
    what: str = Field(min_length=2, max_length=100, title="承诺事项")
    due_on: date = Field(title="完成期限")


OPEN = "PROMISED REPORTED_DONE"
FOLLOWERS = (Party.ASSIGNEE, Party.RUNG)

KIND = Kind(
    code="COMMITMENT",
    prefix="CN",
    name="会议承诺",
    name_en="Commitment",
    details=Commitment,
    states={"PROMISED": "履行中", "REPORTED_DONE": "待核实", "KEPT": "已兑现", "NOT_KEPT": "未兑现"},
    initial="PROMISED",
    ends=frozenset({"KEPT", "NOT_KEPT"}),
    rungs=(
        Rung(
            "STREET",
            AreaLevel.STREET,
            (Role.COMMUNITY_STAFF, Role.MANAGER, Role.SUPERVISOR),
            UnitKind.STREET_OFFICE,
        ),
    ),
    actions=(
        action("ACCEPT", f"{OPEN} >", FOLLOWERS, effect=Effect.ACCEPT),
        action("REPORT_DONE", "PROMISED > REPORTED_DONE", (*FOLLOWERS, Party.UNIT), needs_note=True),
        action("CONFIRM", "REPORTED_DONE > KEPT", FOLLOWERS),
        action("NOT_YET", "REPORTED_DONE > PROMISED", FOLLOWERS, needs_note=True),
        action("GIVE_UP", f"{OPEN} > NOT_KEPT", FOLLOWERS, needs_note=True),
        *clock_actions(OPEN),
        *joint_actions(OPEN, FOLLOWERS),
    ),
    terms=(
        Term("ACCEPT", 3, met_by=("ACCEPT",), missed=STAY),
        Term("KEEP", 20, met_by=("REPORT_DONE", "GIVE_UP"), due_field="due_on", missed=STAY),
    ),
    roles=frozenset({Role.COMMUNITY_STAFF, Role.MANAGER, Role.SUPERVISOR}),
)
