"""A day of calls in simulated time: engine and database are the real ones, the people and the clock are made up.

Whatever the engine does at a moment takes no time on this clock: what is seen is what people, shifts and the ladder
cost. (How long the engine itself takes is what `press` and `offer` measure.)
"""

import heapq
import itertools
import random
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from math import log
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import calls, clock, desk, dispatch, moot_timers, offers, terminals, timers, workers
from services.access import Actor
from services.call_timers import HANDLERS
from services.database import Database
from services.errors import Refusal
from services.models import CallOutcome, Role, TerminalButton
from services.press_orders import PressOrder
from services.sealing import Keyring
from services.workers import Fix

Act = Callable[[], Awaitable[None]]
TIMER_LATE_SECONDS = 0.25  # a server looks that often for what is due
POSITIONS_SECONDS = 240.0
REACTION_SECONDS, REACTION_SPREAD = 9.0, 0.8
AT_THE_DOOR_SECONDS, AT_THE_DOOR_SPREAD = 720.0, 0.5
DECLINES, SLEEPS = 0.10, 0.05
DISPATCHERS_A_THOUSAND_CALLS, LEAST_DISPATCHERS = 3, 8
DESK_REACTION_SECONDS, DESK_TALK_SECONDS = (4.0, 15.0), 240.0
BEAT_SECONDS = 40  # a console beats every 15 s; a claim lapses after 45, and more beats change nothing
NEW_OFFERS = """
SELECT o.id, o.worker_id, o.call_id, coalesce(o.eta_seconds, 600) AS eta, ST_X(c.location) AS longitude,
       ST_Y(c.location) AS latitude FROM offers o JOIN calls c ON c.id = o.call_id WHERE o.status = 'OFFERED'
"""
RINGING = "SELECT id FROM calls WHERE status = 'RINGING'"
NEXT_DUE = f"""
SELECT timers.due_at FROM timers LEFT JOIN calls ON calls.id = timers.subject_id
WHERE {moot_timers.MOOT} IS NOT TRUE ORDER BY timers.due_at LIMIT 1
"""
STILL_HERE = sa.text("UPDATE positions SET fixed_at = :now, received_at = :now")


