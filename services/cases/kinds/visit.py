"""Visit plan (走访, S5): collect, handle, answer. Days 1 to 5 of each month; a cadre sees at least five households.

The plan is made by `services.cases.visiting`: care intervals first, then a short walk. What is heard at a door
becomes a case of its own, linked to the plan; the plan ends when each of them has been answered by a return visit.
"""

import uuid
from collections.abc import Sequence
from datetime import date

from pydantic import Field

from services.cases.common import clock_actions, joint_actions
from services.cases.kind import STAY, Form, Kind, Party, Rung, Situation, Spawn, Start, Term, action
from services.cases.refusals import NotMet
from services.errors import Refusal
from services.models.accounts import Role
from services.models.areas import AreaLevel

HEARD = "HEARD"


class Plan(Form):
    """Who sees which households in which month; in the order of the walk."""

    worker_id: uuid.UUID = Field(title="走访干部")
    month: str = Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", title="月份")
    until: date = Field(title="走访截止日")
    household_ids: list[uuid.UUID] = Field(min_length=1, max_length=60, title="走访家庭")


class Heard(Form):
    """Something that was heard at a door, as a title without names."""

    subject: str = Field(min_length=2, max_length=120)
    description: str = ""


class AtTheDoor(Form):
    """A household that was seen, and what was heard there."""

    household_id: uuid.UUID
    heard: list[Heard] = Field(default_factory=list, max_length=10)


class NotSeen(Form):
    """A household that could not be seen."""

    household_id: uuid.UUID


def is_planned(situation: Situation) -> Refusal | None:
    """The household is in the plan, and was not seen before."""
    household = situation.fields["household_id"]
    if household not in situation.details["household_ids"]:
        return NotMet(reason="This household is not in the plan.")
    if household in _seen(situation):
        return NotMet(reason="This household was seen already.")
    return None


def all_seen(situation: Situation) -> Refusal | None:
    """Every household was seen, or it was said why not."""
    missing = len(set(situation.details["household_ids"]) - _seen(situation) - _skipped(situation))
    return NotMet(reason=f"{missing} households were not seen yet. Visit them, or say why not.") if missing else None


def all_answered(situation: Situation) -> Refusal | None:
    """What was heard has been answered, each matter to its end."""
    waiting = situation.open_links.get(HEARD, 0)
    return NotMet(reason=f"{waiting} matters that were heard are still open.") if waiting else None


def what_was_heard(situation: Situation) -> Sequence[Spawn]:
    """A case for each matter, at the household that raised it."""
    household = uuid.UUID(situation.fields["household_id"])
    return [
        Spawn("APPEAL", each["subject"], {}, HEARD, each["description"], household)
        for each in situation.fields["heard"]
    ]


def _seen(situation: Situation) -> set[str]:
    return {each.fields["household_id"] for each in situation.done("VISIT")}


def _skipped(situation: Situation) -> set[str]:
    return {each.fields["household_id"] for each in situation.done("SKIP")}


CADRE = (Party.ASSIGNEE,)

KIND = Kind(
    code="VISIT_PLAN",
    prefix="ZF",
    name="入户走访",
    name_en="Visit plan",
    details=Plan,
    states={"PLANNED": "走访中", "VISITED": "已走访，待回访", "ANSWERED": "已回访", "DROPPED": "已取消"},
    initial="PLANNED",
    ends=frozenset({"ANSWERED", "DROPPED"}),
    rungs=(Rung("COMMUNITY", AreaLevel.COMMUNITY, (Role.COMMUNITY_STAFF, Role.MANAGER)),),
    actions=(
        action("VISIT", "PLANNED >", CADRE, fields=AtTheDoor, guard=is_planned, follows=what_was_heard),
        action("SKIP", "PLANNED >", CADRE, fields=NotSeen, guard=is_planned, needs_note=True),
        action("COLLECT", "PLANNED > VISITED", CADRE, guard=all_seen),
        action("RETURN_VISIT", "VISITED > ANSWERED", (Party.ASSIGNEE, Party.RUNG), guard=all_answered, needs_note=True),
        action("DROP", "PLANNED > DROPPED", (Party.RUNG,), needs_note=True),
        *clock_actions("PLANNED VISITED"),
        *joint_actions("PLANNED VISITED", (Party.ASSIGNEE, Party.RUNG)),
    ),
    terms=(
        Term("VISITS", 5, met_by=("COLLECT", "DROP"), due_field="until", missed=STAY),
        Term("ANSWERS", 10, met_by=("RETURN_VISIT",), starts=Start.ACTION, started_by=("COLLECT",), missed=STAY),
    ),
    roles=frozenset({Role.GRID_WORKER, Role.SOCIAL_WORKER, Role.COMMUNITY_STAFF, Role.MANAGER}),
    assignee_field="worker_id",
)
