"""Members of teams: who they are, what they were trained in, which kit they have."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import Parent

from schema.context import Info
from schema.lens import field, lens, listing, shown
from schema.loading import many_each
from schema.workers import Worker
from services import teams
from services.access import Actor
from services.models import KitIssue, OrganisationMember, Training
from services.models import Worker as WorkerRow

MOST_OF_MEMBER = 20
Day = date


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a team."""

    team_id: uuid.UUID
    worker: WorkerRow


@lens
class TeamTraining:
    """A training that a member has had."""

    subject: str = shown("In what; BASICS is what every duty needs.")
    held_on: Day = shown("When.")
    hours: float = shown("How long.")
    valid_until: Day | None = shown("Until when it counts; null: for good.")


@lens
class TeamKit:
    """A piece of the team's kit that a member has, or had."""

    id: strawberry.ID = shown("Opaque.")
    item: str = shown("What it is: armband, vest, torch.")
    number: str | None = shown("Its number.")
    issued_on: Day = shown("Since when.")
    returned_on: Day | None = shown("When it was given back; null: not yet.")


@lens
class TeamMember:
    """Somebody of a team."""

    @field(graphql_type=Worker)
    async def worker(self, row: Parent[Member]) -> WorkerRow:
        """Who."""
        return row.worker

    @listing(graphql_type=list[TeamTraining], at_most=MOST_OF_MEMBER)
    async def trainings(self, info: Info, row: Parent[Member]) -> list[Training]:
        """What the member was trained in, the latest first; the own ones, or for who leads the area."""
        return await info.context.load(trainings_of, row.worker.id) or []

    @listing(graphql_type=list[TeamKit], at_most=MOST_OF_MEMBER)
    async def kit(self, info: Info, row: Parent[Member]) -> list[KitIssue]:
        """Which kit the member has or had, the latest first; the own, or for who leads the area."""
        return await info.context.load(kit_of, row.worker.id) or []


async def members_of(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Member]]:
    """The members of each team."""
    pairs = sa.select(OrganisationMember.organisation_id, WorkerRow).join(
        WorkerRow, WorkerRow.id == OrganisationMember.worker_id
    )
    chosen = pairs.where(OrganisationMember.organisation_id.in_(ids)).order_by(WorkerRow.code)
    found = await many_each(session, chosen, ids)
    return {team: [Member(team, worker) for worker in members] for team, members in found.items()}


async def trainings_of(
    session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[Training]]:
    """The trainings of each member that the actor may read."""
    chosen = sa.select(Training.worker_id, Training).where(Training.worker_id.in_(ids), teams.readable(actor, Training))
    return await many_each(session, chosen.order_by(Training.held_on.desc(), Training.id), ids)


async def kit_of(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[KitIssue]]:
    """The kit of each member that the actor may read."""
    chosen = sa.select(KitIssue.worker_id, KitIssue).where(KitIssue.worker_id.in_(ids), teams.readable(actor, KitIssue))
    return await many_each(session, chosen.order_by(KitIssue.issued_on.desc(), KitIssue.id), ids)
