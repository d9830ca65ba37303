"""What boards show of cases: the clocks that run, how far overdue the worst is; and how boards choose."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock
from services.access import Actor
from services.cases import tidings
from services.cases.kinds import kind_of
from services.models.areas import Area, AreaLevel
from services.models.calendars import CalendarVersion
from services.models.cases import Case, CaseTerm
from services.workdays import WorkCalendar, calendar_for

LEVELS: dict[uuid.UUID, AreaLevel] = {}
"""The levels of the areas whose boards were asked for: an area keeps its level for good."""


@dataclass(frozen=True, slots=True)
class BoardLine:
    """The running clocks of a case by name, with what they come to."""

    dues: tuple[tuple[str, datetime | None], ...] = ()
    provisional: bool = False
    overdue_working_days: int = 0

    def due(self, name: str) -> datetime | None:
        """When the running clock of this name is due."""
        return next((due for known, due in self.dues if known == name), None)

    def accept_due_at(self) -> datetime | None:
        """By when it should be accepted."""
        return self.due("ACCEPT")

    def close_due_at(self) -> datetime | None:
        """By when it should be closed."""
        return self.due("CLOSE")

    def is_provisional(self) -> bool:
        """Whether a due time may move."""
        return self.provisional

    def days_overdue(self) -> int:
        """How many working days the worst of its clocks is overdue."""
        return self.overdue_working_days


@dataclass(frozen=True, slots=True)
class Clock:
    """A running clock as a board reads it."""

    case_id: uuid.UUID
    name: str
    due_at: datetime | None
    provisional: bool

    def is_past(self, now: datetime) -> bool:
        """Whether it is due already."""
        return self.due_at is not None and self.due_at < now


def is_late(term: CaseTerm, now: datetime) -> bool:
    """Derived, never stored: met, ended or still running after the due time."""
    return term.due_at is not None and (term.met_at or term.ended_at or now) > term.due_at


async def board_lines(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, BoardLine]:
    """The running clocks of many cases, by few statements whatever their number; every case has its line."""
    now, grouped = clock.now(), {id_: list[Clock]() for id_ in ids}
    for row in await session.execute(running(ids)):
        grouped[row[0]].append(Clock(*row))
    late = {each.case_id for clocks in grouped.values() for each in clocks if each.is_past(now)}
    calendars = await _calendars(session, late) if late else {}
    return {case_id: _line(clocks, calendars, now) for case_id, clocks in grouped.items()}


def running(ids: Sequence[uuid.UUID]) -> "sa.Select[*tuple[Any, ...]]":
    """Select of the running clocks: case, name, due time, whether that may move; no more is read."""
    told = sa.select(CaseTerm.case_id, CaseTerm.name, CaseTerm.due_at, CaseTerm.provisional)
    of_these = CaseTerm.case_id == sa.any_(sa.literal(list(ids), sa.ARRAY(sa.Uuid)))
    running = told.where(of_these, CaseTerm.met_at.is_(None), CaseTerm.ended_at.is_(None))
    return running.order_by(CaseTerm.started_at, CaseTerm.id)


async def all_terms(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[CaseTerm]]:
    """All clocks of each case, first to last."""
    found: dict[uuid.UUID, list[CaseTerm]] = {id_: [] for id_ in ids}
    wanted = sa.select(CaseTerm).where(CaseTerm.case_id.in_(ids)).order_by(CaseTerm.started_at, CaseTerm.id)
    for term in await session.scalars(wanted):
        found[term.case_id].append(term)
    return found


def area_of_rung(case: Case) -> uuid.UUID:
    """The area that answers for a case on its rung."""
    return tidings.area_of_rung(case, kind_of(case.kind), case.rung)


def from_area(area_id: uuid.UUID, level: AreaLevel) -> sa.ColumnElement[bool]:
    """True for cases from an area, by the one column of its level, so that one index serves it."""
    columns = {
        AreaLevel.GRID: Case.grid_id,
        AreaLevel.COMMUNITY: Case.community_id,
        AreaLevel.STREET: Case.street_id,
        AreaLevel.DISTRICT: Case.district_id,
    }
    return columns[level] == area_id


async def levels(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, AreaLevel]:
    """The levels of areas; kept, since they never change."""
    found = await session.execute(sa.select(Area.id, Area.level).where(Area.id.in_(ids)))
    LEVELS.update((id_, level) for id_, level in found)
    return {id_: LEVELS[id_] for id_ in ids if id_ in LEVELS}


def overdue(now: datetime | sa.ColumnElement[datetime]) -> sa.ColumnElement[bool]:
    """True for open cases with a running clock that is past: the one that is due first is, or none."""
    running = sa.exists().where(
        CaseTerm.case_id == Case.id, CaseTerm.met_at.is_(None), CaseTerm.ended_at.is_(None), CaseTerm.due_at < now
    )
    return sa.and_(Case.ended_at.is_(None), Case.sort_due_at < now, running)


def in_hand_of(actor: Actor) -> sa.ColumnElement[bool]:
    """True for cases in the actor's hands, or with the actor as their agent."""
    ways: list[sa.ColumnElement[bool]] = [Case.officer_id == actor.account_id]
    if actor.worker_id is not None:
        ways += [Case.assignee_id == actor.worker_id, Case.agent_id == actor.worker_id]
    return sa.or_(*ways)


def _line(clocks: Sequence[Clock], calendars: Mapping[uuid.UUID, WorkCalendar], now: datetime) -> BoardLine:
    late = [calendars[each.case_id].overdue(each.due_at, now) for each in clocks if each.due_at and each.is_past(now)]
    dues = tuple((each.name, each.due_at) for each in clocks)
    return BoardLine(dues, any(each.provisional for each in clocks), max(late, default=0))


async def _calendars(session: AsyncSession, case_ids: set[uuid.UUID]) -> dict[uuid.UUID, WorkCalendar]:
    """The calendar of each case; one for all while no area has decided its own."""
    own = sa.select(sa.exists().where(CalendarVersion.area_id.is_not(None)))
    if not await session.scalar(own):
        return dict.fromkeys(case_ids, await calendar_for(session))
    place = sa.func.coalesce(Case.grid_id, Case.community_id, Case.street_id, Case.district_id)
    found = await session.execute(sa.select(Case.id, place).where(Case.id.in_(case_ids)))
    areas = {case_id: area_id for case_id, area_id in found}
    calendars = {area_id: await calendar_for(session, area_id) for area_id in set(areas.values())}
    return {case_id: calendars[area_id] for case_id, area_id in areas.items()}