@dataclass
class Day:
    """The day's queue of happenings, by simulated time; `phones` is how people see what the engine asks of them.

    Phones and the desk look over a plain connection, since not they are tried.
    """

    database: Database
    phones: psycopg.Connection[Any]
    gateway: Actor
    dispatchers: Actor
    luck: random.Random
    begins: datetime
    now: datetime = field(init=False)
    answering: set[uuid.UUID] = field(default_factory=set)
    ringing: set[uuid.UUID] = field(default_factory=set)
    free_dispatchers: int = LEAST_DISPATCHERS
    next_tick: datetime | None = None
    keyring: Keyring = field(default_factory=lambda: Keyring.from_secret(bytes(32)))
    _queue: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        """The day has just begun."""
        self.now = self.begins
        self.later(POSITIONS_SECONDS, self._still_here)

    def at(self, moment: datetime, act: Act) -> None:
        """Something happens at a moment."""
        heapq.heappush(self._queue, (moment, next(self._numbers), act))

    def later(self, seconds: float, act: Act) -> None:
        """Something happens in so many seconds."""
        self.at(self.now + timedelta(seconds=seconds), act)

    async def run(self, until: datetime) -> None:
        """Let the day pass. Refusals are part of it: whoever comes too late is told so."""
        with clock.frozen(lambda: self.now):
            while self._queue and self._queue[0][0] <= until:
                self.now, _, act = heapq.heappop(self._queue)
                with suppress(Refusal):
                    await act()
                self._look()

    async def press(self, serial: str, button: TerminalButton) -> None:
        """Somebody presses, and help is looked for."""
        order = PressOrder(serial, uuid.uuid4().hex, button)
        pressed = await terminals.press(self.database, order, self.gateway, self.keyring)
        await dispatch.attempt(self.database, pressed.call.id)

    async def start_shift(self, worker_id: uuid.UUID) -> None:
        """A worker comes on duty; the engine ends the shift when its time is over."""
        async with self.database.write() as session:
            await workers.start_shift(session, worker_id)

    async def _tick(self) -> None:
        """Timers that are due, as a server's loop does them; what is moot goes before, as there."""
        if self.next_tick != self.now:
            return  # something earlier came up after this one was planned, and has done it
        self.next_tick = None
        while (due := self._next_due()) is not None and due <= self.now:
            async with self.database.write() as session:
                await moot_timers.clear(session)
            await timers.run_one(self.database, HANDLERS)

    def _next_due(self) -> datetime | None:
        row = self.phones.execute(NEXT_DUE, prepare=True).fetchone()
        return row[0] if row else None

    async def _still_here(self) -> None:
        self.later(POSITIONS_SECONDS, self._still_here)
        async with self.database.write() as session:
            await session.execute(STILL_HERE, {"now": self.now})

    def _look(self) -> None:
        """Phones and the desk see what is new, and the servers what falls due next, after whatever has happened."""
        for offer in self.phones.execute(NEW_OFFERS, prepare=True):
            if offer.id not in self.answering:
                self.answering.add(offer.id)
                self.later(self._about(REACTION_SECONDS, REACTION_SPREAD), self._answer_to(offer))
        rung = {row.id for row in self.phones.execute(RINGING, prepare=True)}
        for call_id in sorted(rung - self.ringing):
            self.later(self.luck.uniform(*DESK_REACTION_SECONDS), partial(self._pick_up, call_id))
        self.ringing = rung
        self._wake_for_timers()

    def _wake_for_timers(self) -> None:
        due = self._next_due()
        if due is None:
            return
        tick = max(due, self.now) + timedelta(seconds=TIMER_LATE_SECONDS)
        if self.next_tick is None or tick < self.next_tick:
            self.next_tick = tick
            self.at(tick, self._tick)

    def _answer_to(self, offer: Any) -> Act:
        fate = self.luck.random()
        if fate < DECLINES:
            return lambda: self._decline(offer)
        return self._sleep if fate < DECLINES + SLEEPS else lambda: self._accept(offer)

    async def _sleep(self) -> None:
        """The phone lies in another room: the offer's time runs out."""

    async def _decline(self, offer: Any) -> None:
        async with self.database.write() as session:
            _, call = await offers.decline(session, offer.id, offer.worker_id, "busy", self.keyring)
            await dispatch.go_on(session, call)

    async def _accept(self, offer: Any) -> None:
        async with self.database.write() as session:
            await offers.accept(session, offer.id, offer.worker_id)
        self.later(offer.eta * self.luck.uniform(0.9, 1.4), lambda: self._arrive(offer))

    async def _arrive(self, offer: Any) -> None:
        async with self.database.write() as session:
            await calls.arrive(session, offer.call_id, offer.worker_id)
            fix = Fix(offer.worker_id, offer.longitude, offer.latitude, self.now, 8)
            await workers.keep_positions(session, [fix])
        self.later(self._about(AT_THE_DOOR_SECONDS, AT_THE_DOOR_SPREAD), lambda: self._help(offer))

    async def _help(self, offer: Any) -> None:
        who = Actor(self.dispatchers.account_id, "", frozenset({Role.GRID_WORKER}), (), (), offer.worker_id)
        async with self.database.write() as session:
            await self._resolve(session, offer.call_id, who)

    async def _pick_up(self, call_id: uuid.UUID) -> None:
        """A dispatcher answers the alarm and helps by telephone; when all are talking, it rings on."""
        if not self.free_dispatchers:
            self.later(5, lambda: self._pick_up(call_id))
            return
        self.free_dispatchers -= 1
        self.later(DESK_TALK_SECONDS, lambda: self._hang_up(call_id))
        async with self.database.write() as session:
            await desk.claim(session, call_id, self.dispatchers)
        for seconds in range(BEAT_SECONDS, int(DESK_TALK_SECONDS), BEAT_SECONDS):
            self.later(seconds, lambda: self._beat(call_id))

    async def _beat(self, call_id: uuid.UUID) -> None:
        async with self.database.write() as session:
            await desk.beat(session, call_id, self.dispatchers)

    async def _hang_up(self, call_id: uuid.UUID) -> None:
        self.free_dispatchers += 1
        async with self.database.write() as session:
            await self._resolve(session, call_id, self.dispatchers)

    async def _resolve(self, session: AsyncSession, call_id: uuid.UUID, who: Actor) -> None:
        await calls.resolve(session, self.keyring, call_id, who, CallOutcome.HELP_GIVEN)

    def _about(self, median: float, spread: float) -> float:
        """A time that is mostly near its median and sometimes much longer (log-normal)."""
        return self.luck.lognormvariate(log(median), spread)
