"""Many at once, over real connections of several servers: each call ends with one holder, each worker with one call."""

import asyncio
import random
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest
import sqlalchemy as sa

from fixtures import makers
from services import calls, clock, desk, dispatch, offers, surge, sweep, terminals, timers, workers
from services.access import Actor
from services.call_timers import HANDLERS
from services.database import Database
from services.dispatcher import Dispatcher
from services.errors import Refusal
from services.models import (
    Call,
    CallEventKind,
    CallStatus,
    Offer,
    OfferStatus,
    Press,
    Role,
    Shift,
    TerminalButton,
    Worker,
    WorkerStatus,
    new_id,
)
from services.models.offers import binding
from services.offers import OfferExpired, OfferTaken, OfferWithdrawn
from services.press_orders import PressOrder
from services.presses import Pressed
from tests.callroom import KEYRING, CallRoom
from tests.conftest import StandingClock


@asynccontextmanager
async def servers(room: CallRoom, count: int) -> AsyncIterator[list[Database]]:
    """So many servers on the same store, each with connections of its own."""
    url = room.database.engine.url.render_as_string(hide_password=False)
    found = [Database(url, 5).acting_as("tests") for _ in range(count)]
    try:
        yield found
    finally:
        for server in found:
            await server.close()


async def test_two_dispatchers_and_ten_workers_on_one_call(room: CallRoom) -> None:
    """Ten workers accept whatever comes, two dispatchers claim and re-route over each other's heads: one holder."""
    crew = [await room.worker(200 + 10 * number) for number in range(10)]
    dispatchers = [await room.actor(Role.DISPATCHER) for _ in range(2)]
    for seed in range(3):
        call = await room.call_for_help(0)
        chance = random.Random(seed)
        async with servers(room, 4) as many:
            over = asyncio.Event()
            answering = [_accepts(many[n % 4], call.id, worker.id, over) for n, worker in enumerate(crew)]
            answers = asyncio.gather(*answering)
            await asyncio.gather(*(_reroutes(many[n], call.id, crew, who, chance) for n, who in enumerate(dispatchers)))
            over.set()
            await answers
        await _nothing_is_wrong(room)
        after = await room.call(call.id)
        held = [offer for offer in await _offers(room, call.id) if offer.status is OfferStatus.ACCEPTED]
        assert len(held) == 1
        assert (after.status, after.holder_id) == (CallStatus.ACCEPTED, held[0].worker_id)
        assert len({line for line in await room.kinds(call.id) if line is CallEventKind.CLAIMED}) <= 1
        supervisor = await room.actor(Role.SUPERVISOR)
        async with room.database.write() as session:
            if after.claimed_by is not None:
                await desk.release(session, KEYRING, call.id, supervisor, "next round")
            await calls.cancel(session, KEYRING, call.id, supervisor, "next round")


@pytest.mark.parametrize("seed", range(6))
async def test_accepting_at_the_very_moment_of_expiry(room: CallRoom, standing_clock: StandingClock, seed: int) -> None:
    """Either the first one has the call and no other is asked, or it has gone on and the first one is refused."""
    first, second = await room.worker(300), await room.worker(350)
    call = await room.call_for_help()
    standing_clock.forward(seconds=45 if seed % 2 else 44.999)
    async with servers(room, 3) as many:

        async def expire(server: Database) -> None:
            await asyncio.sleep(random.Random(seed).random() / 50)
            standing_clock.moment = call.opened_at + timedelta(seconds=45)
            await timers.run_due(server, HANDLERS)

        answers = await asyncio.gather(
            _accept(many[0], call.offer_id, first.id), expire(many[1]), expire(many[2]), return_exceptions=True
        )
    after = await room.call(call.id)
    if isinstance(answers[0], OfferExpired):
        assert (after.status, await room.asked(call.id)) == (CallStatus.OFFERED, second.id)
    else:
        assert isinstance(answers[0], Offer)
        assert (after.status, after.holder_id) == (CallStatus.ACCEPTED, first.id)
    assert (await room.kinds(call.id)).count(CallEventKind.EXPIRED) == isinstance(answers[0], OfferExpired)
    await _nothing_is_wrong(room)


async def test_the_same_offer_accepted_by_ten_hands_at_once(room: CallRoom) -> None:
    worker = await room.worker(300)
    call = await room.call_for_help()
    async with servers(room, 5) as many:
        answers = await asyncio.gather(*(_accept(many[n % 5], call.offer_id, worker.id) for n in range(10)))
    assert {answer.status for answer in answers} == {OfferStatus.ACCEPTED}
    assert (await room.kinds(call.id)).count(CallEventKind.ACCEPTED) == 1


