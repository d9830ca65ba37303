"""How many homes each grid has, and how many people live there."""

import uuid
from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import suppression
from services.access import Actor, numbers
from services.models import Area, Household, Residence, Resident
from services.models import households as household_rows
from services.policy import FieldClass, Right, Thing


async def households_in(session: AsyncSession, actor: Actor, grids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How many homes each grid has."""
    homes = household_rows.standing().with_only_columns(Household.grid_id, sa.func.count())
    here = homes.where(Household.grid_id.in_(grids), Household.restricted.is_(False)).group_by(Household.grid_id)
    return {grid: homes for grid, homes in await numbers(session, here, actor)}


async def residents_in(session: AsyncSession, actor: Actor, grids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int | None]:
    """How many people live in each grid; None where the number is withheld from the actor.

    The other grids of the community are counted, too: where one number alone is small there, its sum would tell it.
    """
    community = sa.select(Area.parent_id).where(Area.id.in_(grids))
    people = (
        sa.select(Area.parent_id, Area.id, sa.func.count(Resident.id))
        .outerjoin(Household, sa.and_(Household.grid_id == Area.id, Household.closed_at.is_(None), _found(Household)))
        .outerjoin(Residence, sa.and_(Residence.household_id == Household.id, Residence.until.is_(None)))
        .outerjoin(Resident, sa.and_(Resident.id == Residence.resident_id, _found(Resident)))
        .where(Area.parent_id.in_(community))
        .group_by(Area.parent_id, Area.id)
        .order_by(Area.code)
    )
    around: dict[uuid.UUID, dict[uuid.UUID, int]] = {}
    for parent, grid, number in await numbers(session, people, actor):
        around.setdefault(parent, {})[grid] = number
    return {grid: number for parts in around.values() for grid, number in _told(parts, actor)}


def _told(parts: Mapping[uuid.UUID, int], actor: Actor) -> Iterator[tuple[uuid.UUID, int | None]]:
    """The numbers of a community's grids as the actor may know them: as they are where the people may be found."""
    hidden = suppression.withheld(list(parts.values()))
    for (grid, number), small in zip(parts.items(), hidden, strict=True):
        finds = actor.right(Thing.RESIDENT, FieldClass.PUBLIC, grid) >= Right.MASK
        yield grid, None if small and not finds else number


def _found(model: type[Household] | type[Resident]) -> sa.ColumnElement[bool]:
    return model.restricted.is_(False)
