"""Large audits run beside the requests: their progress is in the store, and a cancelled one stops at its next step."""

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, coverage_results
from services.coverage_answer import Answer, AuditCancelled, Step
from services.database import Database
from services.errors import Refusal
from services.homes import Homes
from services.models import AuditState, CoverageAudit
from services.supply import Supply

log = structlog.get_logger()

BEAT_SECONDS = 0.5


class _Job:
    """One running computation: its thread writes the share that is done, the event loop says when to stop."""

    def __init__(self) -> None:
        self.share = 0.0
        self.stopped = False

    def step(self, share: float) -> None:
        """Note the share done; AuditCancelled when somebody cancelled."""
        self.share = share
        if self.stopped:
            raise AuditCancelled


class Jobs:
    """The audits that this server computes beside its requests."""

    def __init__(self, database: Database) -> None:
        """Nothing runs yet."""
        self._database = database
        self._tasks: set[asyncio.Task[None]] = set()

    def begin_after_commit(
        self,
        session: AsyncSession,
        audit_id: uuid.UUID,
        answered: Callable[[Step], Answer],
        homes: Homes,
        supply: Supply,
    ) -> None:
        """Start once the audit is stored; not at all when its transaction fails."""
        loop = asyncio.get_running_loop()

        @event.listens_for(session.sync_session, "after_commit", once=True)
        def _(_: Any) -> None:
            loop.call_soon(self._begin, audit_id, answered, homes, supply)

    async def settle(self) -> None:
        """Wait until nothing runs."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def _begin(self, audit_id: uuid.UUID, answered: Callable[[Step], Answer], homes: Homes, supply: Supply) -> None:
        task = asyncio.create_task(self._run(audit_id, answered, homes, supply))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, audit_id: uuid.UUID, answered: Callable[[Step], Answer], homes: Homes, supply: Supply) -> None:
        job = _Job()
        computing = asyncio.create_task(asyncio.to_thread(answered, job.step))
        while not (await asyncio.wait({computing}, timeout=BEAT_SECONDS))[0]:
            job.stopped = not await self._beat(audit_id, job.share)
        try:
            await self._end(audit_id, computing.result(), homes, supply)
        except AuditCancelled:
            log.info("audit cancelled", audit=str(audit_id))
        except Refusal as refusal:
            await self._fail(audit_id, str(refusal))
        except Exception:
            log.exception("audit failed", audit=str(audit_id))
            await self._fail(audit_id, "Something unforeseen happened. Order the audit again.")

    async def _beat(self, audit_id: uuid.UUID, share: float) -> bool:
        """Say how far it is; False when it is wanted no more."""
        async with self._database.write() as session:
            said = await session.execute(
                sa.update(CoverageAudit)
                .where(CoverageAudit.id == audit_id, CoverageAudit.state == AuditState.RUNNING)
                .values(progress=share, beat_at=clock.now())
                .returning(CoverageAudit.id)
            )
            return said.one_or_none() is not None

    async def _end(self, audit_id: uuid.UUID, answered: Answer, homes: Homes, supply: Supply) -> None:
        async with self._database.write() as session:
            audit = await session.get(CoverageAudit, audit_id, with_for_update=True)
            if audit is None or audit.state is not AuditState.RUNNING:
                return
            await coverage_results.store(session, audit, homes, supply, answered)

    async def _fail(self, audit_id: uuid.UUID, why: str) -> None:
        async with self._database.write() as session:
            await session.execute(
                sa.update(CoverageAudit)
                .where(CoverageAudit.id == audit_id, CoverageAudit.state == AuditState.RUNNING)
                .values(state=AuditState.FAILED, failure=why)
            )
