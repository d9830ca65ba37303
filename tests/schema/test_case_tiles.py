"""Open matters as a layer of the map: for whom the board has them, and nobody else."""

from fixtures import makers
from services.models import Role
from tests.schema.asking import Asking
from tests.schema.casestage import CaseStage
from tests.schema.mapping import mapping, path_of, tile_of
from tests.schema.town import Town

WHOLE = tile_of(1000, 500, 13)


async def test_a_matter_is_on_the_map_of_who_has_it_on_the_board(changing: tuple[Asking, Town]) -> None:
    """The staff of its areas see it; a worker of the last grid sees none, and a planner has no such layer."""
    ask, town = changing
    stage = await CaseStage.of(ask, town)
    case = await stage.opened()
    async with ask.database.write() as session:
        planner = await makers.make_account(session, Role.PLANNER, town.community)
        stranger = await makers.make_account(session, Role.GRID_WORKER, town.grids[3])
    async with mapping(ask.api, stage.staff) as maps:
        (row,) = (await maps.tile("cases", WHOLE))["cases"]
        told = (row["id"], row["number"], row["subject"], row["state"], row["late"])
        assert told == (str(case.id), case.number, "路灯不亮", "RECEIVED", False)
        assert await maps.as_(stranger).tile("cases", WHOLE) == {}
        assert (await maps.as_(planner).get(path_of("cases", WHOLE))).status_code == 403


async def test_a_sealed_matter_and_an_ended_one_are_on_no_map(changing: tuple[Asking, Town]) -> None:
    """A claim is its team's alone and keeps no place; a decision that was dropped is over."""
    ask, town = changing
    stage = await CaseStage.of(ask, town)
    await stage.opened("CLAIM", happened_on="2026-05-01", kind="FALL")
    dropped = await stage.opened("DECISION", question="停车位怎么分？")
    await stage.act(dropped, stage.staff, "DROP")
    async with mapping(ask.api, stage.staff) as maps:
        assert await maps.tile("cases", WHOLE) == {}
