"""The assessment's figures as the ledger has them: one statement each for matters, calls and visits.

A matter belongs to the period in which it was opened, and to the areas in which it was opened, whatever became of their
borders since; the figures tell what became of it until now.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.cases.kind import CLIMB, STAY
from services.cases.kinds import ALL
from services.cases.terms import FIXED
from services.models import AreaLevel
from services.workdays import WorkCalendar

GRID_THEN = (
    "(CASE WHEN grid_id IS NOT NULL THEN (SELECT v.area_id FROM area_versions v WHERE v.id = area_version_id) END)"
)
"""The grid in which a case was opened: an open one follows its place when borders move, but counts where it began."""

COLUMNS = {
    AreaLevel.DISTRICT: "district_id",
    AreaLevel.STREET: "street_id",
    AreaLevel.COMMUNITY: "community_id",
    AreaLevel.GRID: GRID_THEN,
}
BELOW = {
    AreaLevel.DISTRICT: "street_id",
    AreaLevel.STREET: "community_id",
    AreaLevel.COMMUNITY: GRID_THEN,
    AreaLevel.GRID: GRID_THEN,
}
OF_UNIT = "coalesce(lead_unit_id, unit_id)"
OF_PERSON = "coalesce(agent_id, assignee_id)"

MATTERS = """
WITH days AS MATERIALIZED (
  SELECT CAST(:until AS integer[]) AS until
), cohort AS MATERIALIZED (
  SELECT id, kind, {group} AS party, opened_at, ended_at, returns, round, satisfied,
         jsonb_array_length(pauses) > 0 AS paused
  FROM cases
  WHERE district_id = :district AND {column} = :area AND opened_at >= :begin AND opened_at < :finish
), clocks AS (
  SELECT t.case_id,
         bool_or(t.name = 'ACCEPT' AND t.met_at IS NOT NULL) AS accepted,
         bool_or(t.name = 'ACCEPT' AND t.rung = 0 AND t.round = 1 AND t.met_at <= t.due_at) AS accepted_in_time,
         bool_or(coalesce(t.met_at, t.ended_at, :now) > t.due_at) AS late,
         max(CASE
           WHEN coalesce(t.met_at, t.ended_at, :now) <= t.due_at THEN 0
           WHEN t.unit = 'WORKING_DAYS' AND t.starts <> :fixed THEN
             ({end_worked} - {due_worked})::float / greatest(t.amount, 1)
           ELSE extract(epoch FROM coalesce(t.met_at, t.ended_at, :now) - t.due_at)
             / greatest(extract(epoch FROM t.due_at - t.started_at), 1) END) AS overrun
  FROM cohort JOIN case_terms t ON t.case_id = cohort.id
  WHERE cohort.kind || ':' || t.name <> ALL (:silent)
  GROUP BY t.case_id
), visits AS (
  SELECT e.case_id, count(*) AS visits FROM cohort JOIN case_events e ON e.case_id = cohort.id
  WHERE e.kind = 'RETURN_VISIT' GROUP BY e.case_id
)
SELECT c.party, c.kind, count(*) AS opened,
  count(*) FILTER (WHERE accepted) AS accepted,
  count(*) FILTER (WHERE accepted_in_time) AS accepted_in_time,
  count(*) FILTER (WHERE ended_at IS NOT NULL) AS closed,
  count(*) FILTER (WHERE ended_at IS NOT NULL AND late IS NOT TRUE) AS closed_in_time,
  count(*) FILTER (WHERE late) AS late,
  count(*) FILTER (WHERE returns >= 1) AS returned,
  count(*) FILTER (WHERE returns >= 2) AS shuffled,
  count(*) FILTER (WHERE paused) AS paused,
  count(*) FILTER (WHERE round > 1) AS reopened,
  coalesce(sum(visits.visits), 0)::int AS return_visits,
  count(*) FILTER (WHERE satisfied) AS satisfied,
  count(*) FILTER (WHERE satisfied IS NOT NULL) AS rated,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY {days}) FILTER (WHERE ended_at IS NOT NULL) AS median_working_days,
  max(overrun) AS worst_overrun_multiple
FROM cohort c LEFT JOIN clocks ON clocks.case_id = c.id LEFT JOIN visits ON visits.case_id = c.id
GROUP BY c.party, c.kind
"""

STEPS = """
SELECT kind, state, count(*) AS settled FROM cases
WHERE district_id = :district AND {column} = :area AND opened_at >= :begin AND opened_at < :finish
  AND ended_at IS NOT NULL AND kind = ANY (:kinds)
