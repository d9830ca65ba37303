"""Boards of cases: one case, or a page of those that are yours to see, what is due first comes first."""

import uuid
from collections.abc import Iterator, Sequence

import sqlalchemy as sa
import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
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
        chosen = sa.select(CaseRow).where(*await _conditions(info.context, wanted, inside))
        seen = rights.visible_cases(chosen, info.context.actor, inside)
        return await page(info.context, seen, BY_DUE, first, after, _clocks(info))


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
