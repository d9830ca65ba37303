"""A town in which somebody has pressed: who asks what, and how far the call has come before each operation."""

import uuid
from dataclasses import dataclass

from fixtures import makers
from services import calls, desk, dispatch, offers, terminals, workers
from services.access import Actor
from services.actors import actor_of
from services.database import Database
from services.models import Account, Call, CallOutcome, Offer, Role, TerminalButton, Worker
from services.press_orders import PressOrder
from tests.schema.town import Town

KEYRING = makers.KEYRING


@dataclass
class CallStage:
    """One call from the first home; the workers of grids 001 and 002 are on duty, the first is asked first."""

    database: Database
    town: Town
    terminal: Account
    dispatcher: Account
    workers: list[Account]

    @classmethod
    async def of(cls, database: Database, town: Town) -> "CallStage":
        """The accounts, and two workers on duty."""
        async with database.write() as session:
            terminal = await makers.make_account(
                session, Role.TERMINAL, town.grids[0], terminal_id=town.terminal.id, name="T-1"
            )
            dispatcher = await makers.make_account(session, Role.DISPATCHER, town.community, name="Desk")
            second = await makers.make_account(session, Role.GRID_WORKER, town.grids[1], worker=town.workers[1])
            for worker in town.workers[:2]:
                await workers.start_shift(session, worker.id)
        return cls(database, town, terminal, dispatcher, [town.grid_worker, second])

    async def press(self, reference: str = "one", button: TerminalButton = TerminalButton.HELP) -> Call:
        """Press in the first home; nobody is asked yet."""
        order = PressOrder(self.town.terminal.serial, reference, button)
        proof = await self.actor(self.terminal)
        return (await terminals.press(self.database, order, proof, KEYRING)).call

    async def offered(self) -> Offer:
        """Press, and the first worker is asked."""
        call = await self.press()
        offer_id = await dispatch.attempt(self.database, call.id)
        assert offer_id is not None
        async with self.database.read() as session:
            return await session.get_one(Offer, offer_id)

    async def accepted(self) -> Offer:
        """The first worker is on the way."""
        offer = await self.offered()
        async with self.database.write() as session:
            return await offers.accept(session, offer.id, offer.worker_id)

    async def arrived(self) -> Offer:
        """The first worker is at the door."""
        offer = await self.accepted()
        async with self.database.write() as session:
            await calls.arrive(session, offer.call_id, offer.worker_id)
        return offer

    async def resolved(self) -> Offer:
        """Help was given."""
        offer = await self.arrived()
        actor = await self.actor(self.workers[0])
        async with self.database.write() as session:
            await calls.resolve(session, KEYRING, offer.call_id, actor, CallOutcome.HELP_GIVEN)
        return offer

    async def claimed(self) -> uuid.UUID:
        """The desk has the call in hand."""
        call = await self.press()
        actor = await self.actor(self.dispatcher)
        async with self.database.write() as session:
            await desk.claim(session, call.id, actor)
        return call.id

    async def actor(self, account: Account) -> Actor:
        """The actor behind an account."""
        async with self.database.read() as session:
            return await actor_of(session, account.id)

    def worker(self, number: int) -> Worker:
        """A worker of the town."""
        return self.town.workers[number]
