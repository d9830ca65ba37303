"""Who stands together for a care record, and for what; a sealed record is read by its team alone."""

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.errors import Invalid
from services.models import CareCategory, CareRecord, CareTeamMember, Sensitivity, Worker


class TeamEmpty(Invalid):
    """A record of a sealed category is read by its team alone. Name at least one worker."""


class WorkerUnknown(Invalid):
    """No worker has the id {subject}. Ask for the workers of the area."""


async def refuse_unfit(session: AsyncSession, category: CareCategory, team: Mapping[uuid.UUID, str]) -> None:
    """Raises TeamEmpty for a sealed record without a team, WorkerUnknown."""
    if category.sensitivity is Sensitivity.SEALED and not team:
        raise TeamEmpty
    known = set(await session.scalars(sa.select(Worker.id).where(Worker.id.in_(team), Worker.disabled_at.is_(None))))
    for worker_id in team:
        if worker_id not in known:
            raise WorkerUnknown(worker_id)


async def put(session: AsyncSession, record: CareRecord, team: Mapping[uuid.UUID, str]) -> dict[str, str]:
    """Set who stands for a record from now on; gives who stood for it before, worker to duty."""
    old = (await session.scalars(sa.select(CareTeamMember).where(CareTeamMember.care_record_id == record.id))).all()
    before = {str(member.worker_id): member.duty for member in old}
    for member in old:
        await session.delete(member)
    await session.flush()
    session.add_all(CareTeamMember(care_record_id=record.id, worker_id=who, duty=duty) for who, duty in team.items())
    await session.flush()
    return before


def missing_duties(category: CareCategory, members: Sequence[CareTeamMember]) -> list[str]:
    """The duties that the category wants in a team and nobody has, in the category's order."""
    there = {member.duty for member in members}
    return [duty for duty in category.team_duties if duty not in there]
