"""Which calendar holds where: an area's own decisions over those of the areas above it, over the nation's."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from functools import lru_cache
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, settings
from services.access import Actor
from services.errors import Invalid, NotAllowed, StaleVersion
from services.models import Area, CalendarVersion, Role
from services.models.base import new_id
from services.models.calendars import newest
from services.workdays import published
from services.workdays.calendar import FIRST_YEAR, LAST_YEAR, WorkCalendar
from services.workdays.law import Hours, Received
from services.workdays.published import Facts

LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('calendar_versions', 0))")


class DayMisread(Invalid):
    """{subject} cannot be stated as a day: it has to lie in {first} to {last}, and OFF or WORKED be said of it."""


class ReasonMissing(Invalid):
    """A calendar is only changed with a reason: name the notice or decision, in 1 to 400 characters."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What a jurisdiction decides: days with OFF or WORKED and a name, the years settled by it, hours, make-up days."""

    days: Mapping[date, tuple[str, str]] = field(default_factory=dict)
    years: Sequence[int] = ()
    counts_make_up: bool = True
    closes: time | None = None
    received: Received = Received.SAME_DAY
    reason: str = ""


async def calendar_for(session: AsyncSession, area_id: uuid.UUID | None = None) -> WorkCalendar:
    """The calendar that holds in an area of any level (None: the house's own); made once, and kept for whoever asks."""
    chain = await _chain(session, area_id)
    zone = settings.current().time_zone
    return _built(zone, tuple(_Layer.of(row) for row in chain))


async def change(
    session: AsyncSession, actor: Actor, area_id: uuid.UUID | None, decided: Decided, version: int
) -> CalendarVersion:
    """A new version of an area's own calendar, made on `version` (0: there was none).

    For managers of the area; the house's own by who is manager everywhere. Raises NotAllowed, DayMisread,
    ReasonMissing, StaleVersion, and then nothing has changed.
    """
    await _require(session, actor, area_id)
    _check(decided)
    await session.execute(LOCK)
    held = await session.scalar(newest().where(CalendarVersion.area_id.is_not_distinct_from(area_id)))
    current = held.version if held else 0
    if current != version:
        raise StaleVersion("The calendar", current=current)
    row = _row(area_id, current + 1, decided, actor.account_id)
    found = await session.scalars(insert(CalendarVersion).values(row).returning(CalendarVersion))
    return found.one()


async def own(session: AsyncSession, area_id: uuid.UUID | None) -> CalendarVersion | None:
    """The version in force of an area's own calendar, if it has one."""
    return await session.scalar(newest().where(CalendarVersion.area_id.is_not_distinct_from(area_id)))


@dataclass(frozen=True, slots=True)
class _Layer:
    """One calendar of the chain, hashable, so that the calendar made of it can be kept."""

    version: str
    days: tuple[tuple[str, str, str], ...]
    years: tuple[int, ...]
    counts_make_up: bool
    hours: Hours

    @classmethod
    def of(cls, row: CalendarVersion) -> "_Layer":
        days = tuple((day, what, name) for day, (what, name) in sorted(row.days.items()))
        hours = Hours(row.closes, Received(row.received))
        return cls(f"{row.id}", days, tuple(row.years), row.counts_make_up, hours)

    def over(self, facts: Facts) -> Facts:
        said = [(date.fromisoformat(day), what, name) for day, what, name in self.days]
        below = facts if self.counts_make_up else Facts(facts.off, {}, facts.years)
        off = {day: name for day, what, name in said if what == "OFF"}
        worked = {day: name for day, what, name in said if what == "WORKED"}
        return Facts(off, worked, frozenset(self.years)).over(below)


@lru_cache(maxsize=256)
def _built(zone: str, layers: tuple[_Layer, ...]) -> WorkCalendar:
    facts, hours = published.national(), Hours()
    for layer in layers:
        facts, hours = layer.over(facts), layer.hours
    version = layers[-1].version if layers else "national"
    return WorkCalendar(facts, ZoneInfo(zone), hours, version)


async def _chain(session: AsyncSession, area_id: uuid.UUID | None) -> list[CalendarVersion]:
    """The calendars in force from the house down to the area."""
    if area_id is None:
        return list(await session.scalars(newest().where(CalendarVersion.area_id.is_(None))))
    up = sa.select(Area.id, Area.parent_id, sa.literal(0).label("height")).where(Area.id == area_id).cte(recursive=True)
    above = sa.select(Area.id, Area.parent_id, up.c.height + 1).join(up, up.c.parent_id == Area.id)
    up = up.union_all(above)
    inside = sa.or_(CalendarVersion.area_id.is_(None), CalendarVersion.area_id.in_(sa.select(up.c.id)))
    rows = {row.area_id: row for row in await session.scalars(newest().where(inside))}
    if not rows.keys() - {None}:
        return list(rows.values())
    heights = await session.execute(sa.select(up.c.id, up.c.height))
    order: dict[uuid.UUID | None, float] = {None: float("inf"), **{id_: height for id_, height in heights.all()}}
    return [rows[area] for area in sorted(rows, key=lambda one: -order[one])]


async def _require(session: AsyncSession, actor: Actor, area_id: uuid.UUID | None) -> None:
    actor.require(Role.MANAGER)
    if actor.everywhere:
        return
    above = sa.select(Area.code).where(Area.id.in_(actor.area_ids))
    codes = [] if area_id is None else (await session.scalars(above)).all()
    code = await session.scalar(sa.select(Area.code).where(Area.id == area_id)) if codes else None
    if code is None or not any(_contains(one, code) for one in codes):
        raise NotAllowed(area_id)


def _contains(outer: str, inner: str) -> bool:
    whole = next(d for d in (6, 9, 12, 15) if d >= (15 if len(outer) == 15 else len(outer.rstrip("0"))))
    return inner.startswith(outer[:whole])


def _check(decided: Decided) -> None:
    if not 0 < len(decided.reason.strip()) <= 400:
        raise ReasonMissing
    span = {"first": FIRST_YEAR, "last": LAST_YEAR}
    for day, (what, _) in decided.days.items():
        if not FIRST_YEAR <= day.year <= LAST_YEAR or what not in ("OFF", "WORKED"):
            raise DayMisread(day, **span)
    for year in decided.years:
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise DayMisread(year, **span)


def _row(area_id: uuid.UUID | None, version: int, decided: Decided, by: uuid.UUID) -> dict[str, object]:
    return {
        "id": new_id(),
        "area_id": area_id,
        "version": version,
        "days": {day.isoformat(): [what, name] for day, (what, name) in decided.days.items()},
        "years": sorted(decided.years),
        "counts_make_up": decided.counts_make_up,
        "closes": decided.closes,
        "received": decided.received.value,
        "reason": decided.reason.strip(),
        "changed_at": clock.now(),
        "changed_by": by,
    }
