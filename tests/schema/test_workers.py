"""Workers on the wire: the neighbourhood knows their names; their phone numbers, unmasked, those who may ring them."""

import pytest

from fixtures import makers
from services.models import Role
from tests.schema.asking import Asking
from tests.schema.town import Town

PHONE = "query ($id: ID!) { worker(id: $id) { name phone } }"
NUMBER = "13900000001"


@pytest.mark.parametrize(
    ("role", "grid", "seen"),
    [
        (Role.GRID_WORKER, 0, True),
        (Role.GRID_WORKER, 1, False),
        (Role.VOLUNTEER, 0, False),
        (Role.SOCIAL_WORKER, 0, False),
        (Role.COMMUNITY_STAFF, 0, True),
        (Role.DISPATCHER, 0, True),
        (Role.DISPATCHER, 1, False),
        (Role.MANAGER, 0, True),
        (Role.AUDITOR, 0, False),
        (Role.PLANNER, 0, False),
    ],
)
async def test_who_sees_the_phone_number_of_a_worker_of_grid_one(
    changing: tuple[Asking, Town], role: Role, grid: int, seen: bool
) -> None:
    """As the table of rights says: personal fields of a worker, in the own area."""
    ask, town = changing
    async with ask.database.write() as session:
        worker = await makers.make_worker(session, town.grids[0], phone=NUMBER, name="Lin")
        somebody = await makers.make_account(session, role, town.grids[grid], name="Somebody")
    told = (await ask.as_(somebody)(PHONE, id=str(worker.id)))["worker"]
    assert told == {"name": "Lin", "phone": NUMBER if seen else "139****0001"}


async def test_a_worker_sees_the_own_number(changing: tuple[Asking, Town]) -> None:
    ask, town = changing
    async with ask.database.write() as session:
        worker = await makers.make_worker(session, town.community, phone=NUMBER)
        own = await makers.make_account(session, Role.VOLUNTEER, town.grids[3], worker=worker, name="Own")
    assert (await ask.as_(own)(PHONE, id=str(worker.id)))["worker"]["phone"] == NUMBER


async def test_a_device_sees_no_worker(changing: tuple[Asking, Town]) -> None:
    ask, town = changing
    async with ask.database.write() as session:
        device = await makers.make_account(session, Role.TERMINAL, town.grids[0], terminal_id=town.terminal.id)
    terminal = ask.as_(device)
    assert await terminal.code(PHONE, id=str(town.workers[0].id)) == "NOT_ALLOWED"
    assert await terminal.code("{ workers { edges { node { name } } } }") == "NOT_ALLOWED"
