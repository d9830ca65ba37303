"""Registering a phone on the wire: for the own account only, and with the key that the server signs with."""

from fixtures import makers
from services.models import Role
from tests.schema.asking import Asking
from tests.schema.town import Town

REGISTER = "mutation ($input: PhoneInput!) { registerPhone(input: $input) { id language } }"
UNREGISTER = "mutation ($endpoint: String!) { unregisterPhone(endpoint: $endpoint) }"
PHONE = {"endpoint": "https://push.example.org/1", "p256dh": "key", "auth": "secret", "language": "en"}


async def test_a_phone_is_registered_and_unregistered_by_its_own_account(changing: tuple[Asking, Town]) -> None:
    ask, town = changing
    worker, other = ask.as_(town.grid_worker), ask.as_(town.manager)
    assert (await worker(REGISTER, input=PHONE))["registerPhone"]["language"] == "en"
    assert (await other(UNREGISTER, endpoint=PHONE["endpoint"]))["unregisterPhone"] is False
    assert (await worker(UNREGISTER, endpoint=PHONE["endpoint"]))["unregisterPhone"] is True


async def test_a_phone_inside_the_servers_network_is_refused(changing: tuple[Asking, Town]) -> None:
    ask, town = changing
    inside = PHONE | {"endpoint": "https://169.254.169.254/latest"}
    assert await ask.as_(town.grid_worker).code(REGISTER, input=inside) == "PHONE_REFUSED"


async def test_a_device_registers_no_phone(changing: tuple[Asking, Town]) -> None:
    ask, town = changing
    async with ask.database.write() as session:
        device = await makers.make_account(session, Role.TERMINAL, town.grids[0], terminal_id=town.terminal.id)
    assert await ask.as_(device).code(REGISTER, input=PHONE) == "PEOPLE_ONLY"


async def test_without_push_there_is_no_key(changing: tuple[Asking, Town]) -> None:
    ask, town = changing
    assert (await ask.as_(town.grid_worker)("{ pushKey }"))["pushKey"] is None
