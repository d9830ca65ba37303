"""Setting the numbers of a category of special care."""

import strawberry

from schema.care import CareCategory
from schema.context import Info
from schema.lens import given, lens, mutation, shown
from services import care_categories
from services.care_categories import Numbers
from services.models import CareCategory as CategoryRow


@given
class LevelDaysInput:
    """How often somebody of a level is visited."""

    level: str = shown("The level, in the words of the category.")
    days: int = shown("Days from one visit to the next.")


@given
class CareCategoryNumbers:
    """The numbers of a category; what is not given stays as it is."""

    visit_every_days: int | None = strawberry.field(default=None, description="Days from one visit to the next.")
    visit_days_by_level: list[LevelDaysInput] | None = strawberry.field(
        default=None, description="The same where the level decides; all levels of the category."
    )
    keep_closed_days: int | None = strawberry.field(
        default=None, description="How long a closed record is kept before it is deleted."
    )
    keep_by_law_days: int | None = strawberry.field(
        default=None, description="How long a law wants a record kept, whatever was withdrawn or erased."
    )
    keep_by_law_ground: str | None = strawberry.field(default=None, description="Which law.")

    def told(self) -> Numbers:
        """As the service takes it."""
        levels = self.visit_days_by_level
        by_level = None if levels is None else {one.level: one.days for one in levels}
        kept = (self.keep_closed_days, self.keep_by_law_days, self.keep_by_law_ground)
        return Numbers(self.visit_every_days, by_level, *kept)


@lens
class CareCategoryMutation:
    """What an administrator sets."""

    @mutation(graphql_type=CareCategory)
    async def change_care_category(self, info: Info, code: str, numbers: CareCategoryNumbers) -> CategoryRow:
        """Set how often those of a category are visited and how long their records are kept; for administrators."""
        async with info.context.write() as session:
            return await care_categories.change(session, info.context.actor, code, numbers.told())
