"""The process's own dispatcher: calls that were just committed are put in, help is found for them outside the answer.

What lies in this queue is a shortcut, never the only memory: every call has a timer in the store from its first commit.
"""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable

import structlog

from services import due_dispatch, endings, surge
from services.database import Database
from services.ladder import RULES, CallRules

log = structlog.get_logger()

MOST_PATIENCE_SECONDS = 2.0
"""So long help is not looked for while presses crowd in; what waits by then is assigned together, which takes less."""
LOOK_SECONDS = 0.02


class Dispatcher:
    """Takes call ids, finds help one by one, or together when many have come meanwhile; emergencies in a line apart."""

    def __init__(self, database: Database, rules: CallRules = RULES) -> None:
        """Nothing runs until `run`."""
        self._database, self._rules = database, rules
        self._waiting: asyncio.Queue[uuid.UUID] = asyncio.Queue()
        self._urgent: asyncio.Queue[uuid.UUID] = asyncio.Queue()
        self._busy = 0
        self._crowded: Callable[[], bool] = lambda: False

    def give_way_to(self, crowded: Callable[[], bool]) -> None:
        """Let presses go first: while `crowded`, help is looked for a little later, so that none waits to be heard."""
        self._crowded = crowded

    def put(self, call_id: uuid.UUID, priority: int = 0) -> None:
        """Find help for this call as soon as possible, for an emergency at once; returns at once."""
        (self._urgent if self._rules.is_emergency(priority) else self._waiting).put_nowait(call_id)

    @property
    def idle(self) -> bool:
        """True when nothing waits and nothing is being done."""
        return self._waiting.empty() and self._urgent.empty() and not self._busy

    async def run(self) -> None:
        """Work until cancelled; a fault is logged, and the call's timer does what was missed."""
        await asyncio.gather(self._serve(self._waiting, self.let_presses_first), self._serve(self._urgent, at_once))

    async def let_presses_first(self) -> None:
        """Wait while presses crowd in, a moment at most: what begins a call must not wait for what comes after it."""
        until = time.monotonic() + MOST_PATIENCE_SECONDS
        while self._crowded() and time.monotonic() < until:
            await asyncio.sleep(LOOK_SECONDS)

    async def _serve(self, line: "asyncio.Queue[uuid.UUID]", patience: Callable[[], Awaitable[None]]) -> None:
        while True:
            call_ids = [await line.get()]
            self._busy += 1
            try:
                await patience()
                while not line.empty():
                    call_ids.append(line.get_nowait())
                await self._find_help(list(dict.fromkeys(call_ids)))
            except Exception as problem:
                log.error("dispatch failed, the timers go on", calls=len(call_ids), exc_info=problem)
            finally:
                self._busy -= 1
            endings.raise_if_asked_to_end()

    async def _find_help(self, call_ids: list[uuid.UUID]) -> None:
        """Of many the timers are kept off meanwhile: no other process begins with the same calls."""
        for first in range(0, len(call_ids), surge.MOST_CALLS):
            some = call_ids[first : first + surge.MOST_CALLS]
            if len(some) >= self._rules.surge_calls:
                async with self._database.write() as session:
                    await due_dispatch.keep(session, some, self._rules)
            await surge.attempt(self._database, some, self._rules)


async def at_once() -> None:
    """The patience of an emergency."""
