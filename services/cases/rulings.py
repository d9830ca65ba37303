"""What a jurisdiction has settled for its cases goes on where its grids are cut or joined."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.models.base import new_id
from services.models.cases import CaseRule


async def carry(session: AsyncSession, old_ids: Sequence[uuid.UUID], new_id_: uuid.UUID) -> int:
    """What was settled in any of the old grids holds in the new one, of two that differ the later; how many rulings.

    The old grids keep theirs: one that goes on needs them, and of one that is retired they tell how it was judged.
    """
    rules = (await session.scalars(_rules(old_ids))).all()
    latest = {rule.kind: rule for rule in rules}
    rows = [
        {
            "id": new_id(),
            "area_id": new_id_,
            "kind": rule.kind,
            "close_starts": rule.close_starts,
            "changed_at": rule.changed_at,
            "changed_by": rule.changed_by,
        }
        for rule in latest.values()
    ]
    if rows:
        await session.execute(insert(CaseRule).on_conflict_do_nothing(), rows)
    return len(rows)


def _rules(area_ids: Sequence[uuid.UUID]) -> "sa.Select[CaseRule]":
    return sa.select(CaseRule).where(CaseRule.area_id.in_(area_ids)).order_by(CaseRule.changed_at, CaseRule.id)
