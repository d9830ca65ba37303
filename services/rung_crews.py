"""Who can be asked on a rung at all, in one statement for many calls: whether anybody of a role is free anywhere on the
platform, whom a worker serves, who was asked for a call before.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock
from services.candidates import ON_DUTY
from services.choosing import Reason, why_empty
from services.models.workers import WorkerRole

TALLY = sa.text(f"""
SELECT role, why, count(*) FROM (
  SELECT w.role, CASE WHEN w.status IN ('OFFERED', 'COMMITTED') THEN 'BUSY'
                      WHEN w.status <> 'AVAILABLE' THEN 'OFF_DUTY'
                      WHEN {ON_DUTY} THEN 'FREE' ELSE 'OFF_DUTY' END AS why
  FROM workers w WHERE w.disabled_at IS NULL) AS each
GROUP BY role, why
""").bindparams(sa.bindparam("now", type_=sa.DateTime(timezone=True)))
ASKED = sa.text("""
SELECT o.call_id, o.worker_id FROM offers o JOIN calls ON calls.id = o.call_id
WHERE o.call_id = ANY(:ids) AND (o.round = calls.round OR o.round = calls.round - 1 AND o.status = 'LOST')
""")
SERVED = sa.text("""
SELECT a.worker_id, a.area_id, areas.parent_id FROM assignments a JOIN areas ON areas.id = a.area_id
WHERE a.worker_id = ANY(:ids) AND a.since <= :today AND (a.until IS NULL OR a.until > :today)
""").bindparams(sa.bindparam("today", type_=sa.Date()))
IDS = sa.bindparam("ids", type_=sa.ARRAY(sa.Uuid))
ASKED, SERVED = ASKED.bindparams(IDS), SERVED.bindparams(IDS)


@dataclass(slots=True)
class Served:
    """The areas that a worker serves: a community by itself, or by one of its grids."""

    grids: set[uuid.UUID | None] = field(default_factory=set)
    communities: set[uuid.UUID | None] = field(default_factory=set)


NOWHERE = Served()


async def empty_roles(session: AsyncSession) -> dict[WorkerRole, str]:
    """The roles of which nobody is free anywhere, with what stands in the way of most: a code of `choosing.Reason`."""
    tally: defaultdict[WorkerRole, Counter[str]] = defaultdict(Counter)
    for role, why, count in await session.execute(TALLY, {"now": clock.now()}):
        tally[WorkerRole(role)][why] = count
    return {role: why_empty(tally[role]) for role in WorkerRole if not tally[role][Reason.FREE]}


async def asked_before(session: AsyncSession, call_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, set[uuid.UUID]]:
    """Who was asked for each call in its round, or has lost it in the one before; the rule of `candidates`."""
    asked: defaultdict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for call_id, worker_id in await session.execute(ASKED, {"ids": list(call_ids)}):
        asked[call_id].add(worker_id)
    return dict(asked)


async def served(session: AsyncSession, worker_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Served]:
    """Whom workers serve today; the rule of `candidates`."""
    found: defaultdict[uuid.UUID, Served] = defaultdict(Served)
    for worker_id, area, above in await session.execute(SERVED, {"ids": list(worker_ids), "today": clock.today()}):
        found[worker_id].grids.add(area)
        found[worker_id].communities.update((area, above))
    return dict(found)