async def test_an_answer_a_decline_and_a_cancel_at_once_leave_one_truth(room: CallRoom) -> None:
    supervisor = await room.actor(Role.SUPERVISOR)
    for _ in range(6):
        worker = await room.worker(300)
        call = await room.call_for_help()
        asked = await room.asked(call.id)
        assert asked is not None

        async def cancel(call_id: uuid.UUID = call.id) -> None:
            async with room.database.write() as session:
                await calls.cancel(session, KEYRING, call_id, supervisor, "enough")

        await asyncio.gather(
            _accept(room.database, call.offer_id, asked),
            _decline(room.database, call.offer_id, asked),
            cancel(),
            return_exceptions=True,
        )
        assert (await room.call(call.id)).status is CallStatus.CANCELLED
        async with room.database.read() as session:
            assert (await session.get_one(Worker, worker.id)).status is WorkerStatus.AVAILABLE
            assert await session.scalar(sa.select(sa.func.count()).select_from(Offer).where(binding())) == 0
        async with room.database.write() as session:
            await workers.end_shift(session, worker.id)
        await _nothing_is_wrong(room)


@pytest.mark.slow
async def test_five_hundred_calls_and_fifty_workers_at_once(room: CallRoom, standing_clock: StandingClock) -> None:
    """Four servers dispatch 500 calls to 50 workers who accept at once: 50 held by 50, the others ring at the desk."""
    numbers = await _many_homes(room, 500)
    crew = await _many_workers(room, 50)
    pressed = [await room.press(number) for number in numbers]
    async with servers(room, 4) as many:
        shares = [[press.call.id for press in pressed[n::4]] for n in range(4)]
        found = [surge.attempt(server, share) for server, share in zip(many[:2], shares[:2], strict=True)]
        single = [_one_by_one(server, share) for server, share in zip(many[2:], shares[2:], strict=True)]
        takers = [_takes_what_comes(many[n % 4], worker.id) for n, worker in enumerate(crew)]
        await asyncio.gather(*found, *single, *takers)
    async with room.database.read() as session:
        statuses = Counter((await session.scalars(sa.select(Call.status))).all())
        holders = list(await session.scalars(sa.select(Call.holder_id).where(Call.status == CallStatus.ACCEPTED)))
    assert statuses == {CallStatus.ACCEPTED: 50, CallStatus.RINGING: 450}
    assert set(holders) == {worker.id for worker in crew}
    await _nothing_is_wrong(room)


@pytest.mark.slow
async def test_a_thousand_presses_at_once(room: CallRoom, standing_clock: StandingClock) -> None:
    """Two hundred homes press five times each, each tenth press is sent twice, and two servers find help for them.

    Meanwhile every sweep finds each open call with its next step; in the end each call has a holder of its own.
    """
    numbers = await _many_homes(room, 200)
    await _many_workers(room, 200)
    async with servers(room, 2) as many:
        dispatchers = [Dispatcher(server) for server in many]
        running = [asyncio.create_task(dispatcher.run()) for dispatcher in dispatchers]

        doors = [asyncio.Semaphore(8) for _ in many]  # as many as a server has connections to spare

        async def press(home: int, reference: str, server: int) -> Pressed:
            order = PressOrder(room.terminals[home].serial, reference, TerminalButton.HELP)
            async with doors[server]:
                pressed = await terminals.press(many[server], order, room.signed(home, order), KEYRING)
            if not (pressed.repeated or pressed.joined):
                dispatchers[server].put(pressed.call.id)
            return pressed

        sent = [(home, f"press {n}", home % 2) for home in numbers for n in range(5)]
        sent += [(home, reference, 1 - server) for home, reference, server in sent[::10]]
        random.Random(7).shuffle(sent)
        answers = await asyncio.gather(*(press(*each) for each in sent))
        swept = [(await sweep.sweep(room.database)).count]
        while any(not dispatcher.idle for dispatcher in dispatchers):
            swept.append((await sweep.sweep(room.database)).count)
        for task in running:
            task.cancel()
    assert set(swept) == {0}
    assert sum(not answer.repeated for answer in answers) == 1000
    assert len({answer.call.id for answer in answers}) == 200
    assert (await room.count(Call), await room.count(Press)) == (200, 1000)
    async with room.database.read() as session:
        rows = list(await session.scalars(sa.select(Call)))
        asked = list(await session.scalars(sa.select(Offer.worker_id).where(binding())))
        bound = list(await session.scalars(sa.select(Offer).where(binding())))
    assert Counter((row.press_count, row.status) for row in rows) == {(5, CallStatus.OFFERED): 200}
    assert len(set(asked)) == 200
    for offer in bound:
        await _accept(room.database, offer.id, offer.worker_id)
    async with room.database.read() as session:
        held = {
            row.id: row.holder_id for row in await session.scalars(sa.select(Call).where(Call.holder_id.is_not(None)))
        }
    assert held == {offer.call_id: offer.worker_id for offer in bound}
    assert (len(held), len(set(held.values()))) == (200, 200)
    await _nothing_is_wrong(room)


