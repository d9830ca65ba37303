"""Fetching who could come: workers nearest first, with duty, place, skills, and what they were asked before."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from math import cos, radians
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from gis.profiles import WALK, Profile
from services import clock, reach, threads
from services.choosing import LANGUAGE, Candidate, PositionSource
from services.errors import NotFound
from services.ladder import RULES, CallRules
from services.models.workers import Shift, Worker, WorkerRole, WorkerStatus
from services.reach import Door, Place, Trip

# Two searches by distance, each along its own index: those with a fresh position, and the others at their post.
# The shift is a scalar sub-select, not EXISTS: it is looked up for the few nearest, never for all workers at once.
ON_DUTY = """
coalesce((SELECT true FROM shifts s WHERE s.worker_id = w.id AND s.began_at <= :now AND s.left_at IS NULL
          AND s.ends_at > :now LIMIT 1), false)
"""
WHO = f"w.role = ANY(:roles) AND w.disabled_at IS NULL AND (NOT :free_only OR w.status = 'AVAILABLE' AND {ON_DUTY})"
SERVING_NOW = "a.since <= :today AND (a.until IS NULL OR a.until > :today)"
SERVES = f"EXISTS (SELECT FROM assignments a WHERE a.worker_id = w.id AND {SERVING_NOW} AND {{}})"
COMMUNITY = "(a.area_id = :community_id OR a.area_id IN (SELECT id FROM areas WHERE parent_id = :community_id))"
COLUMNS = """
SELECT w.id, w.role, w.status, w.skills, w.languages, ST_X(near.place) AS longitude, ST_Y(near.place) AS latitude,
       near.fresh, extract(epoch FROM :now - least(p.fixed_at, p.received_at)) AS age,
       {on_duty} AS on_duty, {own_grid} AS own_grid, {own_community} AS own_community,
       {asked_before} AS asked_before, near.degrees, near.within
FROM near JOIN workers w ON w.id = near.id LEFT JOIN positions p ON p.worker_id = w.id
ORDER BY near.degrees, w.id
"""
ASKED_BEFORE = """
EXISTS (SELECT FROM offers o WHERE o.call_id = :call_id AND o.worker_id = w.id
        AND (o.round = :round OR o.round = :round - 1 AND o.status = 'LOST'))
"""
SERVING = {"own_grid": SERVES.format("a.area_id = :grid_id"), "own_community": SERVES.format(COMMUNITY)}
ALL = COLUMNS.format(on_duty=ON_DUTY, asked_before=ASKED_BEFORE, **SERVING)
FREE_AND_NEW = COLUMNS.format(on_duty="true", asked_before="false", **SERVING)
"""Of those who are free, for a call that nobody was asked for yet."""
TYPES: tuple[sa.BindParameter[Any], ...] = (
    *(sa.bindparam(name, type_=sa.Uuid()) for name in ("grid_id", "community_id", "call_id")),
    *(sa.bindparam(name, type_=sa.DateTime(timezone=True)) for name in ("now", "since")),
    sa.bindparam("today", type_=sa.Date()),
    sa.bindparam("round", type_=sa.Integer()),
)
# Posts farther away than `count` people with a fresh position cannot be among the nearest: they are not looked at.
FAR = "(SELECT CASE WHEN count(*) < {count} THEN 360 ELSE max(degrees) END FROM fresh)"
# Where somebody is, or else the post.
PLACED = """
LEFT JOIN positions p ON p.worker_id = w.id CROSS JOIN LATERAL (
  SELECT coalesce(least(p.fixed_at, p.received_at) >= :since, false) AS fresh,
         CASE WHEN least(p.fixed_at, p.received_at) >= :since THEN p.location ELSE w.post END AS place) AS f
