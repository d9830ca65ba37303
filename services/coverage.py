"""Coverage audits: ordered, answered at once or with progress, listed, cancelled, repeated from what was stored."""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from gis.profiles import PROFILES
from services import areas, clock, coverage_results, networks, supply
from services.access import Actor
from services.coverage_answer import Answer, Step, answer, limit_seconds
from services.coverage_jobs import Jobs
from services.errors import NotAllowed, NotFound
from services.homes import Homes
from services.homes_in_memory import IN_MEMORY
from services.models import Area, AuditState, CoverageAudit, CoverageSupply, Role, TravelMode
from services.models.areas import grids_within
from services.supply import Place, Supply

PLANNERS = (Role.PLANNER, Role.MANAGER, Role.SUPERVISOR, Role.DISPATCHER)
LARGE_HOMES = 400_000
"""An audit of more homes runs on after the answer, with progress, and can be cancelled."""
SILENT_AFTER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Question:
    """What a planner asks: is everybody in this area within so many minutes of such supply?"""

    area_id: uuid.UUID
    minutes: float
    travel_mode: TravelMode
    supply: CoverageSupply
    at: datetime | None = None
    add: Sequence[Place] = ()
    remove: Sequence[uuid.UUID] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """An audit with all that its answer is computed from."""

    audit: CoverageAudit
    homes: Homes
    supply: Supply

    def answered(self, step: Step = lambda _: None) -> Answer:
        """The answer; takes the processor, so call it in a thread."""
        profile = PROFILES[self.audit.travel_mode.value]
        return answer(networks.current(), self.homes, self.supply, profile, self.audit.minutes, step)


async def order(session: AsyncSession, actor: Actor, question: Question, jobs: Jobs) -> CoverageAudit:
    """Audit an area. A town's audit comes back DONE; a large one RUNNING, to be asked for again.

    Raises NotAllowed outside the own area, MinutesOutOfRange, NoNetwork and the refusals of coordinates.
    """
    prepared = await prepare(session, actor, question)
    session.add(prepared.audit)
    await session.flush()
    if len(prepared.homes) > LARGE_HOMES:
        jobs.begin_after_commit(session, prepared.audit.id, prepared.answered, prepared.homes, prepared.supply)
    else:
        answered = await asyncio.to_thread(prepared.answered)
        await coverage_results.store(session, prepared.audit, prepared.homes, prepared.supply, answered)
    return prepared.audit


async def prepare(session: AsyncSession, actor: Actor, question: Question) -> Prepared:
    """Gather homes and supply for a question."""
    actor.require(*PLANNERS)
    profile = PROFILES[question.travel_mode.value]
    limit_seconds(question.minutes, profile)
    network = networks.current()
    area = await area_for(session, actor, question.area_id)
    found = await supply.find(
        session, network, profile.graph, question.supply, question.at, question.add, question.remove
    )
    homes = (await IN_MEMORY.get(session, network)).of(area.code)
    now = clock.now()
    audit = CoverageAudit(
        created_at=now,
        created_by=actor.account_id,
        what_if=bool(question.add or question.remove),
        area_id=area.id,
        area_version_id=await areas.current_version(session, area.id),
        minutes=question.minutes,
        travel_mode=question.travel_mode,
        supply=question.supply,
        at=question.at or now,
        network_version=network.version,
        speed_meters_per_second=profile.speed_meters_per_second,
        state=AuditState.RUNNING,
        beat_at=now,
    )
    return Prepared(audit, homes, found)


async def find(session: AsyncSession, actor: Actor, audit_id: uuid.UUID, *, lock: bool = False) -> CoverageAudit:
    """A stored audit of an area that is the actor's; NotFound otherwise. One whose server is silent has FAILED."""
    actor.require(*PLANNERS, Role.AUDITOR)
    audit = await session.get(CoverageAudit, audit_id, with_for_update=lock or None)
    if audit is None:
        raise NotFound(audit_id)
    try:
        await area_for(session, actor, audit.area_id)
    except NotAllowed:
        raise NotFound(audit_id) from None
    if audit.state is AuditState.RUNNING and clock.now() - audit.beat_at > SILENT_AFTER:
        audit.state, audit.failure = AuditState.FAILED, "The server that computed it stopped. Order the audit again."
    return audit


async def cancel(session: AsyncSession, actor: Actor, audit_id: uuid.UUID) -> CoverageAudit:
    """Stop a running audit; one that has ended stays as it is."""
    audit = await find(session, actor, audit_id, lock=True)
    if audit.state is AuditState.RUNNING:
        audit.state = AuditState.CANCELLED
        await session.flush()
    return audit


def listed(area_id: uuid.UUID) -> sa.Select[CoverageAudit]:
    """The audits of an area."""
    return sa.select(CoverageAudit).where(CoverageAudit.area_id == area_id)


async def area_for(session: AsyncSession, actor: Actor, area_id: uuid.UUID) -> Area:
    """The area, when all of its grids are the actor's; NotAllowed otherwise."""
    area = await session.get(Area, area_id)
    if area is None:
        raise NotFound(area_id)
    if not actor.everywhere:
        inside = (await session.scalars(sa.select(Area.id).where(grids_within(area.code)))).all()
        if not inside or not set(inside) <= set(actor.grid_ids):
            raise NotAllowed(area_id)
    return area
