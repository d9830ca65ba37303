"""The plan of the visiting days: which homes a cadre sees, in which order."""

import datetime

import strawberry
from strawberry import Parent
from strawberry.scalars import JSON

from schema import households, workers
from schema.context import Info, id_of
from schema.households import Household
from schema.lens import field, lens, listing, shown, words
from schema.workers import Worker
from services import reach
from services.call_rights import STAFF
from services.cases import visiting
from services.cases.states import plain
from services.cases.visiting import VisitPlan
from services.models import Household as HouseholdRow
from services.models import Worker as WorkerRow
from services.reach import Measured

words(Measured)

MOST_HOMES = 60


@lens
class VisitPlanProposal:
    """A plan that is not stored yet: open a case of the kind VISIT_PLAN with its `details`."""

    month: str = shown("The month.")
    until: datetime.date = shown("The last of the visiting days.")
    walk_meters: float = shown("Length of the walk, from the post through all homes.")
    walk_measured: Measured = shown("STREETS: on foot over the streets; ESTIMATE: by straight lines.")

    @field(graphql_type=Worker)
    async def worker(self, info: Info, row: Parent[VisitPlan]) -> WorkerRow | None:
        """Who goes."""
        return await info.context.load(workers.by_id, row.worker_id)

    @listing(graphql_type=list[Household], at_most=MOST_HOMES)
    async def households(self, info: Info, row: Parent[VisitPlan]) -> list[HouseholdRow]:
        """Whom to see, in the order of the walk."""
        found = [await info.context.load(households.by_id, each) for each in row.household_ids]
        return [home for home in found if home is not None]

    @field(graphql_type=JSON)
    def details(self, row: Parent[VisitPlan]) -> dict[str, object]:
        """The form of the case."""
        ids = [str(each) for each in row.household_ids]
        told = {"worker_id": row.worker_id, "month": row.month, "until": row.until.isoformat()}
        return {**{name: plain(value) for name, value in told.items()}, "household_ids": ids}


@lens
class VisitPlanQuery:
    """What can be asked of visiting days."""

    @field(graphql_type=VisitPlanProposal | None)
    async def plan_visits(
        self, info: Info, worker_id: strawberry.ID, month: str, households: int = visiting.AT_LEAST
    ) -> VisitPlan:
        """Homes whose care is due first, then those long out of any plan; `month` as 2026-05. Only for staff."""
        info.context.actor.require(*STAFF)
        async with info.context.read() as session:
            asked = (info.context.actor, id_of(worker_id), month, min(households, MOST_HOMES))
            return await visiting.plan(session, *asked, network=reach.current_network())
