"""Teams of volunteers (S1, S9): who keeps them, who belongs to them, what they were trained in, which kit they have."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock
from services.access import Actor
from services.errors import NotAllowed, NotFound, Refusal
from services.models import Area, KitIssue, Organisation, OrganisationMember, Role, Training, Worker

KEEPERS = (Role.MANAGER, Role.COMMUNITY_STAFF)
READERS = (*KEEPERS, Role.DISPATCHER, Role.SUPERVISOR, Role.AUDITOR)


class NotOfTheTeam(Refusal):
    """This worker does not belong to the team of this post. Add the member to the organisation first."""


class KitNotOut(Refusal):
    """This piece of kit was given back already."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A training of several members, held on one day."""

    subject: str
    held_on: date
    hours: float
    worker_ids: Sequence[uuid.UUID] = field(default=())
    valid_until: date | None = None


async def add_member(session: AsyncSession, actor: Actor, organisation_id: uuid.UUID, worker_id: uuid.UUID) -> None:
    """A worker joins a team; twice is once. Raises NotFound, NotAllowed."""
    team = await kept(session, actor, organisation_id)
    if await session.get(Worker, worker_id) is None:
        raise NotFound(worker_id)
    if await session.get(OrganisationMember, (team.id, worker_id)) is None:
        session.add(OrganisationMember(organisation_id=team.id, worker_id=worker_id))
        await session.flush()


async def record_training(
    session: AsyncSession, actor: Actor, organisation_id: uuid.UUID, trained: Trained
) -> list[Training]:
    """Members of a team were trained. Raises NotFound, NotAllowed, NotOfTheTeam."""
    team = await kept(session, actor, organisation_id)
    for worker_id in trained.worker_ids:
        await require_member(session, team.id, worker_id)
    rows = [
        Training(
            worker_id=worker_id,
            area_id=team.area_id,
            subject=trained.subject.strip()[:80],
            held_on=trained.held_on,
            hours=trained.hours,
            valid_until=trained.valid_until,
        )
        for worker_id in trained.worker_ids
    ]
    session.add_all(rows)
    await session.flush()
    return rows


async def issue_kit(
    session: AsyncSession,
    actor: Actor,
    organisation_id: uuid.UUID,
    worker_id: uuid.UUID,
    item: str,
    number: str | None = None,
) -> KitIssue:
    """A member gets a piece of the team's kit. Raises NotFound, NotAllowed, NotOfTheTeam."""
    team = await kept(session, actor, organisation_id)
    await require_member(session, team.id, worker_id)
    row = KitIssue(worker_id=worker_id, area_id=team.area_id, item=item.strip()[:80], issued_on=clock.today())
    row.number = number
    session.add(row)
    await session.flush()
    return row


async def return_kit(session: AsyncSession, actor: Actor, issue_id: uuid.UUID) -> KitIssue:
    """It was given back. Raises NotFound, NotAllowed, KitNotOut."""
    row = await session.get(KitIssue, issue_id, with_for_update=True)
    if row is None:
        raise NotFound(issue_id)
    await require(session, actor, row.area_id)
    if row.returned_on is not None:
        raise KitNotOut
    row.returned_on = clock.today()
    await session.flush()
    return row


async def require_member(session: AsyncSession, organisation_id: uuid.UUID, worker_id: uuid.UUID) -> None:
    """NotOfTheTeam unless the worker belongs to it."""
    if await session.get(OrganisationMember, (organisation_id, worker_id)) is None:
        raise NotOfTheTeam(worker_id)


async def kept(session: AsyncSession, actor: Actor, organisation_id: uuid.UUID) -> Organisation:
    """The team, which the actor keeps. Raises NotFound, NotAllowed."""
    team = await session.get(Organisation, organisation_id)
    if team is None:
        raise NotFound(organisation_id)
    await require(session, actor, team.area_id)
    return team


async def find(session: AsyncSession, actor: Actor, organisation_id: uuid.UUID) -> Organisation:
    """A team, for who leads its area and for its members. Raises NotFound, NotAllowed."""
    team = await session.get(Organisation, organisation_id)
    if team is None:
        raise NotFound(organisation_id)
    member = (organisation_id, actor.worker_id)
    if actor.worker_id is None or await session.get(OrganisationMember, member) is None:
        await require(session, actor, team.area_id, READERS)
    return team


async def led(session: AsyncSession, actor: Actor, area_id: uuid.UUID) -> "sa.Select[uuid.UUID]":
    """The ids of an area and all areas in it, for who leads it. Raises NotFound, NotAllowed."""
    await require(session, actor, area_id, READERS)
    area = await session.get_one(Area, area_id)
    return sa.select(Area.id).where(Area.code.startswith(area.code[: area.level.own_digits]))


def readable(actor: Actor, table: type[Training] | type[KitIssue]) -> sa.ColumnElement[bool]:
    """True for the own rows, and for those of the areas that the actor leads."""
    digits = [one.digits for one in actor.held if one.role in (*READERS, Role.ADMIN)]
    areas_led = sa.select(Area.id).where(sa.or_(sa.false(), *(Area.code.startswith(each) for each in digits)))
    own = table.worker_id == actor.worker_id if actor.worker_id else sa.false()
    return sa.or_(own, table.area_id.in_(areas_led))


async def require(session: AsyncSession, actor: Actor, area_id: uuid.UUID, roles: Sequence[Role] = KEEPERS) -> None:
    """NotAllowed unless one of `roles` is held in the area or above it; NotFound when there is no such area."""
    area = await session.get(Area, area_id)
    if area is None:
        raise NotFound(area_id)
    if not any(one.role in (*roles, Role.ADMIN) and area.code.startswith(one.digits) for one in actor.held):
        raise NotAllowed