"""
# Of the own grid some more, since they go before those who are a little faster.
OWN_LOOKED_AT = 4
_NEAREST = f"""
WITH here AS MATERIALIZED (SELECT ST_SetSRID(ST_MakePoint(:longitude, :latitude), 4326) AS point),
fresh AS MATERIALIZED (
  SELECT w.id, p.location AS place, true AS fresh, p.location <-> (SELECT point FROM here) AS degrees
  FROM positions p JOIN workers w ON w.id = p.worker_id
  WHERE p.fixed_at >= :since AND p.received_at >= :since AND {WHO}
  ORDER BY p.location <-> (SELECT point FROM here) LIMIT {{count}}
), around AS MATERIALIZED (
  SELECT *, true AS within FROM (
    SELECT * FROM fresh
    UNION ALL
    (SELECT w.id, w.post, false, w.post <-> (SELECT point FROM here) AS degrees
     FROM workers w
     WHERE w.post && (SELECT ST_Expand(point, {FAR}) FROM here)
           AND NOT EXISTS (SELECT FROM positions p WHERE p.worker_id = w.id AND p.fixed_at >= :since
                           AND p.received_at >= :since) AND {WHO}
     ORDER BY w.post <-> (SELECT point FROM here) LIMIT {{count}})
  ) AS both_ways ORDER BY degrees, id LIMIT {{count}}
), near AS (
  SELECT * FROM around
  UNION ALL
  (SELECT w.id, f.place, f.fresh, f.place <-> (SELECT point FROM here) AS degrees, false
   FROM assignments a JOIN workers w ON w.id = a.worker_id {PLACED}
   WHERE a.area_id = :grid_id AND {SERVING_NOW} AND :free_only AND {WHO} AND w.id NOT IN (SELECT id FROM around)
   ORDER BY degrees, w.id LIMIT {OWN_LOOKED_AT})
) {{columns}}
"""


def nearest_sql(count: int, columns: str = ALL) -> str:
    """Those who are nearest, at most so many: told in the text, since the plan hangs on it."""
    return _NEAREST.format(count=int(count), columns=columns)


@lru_cache(maxsize=100)
def nearest(count: int) -> sa.TextClause:
    """The same, as a session asks it."""
    return sa.text(nearest_sql(count)).bindparams(*TYPES)


ONE = sa.text(f"""
WITH near AS (
  SELECT w.id, f.place, f.fresh, 0 AS degrees, true AS within FROM workers w {PLACED}
  WHERE w.id = :worker_id AND w.disabled_at IS NULL
) {ALL}
""").bindparams(*TYPES, sa.bindparam("worker_id", type_=sa.Uuid()))
METERS_IN_A_DEGREE = 110_574.0  # of latitude at the equator on WGS 84, where a degree is shortest


@dataclass(frozen=True, slots=True)
class Need:
    """What a call needs: a door, the areas that count as own, the skills wanted, who was asked already."""

    door: Door
    grid_id: uuid.UUID | None = None
    community_id: uuid.UUID | None = None
    wanted: frozenset[str] = frozenset()
    call_id: uuid.UUID | None = None
    round: int = 0


NOWHERE = Need(Door(0.0, 0.0))


async def fetch(
    session: AsyncSession,
    need: Need,
    roles: Sequence[WorkerRole],
    limit_seconds: float | None = None,
    *,
    free_only: bool = True,
    first: int | None = None,
    profile: Profile = WALK,
    rules: CallRules = RULES,
) -> list[Candidate]:
    """Candidates with their trips, nearest in the straight line first, certain to hold whoever is there first.

    With them come the nearest of the own grid who are free.

    Nobody beyond the last one fetched is nearer than the straight line to him, so when the best trip is shorter than
    that line and the stairs the answer is final; otherwise more are fetched. `free_only` leaves out who cannot be asked
    at all.
    """
    count, reached = first or rules.candidates_searched, dict[uuid.UUID, Candidate]()
    while True:
        rows = await _rows(session, need, roles, free_only, count, rules)
        found = [candidate(row) for row in rows if row.id not in reached]
        places = [one.place for one in found]
        network = reach.current_network()
        trips = await threads.search(reach.trips, network, need.door, places, limit_seconds, profile, rules)
        for one, trip in zip(found, trips, strict=True):
            reached[one.worker_id] = replace(one, trip=trip)
        everybody = list(reached.values())
        within = [row.degrees for row in rows if row.within]
        if first is not None or len(within) < count:
            return everybody
        if is_final(everybody, within[-1], need.door, limit_seconds, profile):
            return everybody
        count *= 4


async def free_workers(
    session: AsyncSession, role: WorkerRole, around: Door, most: int, rules: CallRules = RULES
) -> list[Candidate]:
    """All who are free now with a role, nearest to a place first, at most `most`; without trips."""
    return [candidate(row) for row in await _rows(session, Need(around), [role], True, most, rules)]


async def hold_free(session: AsyncSession, worker_ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the workers who are free, held until the transaction ends; whom somebody else holds is left out."""
    free = sa.select(Worker.id).where(Worker.id.in_(worker_ids), Worker.status == WorkerStatus.AVAILABLE)
    return set(await session.scalars(free.order_by(Worker.id).with_for_update(skip_locked=True)))


