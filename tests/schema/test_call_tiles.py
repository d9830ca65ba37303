"""Open calls as a layer of the map: where and how urgent, for those of the call's areas, and nobody else."""

from tests.schema.asking import Asking
from tests.schema.callstage import CallStage
from tests.schema.mapping import mapping, path_of, tile_of
from tests.schema.town import Town

WHOLE = tile_of(1000, 500, 13)
TOLD = {"mvt_id", "id", "status", "priority", "opened_at"}


async def test_an_open_call_is_on_the_map_of_its_areas_staff_alone(changing: tuple[Asking, Town]) -> None:
    """No name, no address; a device has no map."""
    ask, town = changing
    stage = await CallStage.of(ask.database, town)
    call = await stage.press()
    async with mapping(ask.api, stage.dispatcher) as maps:
        (row,) = (await maps.tile("calls", WHOLE))["calls"]
        assert set(row) == TOLD
        assert (row["id"], row["status"], row["priority"]) == (str(call.id), "OPEN", call.priority)
        assert (await maps.as_(stage.terminal).get(path_of("calls", WHOLE))).status_code == 403


async def test_a_desk_of_other_grids_sees_nothing(changing: tuple[Asking, Town]) -> None:
    """The pressed home lies in grid 001; a worker of grid 002 asks."""
    ask, town = changing
    stage = await CallStage.of(ask.database, town)
    await stage.press()
    async with mapping(ask.api, stage.workers[1]) as maps:
        assert await maps.tile("calls", WHOLE) == {}
