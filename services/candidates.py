"""Fetching who could come: workers nearest first, with duty, place, skills, and what they were asked before."""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from math import cos, radians
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from gis.profiles import WALK, Profile
from services import clock, reach
from services.choosing import LANGUAGE, Candidate, PositionSource
from services.errors import NotFound
from services.ladder import RULES, CallRules
from services.models.areas import Area
from services.models.calls import Call
from services.models.care import CareCategory, CareRecord
from services.models.households import Household
from services.models.offers import Offer, OfferStatus
from services.models.residents import Residence
from services.models.workers import Assignment, Position, Shift, Worker, WorkerRole, WorkerStatus
from services.reach import Door, Place

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


async def need_of(session: AsyncSession, call: Call) -> Need | None:
    """What the call needs; None when nobody knows where it comes from."""
    if call.household_id is None:
        return None
    longitude, latitude = sa.func.ST_X(Household.location), sa.func.ST_Y(Household.location)
    columns = (longitude, latitude, Household.floor, Household.has_lift)
    row = (await session.execute(sa.select(*columns).where(Household.id == call.household_id))).one()
    wanted = await _wanted(session, call.household_id)
    return Need(Door(*row), call.grid_id, call.community_id, wanted, call.id, call.round)


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

    Nobody beyond the last one fetched is nearer than the straight line to him, so when the best trip is shorter than
    that line the answer is final; otherwise more are fetched. `free_only` leaves out who cannot be asked at all.
    """
    count = first or rules.candidates_searched
    while True:
        rows = (await session.execute(_nearest(need, roles, free_only, count, rules))).all()
        found = [_candidate(row) for row in rows]
        places = [candidate.place for candidate in found]
        network = reach.current_network()
        trips = await asyncio.to_thread(reach.trips, network, need.door, places, limit_seconds, profile, rules)
        reached = [replace(candidate, trip=trip) for candidate, trip in zip(found, trips, strict=True)]
        if (
            first is not None
            or len(rows) < count
            or _is_final(reached, rows[-1].degrees, need.door, limit_seconds, profile)
        ):
            return reached
        count *= 4


async def free_workers(
    session: AsyncSession, role: WorkerRole, around: Door, most: int, rules: CallRules = RULES
) -> list[Candidate]:
    """All who are free now with a role, nearest to a place first, at most `most`; without trips."""
    rows = await session.execute(_nearest(Need(around), [role], True, most, rules))
    return [_candidate(row) for row in rows]


async def one(
    session: AsyncSession, need: Need | None, worker_id: uuid.UUID, rules: CallRules = RULES, profile: Profile = WALK
) -> Candidate:
    """One worker as a candidate, wherever he is; as if never asked before, without a trip when there is no door.

    Raises NotFound.
    """
    chosen = _nearest(need or Need(Door(0.0, 0.0)), list(WorkerRole), False, 1, rules).where(Worker.id == worker_id)
    row = (await session.execute(chosen)).one_or_none()
    if row is None:
        raise NotFound(worker_id)
    found = replace(_candidate(row), asked_before=False)
    if need is None:
        return found
    network = reach.current_network()
    trips = await asyncio.to_thread(reach.trips, network, need.door, [found.place], None, profile, rules)
    return replace(found, trip=trips[0])


def _is_final(
    reached: Sequence[Candidate], degrees: float, door: Door, limit_seconds: float | None, profile: Profile
) -> bool:
    """True when nobody farther than `degrees` can be faster than the best of those reached who may be asked."""
    speed = profile.speed_meters_per_second
    if speed is None:
        return True
    least_seconds = degrees * METERS_IN_A_DEGREE * cos(radians(door.latitude)) / speed
    askable = (c.trip.seconds for c in reached if c.trip is not None and not c.asked_before)
    best = min(askable, default=float("inf"))
    return best <= least_seconds or (limit_seconds is not None and least_seconds > limit_seconds)


def _candidate(row: Any) -> Candidate:
    source = PositionSource.POST if row.age is None else PositionSource.POST_FOR_STALE_POSITION
    return Candidate(
        worker_id=row.id,
        role=row.role,
        status=row.status,
        on_duty=row.on_duty,
        place=Place(row.longitude, row.latitude),
        source=PositionSource.POSITION if row.fresh else source,
        position_age_seconds=float(row.age) if row.age is not None else None,
        skills=frozenset((*row.skills, *(LANGUAGE + language for language in row.languages))),
        own_grid=row.own_grid,
        own_community=row.own_community,
        asked_before=row.asked_before,
    )


def _nearest(
    need: Need, roles: Sequence[WorkerRole], free_only: bool, count: int, rules: CallRules
) -> "sa.Select[*tuple[Any, ...]]":
    now = clock.now()
    since = sa.func.least(Position.fixed_at, Position.received_at)
    fresh = sa.func.coalesce(since >= now - timedelta(seconds=rules.position_stale_seconds), False)
    place = sa.case((fresh, Position.location), else_=Worker.post)
    here = sa.func.ST_SetSRID(sa.func.ST_MakePoint(need.door.longitude, need.door.latitude), 4326)
    degrees = place.op("<->", return_type=sa.Float)(here)
    on_duty = standing_shift(Worker.id)
    found = (
        sa.select(
            Worker.id,
            Worker.role,
            Worker.status,
            Worker.skills,
            Worker.languages,
            sa.func.ST_X(place).label("longitude"),
            sa.func.ST_Y(place).label("latitude"),
            fresh.label("fresh"),
            sa.func.extract("epoch", sa.literal(now) - since).label("age"),
            on_duty.label("on_duty"),
            _serves(need.grid_id).label("own_grid"),
            _serves_community(need).label("own_community"),
            _asked_before(need).label("asked_before"),
            degrees.label("degrees"),
        )
        .outerjoin(Position, Position.worker_id == Worker.id)
        .where(Worker.role.in_(roles), Worker.disabled_at.is_(None))
    )
    if free_only:
        found = found.where(Worker.status == WorkerStatus.AVAILABLE, on_duty)
    return found.order_by("degrees", Worker.id).limit(count)


def standing_shift(worker_id: Any) -> sa.Exists:
    """True for workers who are on duty by their shift and by their own word."""
    now = clock.now()
    return sa.exists().where(
        Shift.worker_id == worker_id, Shift.began_at <= now, Shift.left_at.is_(None), Shift.ends_at > now
    )


def _assigned(*conditions: sa.ColumnElement[bool]) -> sa.Exists:
    today = clock.today()
    standing = sa.or_(Assignment.until.is_(None), Assignment.until > today)
    return sa.exists().where(Assignment.worker_id == Worker.id, Assignment.since <= today, standing, *conditions)


def _serves(area_id: uuid.UUID | None) -> sa.ColumnElement[bool]:
    return _assigned(Assignment.area_id == area_id) if area_id else sa.false()


def _serves_community(need: Need) -> sa.ColumnElement[bool]:
    if need.community_id is None:
        return sa.false()
    grids = sa.select(Area.id).where(Area.parent_id == need.community_id)
    return _assigned(sa.or_(Assignment.area_id == need.community_id, Assignment.area_id.in_(grids)))


def _asked_before(need: Need) -> sa.ColumnElement[bool]:
    if need.call_id is None:
        return sa.false()
    lost_last = sa.and_(Offer.round == need.round - 1, Offer.status == OfferStatus.LOST)
    asked = sa.or_(Offer.round == need.round, lost_last)
    return sa.exists().where(Offer.call_id == need.call_id, Offer.worker_id == Worker.id, asked)


async def _wanted(session: AsyncSession, household_id: uuid.UUID) -> frozenset[str]:
    """The skills that the care categories of those who live there want (`language:xx` asks for a language)."""
    rows = await session.scalars(
        sa.select(CareCategory.skills)
        .join(CareRecord, CareRecord.category_id == CareCategory.id)
        .join(Residence, Residence.resident_id == CareRecord.resident_id)
        .where(Residence.household_id == household_id, Residence.until.is_(None), CareRecord.closed_at.is_(None))
    )
    return frozenset(skill for skills in rows for skill in skills)
