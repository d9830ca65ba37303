"""Phones for web push: the own account's alone, sealed, and never a way into the server's own network."""

import pytest
import sqlalchemy as sa

from fixtures import makers
from services import phones
from services.access import Actor
from services.actors import actor_of
from services.models import Phone, Role
from services.phones import MOST_PHONES, PeopleOnly, PhoneRefused, Subscription
from tests.callroom import KEYRING, CallRoom

SERVICE = "https://push.example.org/send/"


async def _worker(room: CallRoom) -> Actor:
    worker = await room.worker(300)
    async with room.database.write() as session:
        account = await makers.make_account(session, Role.GRID_WORKER, room.grids[0], worker=worker)
        return await actor_of(session, account.id)


async def test_who_registers_a_phone_last_has_it(room: CallRoom) -> None:
    """Two workers use one browser, one after the other: the second is told there, the first no longer."""
    first, second = await _worker(room), await _worker(room)
    for actor in (first, first, second):
        async with room.database.write() as session:
            await phones.register(session, KEYRING, actor, Subscription(SERVICE + "1", "key", "secret"))
    async with room.database.read() as session:
        assert first.worker_id
        assert second.worker_id
        assert await phones.of_worker(session, first.worker_id) == []
        (kept,) = await phones.of_worker(session, second.worker_id)
    assert phones.subscription_of(KEYRING, kept) == Subscription(SERVICE + "1", "key", "secret").as_json()


async def test_the_subscription_is_stored_sealed(room: CallRoom) -> None:
    actor = await _worker(room)
    async with room.database.write() as session:
        await phones.register(session, KEYRING, actor, Subscription(SERVICE + "secret-path", "key", "secret"))
    async with room.database.read() as session:
        row = (await session.execute(sa.text("SELECT row_to_json(phones)::text FROM phones"))).scalar_one()
    assert "push.example.org" not in row
    assert b"secret-path".hex() not in row


async def test_only_the_own_phone_is_unregistered(room: CallRoom) -> None:
    own, other = await _worker(room), await _worker(room)
    async with room.database.write() as session:
        await phones.register(session, KEYRING, own, Subscription(SERVICE + "1", "key", "secret"))
    async with room.database.write() as session:
        assert await phones.unregister(session, other, SERVICE + "1") is False
    assert await room.count(Phone) == 1
    async with room.database.write() as session:
        assert await phones.unregister(session, own, SERVICE + "1") is True
    assert await room.count(Phone) == 0


async def test_an_account_keeps_its_ten_newest_phones(room: CallRoom) -> None:
    actor = await _worker(room)
    for number in range(MOST_PHONES + 2):
        async with room.database.write() as session:
            await phones.register(session, KEYRING, actor, Subscription(f"{SERVICE}{number}", "key", "secret"))
    assert await room.count(Phone) == MOST_PHONES


async def test_a_device_registers_no_phone(room: CallRoom) -> None:
    async with room.database.write() as session:
        account = await makers.make_account(session, Role.TERMINAL, room.grids[0], terminal_id=room.terminals[0].id)
        actor = await actor_of(session, account.id)
    with pytest.raises(PeopleOnly):
        async with room.database.write() as session:
            await phones.register(session, KEYRING, actor, Subscription(SERVICE, "key", "secret"))
    assert await room.count(Phone) == 0


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example.org/1",
        "https://127.0.0.1/1",
        "https://[::1]/1",
        "https://10.0.0.8/1",
        "https://2130706433/1",
        "https://127.1/1",
        "https://localhost/1",
        "https://store.internal/1",
        "https://push.example.org:5432/1",
        "file:///etc/passwd",
        "https://[broken/1",
        "https://push.example.org/" + 2000 * "x",
    ],
)
def test_an_endpoint_that_is_no_push_service_is_refused(endpoint: str) -> None:
    with pytest.raises(PhoneRefused):
        phones.check(Subscription(endpoint, "key", "secret"))


def test_an_operator_may_name_push_services_of_a_closed_network() -> None:
    inside = Subscription("https://10.1.2.3:8443/1", "key", "secret")
    phones.check(inside, ["https://10.1.2.3:8443"])
    with pytest.raises(PhoneRefused):
        phones.check(inside, ["https://10.1.2.3"])