GROUP BY kind, state
"""

ROOM = sa.text("SELECT set_config('work_mem', '64MB', true)")
"""So that a year of a district is joined and sorted in memory; for this transaction only."""

JOINS = sa.text("SELECT set_config('enable_mergejoin', :walks, true), set_config('enable_indexscan', :walks, true)")
"""Whether a join may walk along an index row by row. Not for large areas: what row-level security seems to cost hides
from PostgreSQL that it is cheaper to read the clocks of so many matters through and hash them (0.6 of the time).
"""
LARGE = (AreaLevel.DISTRICT, AreaLevel.STREET)

CALLS = sa.text("""
SELECT count(*) AS opened,
  count(*) FILTER (WHERE answered_at - opened_at <= interval '60 s') AS answered_within_60,
  count(*) FILTER (WHERE answered_at - opened_at <= interval '180 s') AS answered_within_180,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM arrived_at - opened_at))
    FILTER (WHERE arrived_at IS NOT NULL) AS median_arrival_seconds
FROM calls
WHERE :area = ANY (area_ids) AND opened_at >= :begin AND opened_at < :finish AND outcome IS DISTINCT FROM 'TEST'
""")

VISITS = sa.text("""
WITH places AS (
  SELECT id FROM areas WHERE level = 'GRID' AND code LIKE :prefix
), wanted AS (
  SELECT floor(extract(epoch FROM least(coalesce(r.closed_at, :finish), :finish, :now) - greatest(r.opened_at, :begin))
           / 86400 / coalesce((c.visit_days_by_level ->> r.level)::int, c.visit_every_days))::int AS due,
         coalesce(
           (SELECT m.worker_id FROM care_team_members m JOIN workers k ON k.id = m.worker_id
            WHERE m.care_record_id = r.id ORDER BY m.duty <> 'GRID_WORKER', k.code LIMIT 1),
           (SELECT a.worker_id FROM assignments a JOIN workers k ON k.id = a.worker_id
            WHERE a.area_id = h.grid_id AND a.since <= :last AND coalesce(a.until, :last) >= :first
            ORDER BY k.role <> 'GRID_WORKER', k.code LIMIT 1)) AS worker_id
  FROM care_records r
  JOIN care_categories c ON c.id = r.category_id AND c.sensitivity <> 'SEALED' AND c.visit_every_days > 0
  JOIN residences l ON l.resident_id = r.resident_id AND l.since <= :last AND coalesce(l.until, :last) >= :last
  JOIN households h ON h.id = l.household_id JOIN places ON places.id = h.grid_id
  WHERE r.consent_at IS NOT NULL AND r.opened_at < :finish AND coalesce(r.closed_at, :finish) > :begin
), made AS (
  SELECT v.worker_id, count(*) AS done, count(DISTINCT v.household_id) AS households
  FROM visits v JOIN households h ON h.id = v.household_id
  LEFT JOIN area_versions s ON s.id = v.grid_version_id
  WHERE v.visited_at >= :begin AND v.visited_at < :finish
    AND coalesce(s.area_id, h.grid_id) IN (SELECT id FROM places)
  GROUP BY v.worker_id
), owed AS (
  SELECT worker_id, sum(greatest(due, 0))::int AS due FROM wanted WHERE worker_id IS NOT NULL GROUP BY worker_id
)
SELECT coalesce(owed.worker_id, made.worker_id) AS worker_id, coalesce(due, 0) AS due, coalesce(done, 0) AS done,
       coalesce(households, 0) AS households
