"""The ladder of a community: who is asked one after the other; and which rungs will be empty in the coming days."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import Parent

from schema.context import Context, Info, id_of
from schema.lens import field, given, lens, listing, mutation, shown, words
from services import forecast, ladder, ladders
from services.call_rights import STAFF, require_area
from services.forecast import EmptyRung as EmptyStretch
from services.ladder import Rung as RungRow
from services.ladder import Territory
from services.models import AreaLevel, Role, WorkerRole

words(Territory)

MOST_RUNGS = 12
MOST_STRETCHES = 500
MOST_DAYS = 14

Days = Annotated[int, strawberry.argument(description=f"How many days from now on, 1 to {MOST_DAYS}.")]


@lens
class Rung:
    """One step of a ladder."""

    code: str = shown("What it is called.")
    role: WorkerRole | None = shown("Who is asked; null for the duty desk, which rings until somebody answers.")
    territory: Territory = shown("Whose assignment counts: anybody's in reach, the own community's, the own grid's.")
    limit_seconds: float | None = shown("How long the way may take at most.")

    @field()
    def seconds(self, row: Parent[RungRow]) -> float:
        """How long each has to answer."""
        return row.time

    @field()
    def emergency_seconds(self, row: Parent[RungRow]) -> float:
        """The same in an emergency."""
        return row.emergency_time


@given
class RungInput:
    """One step of a ladder, as a manager wants it."""

    code: str = shown("What it is called, in capitals.")
    role: WorkerRole | None = strawberry.field(default=None, description="Who is asked; null for the duty desk.")
    seconds: float = shown("How long each has to answer.")
    emergency_seconds: float = shown("The same in an emergency.")
    territory: Territory = strawberry.field(default=Territory.ANYWHERE, description="Whose assignment counts.")
    limit_seconds: float | None = strawberry.field(default=None, description="How long the way may take at most.")

    def rung(self) -> RungRow:
        """The same as the ladder knows it."""
        times = (self.seconds, self.emergency_seconds)
        return RungRow(self.code, self.role, *times, territory=self.territory, limit_seconds=self.limit_seconds)


@lens
class EmptyRung:
    """A stretch of time in which nobody is planned for a rung."""

    rung: str = shown("The rung's code.")
    starts_at: datetime = shown("From when.")
    ends_at: datetime = shown("Until when.")
    planned: int = shown("How many workers are planned who could stand on it.")
    needed: int = shown("How many it takes, those of the rungs before it included.")


@lens
class LadderQuery:
    """What can be asked about ladders."""

    @listing(graphql_type=list[Rung] | None, at_most=MOST_RUNGS)
    async def ladder(self, info: Info, community_id: strawberry.ID) -> Sequence[RungRow]:
        """The rungs that a community's calls climb: its own, or the default."""
        async with info.context.read() as session:
            community = await _community(session, info.context, community_id, *STAFF, Role.PLANNER)
            return await ladders.of_community(session, community, rules=info.context.api.rules)

    @listing(graphql_type=list[EmptyRung] | None, at_most=MOST_STRETCHES)
    async def empty_rungs(self, info: Info, community_id: strawberry.ID, days: Days = 7) -> list[EmptyStretch]:
        """When which rung will be empty, by the shifts that are planned; numbers only, no names."""
        span = timedelta(days=max(1, min(days, MOST_DAYS)))
        async with info.context.read() as session:
            community = await _community(session, info.context, community_id, *STAFF, Role.PLANNER)
            return await forecast.empty_rungs(session, community, span, info.context.api.rules)


@lens
class LadderMutation:
    """What a manager does with ladders."""

    @mutation(graphql_type=list[Rung])
    async def set_ladder(self, info: Info, community_id: strawberry.ID, rungs: list[RungInput]) -> Sequence[RungRow]:
        """Give a community its own ladder; the last rung must be the duty desk. Calls that climb go on by number."""
        if len(rungs) > MOST_RUNGS:
            raise ladder.LadderWrong(reason=f"it has more than {MOST_RUNGS} rungs.")
        async with info.context.write() as session:
            community = await _community(session, info.context, community_id, Role.MANAGER)
            wanted = [one.rung() for one in rungs]
            await ladders.change(session, community, wanted, info.context.actor.account_id)
            return wanted


async def _community(session: AsyncSession, context: Context, id_: str, *roles: Role) -> uuid.UUID:
    area = await require_area(session, context.actor, id_of(id_), *roles)
    if area.level is not AreaLevel.COMMUNITY:
        raise ladder.LadderWrong(reason="ladders belong to communities, and this is another area.")
    return area.id
