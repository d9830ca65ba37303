"""Wake-ups: one listener a process rings the bells of those who wait for a subject; what is new they read themselves.

A wake-up may be lost (a connection drops, a server restarts), so a bell also rings by itself after a while.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import structlog
from psycopg import sql

from services import events
from services.database import Database

log = structlog.get_logger()

CHANNELS = (events.CALLS, events.OFFERS, events.ACCOUNTS)
RING_ANYHOW_SECONDS = 1.0
CONNECT_AGAIN_SECONDS = 0.5


class Bell:
    """Rings for one who waits; a ring while nobody waits is kept until the next wait."""

    def __init__(self) -> None:
        """Not rung yet."""
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Something may be new."""
        self._rung.set()

    async def wait(self, seconds: float = RING_ANYHOW_SECONDS) -> bool:
        """Until it rings, at most `seconds`; True when it was rung."""
        try:
            await asyncio.wait_for(self._rung.wait(), seconds)
        except TimeoutError:
            return False
        self._rung.clear()
        return True


class Wakeups:
    """The bells of one process, by subject (the id of an area, a worker or an account)."""

    def __init__(self, database: Database) -> None:
        """Nobody waits, and nothing is listened to until `run`."""
        self._database = database
        self._bells: defaultdict[str, set[Bell]] = defaultdict(set)

    @contextmanager
    def bell(self, subject: object) -> Iterator[Bell]:
        """A bell for a subject, hung up before the first look so that nothing falls in between."""
        bell, key = Bell(), str(subject)
        self._bells[key].add(bell)
        try:
            yield bell
        finally:
            self._bells[key].discard(bell)
            if not self._bells[key]:
                del self._bells[key]

    def ring(self, *subjects: object) -> None:
        """Wake those in this process who wait for the subjects."""
        for subject in subjects:
            for bell in tuple(self._bells.get(str(subject), ())):
                bell.ring()

    async def run(self) -> None:
        """Listen until cancelled; after a lost connection everybody looks, since something may have been missed."""
        while True:
            try:
                await self._listen()
            except (psycopg.Error, OSError) as problem:
                log.warning("not listening for wake-ups", error=type(problem).__name__)
            await asyncio.sleep(CONNECT_AGAIN_SECONDS)

    async def _listen(self) -> None:
        address = self._database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
            for channel in CHANNELS:
                await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
            self.ring(*tuple(self._bells))
            async for told in connection.notifies():
                self.ring(*told.payload.split(","))
