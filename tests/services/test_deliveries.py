"""The post: who acts on a call is told first, and a line that says nothing holds up no other."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import sqlalchemy as sa

from services import outbox
from services.deliveries import OTHERS, WHO_ACTS, Deliveries
from services.models import Message, Recipient
from tests.callroom import CallRoom


class Line:
    """Takes everything at once but what goes to those who are `silent`, until they are heard again."""

    def __init__(self, *silent: Recipient) -> None:
        self.silent, self.heard = silent, asyncio.Event()
        self.told: list[str] = []

    async def __call__(self, message: Message) -> None:
        if message.recipient in self.silent:
            await self.heard.wait()
        self.told.append(message.key)


@pytest.fixture(autouse=True)
def _little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.deliveries.PATIENCE_SECONDS", 0.05)


@pytest_asyncio.fixture
async def line(room: CallRoom) -> AsyncIterator[Line]:
    """Contacts are not to be reached."""
    yield Line(Recipient.CONTACT)


async def _put(room: CallRoom, to: Recipient, count: int) -> list[str]:
    keys = [f"{to.value}:{uuid.uuid4()}" for _ in range(count)]
    async with room.database.write() as session:
        messages = [{"key": key, "recipient": to, "recipient_id": None, "template": "T", "body": {}} for key in keys]
        await outbox.put_all(session, messages)
    return keys


async def _noted(room: CallRoom) -> int:
    async with room.database.read() as session:
        return await session.scalar(sa.select(sa.func.count()).where(Message.delivered_at.is_not(None))) or 0


async def test_an_offer_waits_for_none_of_a_thousand_contacts(room: CallRoom, line: Line) -> None:
    """More than may be under way; they were put first, and the line to them is dead."""
    post = Deliveries(room.database, line, room.rules)
    contacts = await _put(room, Recipient.CONTACT, 1000)
    others = asyncio.create_task(post.to_others())
    offers = await _put(room, Recipient.WORKER, 3) + await _put(room, Recipient.DUTY_DESK, 2)
    async with asyncio.timeout(5):
        await post.to_who_acts()
    assert sorted(line.told) == sorted(offers)
    assert await _noted(room) == 5
    line.heard.set()
    async with asyncio.timeout(60):
        await others
    assert sorted(line.told) == sorted(offers + contacts)
    await post.stop()


async def test_what_is_slow_holds_up_nothing_behind_it(room: CallRoom, line: Line) -> None:
    """A contact's line says nothing; the staff of an area, who come after it, are told after the patience is over."""
    post = Deliveries(room.database, line, room.rules)
    await _put(room, Recipient.CONTACT, 50)
    staff = await _put(room, Recipient.AREA_STAFF, 60)
    async with asyncio.timeout(30):
        await post.to_others()
    assert sorted(line.told) == sorted(staff)
    line.heard.set()
    async with asyncio.timeout(30):
        while await _noted(room) < 110:
            await asyncio.sleep(0.01)
    await post.stop()


async def test_what_is_under_way_at_the_end_comes_again(room: CallRoom, line: Line) -> None:
    post = Deliveries(room.database, line, room.rules)
    await _put(room, Recipient.CONTACT, 1)
    async with asyncio.timeout(30):
        await post.to_others()
    await post.stop()
    assert (line.told, await _noted(room)) == ([], 0)
    async with room.database.write() as session:
        await session.execute(sa.text("UPDATE outbox SET due_at = due_at - interval '30 seconds'"))
    line.heard.set()
    await post.to_others()
    assert (len(line.told), await _noted(room)) == (1, 1)
    await post.stop()


def test_everybody_has_a_round() -> None:
    assert set(WHO_ACTS) | set(OTHERS) == set(Recipient)
