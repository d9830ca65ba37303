"""Shop-front duty (门前三包, S14): a shop keeps its front clean, green and in order, and is checked for it every week.

What a check finds wanting becomes a matter of the street (`street`), one for each guarantee that was not kept.
"""

from collections.abc import Sequence

from pydantic import Field

from services.cases.common import clock_actions, joint_actions
from services.cases.kind import STAY, Form, Kind, Party, Rung, Situation, Spawn, Start, Term, action
from services.cases.kinds.street import Group, Guarantee
from services.models.accounts import Role
from services.models.areas import AreaLevel

GROUP_OF = {
    Guarantee.CLEAN: Group.SANITATION,
    Guarantee.GREEN: Group.SANITATION,
    Guarantee.ORDER: Group.ORDER,
}


class ShopFront(Form):
    """Which front; the shop's number, not its keeper's name."""

    number: str = Field(min_length=1, max_length=80, title="门面编号")


class Check(Form):
    """What a check found of the three guarantees."""

    clean: bool
    green: bool
    order: bool


def wanting(situation: Situation) -> Sequence[Spawn]:
    """A matter of the street for each guarantee that was not kept."""
    number = situation.details["number"]
    return [
        Spawn(
            "STREET",
            f"门前三包未落实：{number}",
            {"group": GROUP_OF[each].value, "guarantee": each.value, "shop_front": number},
            relation="FOUND_BY_CHECK",
        )
        for each in Guarantee
        if not situation.fields[each.value.lower()]
    ]


OPEN = "OFFERED SIGNED"
CHECKERS = (Party.ASSIGNEE, Party.RUNG, Party.OVERSEER)

KIND = Kind(
    code="SHOP_FRONT",
    prefix="MQ",
    name="门前三包责任",
    name_en="Shop-front duty",
    details=ShopFront,
    states={"OFFERED": "待签订", "SIGNED": "履行中", "ENDED": "已终止"},
    initial="OFFERED",
    ends=frozenset({"ENDED"}),
    rungs=(Rung("COMMUNITY", AreaLevel.COMMUNITY, (Role.VOLUNTEER, Role.COMMUNITY_STAFF, Role.MANAGER)),),
    actions=(
        action("SIGN", "OFFERED > SIGNED", CHECKERS),
        action("CHECK", "SIGNED >", CHECKERS, fields=Check, follows=wanting),
        action("END", "OFFERED SIGNED > ENDED", CHECKERS, needs_note=True),
        *clock_actions(OPEN),
        *joint_actions(OPEN, CHECKERS),
    ),
    terms=(
        Term("SIGN", 10, met_by=("SIGN", "END"), missed=STAY),
        Term("CHECK", 5, met_by=("CHECK", "END"), starts=Start.ACTION, started_by=("SIGN", "CHECK"), missed=STAY),
    ),
    roles=frozenset({Role.GRID_WORKER, Role.VOLUNTEER, Role.COMMUNITY_STAFF, Role.MANAGER}),
)