FROM owed FULL JOIN made ON made.worker_id = owed.worker_id
JOIN workers ON workers.id = coalesce(owed.worker_id, made.worker_id)
WHERE coalesce(due, 0) + coalesce(done, 0) > 0
ORDER BY workers.code
""")


@dataclass(frozen=True, slots=True)
class Period:
    """From one day to another, both included, in local time."""

    first: date
    last: date

    def bounds(self, calendar: WorkCalendar) -> dict[str, datetime]:
        """The moments at which it begins and ends (exclusive)."""
        return {
            "begin": datetime.combine(self.first, time.min, calendar.zone),
            "finish": datetime.combine(self.last + timedelta(days=1), time.min, calendar.zone),
        }


@dataclass(frozen=True, slots=True)
class Ground:
    """The area that is asked about: its level, its district, the leading digits of its code."""

    area_id: uuid.UUID
    level: AreaLevel
    district_id: uuid.UUID
    code: str


async def matters(
    session: AsyncSession, ground: Ground, period: Period, calendar: WorkCalendar, party: str, now: datetime
) -> list[dict[str, Any]]:
    """A row for each party (area, unit or person) and kind, in no order. `party` is one of the SQL words above."""
    begun = date(period.first.year, 1, 1)
    sql = MATTERS.format(
        group=party,
        column=COLUMNS[ground.level],
        end_worked=_worked("coalesce(t.met_at, t.ended_at, :now)"),
        due_worked=_worked("t.due_at - interval '1 microsecond'"),
        days=f"{_worked('c.ended_at')} - {_worked('c.opened_at')}",
    )
    told: dict[str, Any] = {
        "district": ground.district_id,
        "area": ground.area_id,
        "now": now,
        "fixed": FIXED,
        "silent": SILENT,
        "zone": calendar.zone.key,
        "base": begun,
        "until": _until(calendar, begun, now),
        **period.bounds(calendar),
    }
    await session.execute(ROOM)
    await session.execute(JOINS, {"walks": "off" if ground.level in LARGE else "on"})
    rows = [dict(row) for row in (await session.execute(_typed(sql), told)).mappings()]
    await session.execute(JOINS, {"walks": "on"})
    return rows


async def steps(session: AsyncSession, ground: Ground, period: Period, calendar: WorkCalendar) -> list[dict[str, Any]]:
    """How many matters of each kind with steps ended in which state."""
    told = {"district": ground.district_id, "area": ground.area_id, **period.bounds(calendar)}
    kinds = sa.bindparam("kinds", [kind.code for kind in ALL if kind.steps], type_=sa.ARRAY(sa.Text))
    sql = sa.text(STEPS.format(column=COLUMNS[ground.level])).bindparams(kinds)
    return [dict(row) for row in (await session.execute(sql, told)).mappings()]


async def calls(session: AsyncSession, ground: Ground, period: Period, calendar: WorkCalendar) -> dict[str, Any]:
    """How many calls, how many of them answered within 60 and 180 seconds, the median of seconds to the door."""
    found = await session.execute(CALLS, {"area": ground.area_id, **period.bounds(calendar)})
    return dict(found.mappings().one())


async def visits(
    session: AsyncSession, ground: Ground, period: Period, calendar: WorkCalendar, now: datetime
) -> list[dict[str, Any]]:
    """For each worker: visits due by the care records' intervals, visits made, homes seen; by the worker's code.

    Due is what the interval asks for while the record was open in the period, of records with consent that are not
    sealed; it counts for the record's team, else for whoever serves the home's grid.
    """
    digits = ground.code[: ground.level.own_digits]
    told = {"prefix": digits + "%", "first": period.first, "last": period.last, "now": now}
    return [dict(row) for row in (await session.execute(VISITS, told | period.bounds(calendar))).mappings()]


SILENT = [f"{kind.code}:{term.name}" for kind in ALL for term in kind.terms if term.missed not in (CLIMB, STAY)]
"""Clocks that end something by themselves, such as the one that waits for a rating: nobody is late by them."""


def _worked(moment: str) -> str:
    """SQL: how many days are worked from the base up to and with the local day of a moment.

    The counts are asked for as a value of the whole statement: as a column they would be carried along with every row.
    """
    day = f"(({moment}) AT TIME ZONE :zone)::date - CAST(:base AS date)"
    return f"(SELECT until FROM days)[{day} + 1]"


def _until(calendar: WorkCalendar, begun: date, now: datetime) -> list[int]:
    """How many days are worked from the base up to and with each day, through two days past now."""
    last = now.astimezone(UTC).date() + timedelta(days=366)
    days = (begun + timedelta(days=at) for at in range((last - begun).days))
    return [calendar.between(begun, day) for day in days]


def _typed(sql: str) -> sa.TextClause:
    arrays = (sa.bindparam("silent", type_=sa.ARRAY(sa.Text)), sa.bindparam("until", type_=sa.ARRAY(sa.Integer)))
    ids = (sa.bindparam("district", type_=sa.Uuid()), sa.bindparam("area", type_=sa.Uuid()))
    return sa.text(sql).bindparams(*arrays, *ids)