async def _nothing_is_wrong(room: CallRoom) -> None:
    found = await sweep.sweep(room.database)
    assert found.count == 0, found.wrong


async def _accept(server: Database, offer_id: uuid.UUID | None, worker_id: uuid.UUID) -> Offer:
    assert offer_id is not None
    async with server.write() as session:
        return await offers.accept(session, offer_id, worker_id)


async def _decline(server: Database, offer_id: uuid.UUID | None, worker_id: uuid.UUID) -> None:
    assert offer_id is not None
    async with server.write() as session:
        _, call = await offers.decline(session, offer_id, worker_id, "BUSY", KEYRING)
        await dispatch.go_on(session, call)


async def _accepts(server: Database, call_id: uuid.UUID, worker_id: uuid.UUID, over: asyncio.Event) -> None:
    """A worker looks at the phone again and again and accepts what is there, until somebody has the call for good."""
    while True:
        last = over.is_set()
        async with server.read() as session:
            offer = await offers.live_of_worker(session, worker_id)
            status = await session.scalar(sa.select(Call.status).where(Call.id == call_id))
        if last and status is CallStatus.ACCEPTED:
            return
        if offer is not None and offer.status is OfferStatus.OFFERED:
            with suppress(OfferExpired, OfferTaken, OfferWithdrawn):
                await _accept(server, offer.id, worker_id)
        await asyncio.sleep(0.02)


async def _reroutes(
    server: Database, call_id: uuid.UUID, crew: list[Worker], who: Actor, chance: random.Random
) -> None:
    """A dispatcher claims the call and gives it to somebody, even over the head of its holder."""
    for _ in range(5):
        try:
            async with server.write() as session:
                await desk.claim(session, call_id, who)
            async with server.write() as session:
                await dispatch.offer_to(session, call_id, chance.choice(crew).id, who)
        except Refusal:
            await asyncio.sleep(0.01)


async def _one_by_one(server: Database, call_ids: list[uuid.UUID]) -> None:
    for call_id in call_ids:
        await dispatch.attempt(server, call_id)


async def _takes_what_comes(server: Database, worker_id: uuid.UUID) -> None:
    """Wait for an offer, and accept it."""
    while True:
        async with server.read() as session:
            offer = await offers.live_of_worker(session, worker_id)
        if offer is not None:
            await _accept(server, offer.id, worker_id)
            return
        await asyncio.sleep(0.05)


async def _offers(room: CallRoom, call_id: uuid.UUID) -> list[Offer]:
    async with room.database.read() as session:
        return list(await session.scalars(sa.select(Offer).where(Offer.call_id == call_id)))


async def _many_homes(room: CallRoom, count: int) -> list[int]:
    """Homes in rows, each with a terminal and its key, stored together."""
    return [await room.add_home(n % 2, 500 * (n % 2) + 5 + n * 487 % 490, 5 + n * 977 % 990) for n in range(count)]


async def _many_workers(room: CallRoom, count: int) -> list[Worker]:
    """Workers on duty, spread over the neighbourhood."""
    async with room.database.write() as session:
        crew = [await makers.make_worker(session, x=n * 617 % 1000, y=n * 331 % 1000) for n in range(count)]
        now, later = clock.now(), clock.now() + timedelta(hours=8)
        span = {"starts_at": now, "ends_at": later, "began_at": now}
        await session.execute(sa.insert(Shift), [{"id": new_id(), "worker_id": worker.id, **span} for worker in crew])
        await session.execute(sa.update(Worker).values(status=WorkerStatus.AVAILABLE))
    return crew
