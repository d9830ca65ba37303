"""The ladder on the wire: set by a manager, read by those who work with it; empty rungs as numbers, for planners."""

from typing import Any

import pytest

from fixtures import makers
from services.models import Account, Role
from tests.schema.asking import Asking
from tests.schema.town import Town

LADDER = "query ($id: ID!) { ladder(communityId: $id) { code role seconds emergencySeconds territory limitSeconds } }"
EMPTY = """query ($id: ID!, $days: Int! = 7) {
  emptyRungs(communityId: $id, days: $days) { rung planned needed startsAt endsAt } }"""
SET = "mutation ($id: ID!, $rungs: [RungInput!]!) { setLadder(communityId: $id, rungs: $rungs) { code } }"
FIRST = {"code": "OWN", "role": "GRID_WORKER", "seconds": 20, "emergencySeconds": 10, "territory": "OWN_GRID"}
DESK = {"code": "DUTY_DESK", "seconds": 30, "emergencySeconds": 15}


async def _somebody(ask: Asking, role: Role, town: Town) -> Account:
    async with ask.database.write() as session:
        return await makers.make_account(session, role, town.community, name="Somebody")


async def test_a_community_has_the_default_until_a_manager_sets_its_own(changing: tuple[Asking, Town]) -> None:
    ask, town = changing
    manager, id_ = ask.as_(town.manager), str(town.community.id)
    before = (await manager(LADDER, id=id_))["ladder"]
    assert [(rung["code"], rung["seconds"]) for rung in before] == [
        ("NEAREST_GRID_WORKER", 45),
        ("NEXT_GRID_WORKER", 45),
        ("NEIGHBOURING_VOLUNTEER", 45),
        ("COMMUNITY_STAFF", 45),
        ("DUTY_DESK", 30),
    ]
    await manager(SET, id=id_, rungs=[FIRST, DESK])
    assert (await manager(LADDER, id=id_))["ladder"] == [
        {**FIRST, "limitSeconds": None},
        {**DESK, "role": None, "territory": "ANYWHERE", "limitSeconds": None},
    ]


@pytest.mark.parametrize(
    "rungs", [[], [FIRST], [DESK, FIRST], [DESK, DESK], [{**FIRST, "seconds": 0}, DESK], [FIRST] * 12 + [DESK]]
)
async def test_a_ladder_that_does_not_end_at_the_desk_is_refused(
    changing: tuple[Asking, Town], rungs: list[dict[str, Any]]
) -> None:
    ask, town = changing
    manager, id_ = ask.as_(town.manager), str(town.community.id)
    assert await manager.code(SET, id=id_, rungs=rungs) == "LADDER_WRONG"
    assert len((await manager(LADDER, id=id_))["ladder"]) == 5


@pytest.mark.parametrize("role", [Role.PLANNER, Role.DISPATCHER, Role.GRID_WORKER])
async def test_only_a_manager_sets_the_ladder_which_others_read(changing: tuple[Asking, Town], role: Role) -> None:
    ask, town = changing
    somebody = ask.as_(await _somebody(ask, role, town))
    assert len((await somebody(LADDER, id=str(town.community.id)))["ladder"]) == 5
    assert await somebody.code(SET, id=str(town.community.id), rungs=[DESK]) == "NOT_ALLOWED"


async def test_ladders_belong_to_communities(changing: tuple[Asking, Town]) -> None:
    ask, town = changing
    assert await ask.as_(town.manager).code(LADDER, id=str(town.grids[0].id)) == "LADDER_WRONG"


async def test_a_planner_sees_which_rungs_will_be_empty_and_no_names(changing: tuple[Asking, Town]) -> None:
    """Nobody has a shift in the town: each of the four rungs of people is empty all day, one stretch each."""
    ask, town = changing
    planner = ask.as_(await _somebody(ask, Role.PLANNER, town))
    found = (await planner(EMPTY, id=str(town.community.id), days=1))["emptyRungs"]
    assert [(one["rung"], one["planned"], one["needed"]) for one in found] == [
        ("NEAREST_GRID_WORKER", 0, 1),
        ("NEXT_GRID_WORKER", 0, 2),
        ("NEIGHBOURING_VOLUNTEER", 0, 1),
        ("COMMUNITY_STAFF", 0, 1),
    ]


async def test_a_device_sees_neither(changing: tuple[Asking, Town]) -> None:
    ask, town = changing
    async with ask.database.write() as session:
        device = await makers.make_account(session, Role.TERMINAL, town.grids[0], terminal_id=town.terminal.id)
    for query in (LADDER, EMPTY):
        assert await ask.as_(device).code(query, id=str(town.community.id)) == "NOT_ALLOWED"
