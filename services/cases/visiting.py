"""The plan of the visiting days (走访, S5): care intervals first, then a short walk. Days 1 to 5, at least five
households.

First come the homes whose visit is due by the end of the visiting days, the longest overdue first; then homes that no
plan has named for longest. The order of the walk is the shortest path from the cadre's post through all of them, by
straight lines: exact up to eight homes, beyond that improved until no exchange of two legs shortens it (2-opt).
"""

import itertools
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from gis.coordinates import LocalProjection
from services import care_records, settings, visits
from services.access import Actor, visible
from services.database import speaking_as
from services.errors import Invalid, NotFound
from services.models.areas import Area
from services.models.cases import Case
from services.models.households import Household
from services.models.workers import Assignment, Worker

LAST_DAY = 5
AT_LEAST = 5
EXACT_UP_TO = 8

Point = tuple[float, float]


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
    """Which homes in which order, until when; metres are those of straight lines. The details of a VISIT_PLAN case."""

    worker_id: uuid.UUID
    month: str
    until: date
    household_ids: tuple[uuid.UUID, ...]
    walk_meters: float


async def plan(
    session: AsyncSession, actor: Actor, worker_id: uuid.UUID, month: str, households: int = AT_LEAST
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
    order, meters = walk((start[0], start[1]), [each.point for each in chosen])
    return VisitPlan(worker_id, month, until, tuple(chosen[i].household_id for i in order), meters)


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


def walk(start: Point, points: Sequence[Point]) -> tuple[list[int], float]:
    """The order in which to visit the points (degrees) from a start, and the metres of the way, not back again."""
    projection = LocalProjection(*start)
    places = [projection.point_to_meters(*each) for each in points]
    if len(points) <= EXACT_UP_TO:
        order = min(itertools.permutations(range(len(points))), key=lambda way: _length(way, places))
        return list(order), _length(order, places)
    order_ = _improved(_nearest_first(places), places)
    return order_, _length(order_, places)


def _by_due(each: Candidate) -> tuple[datetime, uuid.UUID]:
    assert each.due_at is not None
    return each.due_at, each.household_id


def _by_plan(each: Candidate) -> tuple[float, uuid.UUID]:
    return (each.last_planned_at.timestamp() if each.last_planned_at else 0.0), each.household_id


def _length(order: Sequence[int], places: Sequence[Point]) -> float:
    here, total = (0.0, 0.0), 0.0
    for number in order:
        there = places[number]
        total += ((there[0] - here[0]) ** 2 + (there[1] - here[1]) ** 2) ** 0.5
        here = there
    return total


def _nearest_first(places: Sequence[Point]) -> list[int]:
    left, here, order = set(range(len(places))), (0.0, 0.0), list[int]()
    while left:
        x, y = here
        nearest = min(left, key=lambda n: ((places[n][0] - x) ** 2 + (places[n][1] - y) ** 2, n))
        left.remove(nearest)
        order.append(nearest)
        here = places[nearest]
    return order


def _improved(order: list[int], places: Sequence[Point]) -> list[int]:
    """2-opt (Croes 1958): turn a stretch round while that shortens the way."""
    better = True
    while better:
        better = False
        for first, last in itertools.combinations(range(len(order)), 2):
            turned = [*order[:first], *reversed(order[first : last + 1]), *order[last + 1 :]]
            if _length(turned, places) < _length(order, places) - 1e-6:
                order, better = turned, True
    return order


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
    end = datetime.combine(until, time.max, ZoneInfo(settings.current().time_zone))
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
