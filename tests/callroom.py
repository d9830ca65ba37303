"""A small neighbourhood with calls in it, for tests of dispatch: everything is committed, several connections may look.

    y 1000  +-----------+-----------+
            |  grid 1   |  grid 2   |      home 0 at (250, 500) and home 1 at (750, 500), a terminal with a key in each;
    y 0     +-----------+-----------+      workers stand where the test puts them
            x 0         500        1000

Without streets a time is the straight line times 1.4 at 1.3 m/s: 130 m are 140 s.
"""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import psycopg
import sqlalchemy as sa

from fixtures import makers
from services import actors, dispatch, offers, terminal_keys, terminals, timers, workers
from services.access import Actor
from services.background import Background, Loop
from services.call_states import state_of
from services.call_timers import HANDLERS
from services.calls import state_from_timeline
from services.database import Database
from services.dispatcher import Dispatcher
from services.ladder import CallRules
from services.models import (
    Account,
    Area,
    Call,
    CallEvent,
    CallEventKind,
    Household,
    Message,
    Offer,
    Press,
    Role,
    Terminal,
    TerminalButton,
    Worker,
    WorkerRole,
)
from services.models.calls import timeline
from services.press_orders import PressOrder
from services.presses import Pressed
from services.terminal_keys import Signed
from services.wakeups import Wakeups

KEYRING = makers.KEYRING


@dataclass
class CallRoom:
    """What the tests name, and the short ways to do what users do."""

    database: Database
    rules: CallRules = field(default_factory=CallRules)
    community: Area | None = None
    grids: list[Area] = field(default_factory=list)
    homes: list[Household] = field(default_factory=list)
    terminals: list[Terminal] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)

    # -- pressing ---------------------------------------------------------------------------------------------------

    async def press(
        self, number: int = 0, reference: str | None = None, button: TerminalButton = TerminalButton.HELP
    ) -> Pressed:
        """Press the button in a home; a new reference unless one is given. Nobody is sent yet."""
        order = PressOrder(self.terminals[number].serial, reference or uuid.uuid4().hex, button)
        return await terminals.press(self.database, order, self.signed(number, order), KEYRING, self.rules)

    def signed(self, number: int, order: PressOrder) -> Signed:
        """The proof that a terminal gives with a press."""
        parts = (order.serial, order.reference, order.button.value)
        return Signed(terminal_keys.signature(self.keys[number], *parts, "12:00"), "12:00")

    async def call_for_help(self, number: int = 0, button: TerminalButton = TerminalButton.HELP) -> Call:
        """Press, and let dispatch do its part."""
        pressed = await self.press(number, button=button)
        await dispatch.attempt(self.database, pressed.call.id, self.rules)
        return await self.call(pressed.call.id)

    # -- workers ----------------------------------------------------------------------------------------------------

    async def worker(
        self, x: float, y: float = 500, *served: Area, role: WorkerRole = WorkerRole.GRID_WORKER, duty: bool = True
    ) -> Worker:
        """A worker with a post at a place in metres, on duty unless said otherwise."""
        async with self.database.write() as session:
            worker = await makers.make_worker(session, *served, x=x, y=y, role=role)
        if duty:
            async with self.database.write() as session:
                await workers.start_shift(session, worker.id, self.rules)
        return worker

    async def accept(self, call_id: uuid.UUID) -> Offer:
        """Whoever is asked accepts."""
        call = await self.call(call_id)
        assert call.offer_id is not None
        offer = await self.offer(call.offer_id)
        async with self.database.write() as session:
            return await offers.accept(session, offer.id, offer.worker_id, self.rules)

    async def decline(self, call_id: uuid.UUID) -> None:
        """Whoever is asked declines."""
        call = await self.call(call_id)
        assert call.offer_id is not None
        offer = await self.offer(call.offer_id)
        async with self.database.write() as session:
            _, call = await offers.decline(session, offer.id, offer.worker_id, "BUSY", KEYRING)
            await dispatch.go_on(session, call, self.rules)

    # -- looking ----------------------------------------------------------------------------------------------------

    async def call(self, call_id: uuid.UUID) -> Call:
        """The call as it is in the store; its timeline adds up to the same, always."""
        async with self.database.read() as session:
            found = await session.get(Call, call_id)
            assert found is not None
            assert await state_from_timeline(session, call_id, found.version) == state_of(found)
            return found

    async def offer(self, offer_id: uuid.UUID | None) -> Offer:
        """An offer as it is in the store."""
        async with self.database.read() as session:
            return (await session.scalars(sa.select(Offer).where(Offer.id == offer_id))).one()

    async def asked(self, call_id: uuid.UUID) -> uuid.UUID | None:
        """Who is being asked now."""
        call = await self.call(call_id)
        return (await self.offer(call.offer_id)).worker_id if call.offer_id else None

    async def lines(self, call_id: uuid.UUID) -> list[CallEvent]:
        """The call's timeline."""
        async with self.database.read() as session:
            return list(await session.scalars(timeline(call_id)))

    async def kinds(self, call_id: uuid.UUID) -> list[CallEventKind]:
        """What happened to the call, in order."""
        return [line.kind for line in await self.lines(call_id)]

    async def count(self, model: type[Call] | type[Press] | type[Offer]) -> int:
        """How many rows."""
        async with self.database.read() as session:
            return await session.scalar(sa.select(sa.func.count()).select_from(model)) or 0

    # -- others -----------------------------------------------------------------------------------------------------

    def server(self, rules: CallRules | None = None, *more: Loop) -> Background:
        """The rounds of a server process (`running`), and `more`; its post goes nowhere."""
        mine, database = rules or self.rules, self.database
        return Background(database, Dispatcher(database, mine), Wakeups(database), _nobody_is_told, *more, rules=mine)

    async def tick(self) -> int:
        """Do what is due now."""
        return await timers.run_due(self.database, HANDLERS, rules=self.rules)

    async def actor(self, role: Role, *where: Area, worker: Worker | None = None, name: str = "Somebody") -> Actor:
        """Somebody with a role, everywhere unless areas are given."""
        async with self.database.write() as session:
            account: Account = await makers.make_account(session, role, *where, worker=worker, name=name)
            return await actors.actor_of(session, account.id)

    async def add_home(self, grid: int, x: float, y: float = 500) -> int:
        """One more home with a terminal and its key; gives its number."""
        async with self.database.write() as session:
            home = await makers.make_household(session, self.grids[grid], x, y)
            terminal = await makers.make_terminal(session, home)
            self.keys.append(await terminal_keys.give(session, KEYRING, terminal.id))
        self.homes.append(home)
        self.terminals.append(terminal)
        return len(self.homes) - 1


