"""Assessment (考评, S15): what the ledger shows of an area in a period, by part of it, by office or by person.

Nothing here is entered by hand. A row with fewer matters than may be shown withholds its figures, and with it the least
row beside it of the same kind, so that no sum gives it away.
"""

import enum
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services import assessment_ledger as ledger
from services import clock, suppression
from services.access import Actor
from services.assessment_ledger import Ground, Period
from services.cases.kind import Kind
from services.cases.kinds import ALL
from services.database import speaking_as
from services.errors import Invalid, NotAllowed, NotFound
from services.models import Area, AreaVersion, Role, Unit, Worker
from services.workdays import WorkCalendar, calendar_for

READERS = (Role.MANAGER, Role.SUPERVISOR, Role.AUDITOR, Role.COMMUNITY_STAFF, Role.DISPATCHER)
MOST_DAYS = 1_100


class PeriodUnfit(Invalid):
    """A period goes from a day to the same or a later one, over at most {most} days."""


class By(enum.StrEnum):
    """What the rows are about: the next smaller areas, the offices in charge, or those who had it in hand."""

    AREA = "AREA"
    UNIT = "UNIT"
    PERSON = "PERSON"


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of the matters of one kind that were opened in the period; all null when withheld."""

    opened: int | None = None
    accepted: int | None = None
    accepted_in_time: int | None = None
    closed: int | None = None
    closed_in_time: int | None = None
    late: int | None = None
    returned: int | None = None
    reopened: int | None = None
    paused: int | None = None
    shuffled: int | None = None
    return_visits: int | None = None
    satisfied: int | None = None
    rated: int | None = None
    median_working_days: float | None = None
    worst_overrun_multiple: float | None = None

    @property
    def satisfied_share(self) -> float | None:
        """Of those who rated, how many are content; null when nobody did."""
        return round(self.satisfied / self.rated, 4) if self.satisfied is not None and self.rated else None

    @property
    def in_time_share(self) -> float | None:
        """Of the closed ones, how many were never late; null when none is closed."""
        return round(self.closed_in_time / self.closed, 4) if self.closed_in_time is not None and self.closed else None


WITHHELD = Figures()


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a row is about, as it was called then: an area, an office or a person; `id` null: nobody in particular."""

    id: uuid.UUID | None
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of matter of one subject."""

    subject: Subject
    kind: str
    figures: Figures
    suppressed: bool = False


@dataclass(frozen=True, slots=True)
class VisitRow:
    """The visits of one worker."""

    worker: Subject
    due: int
    done: int
    households: int


@dataclass(frozen=True, slots=True)
class CallFigures:
    """The calls of the area; all but `opened` are null when there are too few to show."""

    opened: int | None
    answered_within_60: int | None = None
    answered_within_180: int | None = None
    median_arrival_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """How many matters of a kind were settled at one of its steps, and their share; null when there are too few."""

    kind: str
    step: str
    name: str
    settled: int | None
    share: float | None


@dataclass(frozen=True, slots=True)
class Assessment:
    """All of it."""

    area: Subject
    period: Period
    by: By
    rows: Sequence[Row]
    visits: Sequence[VisitRow]
    calls: CallFigures
    steps: Sequence[Step] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """The same subject and kind in two periods."""

    subject: Subject
    kind: str
    before: Row | None
    after: Row | None


async def assess(
    session: AsyncSession, actor: Actor, area_id: uuid.UUID, period: Period, by: By = By.AREA
) -> Assessment:
    """The assessment of an area. Raises NotFound, NotAllowed, PeriodUnfit.

    Numbers only leave, never a row of a person, so the ledger is read whole.
    """
    actor.require(*READERS)
    if period.last < period.first or (period.last - period.first).days >= MOST_DAYS:
        raise PeriodUnfit(most=MOST_DAYS)
    ground = await _ground(session, actor, area_id)
    calendar = await calendar_for(session, area_id)
    now = clock.now()
    async with speaking_as(session, "assessment"):
        counted = await ledger.matters(session, ground, period, calendar, _party(ground, by), now)
        seen = await ledger.visits(session, ground, period, calendar, now)
        rung = await ledger.calls(session, ground, period, calendar)
        ended = await ledger.steps(session, ground, period, calendar)
    subjects = await _subjects(session, by, {row["party"] for row in counted}, period, calendar)
    workers = await _subjects(session, By.PERSON, {row["worker_id"] for row in seen}, period, calendar)
    itself = await _subjects(session, By.AREA, {area_id}, period, calendar)
    return Assessment(
        itself[area_id],
        period,
        by,
        rows_of(counted, subjects),
        [VisitRow(workers[row["worker_id"]], row["due"], row["done"], row["households"]) for row in seen],
        call_figures(rung),
        steps_of({(row["kind"], row["state"]): row["settled"] for row in ended}),
    )


def rows_of(counted: Iterable[Mapping[str, Any]], subjects: Mapping[uuid.UUID | None, Subject]) -> list[Row]:
    """Counts as rows, by subject and kind, the small ones withheld, each with the least of its kind beside it."""
    by_kind: dict[str, list[Row]] = defaultdict(list)
    for row in counted:
        by_kind[row["kind"]].append(Row(subjects[row["party"]], row["kind"], _figures(row)))
    rows = [row for kind in by_kind.values() for row in withheld(kind)]
    return sorted(rows, key=lambda row: (row.subject.code, row.kind))


def steps_of(settled: Mapping[tuple[str, str], int]) -> list[Step]:
    """Each step of each kind that has any, first step first, with its share of all that were settled at some step."""
    return [step for kind in ALL if kind.steps for step in _steps(kind, settled)]


def _steps(kind: Kind, settled: Mapping[tuple[str, str], int]) -> list[Step]:
    counts = {state: settled.get((kind.code, state), 0) for state in kind.steps}
    total = sum(counts.values())
    few = suppression.is_small(total)
    return [
        Step(
            kind.code,
            step,
            kind.states[state],
            None if few else counts[state],
            None if few or not total else round(counts[state] / total, 4),
        )
        for state, step in kind.steps.items()
    ]


def withheld(rows: Sequence[Row]) -> list[Row]:
    """The rows of one kind; where exactly one is too small to be shown, the next smallest goes with it."""
    hidden = suppression.withheld([row.figures.opened or 0 for row in rows])
    pairs = zip(rows, hidden, strict=True)
    return [Row(row.subject, row.kind, WITHHELD, suppressed=True) if small else row for row, small in pairs]


def call_figures(row: Mapping[str, Any]) -> CallFigures:
    """The figures of calls, withheld when there are few."""
    if suppression.is_small(row["opened"]):
        return CallFigures(None)
    median = row["median_arrival_seconds"]
    return CallFigures(
        row["opened"], row["answered_within_60"], row["answered_within_180"], None if median is None else float(median)
    )


def compared(before: Assessment, after: Assessment) -> list[Compared]:
    """Two periods side by side, by subject and kind; a subject that was not there in one of them has no row there."""
    first = {(row.subject.id, row.kind): row for row in before.rows}
    second = {(row.subject.id, row.kind): row for row in after.rows}
    found = [
        Compared((second.get(key) or first[key]).subject, key[1], first.get(key), second.get(key))
        for key in first.keys() | second.keys()
    ]
    return sorted(found, key=lambda each: (each.subject.code, each.kind))


def _figures(row: Mapping[str, Any]) -> Figures:
    told = {each.name: row[each.name] for each in fields(Figures)}
    for name in ("median_working_days", "worst_overrun_multiple"):
        told[name] = None if told[name] is None else round(float(told[name]), 2)
    return Figures(**told)


def _party(ground: Ground, by: By) -> str:
    return {By.AREA: ledger.BELOW[ground.level], By.UNIT: ledger.OF_UNIT, By.PERSON: ledger.OF_PERSON}[by]


async def _ground(session: AsyncSession, actor: Actor, area_id: uuid.UUID) -> Ground:
    """The area, retired or not, when it lies in one of the actor's."""
    area = await session.get(Area, area_id)
    if area is None:
        raise NotFound(area_id)
    top = area
    chain = {area.id}
    while top.parent_id is not None:
        top = await session.get_one(Area, top.parent_id)
        chain.add(top.id)
    if not actor.everywhere and not chain & set(actor.area_ids):
        raise NotAllowed
    return Ground(area.id, area.level, top.id, area.code)


