"""Rosters of teams (S1, S9): posts to report to, and who stands there when.

A duty of the roster is written out as shifts, as a worker's own weekly duties are; so whoever is on the roster is on
duty for the ladder of calls, and `on_duty` tells who stands at which post now.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services import areas, clock, shifts, teams
from services.access import Actor
from services.database import speaking_as
from services.errors import Invalid, NotFound, Refusal
from services.models import (
    Area,
    KitIssue,
    Organisation,
    OrganisationKind,
    Post,
    RosterDuty,
    Shift,
    Training,
    Unit,
    Worker,
    new_id,
)
from services.models.base import SRID
from services.shifts import HORIZON, Duty, PlannedShift


class NotTrained(Refusal):
    """A duty at this post begins with a valid training in {subject}. Record the training first."""


class DutyOverlaps(Refusal):
    """The worker stands at a post already in these hours. Choose others, or end the other duty."""


class DutyMisread(Invalid):
    """A duty has weekdays from 1 (Monday) to 7, each once, two times of day that differ, no end before it begins."""


BASICS = "BASICS"
"""The training without which nobody stands at a post (S9: registered, trained, with common kit)."""


@dataclass(frozen=True, slots=True)
class Weekly:
    """A duty each week, local time; an end at or before the start is on the next day; `until` is its last day."""

    weekdays: tuple[int, ...]
    starts: time
    ends: time
    since: date
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the duty begins on this day."""
        return day.isoweekday() in self.weekdays and self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Standing:
    """Who stands at which post, from when to when."""

    post: Post
    worker: Worker
    starts_at: datetime
    ends_at: datetime


async def add_post(
    session: AsyncSession, actor: Actor, organisation_id: uuid.UUID, name: str, place: tuple[float, float], needed: int
) -> Post:
    """A place to report to, of a team whose area the actor keeps. Raises NotFound, NotAllowed."""
    team = await teams.kept(session, actor, organisation_id)
    grid = await areas.grid_at(session, *place)
    post = Post(
        id=new_id(),
        organisation_id=team.id,
        area_id=grid.id if grid else team.area_id,
        name=name.strip()[:80],
        location=from_shape(Point(place), srid=SRID),
        needed=max(needed, 1),
    )
    session.add(post)
    await session.flush()
    return post


async def plan_duty(
    session: AsyncSession, actor: Actor, post_id: uuid.UUID, worker_id: uuid.UUID, weekly: Weekly
) -> RosterDuty:
    """Put a member on the roster; the shifts of the coming days are written out at once.

    Raises NotFound, NotAllowed, DutyMisread, NotOfTheTeam, NotTrained, DutyOverlaps, and then nothing has changed.
    """
    _check(weekly)
    post = await _post(session, actor, post_id)
    await session.execute(sa.select(Worker.id).where(Worker.id == worker_id).with_for_update())
    async with speaking_as(session, "rosters"):  # a training may have been held anywhere
        await _fit(session, post, worker_id, weekly)
    held = (await session.scalars(_duties_of(worker_id))).all()
    if any(overlapping(weekly, weekly_of(other)) for other in held):
        raise DutyOverlaps
    duty = RosterDuty(
        id=new_id(),
        post_id=post.id,
        worker_id=worker_id,
        area_id=post.area_id,
        weekdays=sorted(weekly.weekdays),
        starts=weekly.starts,
        ends=weekly.ends,
        since=weekly.since,
        until=weekly.until,
    )
    session.add(duty)
    await session.flush()
    await extend(session, clock.now() + HORIZON, [duty])
    return duty


async def end_duty(session: AsyncSession, actor: Actor, duty_id: uuid.UUID, last: date) -> RosterDuty:
    """A duty holds for the last time on a day; shifts planned after it are taken back if they have not begun."""
    duty = await session.get(RosterDuty, duty_id, with_for_update=True)
    if duty is None:
        raise NotFound(duty_id)
    await _post(session, actor, duty.post_id)
    stays = {shift.starts_at for shift in _planned(duty, clock.now(), clock.now() + HORIZON)}
    duty.until = max(last, duty.since)
    goes = stays - {shift.starts_at for shift in _planned(duty, clock.now(), clock.now() + HORIZON)}
    mine = sa.delete(Shift).where(Shift.worker_id == duty.worker_id, Shift.starts_at.in_(goes))
    async with speaking_as(session, "rosters"):
        await session.execute(mine.where(Shift.began_at.is_(None)))
    await session.flush()
    return duty


async def on_duty(
    session: AsyncSession, area_ids: "sa.Select[uuid.UUID]", moment: datetime, teams_of: Sequence[OrganisationKind] = ()
) -> list[Standing]:
    """Who stands at a post in these areas at a moment, by the worker's code; of teams of these kinds, or of all."""
    chosen = (
        sa.select(RosterDuty, Post, Worker)
        .join(Post, Post.id == RosterDuty.post_id)
        .join(Worker, Worker.id == RosterDuty.worker_id)
        .where(RosterDuty.area_id.in_(area_ids), Worker.disabled_at.is_(None))
        .order_by(Worker.code, Post.id)
    )
    if teams_of:
        chosen = chosen.join(Organisation, Organisation.id == Post.organisation_id)
        chosen = chosen.where(Organisation.kind.in_(teams_of))
    return [
        Standing(post, worker, shift.starts_at, shift.ends_at)
        for duty, post, worker in (await session.execute(chosen)).all()
        for shift in _planned(duty, moment, moment + timedelta(microseconds=1))
    ]


