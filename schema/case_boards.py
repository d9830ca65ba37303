"""Boards of cases: one case, or a page of those that are yours to see, what is due first comes first."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import load_only
from sqlalchemy.sql.base import ExecutableOption
from strawberry.types.nodes import SelectedField, Selection

from schema.case_loading import by_id
from schema.cases import Case
from schema.context import Context, Info, id_of
from schema.lens import field, given, lens
from schema.pages import After, Beside, Connection, First, Order, Page, page
from services import clock
from services.cases import boards, rights
from services.models import Case as CaseRow

CLOCKS = frozenset({"acceptDueAt", "closeDueAt", "overdueWorkingDays", "provisional"})
ALWAYS = (CaseRow.id, CaseRow.sort_due_at)
PLACE = (CaseRow.grid_id, CaseRow.community_id, CaseRow.street_id, CaseRow.district_id)
COLUMNS: Mapping[str, Sequence[Any]] = {
    "id": (),
    "number": (CaseRow.number,),
    "kind": (CaseRow.kind,),
    "state": (CaseRow.state,),
    "stateName": (CaseRow.kind, CaseRow.state),
    "version": (CaseRow.version,),
    "round": (CaseRow.round,),
    "returns": (CaseRow.returns,),
    "sealed": (CaseRow.sealed,),
    "isComplex": (CaseRow.is_complex,),
    "openedAt": (CaseRow.opened_at,),
    "consentAt": (CaseRow.consent_at,),
    "endedAt": (CaseRow.ended_at,),
    "satisfied": (CaseRow.satisfied,),
    # the read log asks of whose home a sealed title is
    "subject": (CaseRow.subject, CaseRow.sealed, CaseRow.household_id, CaseRow.grid_id),
    "location": (CaseRow.location,),
    "household": (CaseRow.household_id,),
    "opener": (CaseRow.opener_id,),
    "agent": (CaseRow.agent_id,),
    "assignee": (CaseRow.assignee_id, CaseRow.officer_id),
    "rung": (CaseRow.kind, CaseRow.rung),
    "rung.level": (),
    "rung.area": PLACE,
    "rung.unit": (CaseRow.unit_id,),
    "leadUnit": (CaseRow.lead_unit_id,),
    "paused": (CaseRow.pauses,),
    **dict.fromkeys(CLOCKS, ()),
}
"""What a field of a case reads of its row. When anything else is asked, the whole row is read."""
BY_DUE = Order("cases by due time", CaseRow.sort_due_at, CaseRow.id)


@given
class CaseFilter:
    """Which cases; all that is given must hold."""

    area_id: strawberry.ID | None = strawberry.field(default=None, description="From this area of any level.")
    household_id: strawberry.ID | None = strawberry.field(default=None, description="About this home.")
    kind: str | None = strawberry.field(default=None, description="Of this kind.")
    state: str | None = strawberry.field(default=None, description="In this state.")
    overdue: bool | None = strawberry.field(default=None, description="With a running clock that is past, or not.")
    mine: bool | None = strawberry.field(default=None, description="In your hands, or with you as the agent.")
    open: bool | None = strawberry.field(default=None, description="Still open, or not.")


@lens
class CaseQuery:
    """What can be asked of cases."""

    @field(graphql_type=Case | None)
    async def case(self, info: Info, id: strawberry.ID) -> CaseRow:
        """The case with this id, if it is yours to see."""
        return await info.context.find(by_id, id)

    @field(graphql_type=Connection[Case] | None)
    async def cases(
        self, info: Info, filter: CaseFilter | None = None, first: First = 50, after: After = None
    ) -> Page[CaseRow]:
        """Cases that are yours to see; what is due first comes first."""
        wanted = filter or CaseFilter()
        inside = id_of(wanted.area_id) if wanted.area_id else None
        chosen = sa.select(CaseRow).options(*_read(info)).where(*await _conditions(info.context, wanted, inside))
        seen = rights.visible_cases(chosen, info.context.actor, inside)
        return await page(info.context, seen, BY_DUE, first, after, _clocks(info))


def _read(info: Info) -> list[ExecutableOption]:
    """No more of each row than what is asked of it; all of it, when that cannot be told."""
    asked = list(_of_nodes(info.selected_fields))
    if not all(name in COLUMNS for name in asked):
        return []
    return [load_only(*columns(asked), raiseload=True)]


def columns(asked: Iterable[str]) -> list[Any]:
    """What these fields of a case read of its row, each column once."""
    return list(dict.fromkeys([*ALWAYS, *(column for name in asked for column in COLUMNS[name])]))


def _of_nodes(selections: Sequence[Selection], inside: tuple[str, ...] = ()) -> Iterator[str]:
    """The fields that are asked of the cases of a page, and of their rungs, wherever they are written."""
    for each in selections:
        place = (*inside, each.name) if isinstance(each, SelectedField) else inside
        if place[1:3] == ("edges", "node") and isinstance(each, SelectedField) and len(place) > 3:
            if len(place) == 4 and each.name != "__typename":
                yield each.name
            elif len(place) == 5 and place[3] == "rung" and each.name != "__typename":
                yield f"rung.{each.name}"
        yield from _of_nodes(each.selections, place)


def _clocks(info: Info) -> Beside | None:
    """The clocks of the page's cases, fetched with them when they are asked for."""
    if not CLOCKS & set(_names(info.selected_fields)):
        return None

    async def beside(session: AsyncSession, rows: Sequence[CaseRow]) -> None:
        found = await boards.board_lines(session, info.context.actor, [row.id for row in rows])
        info.context.know(boards.board_lines, found)

    return beside


def _names(selections: Sequence[Selection]) -> Iterator[str]:
    for each in selections:
        if isinstance(each, SelectedField):
            yield each.name
        yield from _names(each.selections)


async def _conditions(context: Context, chosen: CaseFilter, inside: uuid.UUID | None) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if inside is not None:
        level = boards.LEVELS.get(inside) or await context.load(boards.levels, inside)
        found.append(boards.from_area(inside, level) if level else sa.false())
    if chosen.household_id:
        found.append(CaseRow.household_id == id_of(chosen.household_id))
    if chosen.kind:
        found.append(CaseRow.kind == chosen.kind)
    if chosen.state:
        found.append(CaseRow.state == chosen.state)
    if chosen.open is not None:
        found.append(CaseRow.ended_at.is_(None) if chosen.open else CaseRow.ended_at.is_not(None))
    if chosen.overdue is not None:
        found.append(boards.overdue(clock.now()) if chosen.overdue else ~boards.overdue(clock.now()))
    if chosen.mine:
        found.append(boards.in_hand_of(context.actor))
    return found