async def _subjects(
    session: AsyncSession, by: By, ids: set[uuid.UUID | None], period: Period, calendar: WorkCalendar
) -> dict[uuid.UUID | None, Subject]:
    known = [id_ for id_ in ids if id_ is not None]
    table: type[Worker] | type[Unit] = Worker if by is By.PERSON else Unit
    chosen = sa.select(table.id, table.code, table.name).where(table.id.in_(known))
    if by is By.AREA:
        chosen = _as_then(known, period, calendar)
    rows = (await session.execute(chosen)).all()
    nobody: dict[uuid.UUID | None, Subject] = {None: Subject(None, "", "—")}
    return nobody | {id_: Subject(id_, code, name) for id_, code, name in rows}


def _as_then(ids: Sequence[uuid.UUID], period: Period, calendar: WorkCalendar) -> "sa.Select[uuid.UUID, str, str]":
    """Areas by the code and name that they had last in the period."""
    finish = period.bounds(calendar)["finish"]
    begun = sa.case((AreaVersion.valid_from < finish, 0), else_=1)
    chosen = sa.select(AreaVersion.area_id, AreaVersion.code, AreaVersion.name).where(AreaVersion.area_id.in_(ids))
    order = (AreaVersion.area_id, begun, sa.case((begun == 0, -AreaVersion.version), else_=AreaVersion.version))
    return chosen.order_by(*order).ext(distinct_on(AreaVersion.area_id))
