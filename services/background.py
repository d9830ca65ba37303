"""What each server process does beside its requests: dispatch, timers, sweep, post, wake-ups, gateways."""

import asyncio
import threading
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from gis import warming
from services import (
    bells,
    clock,
    demo_duty,
    due_dispatch,
    endings,
    events,
    metrics,
    moot_timers,
    offer_endings,
    rosters,
    shift_ends,
    shifts,
    sweep,
    timers,
    troubles,
    unanswered,
)
from services.call_timers import HANDLERS
from services.database import Database
from services.deliveries import Deliveries
from services.dispatcher import Dispatcher
from services.ladder import RULES, CallRules
from services.models.timers import TimerKind
from services.outbox import Send
from services.presences import Presences
from services.wakeups import Wakeups

log = structlog.get_logger()

STORE_AWAY = (sa.exc.OperationalError, sa.exc.InterfaceError, OSError)
LOOK_SECONDS = 0.25
TIMERS_AT_ONCE = 20
CAN_WAIT = (TimerKind.CONTACTS_UNANSWERED, TimerKind.FOLLOW_UP_DUE, TimerKind.ERASE_CARE_RECORD)
"""No call's next step: of the two hands that do what is due one leaves these alone, however many there are."""
LATE_SECONDS = 2.5
SWEEP_SECONDS = 5.0
SURE_SECONDS = 1.0
TROUBLE_SECONDS = 30.0
SHIFTS_SECONDS = 3_600.0
AFTER_FAULT_SECONDS = 1.0
PRESENCE_SECONDS = 0.5
DEMO_SECONDS = 60.0

Loop = Callable[[], Awaitable[None]]
Many = Callable[[AsyncSession, CallRules], Awaitable[int]]


class Background:
    """The loops of one process. A fault in one round is logged, and the next round comes."""

    def __init__(
        self,
        database: Database,
        dispatcher: Dispatcher,
        wakeups: Wakeups,
        send: Send,
        *more: Loop,
        rules: CallRules = RULES,
        presences: Presences | None = None,
    ) -> None:
        """Nothing runs yet. `more` are endless loops of the caller, such as the MQTT gateway."""
        self._database, self._dispatcher, self._wakeups = database, dispatcher, wakeups
        self._deliveries, self._more, self._rules = Deliveries(database, send, rules), more, rules
        self._presences = presences or Presences(database, rules)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """All loops run while the block does; what they were doing is undone or done, never half done."""
        rounds = (
            (self._time_out, LOOK_SECONDS),
            (self._deliveries.to_who_acts, LOOK_SECONDS),
            (self._deliveries.to_others, LOOK_SECONDS),
            (self._sweep, SWEEP_SECONDS),
            (self._look_at_terminals, TROUBLE_SECONDS),
            (self._plan_shifts, SHIFTS_SECONDS),
            (self._presences.look, PRESENCE_SECONDS),
            (self._keep_demo_duty, DEMO_SECONDS),
        )
        loops = [(loop, LOOK_SECONDS) for loop in (self._dispatcher.run, self._wakeups.run, *self._more)]
        tasks = [asyncio.ensure_future(again(*each)) for each in (*loops, *rounds)]
        try:
            yield
        finally:
            await endings.end(*tasks)
            await self._deliveries.stop()

    async def _time_out(self) -> None:
        """Do what is due; looked for often, since somebody may have left just now.

        While presses crowd in it waits a little, since a press must be heard first; what is late waits for no press.
        """
        while (due := await self._next_due()) is not None and due <= clock.now():
            if (clock.now() - due).total_seconds() < LATE_SECONDS:
                await self._dispatcher.let_presses_first()
            but = await self._do_together()
            due_ones = partial(timers.run_due, self._database, HANDLERS, TIMERS_AT_ONCE, self._rules)
            if not any(await asyncio.gather(due_ones(but), due_ones((*but, *CAN_WAIT)))):
                return

    async def _do_together(self) -> Collection[str]:
        """What is due for many calls; when one of them stands in the way, all are left to go one by one.

        Gives the kinds that the timers leave to the dispatcher.
        """
        try:
            await self._some_at_a_time(bells.ring_again)
            await self._some_at_a_time(shift_ends.leave_many)
            but = await self._hand_over()
            await self._some_at_a_time(unanswered.tell_many)
        except STORE_AWAY:
            raise
        except Exception as problem:
            log.error("not done together, timers go one by one", exc_info=problem)
            return ()
        return but

    async def _some_at_a_time(self, act: Many) -> None:
        """What is due of one kind for many calls, until there is no more."""
        done = 1
        while done:
            async with self._database.write() as session:
                done = await act(session, self._rules)

    async def _hand_over(self) -> Collection[str]:
        """Calls whose offers end, or that are due for dispatch, go to the dispatcher when they are many.

        Those that are due also when it is at work anyhow. Gives the kinds that the timers leave to it then.
        """
        many = self._rules.surge_calls if self._dispatcher.idle else 1
        calls, more = dict[uuid.UUID, int](), True
        try:
            while more:
                async with self._database.write() as session:
                    await moot_timers.clear(session)
                    ended = await offer_endings.end_many(session, self._rules)
                    lent = await due_dispatch.lend(session, many, self._rules)
                calls |= ended | lent
                more = bool(ended)
        finally:
            for call_id, priority in calls.items():
                self._dispatcher.put(call_id, priority)
        return () if self._dispatcher.idle else (TimerKind.DISPATCH,)

    async def _next_due(self) -> datetime | None:
        async with self._database.read() as session:
            return await timers.next_due_at(session)

    async def _sweep(self) -> None:
        found = await sweep.sweep(self._database, self._rules, SURE_SECONDS)
        metrics.open_calls.set(found.open_calls)
        for fault, ids in found.wrong.items():
            metrics.sweep_faults.labels(fault).inc(len(ids))
        await events.number_all(self._database)

    async def _look_at_terminals(self) -> None:
        await troubles.look(self._database, self._rules)

    async def _plan_shifts(self) -> None:
        """Weekly duties become shifts two weeks ahead, so that nobody's duty ends because nobody imported workers."""
        async with self._database.write() as session:
            await shifts.extend_shifts(session, clock.now() + shifts.HORIZON)
            await rosters.extend(session, clock.now() + shifts.HORIZON)

    async def _keep_demo_duty(self) -> None:
        await demo_duty.keep(self._database, self._rules)


async def again(act: Loop, seconds: float) -> None:
    """Do `act` for ever with a pause between; a fault is logged and the next round comes."""
    name = getattr(act, "__qualname__", repr(act))
    while True:
        pause = seconds
        try:
            await act()
        except STORE_AWAY as problem:
            log.warning("store not reached", loop=name, error=type(problem).__name__)
            pause = AFTER_FAULT_SECONDS
        except Exception as problem:
            log.error("round failed", loop=name, exc_info=problem)
            pause = AFTER_FAULT_SECONDS
        endings.raise_if_asked_to_end()
        await asyncio.sleep(pause)


class Warming:
    """Compiles the street search in a thread while the server starts, so that the first question is not slow."""

    def __init__(self) -> None:
        """Not warm yet."""
        self._done = threading.Event()

    @property
    def is_done(self) -> bool:
        """True when every search answers at once."""
        return self._done.is_set()

    def begin(self) -> None:
        """Start, and return at once. A search that cannot be compiled now is compiled when it is first asked."""
        threading.Thread(target=self._run, name="warming", daemon=True).start()

    def _run(self) -> None:
        try:
            warming.warm()
        except Exception as problem:
            log.error("street search not warmed", exc_info=problem)
        self._done.set()