async def extend(session: AsyncSession, until: datetime, duties: Sequence[RosterDuty] | None = None) -> int:
    """Write duties of the roster (all of them unless some are given) out as shifts; how many are new."""
    chosen = (await session.scalars(sa.select(RosterDuty))).all() if duties is None else duties
    async with speaking_as(session, "rosters"):  # a member's other shifts may be anywhere
        return await _write_out(session, until, chosen)


async def _write_out(session: AsyncSession, until: datetime, chosen: Sequence[RosterDuty]) -> int:
    now = clock.now()
    workers = {duty.worker_id for duty in chosen}
    held = sa.select(Shift.worker_id, Shift.starts_at, Shift.ends_at).where(Shift.worker_id.in_(workers))
    kept = [PlannedShift(*row) for row in await session.execute(held.where(Shift.ends_at > now))]
    wanted = [shift for duty in chosen for shift in _planned(duty, now, until)]
    new = shifts.without_overlaps(wanted, kept)
    rows = [{"id": new_id(), "worker_id": s.worker_id, "starts_at": s.starts_at, "ends_at": s.ends_at} for s in new]
    if rows:
        await session.execute(insert(Shift).on_conflict_do_nothing(), rows)
    return len(rows)


async def follow(session: AsyncSession, from_ids: Sequence[uuid.UUID], grid: Area, every: bool = False) -> None:
    """After a border moved: posts of other grids that lie in this one, and their duties, belong to it.

    With `every`, whatever teams have in the other grids, which are no more.
    """
    lies = sa.true() if every else sa.func.ST_Intersects(Post.location, grid.boundary)
    posts = sa.update(Post).where(Post.area_id.in_(from_ids), Post.area_id != grid.id, lies).values(area_id=grid.id)
    moved = (await session.scalars(posts.returning(Post.id))).all()
    await session.execute(sa.update(RosterDuty).where(RosterDuty.post_id.in_(moved)).values(area_id=grid.id))
    owned: tuple[type[Any], ...] = (Organisation, Training, KitIssue, Unit) if every else ()
    for table in owned:
        await session.execute(sa.update(table).where(table.area_id.in_(from_ids)).values(area_id=grid.id))


def overlapping(one: Weekly, other: Weekly) -> bool:
    """Whether two weekly duties ever claim the same minute of the same person."""
    ends = (one.until or date.max, other.until or date.max)
    if one.since > ends[1] or other.since > ends[0]:
        return False
    week = 7 * 24 * 60
    spans = [_minutes(one), _minutes(other)]
    return any(a < d + shift and c + shift < b for a, b in spans[0] for c, d in spans[1] for shift in (-week, 0, week))


def weekly_of(duty: RosterDuty) -> Weekly:
    """A stored duty as a value."""
    return Weekly(tuple(duty.weekdays), duty.starts, duty.ends, duty.since, duty.until)


def _minutes(weekly: Weekly) -> list[tuple[int, int]]:
    starts, ends = (moment.hour * 60 + moment.minute for moment in (weekly.starts, weekly.ends))
    long = (ends - starts) % (24 * 60)
    return [((day - 1) * 24 * 60 + starts, (day - 1) * 24 * 60 + starts + long) for day in weekly.weekdays]


def _planned(duty: RosterDuty, now: datetime, until: datetime) -> Iterable[PlannedShift]:
    weekly = weekly_of(duty)
    plan = Duty(duty.worker_id, weekly.weekdays, weekly.starts, weekly.ends)
    spans = shifts.planned([plan], now, until)
    return [span for span in spans if weekly.holds_on(span.starts_at.astimezone(clock.zone()).date())]


def _check(weekly: Weekly) -> None:
    days = weekly.weekdays
    wrong = not days or len(set(days)) != len(days) or not set(days) <= set(range(1, 8))
    if wrong or weekly.starts == weekly.ends or (weekly.until is not None and weekly.until < weekly.since):
        raise DutyMisread


def _duties_of(worker_id: uuid.UUID) -> sa.Select[RosterDuty]:
    standing = sa.or_(RosterDuty.until.is_(None), RosterDuty.until >= clock.today())
    return sa.select(RosterDuty).where(RosterDuty.worker_id == worker_id, standing)


async def _fit(session: AsyncSession, post: Post, worker_id: uuid.UUID, weekly: Weekly) -> None:
    await teams.require_member(session, post.organisation_id, worker_id)
    valid = sa.or_(Training.valid_until.is_(None), Training.valid_until >= weekly.since)
    trained = sa.select(Training.id).where(Training.worker_id == worker_id, Training.subject == BASICS, valid)
    if await session.scalar(trained.where(Training.held_on <= weekly.since).limit(1)) is None:
        raise NotTrained(subject=BASICS)


async def _post(session: AsyncSession, actor: Actor, post_id: uuid.UUID) -> Post:
    post = await session.get(Post, post_id)
    if post is None:
        raise NotFound(post_id)
    await teams.kept(session, actor, post.organisation_id)
    return post
