"""A terminal's key on the wire: shown once, to a manager of its area; the former one ends when it was said to."""

from datetime import timedelta

import pytest

from fixtures import makers
from services import clock, terminal_keys, terminals
from services.models import Role, TerminalButton
from services.press_orders import PressOrder
from services.terminal_keys import PressNotAuthentic, Signed
from tests.schema.asking import Asking
from tests.schema.town import Town

GIVE = """mutation ($id: ID!, $hours: Int! = 24) {
  giveTerminalKey(terminalId: $id, formerGoodForHours: $hours) { key formerGoodUntil } }"""


async def _press(ask: Asking, key: str, reference: str) -> bool:
    """Whether a press that is signed by a key is taken."""
    order = PressOrder("T-1", reference, TerminalButton.HELP)
    proof = Signed(terminal_keys.signature(bytes.fromhex(key), "T-1", reference, "HELP", "12:00"), "12:00")
    try:
        await terminals.press(ask.database.acting_as("test"), order, proof, makers.KEYRING)
    except PressNotAuthentic:
        return False
    return True


async def test_the_former_key_is_good_until_its_day_is_over(changing: tuple[Asking, Town]) -> None:
    ask, town = changing
    manager, id_ = ask.as_(town.manager), str(town.terminal.id)
    first = (await manager(GIVE, id=id_))["giveTerminalKey"]
    assert first["formerGoodUntil"] is None
    second = (await manager(GIVE, id=id_))["giveTerminalKey"]
    assert len({first["key"], second["key"]}) == 2
    assert [await _press(ask, key["key"], key["key"][:8]) for key in (first, second)] == [True, True]
    tomorrow = clock.now() + timedelta(hours=24)
    with clock.frozen(lambda: tomorrow):
        assert [await _press(ask, key["key"], key["key"][8:16]) for key in (first, second)] == [False, True]


async def test_a_key_that_was_stolen_ends_at_once(changing: tuple[Asking, Town]) -> None:
    ask, town = changing
    manager, id_ = ask.as_(town.manager), str(town.terminal.id)
    stolen = (await manager(GIVE, id=id_))["giveTerminalKey"]["key"]
    fresh = (await manager(GIVE, id=id_, hours=0))["giveTerminalKey"]["key"]
    assert [await _press(ask, stolen, "one"), await _press(ask, fresh, "two")] == [False, True]


@pytest.mark.parametrize("hours", [-1, 721])
async def test_a_former_key_is_not_good_for_ever(changing: tuple[Asking, Town], hours: int) -> None:
    ask, town = changing
    assert await ask.as_(town.manager).code(GIVE, id=str(town.terminal.id), hours=hours) == "GRACE_TOO_LONG"


@pytest.mark.parametrize("role", [Role.GRID_WORKER, Role.DISPATCHER, Role.PLANNER, Role.TERMINAL])
async def test_only_a_manager_gives_keys(changing: tuple[Asking, Town], role: Role) -> None:
    ask, town = changing
    async with ask.database.write() as session:
        somebody = await makers.make_account(session, role, town.grids[0], name="Somebody")
    assert await ask.as_(somebody).code(GIVE, id=str(town.terminal.id)) == "NOT_ALLOWED"


async def test_a_manager_of_another_grid_does_not_find_the_terminal(changing: tuple[Asking, Town]) -> None:
    ask, town = changing
    async with ask.database.write() as session:
        other = await makers.make_account(session, Role.MANAGER, town.grids[1], name="Other")
    assert await ask.as_(other).code(GIVE, id=str(town.terminal.id)) == "NOT_FOUND"
