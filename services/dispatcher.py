"""The process's own dispatcher: calls that were just committed are put in, help is found for them outside the answer.

What lies in this queue is a shortcut, never the only memory: every call has a timer in the store from its first commit.
"""

import asyncio
import uuid

import structlog

from services import surge
from services.database import Database
from services.ladder import RULES, CallRules

log = structlog.get_logger()


class Dispatcher:
    """Takes call ids, finds help one by one, or together when many have come meanwhile."""

    def __init__(self, database: Database, rules: CallRules = RULES) -> None:
        """Nothing runs until `run`."""
        self._database, self._rules = database, rules
        self._waiting: asyncio.Queue[uuid.UUID] = asyncio.Queue()
        self._busy = False

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
            while not self._waiting.empty():
                call_ids.append(self._waiting.get_nowait())
            try:
                await surge.attempt(self._database, list(dict.fromkeys(call_ids)), self._rules)
            except Exception as problem:
                log.error("dispatch failed, the timers go on", calls=len(call_ids), exc_info=problem)
