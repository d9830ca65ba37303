"""Shifts by hour, for a planner who asks when an area is covered: how many are on duty, and nobody by name."""

from datetime import datetime
from typing import Annotated

import strawberry

from schema.context import Info, id_of
from schema.lens import lens, listing, shown
from services import coverage, duty_hours
from services.coverage import PLANNERS
from services.models import Role

MOST_HOURS = 168

Hours = Annotated[int, strawberry.argument(description=f"How many hours from this one on, 1 to {MOST_HOURS}.")]


@lens
class DutyHour:
    """How many different people are on shift when an hour begins, by the plan."""

    starts_at: datetime = shown("When the hour begins.")
    staff: int = shown("Grid workers, community staff and social workers.")
    volunteers: int = shown("Volunteers.")


@lens
class DutyHourQuery:
    """What can be asked of shifts."""

    @listing(graphql_type=list[DutyHour] | None, at_most=MOST_HOURS)
    async def duty_by_hour(self, info: Info, area_id: strawberry.ID, hours: Hours = 24) -> list[duty_hours.DutyHour]:
        """How many are on shift hour by hour: those who serve the area or a part of it, or have their post in it."""
        info.context.actor.require(*PLANNERS, Role.AUDITOR)
        async with info.context.read() as session:
            area = await coverage.area_for(session, info.context.actor, id_of(area_id))
            return await duty_hours.by_hour(session, area, max(1, min(hours, MOST_HOURS)))
