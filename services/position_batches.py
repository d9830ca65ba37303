"""Reports of positions that come at the same time are stored together: one statement, one commit for many phones.

Only the newest place of a worker is kept and the next report comes soon, so the commit need not wait for the disk: a
database that is killed may forget the last second of where people were, never more.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from services import workers
from services.batches import Batches, Waiting
from services.database import Database
from services.lanes import Lane
from services.models.workers import Worker
from services.workers import Fix

NOT_FOR_THE_DISK = sa.text("SELECT set_config('synchronous_commit', 'off', true)")


class PositionBatches(Batches[Fix, Worker]):
    """The reports of one server process; each is answered with the worker's row. No person waits for that."""

    gather_seconds = 0.02

    def __init__(self, database: Database) -> None:
        """Nothing waits yet."""
        super().__init__()
        self.lane = Lane()
        self._database = database

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

    async def _keep(self, fixes: Sequence[Fix]) -> dict[object, Worker]:
        async with self._database.write() as session:
            await session.execute(NOT_FOR_THE_DISK)
            await workers.keep_positions(session, fixes)
            ids = {fix.worker_id for fix in fixes}
            return {row.id: row for row in await session.scalars(sa.select(Worker).where(Worker.id.in_(ids)))}
