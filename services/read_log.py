"""Who may look into the read log: auditors of an area, and for one household the managers of its area."""

import uuid

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.access import Actor
from services.errors import NotFound
from services.models import Household, Reading, Role
from services.openings import grids_of, holds

SEERS = (Role.AUDITOR, Role.MANAGER)


async def of_household(session: AsyncSession, actor: Actor, household_id: uuid.UUID) -> sa.Select[Reading]:
    """The lines on a household, wherever it lay when it was read. Raises NotAllowed, NotFound."""
    actor.require(*SEERS)
    grid_id = await session.scalar(sa.select(Household.grid_id).where(Household.id == household_id))
    if grid_id is None or not holds(actor, grid_id, *SEERS):
        raise NotFound(household_id)
    return sa.select(Reading).where(Reading.household_id == household_id)


def of_account(actor: Actor, account_id: uuid.UUID) -> sa.Select[Reading]:
    """What an account read in the grids that the actor audits. Raises NotAllowed."""
    actor.require(Role.AUDITOR)
    grids, everywhere = grids_of(actor, Role.AUDITOR)
    lines = sa.select(Reading).where(Reading.actor_id == account_id)
    return lines if everywhere else lines.where(Reading.grid_id.in_(grids))