async def one(
    session: AsyncSession, need: Need | None, worker_id: uuid.UUID, rules: CallRules = RULES, profile: Profile = WALK
) -> Candidate:
    """One worker as a candidate, wherever he is; as if never asked before, without a trip when there is no door.

    Raises NotFound.
    """
    row = (await session.execute(ONE, {**_values(need or NOWHERE, rules), "worker_id": worker_id})).one_or_none()
    if row is None:
        raise NotFound(worker_id)
    found = replace(candidate(row), asked_before=False)
    if need is None:
        return found
    network = reach.current_network()
    trips = await threads.search(reach.trips, network, need.door, [found.place], None, profile, rules)
    return replace(found, trip=trips[0])


def is_final(
    reached: Sequence[Candidate], degrees: float, door: Door, limit_seconds: float | None, profile: Profile = WALK
) -> bool:
    """True when nobody farther than `degrees` can be faster than the best of those reached who may be asked."""
    speed = profile.speed_meters_per_second
    if speed is None:
        return True
    least_seconds = degrees * METERS_IN_A_DEGREE * cos(radians(door.latitude)) / speed + reach.stairs(door)
    askable = (c.trip.seconds for c in reached if c.trip is not None and not c.asked_before)
    best = min(askable, default=float("inf"))
    return best <= least_seconds or (limit_seconds is not None and least_seconds > limit_seconds)


def candidate(row: Any, trip: Trip | None = None) -> Candidate:
    """A row of these statements as a value."""
    source = PositionSource.POST if row.age is None else PositionSource.POST_FOR_STALE_POSITION
    return Candidate(
        worker_id=row.id,
        role=WorkerRole(row.role),
        status=WorkerStatus(row.status),
        on_duty=row.on_duty,
        place=Place(row.longitude, row.latitude),
        source=PositionSource.POSITION if row.fresh else source,
        position_age_seconds=float(row.age) if row.age is not None else None,
        skills=frozenset((*row.skills, *(LANGUAGE + language for language in row.languages))),
        own_grid=row.own_grid,
        own_community=row.own_community,
        asked_before=row.asked_before,
        trip=trip,
    )


async def _rows(
    session: AsyncSession, need: Need, roles: Sequence[WorkerRole], free_only: bool, count: int, rules: CallRules
) -> Sequence[Any]:
    door = {"longitude": need.door.longitude, "latitude": need.door.latitude}
    wanted = {"roles": [role.value for role in roles], "free_only": free_only}
    return (await session.execute(nearest(count), {**_values(need, rules), **door, **wanted})).all()


def _values(need: Need, rules: CallRules) -> dict[str, Any]:
    now = clock.now()
    return {
        "grid_id": need.grid_id,
        "community_id": need.community_id,
        "call_id": need.call_id,
        "round": need.round,
        "now": now,
        "today": clock.today(),
        "since": now - timedelta(seconds=rules.position_stale_seconds),
    }


def standing_shift(worker_id: Any) -> sa.Exists:
    """True for workers who are on duty by their shift and by their own word."""
    now = clock.now()
    return sa.exists().where(
        Shift.worker_id == worker_id, Shift.began_at <= now, Shift.left_at.is_(None), Shift.ends_at > now
    )
