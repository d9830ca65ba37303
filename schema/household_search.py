"""Finding households: by address, code, or a name or phone known exactly; by area, category, place and street."""

import sqlalchemy as sa
import strawberry

from schema import areas, care
from schema.context import Context, Info, id_of
from schema.households import Household, by_id
from schema.lens import field, given, lens
from schema.pages import After, Connection, First, Order, Page, page
from schema.places import BoundingBoxInput, WithinInput
from services.access import named_to, visible
from services.errors import Invalid
from services.models import Area, Residence, Resident
from services.models import Household as HouseholdRow
from services.models.households import linked, standing

IN_ORDER = Order("households", HouseholdRow.code, HouseholdRow.id)
MOST_TEXT = 100


class SearchTextUnfit(Invalid):
    """The text to search for has {length} characters. Send 2 to {most}: part of an address, a code, a full name."""


@given
class HouseholdFilter:
    """Which households; all that is given must hold."""

    text: str | None = strawberry.field(
        default=None,
        description="Part of an address, a file's code, or the full name or phone of somebody who lives there.",
    )
    grid_id: strawberry.ID | None = strawberry.field(default=None, description="In this grid.")
    area_id: strawberry.ID | None = strawberry.field(default=None, description="Inside this area of any level.")
    category_code: str | None = strawberry.field(default=None, description="With somebody under this care category.")
    unlinked: bool | None = strawberry.field(
        default=None,
        description="True: without a street near it, or behind a wall, so that nobody's way to it is known.",
    )
    intersects: BoundingBoxInput | None = strawberry.field(default=None, description="Inside this box.")
    within: WithinInput | None = strawberry.field(default=None, description="No farther from a point than this.")


@lens
class HouseholdQuery:
    """What can be asked of households."""

    @field(graphql_type=Household | None)
    async def household(self, info: Info, id: strawberry.ID) -> HouseholdRow:
        """The household with this id, if it is yours to see."""
        return await info.context.find(by_id, id)

    @field(graphql_type=Connection[Household] | None)
    async def households(
        self, info: Info, filter: HouseholdFilter | None = None, first: First = 50, after: After = None
    ) -> Page[HouseholdRow]:
        """Households that are yours to see, by code."""
        chosen = standing().where(*(await _conditions(info.context, filter or HouseholdFilter())))
        return await page(info.context, visible(chosen, info.context.actor), IN_ORDER, first, after)


async def _conditions(context: Context, chosen: HouseholdFilter) -> list[sa.ColumnElement[bool]]:
    found = []
    if chosen.text is not None:
        found.append(_matches(context, chosen.text))
    if chosen.grid_id:
        found.append(HouseholdRow.grid_id == id_of(chosen.grid_id))
    if chosen.area_id:
        inside = await areas.inside(context, chosen.area_id)
        found.append(HouseholdRow.grid_id.in_(sa.select(Area.id).where(inside)))
    if chosen.category_code:
        found.append(care.households_with(chosen.category_code, context.actor))
    if chosen.unlinked is not None:
        found.append(linked(HouseholdRow.id) if not chosen.unlinked else sa.not_(linked(HouseholdRow.id)))
    if chosen.intersects:
        found.append(chosen.intersects.touches(HouseholdRow.location))
    if chosen.within:
        found.append(chosen.within.reaches(HouseholdRow.location))
    return found


def _matches(context: Context, text: str) -> sa.ColumnElement[bool]:
    """True for homes with this address (trigram index), code, or somebody of exactly this name or phone."""
    text = text.strip()
    if not 2 <= len(text) <= MOST_TEXT:
        raise SearchTextUnfit(length=len(text), most=MOST_TEXT)
    indexes = context.api.keyring.indexes
    named = sa.or_(
        Resident.name_index.in_(indexes("residents.name", text)),
        Resident.phone_index.in_(indexes("residents.phone", text)),
    )
    homes = (
        sa.select(Residence.household_id)
        .join(Resident, Resident.id == Residence.resident_id)
        .join(HouseholdRow, HouseholdRow.id == Residence.household_id)
        .where(Residence.until.is_(None), Resident.restricted.is_(False), named, named_to(context.actor))
    )
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return sa.or_(
        HouseholdRow.address.ilike(f"%{escaped}%", escape="\\"),
        HouseholdRow.code == text,
        HouseholdRow.id == sa.any_(sa.func.array(homes.scalar_subquery())),
    )