async def _nobody_is_told(message: Message) -> None:
    """A postman who keeps it to himself."""


@asynccontextmanager
async def opened(url: str, pool_size: int = 10) -> AsyncIterator[CallRoom]:
    """The neighbourhood, stored at `url`."""
    room = CallRoom(Database(url, pool_size).acting_as("tests"))
    try:
        async with room.database.write() as session:
            room.community = await makers.make_community(session, makers.box(0, 0, 1000, 1000))
            for number, west in ((1, 0), (2, 500)):
                shape = makers.box(west, 0, west + 500, 1000)
                room.grids.append(await makers.make_grid(session, room.community, shape, number=number))
        await room.add_home(0, 250)
        await room.add_home(1, 750)
        yield room
    finally:
        await room.database.close()


TABLES = "areas, workers, accounts, terminals, households, timers, outbox, residents, case_contacts"
EMPTY = sa.text(f"TRUNCATE {TABLES} CASCADE")
PATIENCE = sa.text("SET LOCAL lock_timeout = '100ms'")


async def emptied(owner_url: str) -> None:
    """Take away all rows but what the migrations brought, also under servers that look at them.

    TRUNCATE takes its tables one by one, and a server takes them in another order: who waits for one while it holds
    another must let go before the store finds a deadlock (after 1 s), and begin anew.
    """
    database = Database(owner_url, 1)
    try:
        while not await _emptied_at_once(database):
            pass
    finally:
        await database.close()


async def _emptied_at_once(database: Database) -> bool:
    try:
        async with database.write() as session:
            await session.execute(PATIENCE)
            await session.execute(EMPTY)
            await session.execute(sa.text("DELETE FROM care_categories WHERE name LIKE '类别%'"))  # those of the makers
    except sa.exc.OperationalError as why:
        if not isinstance(why.orig, psycopg.errors.LockNotAvailable):
            raise
        return False
    return True
