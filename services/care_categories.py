"""Categories of special care: their numbers are the jurisdiction's to set, by an administrator."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import contents
from services.access import Actor
from services.contents import Content
from services.errors import Invalid
from services.models import CareCategory, Role

MOST_DAYS = 36_500


class DaysUnfit(Invalid):
    """{subject} cannot be {days} days. Send a whole number from {least} to {most}."""


class GroundMissing(Invalid):
    """Records are held back by a law only: name it as `keepByLawGround`."""


class CategoryUnknown(Invalid):
    """There is no category of special care with the code {subject}. Ask for `careCategories`."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """How often to visit, and how long to keep; None leaves a number as it is."""

    visit_every_days: int | None = None
    visit_days_by_level: Mapping[str, int] | None = None
    keep_closed_days: int | None = None
    keep_by_law_days: int | None = None
    keep_by_law_ground: str | None = None


async def find(session: AsyncSession, code: str) -> CareCategory:
    """The category with this code. Raises CategoryUnknown."""
    category = await session.scalar(sa.select(CareCategory).where(CareCategory.code == code))
    if category is None:
        raise CategoryUnknown(code)
    return category


async def change(session: AsyncSession, actor: Actor, code: str, numbers: Numbers) -> CareCategory:
    """Set numbers of a category; what is due follows from them at once.

    Raises NotAllowed, CategoryUnknown, DaysUnfit, GroundMissing.
    """
    actor.require(Role.ADMIN)
    category = await find(session, code)
    _refuse_unfit(numbers)
    for name in ("visit_every_days", "keep_closed_days", "keep_by_law_days", "keep_by_law_ground"):
        if getattr(numbers, name) is not None:
            setattr(category, name, getattr(numbers, name))
    if numbers.visit_days_by_level is not None:
        category.visit_days_by_level = dict(numbers.visit_days_by_level)
    if category.keep_by_law_days and not (category.keep_by_law_ground or "").strip():
        raise GroundMissing
    await session.flush()
    await contents.changed(session, Content.CARE)
    return category


def _refuse_unfit(numbers: Numbers) -> None:
    visits = {"visitEveryDays": numbers.visit_every_days, **(numbers.visit_days_by_level or {})}
    keeping = {"keepClosedDays": numbers.keep_closed_days, "keepByLawDays": numbers.keep_by_law_days}
    for least, given in ((1, visits), (0, keeping)):
        for name, days in given.items():
            if days is not None and not least <= days <= MOST_DAYS:
                raise DaysUnfit(name, days=days, least=least, most=MOST_DAYS)
