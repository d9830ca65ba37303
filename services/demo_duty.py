"""The made-up workers of the demo town keep their duty: nobody else says for them that their shift begins.

Real workers go on duty by their own word. In the demo town nobody is there to say it, and a day after the load nobody
would come; so whoever has a shift now begins it.
"""

import uuid

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, workers
from services.database import Database
from services.ladder import RULES, CallRules
from services.models import Account, Role, Shift, Worker, WorkerStatus
from services.tokens import demo_login

AT_ONCE = 50


async def keep(database: Database, rules: CallRules = RULES) -> int:
    """Begin the shifts that are due in the demo town; how many. Any other town is left alone."""
    begun = 0
    while True:
        async with database.write() as session:
            due = (await session.scalars(_due())).all() if await _is_demo(session) else []
            for worker_id in due:
                await workers.start_shift(session, worker_id, rules)
        begun += len(due)
        if len(due) < AT_ONCE:
            return begun


async def _is_demo(session: AsyncSession) -> bool:
    theirs = sa.exists().where(Account.login == demo_login(Role.ADMIN), Account.disabled_at.is_(None))
    return bool(await session.scalar(sa.select(theirs)))


def _due() -> sa.Select[uuid.UUID]:
    """Workers off duty with a shift that has begun by plan and not by word; one who has left it stays away."""
    now = clock.now()
    now_planned = sa.exists().where(
        Shift.worker_id == Worker.id,
        Shift.starts_at <= now,
        Shift.ends_at > now,
        Shift.began_at.is_(None),
        Shift.left_at.is_(None),
    )
    off = (Worker.status == WorkerStatus.OFF_DUTY, Worker.disabled_at.is_(None))
    return sa.select(Worker.id).where(*off, now_planned).order_by(Worker.id).limit(AT_ONCE)
