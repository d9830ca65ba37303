"""What boards show of cases: the clocks that run, how far overdue the worst is; and how boards choose."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

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


@dataclass(frozen=True, slots=True)
class BoardLine:
    """The running clocks of a case by name, with what they come to."""

    dues: tuple[tuple[str, datetime | None], ...] = ()
    provisional: bool = False
    overdue_working_days: int = 0

    def due(self, name: str) -> datetime | None:
        """When the running clock of this name is due."""
        return next((due for known, due in self.dues if known == name), None)


def is_late(term: CaseTerm, now: datetime) -> bool:
    """Derived, never stored: met, ended or still running after the due time."""
    return term.due_at is not None and (term.met_at or term.ended_at or now) > term.due_at


async def board_lines(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, BoardLine]:
    """The running clocks of many cases, by few statements whatever their number."""
    running = sa.select(CaseTerm, Case.grid_id, Case.community_id, Case.street_id, Case.district_id)
    running = running.join(Case, Case.id == CaseTerm.case_id)
    waiting = running.where(CaseTerm.case_id.in_(ids), CaseTerm.met_at.is_(None), CaseTerm.ended_at.is_(None))
    rows = (await session.execute(waiting.order_by(CaseTerm.started_at, CaseTerm.id))).all()
    calendars = await _calendars(session, {next(area for area in row[1:] if area is not None) for row in rows})
    grouped: dict[uuid.UUID, list[tuple[CaseTerm, WorkCalendar]]] = {}
    for term, *chain in rows:
        place = next(area for area in chain if area is not None)
        grouped.setdefault(term.case_id, []).append((term, calendars[place]))
    return {case_id: _line(terms) for case_id, terms in grouped.items()}


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


def from_area(area: Area) -> sa.ColumnElement[bool]:
    """True for cases from an area, by the one column of its level, so that one index serves it."""
    columns = {
        AreaLevel.GRID: Case.grid_id,
        AreaLevel.COMMUNITY: Case.community_id,
        AreaLevel.STREET: Case.street_id,
        AreaLevel.DISTRICT: Case.district_id,
    }
    return columns[area.level] == area.id


def overdue(now: datetime) -> sa.ColumnElement[bool]:
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


def _line(terms: Sequence[tuple[CaseTerm, WorkCalendar]]) -> BoardLine:
    now = clock.now()
    late = [calendar.overdue(term.due_at, now) for term, calendar in terms if term.due_at is not None]
    return BoardLine(
        tuple((term.name, term.due_at) for term, _ in terms),
        any(term.provisional for term, _ in terms),
        max(late, default=0),
    )


async def _calendars(session: AsyncSession, area_ids: set[uuid.UUID]) -> dict[uuid.UUID, WorkCalendar]:
    """The calendar of each area; one for all while no area has decided its own."""
    own = sa.select(sa.exists().where(CalendarVersion.area_id.is_not(None)))
    if await session.scalar(own):
        return {area: await calendar_for(session, area) for area in area_ids}
    shared = await calendar_for(session)
    return dict.fromkeys(area_ids, shared)
