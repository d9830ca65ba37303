"""A pair of cadre and family (结对帮扶, S5): one cadre stands by one family, and comes at least monthly."""

import uuid

from pydantic import Field

from services.cases.kind import STAY, Effect, Form, Kind, Party, Rung, Start, Term, action
from services.ladder import TimeUnit
from services.models.accounts import Role
from services.models.areas import AreaLevel

MONTH_SECONDS = 30 * 86_400


class Pair(Form):
    """Which cadre; the family is the household of the case."""

    worker_id: uuid.UUID = Field(title="结对干部")


class Help(Form):
    """What was done for the family."""

    kind: str = Field(min_length=2, max_length=80, title="帮扶内容")


KIND = Kind(
    code="PAIRING",
    prefix="JB",
    name="干部与困难家庭结对",
    name_en="Pair of cadre and family",
    details=Pair,
    states={"PROPOSED": "待确认", "PAIRED": "结对中", "ENDED": "已结束"},
    initial="PROPOSED",
    ends=frozenset({"ENDED"}),
    rungs=(Rung("COMMUNITY", AreaLevel.COMMUNITY, (Role.COMMUNITY_STAFF, Role.MANAGER)),),
    actions=(
        action("ACCEPT", "PROPOSED > PAIRED", (Party.ASSIGNEE,), effect=Effect.ACCEPT),
        action("HELP", "PAIRED >", (Party.ASSIGNEE,), fields=Help, needs_note=True),
        action("END", "PROPOSED PAIRED > ENDED", (Party.RUNG,), needs_note=True),
        action("NOTE", "PROPOSED PAIRED >", (Party.ASSIGNEE, Party.RUNG), needs_note=True),
    ),
    terms=(
        Term("ACCEPT", 5, met_by=("ACCEPT", "END"), missed=STAY),
        Term(
            "VISIT",
            MONTH_SECONDS,
            met_by=("HELP", "END"),
            starts=Start.ACTION,
            started_by=("ACCEPT", "HELP"),
            unit=TimeUnit.SECONDS,
            missed=STAY,
        ),
    ),
    roles=frozenset({Role.COMMUNITY_STAFF, Role.MANAGER}),
    assignee_field="worker_id",
)
