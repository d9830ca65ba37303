"""The ladder of a community, from the store; the default where none was made."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, ladder
from services.ladder import RULES, CallRules, Rung
from services.models.base import new_id
from services.models.ladders import LadderRow

CALL = "CALL"


async def of_community(
    session: AsyncSession, community_id: uuid.UUID | None, matter: str = CALL, rules: CallRules = RULES
) -> tuple[Rung, ...]:
    """The rungs that hold in a community for a matter."""
    mine = sa.select(LadderRow.rungs).where(LadderRow.community_id == community_id, LadderRow.matter == matter)
    rows = await session.scalar(mine) if community_id else None
    return ladder.read(rows) if rows else rules.rungs


async def change(
    session: AsyncSession,
    community_id: uuid.UUID,
    rungs: Sequence[Rung],
    actor_id: uuid.UUID | None = None,
    matter: str = CALL,
) -> None:
    """Give a community its own ladder; calls that are climbing go on by their rung's number. Raises LadderWrong."""
    stored = ladder.stored(ladder.read(ladder.stored(rungs)))
    values = {"rungs": stored, "changed_at": clock.now(), "changed_by": actor_id}
    row = {"id": new_id(), "community_id": community_id, "matter": matter, **values}
    statement = insert(LadderRow).values(row)
    keys = [LadderRow.community_id, LadderRow.matter]
    await session.execute(statement.on_conflict_do_update(index_elements=keys, set_=values))
