"""What dispatch must know of a call before it asks anybody: the call, its ladder and its need, in one select."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import ladder, ladders
from services.candidates import Need
from services.errors import NotFound
from services.ladder import RULES, CallRules, Rung
from services.models.calls import Call
from services.models.households import Household
from services.models.ladders import LadderRow
from services.reach import Door

SKILLS = """
ARRAY(SELECT DISTINCT unnest(c.skills) FROM residences r
      JOIN care_records k ON k.resident_id = r.resident_id AND k.closed_at IS NULL
      JOIN care_categories c ON c.id = k.category_id
      WHERE r.household_id = {home} AND r.until IS NULL)
"""
"""The skills that care for those who live in a home asks for."""
_WANTED = sa.literal_column(SKILLS.format(home="calls.household_id"), sa.ARRAY(sa.Text))
IDS = "call_ids"


class Hold(Enum):
    """How calls are held against other writers: waited for, or left out when somebody has them."""

    WAIT = auto()
    IF_FREE = auto()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A call with the rungs that hold for it; `need` is None when nobody knows where it comes from."""

    call: Call
    rungs: tuple[Rung, ...]
    need: Need | None


async def locked(session: AsyncSession, call_id: uuid.UUID, rules: CallRules = RULES) -> Sheet:
    """The sheet of a call that is held against every other writer until the transaction ends. Raises NotFound."""
    rows = await session.execute(_sheets(Hold.WAIT), {IDS: [call_id]})
    row = rows.one_or_none()
    if row is None:
        raise NotFound(call_id)
    return _sheet(row, rules)


async def free_ones(session: AsyncSession, call_ids: Sequence[uuid.UUID], rules: CallRules = RULES) -> list[Sheet]:
    """The sheets of those calls that nobody else is changing just now, held until the transaction ends."""
    rows = await session.execute(_sheets(Hold.IF_FREE), {IDS: list(call_ids)})
    return [_sheet(row, rules) for row in rows]


async def of(session: AsyncSession, call: Call, rules: CallRules = RULES) -> Sheet:
    """The sheet of a call that the caller has."""
    return (await of_all(session, [call.id], rules))[0]


async def of_all(session: AsyncSession, call_ids: Sequence[uuid.UUID], rules: CallRules = RULES) -> list[Sheet]:
    """The sheets of many calls, none of them held."""
    return [_sheet(row, rules) for row in await session.execute(_sheets(), {IDS: list(call_ids)})]


@cache
def _sheets(hold: Hold | None = None) -> "sa.Select[*tuple[Any, ...]]":
    """Made once: the same for every call but for the ids."""
    home = (Household.id, sa.func.ST_X(Household.location), sa.func.ST_Y(Household.location))
    mine = sa.and_(LadderRow.community_id == Call.community_id, LadderRow.matter == ladders.CALL)
    found = (
        sa.select(Call, LadderRow.rungs, _WANTED, *home, Household.floor, Household.has_lift)
        .outerjoin(Household, Household.id == Call.household_id)
        .outerjoin(LadderRow, mine)
        .where(Call.id == sa.any_(sa.bindparam(IDS, type_=sa.ARRAY(sa.Uuid))))
        .order_by(Call.id)
        .execution_options(populate_existing=True)
    )
    return found if hold is None else found.with_for_update(of=Call, skip_locked=hold is Hold.IF_FREE)


def _sheet(row: Any, rules: CallRules) -> Sheet:
    """Wanted are the skills that the care categories of those who live there ask for (`language:xx`: a language)."""
    call, rungs, skills, home, *door = row
    need = None
    if home is not None:
        need = Need(Door(*door), call.grid_id, call.community_id, frozenset(skills), call.id, call.round)
    return Sheet(call, ladder.read(rungs) if rungs else rules.rungs, need)
