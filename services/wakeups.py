"""Wake-ups: one listener a process rings the bells of those who wait for a subject; what is new they read themselves.

The listener proves again and again that its line still carries: what is told on a line that carries arrives. As long as
it does not (a connection drops, a store freezes, a server restarts), and for a while besides, bells ring by themselves.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import structlog
from psycopg import sql

from services import endings, events
from services.connections import own_line
from services.database import Database

log = structlog.get_logger()

CHANNELS = (events.CALLS, events.OFFERS, events.ACCOUNTS)
LISTEN = sql.SQL("; ").join(sql.SQL("LISTEN {}").format(sql.Identifier(channel)) for channel in CHANNELS)
RING_ANYHOW_SECONDS = 1.0
RING_ANYHOW_WHILE_HEARING_SECONDS = 15.0
PROVE_SECONDS = 1.0
ANSWER_SECONDS = 2.0
CONNECT_AGAIN_SECONDS = 0.5
NAME = "linli wake-ups"


class Bell:
    """Rings for one who waits; a ring while nobody waits is kept until the next wait."""

    def __init__(self, wakeups: "Wakeups") -> None:
        """Not rung yet."""
        self._wakeups = wakeups
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Something may be new."""
        self._rung.set()

    async def wait(self, seconds: float | None = None) -> bool:
        """Until it rings, at most `seconds` (None: as long as the wake-ups can be relied on); True when it was rung."""
        try:
            async with asyncio.timeout(seconds if seconds is not None else self._wakeups.patience):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True


class Wakeups:
    """The bells of one process, by channel and subject (the id of an area, a worker or an account)."""

    def __init__(self, database: Database) -> None:
        """Nobody waits, and nothing is listened to until `run`."""
        self._database = database
        self._bells: defaultdict[tuple[str, str], set[Bell]] = defaultdict(set)
        self._hears = False

    @property
    def patience(self) -> float:
        """Seconds after which who waits had better look without being told."""
        return RING_ANYHOW_WHILE_HEARING_SECONDS if self._hears else RING_ANYHOW_SECONDS

    @contextmanager
    def bell(self, channel: str, subject: object) -> Iterator[Bell]:
        """A bell for a subject, hung up before the first look so that nothing falls in between."""
        bell, key = Bell(self), (channel, str(subject))
        self._bells[key].add(bell)
        try:
            yield bell
        finally:
            self._bells[key].discard(bell)
            if not self._bells[key]:
                del self._bells[key]

    def ring(self, channel: str, *subjects: object) -> None:
        """Wake those in this process who wait for the subjects."""
        for subject in subjects:
            for bell in tuple(self._bells.get((channel, str(subject)), ())):
                bell.ring()

    def ring_all(self) -> None:
        """Wake everybody: something may have been missed."""
        for bells in tuple(self._bells.values()):
            for bell in tuple(bells):
                bell.ring()

    async def run(self) -> None:
        """Listen until cancelled; while the line is lost everybody looks every now and then."""
        while True:
            try:
                await self._listen()
            except (psycopg.Error, OSError, TimeoutError) as problem:
                log.warning("not listening for wake-ups", error=type(problem).__name__)
            finally:
                self._hears = False
                self.ring_all()
            endings.raise_if_asked_to_end()
            await asyncio.sleep(CONNECT_AGAIN_SECONDS)

    async def _listen(self) -> None:
        async with asyncio.timeout(ANSWER_SECONDS):
            connection = await own_line(self._database.engine.url, application_name=NAME)
        try:
            await _answered(connection, LISTEN)
            self._hears = True
            self.ring_all()
            while True:
                async for told in connection.notifies(timeout=PROVE_SECONDS):
                    self.ring(told.channel, *told.payload.split(","))
                await _answered(connection, sql.SQL(""))
        finally:
            await connection.close()


async def _answered(connection: "psycopg.AsyncConnection[tuple[Any, ...]]", asked: sql.SQL | sql.Composed) -> None:
    """Ask; TimeoutError after `ANSWER_SECONDS`. Cancelling alone would wait for the server to say that it gave up."""
    asking = asyncio.ensure_future(connection.execute(asked))
    done, _ = await asyncio.wait({asking}, timeout=ANSWER_SECONDS)
    if not done:
        await connection.close()
        asking.cancel()
        raise TimeoutError
    await asking
