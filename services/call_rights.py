"""Who may see which calls: the staff of the call's areas, and the worker who is being asked or has taken it."""

import uuid

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession

from services.access import Actor, Selected
from services.errors import NotAllowed, NotFound
from services.models import Area, AreaLevel, Call, Household, Offer, Role
from services.models.areas import grids_within
from services.models.offers import binding

STAFF = (
    Role.GRID_WORKER,
    Role.SOCIAL_WORKER,
    Role.COMMUNITY_STAFF,
    Role.MANAGER,
    Role.DISPATCHER,
    Role.SUPERVISOR,
    Role.AUDITOR,
)
WATCHERS_OF_WORKERS = (Role.COMMUNITY_STAFF, Role.MANAGER, Role.DISPATCHER, Role.SUPERVISOR)


class WorkersOnly(NotAllowed):
    """This is for workers only: sign in with the account of a worker."""


def visible_calls(select: Selected, actor: Actor) -> Selected:
    """A select on calls, narrowed to those that the actor may see. A device sees none."""
    is_staff = bool(actor.roles & {*STAFF, Role.ADMIN}) and actor.terminal_id is None
    if actor.everywhere and is_staff:
        return select
    areas = sa.type_coerce(Call.area_ids, postgresql.ARRAY(sa.Uuid))
    own = areas.overlap(list(actor.area_ids)) if is_staff else sa.false()
    return select.where(sa.or_(own, asked_of(actor.worker_id)))


def visible_homes(select: Selected, actor: Actor) -> Selected:
    """A select that joins calls and households, narrowed to homes of the own areas and of calls that ask the actor."""
    if actor.everywhere:
        return select
    own = Household.grid_id.in_(actor.grid_ids)
    return select.where(sa.or_(own, Household.id.in_(actor.home_ids), asked_of(actor.worker_id)))


def asked_of(worker_id: uuid.UUID | None) -> sa.ColumnElement[bool]:
    """True for calls that are offered to the worker or that he has accepted."""
    if worker_id is None:
        return sa.false()
    return Call.id.in_(sa.select(Offer.call_id).where(Offer.worker_id == worker_id, binding()))


def worker_of(actor: Actor) -> uuid.UUID:
    """The worker who speaks. Raises WorkersOnly."""
    if actor.worker_id is None:
        raise WorkersOnly
    return actor.worker_id


async def require_area(session: AsyncSession, actor: Actor, area_id: uuid.UUID, *roles: Role) -> Area:
    """The area, when one of the roles is held and all of it lies in the actor's. Raises NotAllowed, NotFound."""
    actor.require(*roles)
    area = await session.get(Area, area_id)
    if area is None or actor.terminal_id is not None:
        raise NotFound(area_id)
    if not actor.everywhere and area_id not in actor.area_ids:
        grids = sa.select(Area.id).where(grids_within(area.code), Area.level == AreaLevel.GRID)
        inside = set(await session.scalars(grids))
        if not inside or not inside <= set(actor.grid_ids):
            raise NotFound(area_id)
    return area
