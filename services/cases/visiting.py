"""The plan of the visiting days (走访, S5): care intervals first, then a short walk. Days 1 to 5, at least five
households.

First come the homes whose visit is due by the end of the visiting days, the longest overdue first; then homes that no
plan has named for longest. They are visited on the shortest walk from the cadre's post (`walking`).
"""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from gis.streetnetwork import StreetNetwork
from services import care_records, clock, visits
from services.access import Actor, visible
from services.cases.walking import Point, walk
from services.database import speaking_as
from services.errors import Invalid, NotFound
from services.models.areas import Area
from services.models.cases import Case
from services.models.households import Household
from services.models.workers import Assignment, Worker
from services.reach import Measured

LAST_DAY = 5
AT_LEAST = 5


class MonthUnfit(Invalid):
    """{subject} is no month. Write it as 2026-05."""


class NobodyToVisit(Invalid):
    """The cadre serves no area with homes that you may see. Assign the cadre to a grid first."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A home that may be visited: where it is, when its care is due, when a plan named it last."""

    household_id: uuid.UUID
    point: Point
    due_at: datetime | None
    last_planned_at: datetime | None


@dataclass(frozen=True, slots=True)
class VisitPlan:
    """Which homes in which order, until when, and how the walk was measured. The details of a VISIT_PLAN case."""

    worker_id: uuid.UUID
    month: str
    until: date
    household_ids: tuple[uuid.UUID, ...]
    walk_meters: float
    walk_measured: Measured


async def plan(
    session: AsyncSession,
    actor: Actor,
    worker_id: uuid.UUID,
    month: str,
    households: int = AT_LEAST,
    network: StreetNetwork | None = None,
) -> VisitPlan:
    """A plan for a cadre and a month, not stored: opening a VISIT_PLAN case stores it. Raises MonthUnfit, NotFound."""
    until = last_day(month)
    worker = await session.scalar(sa.select(Worker).where(Worker.id == worker_id, Worker.disabled_at.is_(None)))
    if worker is None:
        raise NotFound(worker_id)
    start = (
        await session.execute(
            sa.select(sa.func.ST_X(Worker.post), sa.func.ST_Y(Worker.post)).where(Worker.id == worker_id)
        )
    ).one()
    found = await _candidates(session, actor, worker_id, until)
    if not found:
        raise NobodyToVisit
    chosen = choose(found, max(households, 1))
    way = await asyncio.to_thread(walk, network, (start[0], start[1]), [each.point for each in chosen])
    ids = tuple(chosen[number].household_id for number in way.order)
    return VisitPlan(worker_id, month, until, ids, way.meters, way.measured)


def last_day(month: str) -> date:
    """The fifth of the month. Raises MonthUnfit."""
    try:
        return datetime.strptime(month, "%Y-%m").date().replace(day=LAST_DAY)
    except ValueError:
        raise MonthUnfit(month) from None


def choose(candidates: Sequence[Candidate], count: int) -> list[Candidate]:
    """The homes to visit: those whose care is due, the longest overdue first; then those longest out of any plan."""
    due = sorted((each for each in candidates if each.due_at is not None), key=_by_due)
    rest = sorted((each for each in candidates if each.due_at is None), key=_by_plan)
    return [*due, *rest][:count]


def _by_due(each: Candidate) -> tuple[datetime, uuid.UUID]:
    assert each.due_at is not None
    return each.due_at, each.household_id


def _by_plan(each: Candidate) -> tuple[float, uuid.UUID]:
    return (each.last_planned_at.timestamp() if each.last_planned_at else 0.0), each.household_id


async def _candidates(session: AsyncSession, actor: Actor, worker_id: uuid.UUID, until: date) -> list[Candidate]:
    grids = await _grids(session, worker_id)
    homes = sa.select(Household.id, sa.func.ST_X(Household.location), sa.func.ST_Y(Household.location)).where(
        Household.grid_id.in_(grids), Household.closed_at.is_(None), Household.restricted.is_(False)
    )
    dues = await _dues(session, actor, grids, until)
    async with speaking_as(session, "casework"):  # other staff's plans count, too; only the homes' order follows
        planned = await _planned(session, worker_id)
    rows = await session.execute(visible(homes.order_by(Household.id), actor))
    return [Candidate(id_, (x, y), dues.get(id_), planned.get(id_)) for id_, x, y in rows]


async def _grids(session: AsyncSession, worker_id: uuid.UUID) -> list[uuid.UUID]:
    serves = sa.select(Assignment.area_id).where(Assignment.worker_id == worker_id, Assignment.until.is_(None))
    inside = sa.or_(Area.id.in_(serves), Area.parent_id.in_(serves))
    return list(await session.scalars(sa.select(Area.id).where(inside, Area.retired_at.is_(None))))


async def _dues(
    session: AsyncSession, actor: Actor, grids: Sequence[uuid.UUID], until: date
) -> dict[uuid.UUID, datetime]:
    """The earliest care visit that falls due in each home by the end of the visiting days."""
    end = datetime.combine(until, time.max, clock.zone())
    due = visits.due_expression()
    rows = care_records.readable(actor).where(Household.grid_id.in_(grids), due <= end).order_by(None)
    earliest = rows.with_only_columns(Household.id, sa.func.min(due), maintain_column_froms=True)
    return {id_: at for id_, at in await session.execute(earliest.group_by(Household.id))}


async def _planned(session: AsyncSession, worker_id: uuid.UUID) -> dict[uuid.UUID, datetime]:
    """When each home was last in a plan of this cadre."""
    home = sa.func.jsonb_array_elements_text(Case.details["household_ids"]).table_valued("value").lateral()
    id_ = sa.cast(home.c.value, sa.Uuid)
    plans = sa.select(id_, sa.func.max(Case.opened_at)).select_from(Case).join(home, sa.true())
    mine = plans.where(Case.kind == "VISIT_PLAN", Case.details["worker_id"].astext == str(worker_id))
    return {household: at for household, at in await session.execute(mine.group_by(id_))}
