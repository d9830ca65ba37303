"""Who is connected: a dropped socket has a little time to come back, at any server; a killed server's are dropped."""

from collections.abc import AsyncIterator
from contextlib import ExitStack

import pytest_asyncio
import sqlalchemy as sa

from services import presences, timers
from services.call_timers import HANDLERS
from services.models import CallEventKind, CallStatus, Offer, OfferStatus, Presence, ServerProcess
from services.presences import Presences
from tests.callroom import CallRoom
from tests.conftest import StandingClock


@pytest_asyncio.fixture
async def two_servers(room: CallRoom) -> AsyncIterator[tuple[Presences, Presences]]:
    """The presences of two server processes on one store."""
    yield Presences(room.database), Presences(room.database)
    async with room.database.write() as session:
        await session.execute(sa.delete(ServerProcess))


async def test_an_offer_goes_on_ten_seconds_after_the_last_socket_dropped(
    room: CallRoom, standing_clock: StandingClock, two_servers: tuple[Presences, Presences]
) -> None:
    """Not a second earlier, and long before the 45 seconds of the offer are over."""
    one, _ = two_servers
    near, far = await room.worker(300), await room.worker(550)
    with one.connected(near.id):
        await one.look()
        call = await room.call_for_help()
        assert await room.asked(call.id) == near.id
    await one.look()
    standing_clock.forward(seconds=9.9)
    await timers.run_due(room.database, HANDLERS)
    assert await room.asked(call.id) == near.id
    standing_clock.forward(seconds=0.1)
    await timers.run_due(room.database, HANDLERS)
    assert await room.asked(call.id) == far.id
    assert (await room.kinds(call.id))[-2:] == [CallEventKind.WITHDRAWN, CallEventKind.OFFERED]


async def test_who_comes_back_at_another_server_keeps_the_offer(
    room: CallRoom, standing_clock: StandingClock, two_servers: tuple[Presences, Presences]
) -> None:
    one, other = two_servers
    near = await room.worker(300)
    await room.worker(550)
    with one.connected(near.id):
        await one.look()
        call = await room.call_for_help()
    await one.look()
    with other.connected(near.id):
        await other.look()
        standing_clock.forward(seconds=11)
        await timers.run_due(room.database, HANDLERS)
        assert await room.asked(call.id) == near.id


async def test_one_of_two_sockets_is_enough(
    room: CallRoom, standing_clock: StandingClock, two_servers: tuple[Presences, Presences]
) -> None:
    one, other = two_servers
    near = await room.worker(300)
    with ExitStack() as sockets:
        sockets.enter_context(other.connected(near.id))
        with one.connected(near.id):
            await one.look()
            await other.look()
            call = await room.call_for_help()
        await one.look()
        standing_clock.forward(seconds=11)
        await timers.run_due(room.database, HANDLERS)
        assert await room.asked(call.id) == near.id


async def test_the_sockets_of_a_killed_server_are_dropped_by_the_others(
    room: CallRoom, standing_clock: StandingClock, two_servers: tuple[Presences, Presences]
) -> None:
    """Its sign of life is 21 seconds old, more than 20: the other one takes its sockets for dropped."""
    killed, alive = two_servers
    near, far = await room.worker(300), await room.worker(550)
    with killed.connected(near.id):
        await killed.look()
        call = await room.call_for_help()
        standing_clock.forward(seconds=21)
        await alive.look()
        await timers.run_due(room.database, HANDLERS)
        assert await room.asked(call.id) == far.id
        assert await room.count(Presence) == 0


async def test_a_server_that_was_only_slow_writes_its_sockets_again(
    room: CallRoom, standing_clock: StandingClock, two_servers: tuple[Presences, Presences]
) -> None:
    slow, other = two_servers
    near = await room.worker(300)
    with slow.connected(near.id):
        await slow.look()
        standing_clock.forward(seconds=21)
        await other.look()
        await slow.look()
        async with room.database.read() as session:
            assert await presences.is_connected(session, near.id)


async def test_a_call_that_was_accepted_stays_with_a_phone_that_loses_its_line(
    room: CallRoom, standing_clock: StandingClock, two_servers: tuple[Presences, Presences]
) -> None:
    """In a lift there is no line; who has accepted is asked after by time, not by the socket."""
    one, _ = two_servers
    near = await room.worker(300)
    with one.connected(near.id):
        await one.look()
        call = await room.call_for_help()
        await room.accept(call.id)
    await one.look()
    standing_clock.forward(seconds=11)
    await timers.run_due(room.database, HANDLERS)
    assert (await room.call(call.id)).status is CallStatus.ACCEPTED


async def test_an_offer_that_came_after_the_drop_has_its_whole_time(
    room: CallRoom, standing_clock: StandingClock, two_servers: tuple[Presences, Presences]
) -> None:
    """It went to the phone by other ways; that a socket dropped before says nothing about it."""
    one, _ = two_servers
    near = await room.worker(300)
    with one.connected(near.id):
        await one.look()
    await one.look()
    call = await room.call_for_help()
    standing_clock.forward(seconds=11)
    await timers.run_due(room.database, HANDLERS)
    async with room.database.read() as session:
        offer = await session.scalar(sa.select(Offer).where(Offer.call_id == call.id))
    assert offer is not None
    assert offer.status is OfferStatus.OFFERED
