"""The outbox: what leaves goes with the commit, at least once, with its key; a dead line out there holds nothing up."""

import asyncio
from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from services import outbox
from services.models import Message, Recipient
from tests import post
from tests.callroom import CallRoom
from tests.conftest import StandingClock


class Postbox:
    """A channel that keeps what it was given; `broken` makes it refuse."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.broken = False

    async def __call__(self, message: Message) -> None:
        await asyncio.sleep(0)
        if self.broken:
            raise ConnectionError
        self.got.append(message.key)


async def test_a_message_is_delivered_once_with_its_key(room: CallRoom) -> None:
    box = Postbox()
    await _put(room, "a", "b", "a")
    assert await post.deliver(room.database, box) == 2
    assert await post.deliver(room.database, box) == 0
    assert sorted(box.got) == ["a", "b"]


async def test_what_was_not_committed_does_not_leave(room: CallRoom) -> None:
    box = Postbox()
    async with room.database.write() as session:
        await outbox.put(session, "a", Recipient.DUTY_DESK, None, "T", {})
        await session.rollback()
    assert await post.deliver(room.database, box) == 0


async def test_six_postmen_deliver_each_of_sixty_once(room: CallRoom) -> None:
    box = Postbox()
    await _put(room, *(str(number) for number in range(60)))
    await asyncio.gather(*(post.deliver(room.database, box, limit=15) for _ in range(6)))
    assert len(box.got) == len(set(box.got)) == 60


async def test_a_broken_line_is_tried_later_each_time_with_more_patience(
    room: CallRoom, standing_clock: StandingClock
) -> None:
    box = Postbox()
    box.broken = True
    await _put(room, "a")
    tries = 0
    for _ in range(40):
        await post.deliver(room.database, box)
        async with room.database.read() as session:
            tries = (await session.scalars(sa.select(Message.attempts))).one()
        standing_clock.forward(seconds=1)
    # after 0 s, 5 s, 5 + 10 = 15 s, 15 + 20 = 35 s
    assert tries == 4
    box.broken = False
    standing_clock.forward(seconds=40)
    assert await post.deliver(room.database, box) == 1


async def test_a_message_is_given_up_after_twelve_tries_and_counted(
    room: CallRoom, standing_clock: StandingClock
) -> None:
    box = Postbox()
    box.broken = True
    await _put(room, "a")
    for _ in range(20):
        await post.deliver(room.database, box)
        standing_clock.forward(seconds=600)
    async with room.database.read() as session:
        assert (await session.scalars(sa.select(Message.attempts))).one() == 12
        assert await outbox.undeliverable(session) == 1


async def test_what_a_dead_postman_had_comes_back_after_half_a_minute(
    room: CallRoom, standing_clock: StandingClock
) -> None:
    async def die(message: Message) -> None:
        raise asyncio.CancelledError

    box = Postbox()
    await _put(room, "a")
    with pytest.raises(asyncio.CancelledError):
        await post.deliver(room.database, die)
    assert await post.deliver(room.database, box) == 0
    standing_clock.forward(seconds=30)
    assert await post.deliver(room.database, box) == 1


class Round(Postbox):
    """A postman who looks up for all of them at once; `lost` makes that fail."""

    def __init__(self) -> None:
        super().__init__()
        self.rounds: list[int] = []
        self.lost = False

    async def prepared(self, messages: Sequence[Message]) -> outbox.Send:
        if self.lost:
            raise ConnectionError
        self.rounds.append(len(messages))
        return self


async def test_what_is_lent_together_is_looked_up_together(room: CallRoom) -> None:
    postman = Round()
    await _put(room, *(str(number) for number in range(6)))
    assert await post.deliver(room.database, postman, limit=4) == 4
    assert await post.deliver(room.database, postman, limit=4) == 2
    assert postman.rounds == [4, 2]
    assert sorted(postman.got) == ["0", "1", "2", "3", "4", "5"]


async def test_when_nothing_can_be_looked_up_each_message_goes_by_itself(room: CallRoom) -> None:
    postman = Round()
    postman.lost = True
    await _put(room, "a", "b")
    assert await post.deliver(room.database, postman) == 2
    assert sorted(postman.got) == ["a", "b"]


async def test_each_of_a_batch_is_noted_by_itself(room: CallRoom, standing_clock: StandingClock) -> None:
    """One of three is refused: the other two are delivered, and only that one comes again, after 5 s."""
    got: list[str] = []

    async def send(message: Message) -> None:
        if message.key == "bad" and message.attempts == 1:
            raise ConnectionError
        got.append(message.key)

    await _put(room, "a", "bad", "b")
    assert await post.deliver(room.database, send) == 2
    async with room.database.read() as session:
        rows = (await session.scalars(sa.select(Message).order_by(Message.key))).all()
    assert [(row.key, row.problem, row.delivered_at is not None) for row in rows] == [
        ("a", None, True),
        ("b", None, True),
        ("bad", "ConnectionError", False),
    ]
    standing_clock.forward(seconds=4)
    assert await post.deliver(room.database, send) == 0
    standing_clock.forward(seconds=1)
    assert await post.deliver(room.database, send) == 1
    assert sorted(got) == ["a", "b", "bad"]


async def _put(room: CallRoom, *keys: str) -> None:
    async with room.database.write() as session:
        for key in keys:
            await outbox.put(session, key, Recipient.DUTY_DESK, None, "T", {})
