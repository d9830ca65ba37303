"""Cases and what hangs on them, fetched for many rows at once: each as far as it is the asker's to see."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from schema.loading import many_each, one_each
from services.access import Actor
from services.cases import engine, rights
from services.models import Case as CaseRow
from services.models import CaseEvent as LineRow
from services.models import CaseLink as LinkRow
from services.models import CaseMember as MemberRow
from services.models import CaseUnit as PartRow
from services.models import Unit


async def by_id(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, CaseRow]:
    """Cases by id, those that the actor may see."""
    pairs = sa.select(CaseRow.id, CaseRow).where(CaseRow.id.in_(ids))
    return await one_each(session, rights.visible_cases(pairs, actor))


async def offices(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Unit]:
    """Offices by id; they are known to all staff."""
    return await one_each(session, sa.select(Unit.id, Unit).where(Unit.id.in_(ids)))


async def lines(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[LineRow]]:
    """The timeline of each case."""
    pairs = sa.select(LineRow.case_id, LineRow).where(LineRow.case_id.in_(ids))
    return await many_each(session, pairs.order_by(LineRow.case_id, LineRow.number), ids)


async def links(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[LinkRow]]:
    """The links of each case to cases that the actor may see."""
    pairs = sa.select(LinkRow.case_id, LinkRow).join(CaseRow, CaseRow.id == LinkRow.other_id)
    seen = rights.visible_cases(pairs.where(LinkRow.case_id.in_(ids)), actor)
    return await many_each(session, seen.order_by(LinkRow.at, LinkRow.id), ids)


async def units(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[PartRow]]:
    """The offices called to each case."""
    pairs = sa.select(PartRow.case_id, PartRow).where(PartRow.case_id.in_(ids))
    return await many_each(session, pairs.order_by(PartRow.joined_at, PartRow.id), ids)


async def team(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[MemberRow]]:
    """The team of each case that the actor may see, those who have left among them."""
    pairs = sa.select(MemberRow.case_id, MemberRow).join(CaseRow, CaseRow.id == MemberRow.case_id)
    seen = rights.visible_cases(pairs.where(MemberRow.case_id.in_(ids)), actor)
    return await many_each(session, seen.order_by(MemberRow.since, MemberRow.id), ids)


async def standings(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, engine.Standing]:
    """What each case is to the actor, for what may be done next."""
    rows = await by_id(session, actor, ids)
    return {id_: await engine.standing_of(session, case, actor) for id_, case in rows.items()}
