"""Offices that take cases in charge or are called to the spot, who works there, and what a jurisdiction has settled."""

import uuid

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock
from services.access import Actor
from services.call_rights import require_area
from services.cases.kind import Start
from services.cases.kinds import kind_of
from services.errors import Invalid, NotFound
from services.models.accounts import Account, Role
from services.models.base import new_id
from services.models.cases import CaseRule, Unit, UnitKind, UnitMember


class OfficeUnfit(Invalid):
    """An office has a code and a name of 1 to 80 characters."""


class OfficeCodeTaken(Invalid):
    """Another office has the code {subject}. Choose a free one."""


class StartUnfit(Invalid):
    """The closing term runs from ACCEPTED or from OPENED, not from {subject}."""


async def add(session: AsyncSession, actor: Actor, area_id: uuid.UUID, code: str, kind: UnitKind, name: str) -> Unit:
    """A new office of an area, by its managers. Raises NotAllowed, NotFound, OfficeUnfit, OfficeCodeTaken."""
    await require_area(session, actor, area_id, Role.MANAGER)
    if not 1 <= len(code.strip()) <= 40 or not 1 <= len(name.strip()) <= 80:
        raise OfficeUnfit
    if await session.scalar(sa.select(Unit.id).where(Unit.code == code.strip())):
        raise OfficeCodeTaken(code)
    unit = Unit(id=new_id(), code=code.strip(), kind=kind, name=name.strip(), area_id=area_id)
    session.add(unit)
    await session.flush()
    return unit


async def join(session: AsyncSession, actor: Actor, unit_id: uuid.UUID, account_id: uuid.UUID) -> Unit:
    """An account works for an office from now on; said by the managers of the office's area. Raises NotFound."""
    unit = await _managed(session, actor, unit_id)
    if await session.get(Account, account_id) is None:
        raise NotFound(account_id)
    await session.execute(insert(UnitMember).values(unit_id=unit_id, account_id=account_id).on_conflict_do_nothing())
    return unit


async def leave(session: AsyncSession, actor: Actor, unit_id: uuid.UUID, account_id: uuid.UUID) -> Unit:
    """An account no longer works for an office: what it saw by that it sees no more."""
    unit = await _managed(session, actor, unit_id)
    mine = sa.delete(UnitMember).where(UnitMember.unit_id == unit_id, UnitMember.account_id == account_id)
    await session.execute(mine)
    return unit


async def settle(session: AsyncSession, actor: Actor, area_id: uuid.UUID, kind: str, close_starts: str) -> CaseRule:
    """From when the closing term of a kind runs in an area; for cases opened from now on. Raises StartUnfit."""
    await require_area(session, actor, area_id, Role.MANAGER)
    if close_starts not in (Start.ACCEPTED.value, "OPENED"):
        raise StartUnfit(close_starts)
    said = {"close_starts": close_starts, "changed_at": clock.now(), "changed_by": actor.account_id}
    row = {"id": new_id(), "area_id": area_id, "kind": kind_of(kind).code, **said}
    statement = insert(CaseRule).values(row)
    kept = statement.on_conflict_do_update(index_elements=[CaseRule.area_id, CaseRule.kind], set_=said)
    found = await session.scalars(kept.returning(CaseRule), execution_options={"populate_existing": True})
    return found.one()


async def _managed(session: AsyncSession, actor: Actor, unit_id: uuid.UUID) -> Unit:
    unit = await session.get(Unit, unit_id)
    if unit is None:
        raise NotFound(unit_id)
    await require_area(session, actor, unit.area_id, Role.MANAGER)
    return unit
