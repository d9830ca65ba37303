"""Records of special care: the only file that opens their notes."""

import uuid
from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import Parent

from schema import care
from schema.care import CareCategory
from schema.context import Info
from schema.lens import field, lens, shown
from schema.loading import many_each
from services.access import Actor, visible
from services.models import CareCategory as CategoryRow
from services.models import CareRecord as RecordRow
from services.models import Resident
from services.models.care import shown_to

MOST_RECORDS = 20


@lens
class CareRecord:
    """One person's record in one category of special care, open and with consent."""

    id: strawberry.ID = shown("Opaque.")
    level: str | None = shown("How grave, in the words of the category.")
    consent_at: date | None = shown("When the person agreed to it.")
    review_due_at: date | None = shown("By when it is to be looked at again.")

    @field(graphql_type=CareCategory)
    async def category(self, info: Info, row: Parent[RecordRow]) -> CategoryRow | None:
        """The category."""
        return await info.context.load(care.by_id, row.category_id)

    @field()
    def notes(self, info: Info, row: Parent[RecordRow]) -> str | None:
        """What those who care wrote down."""
        return info.context.opened(row, "notes")


async def of_residents(
    session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[RecordRow]]:
    """The open records of people whom the actor may find, as far as he may know of them, by category."""
    pairs = (
        sa.select(RecordRow.resident_id, RecordRow)
        .join(Resident, Resident.id == RecordRow.resident_id)
        .join(CategoryRow, CategoryRow.id == RecordRow.category_id)
        .where(Resident.id.in_(ids), shown_to(actor.worker_id))
        .order_by(CategoryRow.code)
    )
    return await many_each(session, visible(pairs, actor), ids)
