"""Reports of positions that come at the same time are stored together: one statement, one commit for many phones.

Only the newest place of a worker is kept and the next report comes soon, so the commit need not wait for the disk: a
database that is killed may forget the last second of where people were, never more.
"""

import asyncio
import uuid
from collections.abc import Sequence

from services import fixes
from services.batches import Batches, Waiting
from services.database import Database
from services.lanes import Lane
from services.models.workers import Worker
from services.workers import Fix

MOST_LINES = 4
"""Of those to the store: when it stands still, tiles and phones that look still find one."""


class PositionBatches(Batches[Fix, Worker]):
    """The reports of one server process; each is answered with the worker's row. No person waits for that."""

    gather_seconds = 0.02

    def __init__(self, database: Database) -> None:
        """Nothing waits yet."""
        super().__init__()
        self.lane = Lane()
        self._database = database
        self._lines = asyncio.Semaphore(MOST_LINES)

    async def report(self, fix: Fix) -> Worker:
        """Keep a fix that has passed `workers.check_position`; an older one than the one here is left aside."""
        worker = await self.put(fix)
        await self.lane.turn()
        return worker

    async def together(self, batch: Sequence[Waiting[Fix, Worker]]) -> None:
        """All of them."""
        rows = await self._keep([waiting.item for waiting in batch])
        for waiting in batch:
            waiting.give(rows[waiting.item.worker_id])

    async def alone(self, item: Fix) -> Worker:
        """One of them."""
        return (await self._keep([item]))[item.worker_id]

    async def _keep(self, items: Sequence[Fix]) -> dict[uuid.UUID, Worker]:
        async with self._lines:
            return await fixes.keep(self._database, items)
