"""The read log of one process: what an operation read is stored, and only then may its answer leave.

Each process has a chain of its own, so that no reader waits for one at another server; within a process the operations
that end together share one transaction (see docs/decisions/0010-one-chain-a-process.md).
"""

import asyncio
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, read_log_proof, reading_chain, reading_heads
from services.access import Actor
from services.database import Database
from services.models.base import new_id
from services.reading_chain import Head, Line
from services.reading_notes import Notes, Read, lines_of

log = structlog.get_logger()

LONGEST_NAME = 80
ANCHOR_SECONDS = 60.0
LAST_ANCHOR_SECONDS = 2.0
COLUMNS: dict[str, Any] = {
    "id": sa.Uuid(),
    "chain_id": sa.Uuid(),
    "number": sa.BigInteger(),
    "at": sa.DateTime(timezone=True),
    "actor_id": sa.Uuid(),
    "deputy_for": sa.Text(),
    "roles": sa.Text(),
    "operation": sa.Text(),
    "thing": sa.Text(),
    "record_id": sa.Uuid(),
    "fields": sa.Text(),
    "household_id": sa.Uuid(),
    "grid_id": sa.Uuid(),
    "opening_id": sa.Uuid(),
    "call_id": sa.Uuid(),
    "mac": sa.LargeBinary(),
}
LISTS = {
    "deputy_for": "uuid[]",
    "roles": "text[]",
    "fields": "text[]",
}  # lists of names go as text joined by commas: unnest would flatten them
INSERT = sa.text(
    f"WITH head AS ({reading_heads.RAISE}) "
    f"INSERT INTO readings ({', '.join(COLUMNS)}) SELECT "
    + ", ".join(f"CAST(string_to_array({name}, ',') AS {LISTS[name]})" if name in LISTS else name for name in COLUMNS)
    + f" FROM unnest({', '.join(f':{name}' for name in COLUMNS)}) AS line ({', '.join(COLUMNS)})"
).bindparams(*(sa.bindparam(name, type_=ARRAY(kind)) for name, kind in COLUMNS.items()))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one operation has read, and the future that is told when it is stored."""

    actor: Actor
    operation: str
    at: datetime
    read: Read
    told: asyncio.Future[None]


class ReadLog:
    """Writes the lines of this process's operations, those that wait together in one transaction."""

    def __init__(self, database: Database, key: bytes) -> None:
        """A new chain, without lines yet. `database` speaks for the platform, since a reader may not write the log."""
        self._database, self._key = database, key
        self._head = reading_chain.begun(key, new_id())
        self._waiting: list[Wanted] = []
        self._writing: asyncio.Task[None] | None = None
        self._anchored = self._head

    async def write(self, actor: Actor, operation: str, notes: Notes) -> None:
        """Store what `actor` has read; when this returns it is stored for good. Raises what the store raises."""
        if not notes:
            return
        told = asyncio.get_running_loop().create_future()
        self._waiting.append(Wanted(actor, operation[:LONGEST_NAME], clock.now(), notes.take(), told))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.ensure_future(self._write_all())
        await told

    async def anchor(self) -> bool:
        """Write down how long this process's chain is, unless it has not grown; whether it had.

        Whoever keeps the server's log elsewhere misses lines that are cut off together with head and anchors.
        """
        head = self._head
        if head.number == 0 or (head.chain_id, head.number) == (self._anchored.chain_id, self._anchored.number):
            return False
        async with self._database.write() as session:
            await read_log_proof.anchor(session, self._key, head)
        self._note_anchored(head)
        return True

    def _note_anchored(self, head: Head) -> None:
        self._anchored = head
        log.info("read log anchored", chain=str(head.chain_id), lines=head.number, seal=head.mac.hex())

    async def keep_anchored(self) -> None:
        """Anchor every `ANCHOR_SECONDS` for as long as this runs, and once more at its end."""
        try:
            while True:
                await asyncio.sleep(ANCHOR_SECONDS)
                try:
                    await self.anchor()
                except (sa.exc.DBAPIError, OSError) as problem:
                    log.warning("read log not anchored", error=type(problem).__name__)
        finally:
            with suppress(Exception):
                async with asyncio.timeout(LAST_ANCHOR_SECONDS):
                    await asyncio.shield(self.anchor())

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            problem: Exception | None = None
            try:
                await self._append(batch)
            except Exception as found:
                # Whether it was stored is not known: the chain ends here, and what follows begins another.
                problem, self._head = found, reading_chain.begun(self._key, new_id())
                log.error("read log not written", error=type(found).__name__)
            for told in (wanted.told for wanted in batch if not wanted.told.done()):
                told.set_result(None) if problem is None else told.set_exception(problem)

    async def _append(self, batch: Sequence[Wanted]) -> None:
        async with self._database.write() as session:
            lines = [line for wanted in batch for line in await _lines(session, wanted)]
            macs, head = reading_chain.chained(self._key, self._head, lines)
            numbers = range(self._head.number + 1, head.number + 1)
            rows = [_row(head.chain_id, *line) for line in zip(numbers, lines, macs, strict=True)]
            columns = dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True))
            await session.execute(INSERT, columns | reading_heads.values(self._key, head.chain_id, head.number))
            begins = self._head.number == 0
            if begins:  # else a whole chain could be taken away unseen, with its head
                await read_log_proof.anchor(session, self._key, head)
        self._head = head
        if begins:
            self._note_anchored(head)


async def _lines(session: AsyncSession, wanted: Wanted) -> list[Line]:
    return await lines_of(session, wanted.actor, wanted.operation, wanted.at, wanted.read)


def _row(chain_id: uuid.UUID, number: int, line: Line, mac: bytes) -> tuple[Any, ...]:
    """As `COLUMNS` says."""
    who = (line.actor_id, ",".join(map(str, line.deputy_for)), ",".join(line.roles))
    what = (line.operation, line.thing, line.record_id, ",".join(line.fields))
    why = (line.household_id, line.grid_id, line.opening_id, line.call_id)
    return (new_id(), chain_id, number, line.at, *who, *what, *why, mac)
