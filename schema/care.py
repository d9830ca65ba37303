"""Special care as a map may show it: categories, and how many people fall under each."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import Parent

from schema.context import Info
from schema.lens import field, lens, listing, shown, words
from schema.loading import many_each, one_each
from services import suppression
from services.access import Actor, cared_for, numbers, visible
from services.models import Area, CareRecord, Household, Residence, Resident, Sensitivity
from services.models import CareCategory as CategoryRow
from services.models.care import shown_to

words(Sensitivity)

MOST_CATEGORIES = 100


@lens
class CareCategory:
    """A kind of special care, such as living alone in old age, and how often to visit."""

    id: strawberry.ID = shown("Opaque.")
    code: str = shown("Short name for programs.")
    name: str = shown("Name as the administration writes it.")
    name_en: str = shown("Name in English.")
    visit_every_days: int = shown("Days from one visit to the next, unless the record's level says otherwise.")
    sensitivity: Sensitivity = shown("Who may read records of this category.")


@dataclass(frozen=True)
class CareNumber:
    """How many people of one category, somewhere."""

    category_id: uuid.UUID
    people: int
    withheld: bool = False


@lens
class CareCount:
    """How many people fall under a category; a small number is withheld, since it would point at somebody."""

    @field(graphql_type=CareCategory)
    async def category(self, info: Info, number: Parent[CareNumber]) -> CategoryRow | None:
        """The category counted."""
        return await info.context.load(by_id, number.category_id)

    @field()
    def count(self, info: Info, number: Parent[CareNumber]) -> int | None:
        """The number; null when withheld."""
        return None if self_or_sum_tells(info, number) else number.people

    @field()
    def suppressed(self, info: Info, number: Parent[CareNumber]) -> bool:
        """True when the number is small and therefore withheld."""
        return self_or_sum_tells(info, number)


def self_or_sum_tells(info: Info, number: CareNumber) -> bool:
    """Whether a number is withheld: it is small, or a small one would follow from it."""
    return number.withheld or number.people < info.context.api.limits.suppress_below


@lens
class CareQuery:
    """What can be asked of special care."""

    @listing(graphql_type=list[CareCategory] | None, at_most=MOST_CATEGORIES)
    async def care_categories(self, info: Info) -> Sequence[CategoryRow]:
        """All categories by code."""
        async with info.context.read() as session:
            return (await session.scalars(sa.select(CategoryRow).order_by(CategoryRow.code))).all()


async def by_id(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, CategoryRow]:
    """Categories by id."""
    return await one_each(session, sa.select(CategoryRow.id, CategoryRow).where(CategoryRow.id.in_(ids)))


async def numbers_by_grid(
    session: AsyncSession, actor: Actor, grids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[CareNumber]]:
    """People under each category in each grid, by the category's code; sealed categories are not counted.

    The other grids of the community are counted, too: where one number alone is small there, its sum would tell it; and
    so would the sum of the grid's categories, which the map tells.
    """
    community = sa.select(Area.parent_id).where(Area.id.in_(grids))
    people = (
        sa.select(Area.parent_id, Household.grid_id, CategoryRow.id, sa.func.count(CareRecord.id))
        .join(Household, Household.grid_id == Area.id)
        .join(Residence, Residence.household_id == Household.id)
        .join(CareRecord, CareRecord.resident_id == Residence.resident_id)
        .join(Resident, Resident.id == CareRecord.resident_id)
        .join(CategoryRow, CategoryRow.id == CareRecord.category_id)
        .where(Area.parent_id.in_(community), Household.closed_at.is_(None), Residence.until.is_(None))
        .where(Household.restricted.is_(False), Resident.restricted.is_(False), shown_to(None))
        .group_by(Area.parent_id, Household.grid_id, CategoryRow.id, CategoryRow.code)
        .order_by(CategoryRow.code, Household.grid_id)
    )
    tables: dict[uuid.UUID, dict[tuple[uuid.UUID, uuid.UUID], int]] = {}
    for around, grid, category, number in await numbers(session, people, actor):
        tables.setdefault(around, {})[grid, category] = number
    found: dict[uuid.UUID, list[CareNumber]] = {grid: [] for grid in grids}
    for table in tables.values():
        hidden = suppression.crosswise(table)
        for (grid, category), number in table.items():
            if grid in found:
                withheld = (grid, category) in hidden and not actor.cares.holds(grid)
                found[grid].append(CareNumber(category, number, withheld))
    return found


async def of_households(
    session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[CategoryRow]]:
    """The categories under which somebody in each home falls, as far as the actor may know, by code."""
    pairs = (
        sa.select(Household.id, CategoryRow)
        .join(Residence, Residence.household_id == Household.id)
        .join(CareRecord, CareRecord.resident_id == Residence.resident_id)
        .join(CategoryRow, CategoryRow.id == CareRecord.category_id)
        .join(Resident, Resident.id == CareRecord.resident_id)
        .where(Household.id.in_(ids), Residence.until.is_(None), shown_to(actor.worker_id), cared_for(actor))
        .distinct()
        .order_by(CategoryRow.code)
    )
    return await many_each(session, visible(pairs, actor), ids)


def households_with(code: str, actor: Actor) -> sa.ColumnElement[bool]:
    """True for homes in which somebody falls under the category, as far as the actor may know."""
    return Household.id.in_(
        sa.select(Residence.household_id)
        .join(CareRecord, CareRecord.resident_id == Residence.resident_id)
        .join(CategoryRow, CategoryRow.id == CareRecord.category_id)
        .where(Residence.until.is_(None), CategoryRow.code == code, shown_to(actor.worker_id))
    )
