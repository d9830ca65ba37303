"""The process's own dispatcher: calls that were just committed are put in, help is found for them outside the answer.

What lies in this queue is a shortcut, never the only memory: every call has a timer in the store from its first commit.
"""

import asyncio
import time
import uuid
from collections.abc import Callable

import structlog

from services import surge
from services.database import Database
from services.ladder import RULES, CallRules

log = structlog.get_logger()

MOST_PATIENCE_SECONDS = 1.0
LOOK_SECONDS = 0.02


class Dispatcher:
    """Takes call ids, finds help one by one, or together when many have come meanwhile."""

    def __init__(self, database: Database, rules: CallRules = RULES) -> None:
        """Nothing runs until `run`."""
        self._database, self._rules = database, rules
        self._waiting: asyncio.Queue[uuid.UUID] = asyncio.Queue()
        self._busy = False
        self._crowded: Callable[[], bool] = lambda: False

    def give_way_to(self, crowded: Callable[[], bool]) -> None:
        """Let presses go first: while `crowded`, help is looked for a little later, so that none waits to be heard."""
        self._crowded = crowded

    def put(self, call_id: uuid.UUID) -> None:
        """Find help for this call as soon as possible; returns at once."""
        self._waiting.put_nowait(call_id)

    @property
    def idle(self) -> bool:
        """True when nothing waits and nothing is being done."""
        return self._waiting.empty() and not self._busy

    async def run(self) -> None:
        """Work until cancelled; a fault is logged, and the call's timer does what was missed."""
        while True:
            self._busy = False
            call_ids = [await self._waiting.get()]
            self._busy = True
            await self.let_presses_first()
            while not self._waiting.empty():
                call_ids.append(self._waiting.get_nowait())
            try:
                once = list(dict.fromkeys(call_ids))
                await surge.attempt(self._database, once, self._rules, self.let_presses_first)
            except Exception as problem:
                log.error("dispatch failed, the timers go on", calls=len(call_ids), exc_info=problem)

    async def let_presses_first(self) -> None:
        """Wait while presses crowd in, a moment at most: what begins a call must not wait for what comes after it."""
        until = time.monotonic() + MOST_PATIENCE_SECONDS
        while self._crowded() and time.monotonic() < until:
            await asyncio.sleep(LOOK_SECONDS)
