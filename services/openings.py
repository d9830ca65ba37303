"""Break-glass: who must see a household outside the own area says why, sees it for some hours, and answers for it."""

import uuid
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, outbox, settings
from services.access import Actor
from services.errors import Invalid, NotAllowed, NotFound
from services.models import Account, Area, AreaLevel, Household, Opening, OpeningVerdict, Recipient, Role, RoleGrant
from services.models.base import new_id
from services.sealing import Keyring

OPENERS = (
    Role.GRID_WORKER,
    Role.SOCIAL_WORKER,
    Role.COMMUNITY_STAFF,
    Role.DISPATCHER,
    Role.SUPERVISOR,
    Role.MANAGER,
)
REVIEWERS = (Role.SUPERVISOR, Role.MANAGER)
SEERS = (*REVIEWERS, Role.AUDITOR)
PART = "break-glass"
"""Opens as this part of the platform: who breaks a seal cannot see the household yet."""

PLACE = "openings.reason"
LONGEST_REASON = 1000
TEMPLATE = "SEAL_BROKEN"


class ReasonTooShort(Invalid):
    """Say in at least {least} characters why this file must be opened; a supervisor will read it."""


class OwnOpening(NotAllowed):
    """Whoever opened a file does not review it. Ask another supervisor."""


class ReviewedAlready(Invalid):
    """This opening was reviewed before."""


def checked_reason(reason: str, least: int) -> str:
    """The reason as it is kept: spaces squeezed, long enough and not one letter over and over. ReasonTooShort."""
    text = " ".join(reason.split())[:LONGEST_REASON]
    if len(text) < least or len(set(text)) < min(least, 5):
        raise ReasonTooShort(least=least)
    return text


async def open_sealed(
    session: AsyncSession, actor: Actor, keyring: Keyring, household_id: uuid.UUID, reason: str
) -> Opening:
    """Open a household's file for `settings.opening_hours`; its supervisors are told in the same transaction.

    `session` speaks for `PART`. Raises NotAllowed, ReasonTooShort, NotFound.
    """
    actor.require(*OPENERS)
    now, given = clock.now(), settings.current()
    text = checked_reason(reason, given.opening_reason_length)
    household = await session.get(Household, household_id)
    if household is None or household.closed_at is not None:
        raise NotFound(household_id)
    key = keyring.new_data_key()
    sealed = keyring.seal(key, PLACE, text)
    assert sealed is not None
    opening = Opening(
        id=new_id(),
        household_id=household.id,
        grid_id=household.grid_id,
        account_id=actor.account_id,
        data_key=key,
        reason_sealed=sealed,
        opened_at=now,
        expires_at=now + timedelta(hours=given.opening_hours),
    )
    session.add(opening)
    await session.flush()
    await _tell_supervisors(session, opening)
    return opening


async def review(session: AsyncSession, actor: Actor, opening_id: uuid.UUID, verdict: OpeningVerdict) -> Opening:
    """Somebody else says whether an opening was right. Raises NotAllowed, NotFound, OwnOpening, ReviewedAlready."""
    actor.require(*REVIEWERS)
    opening = await session.get(Opening, opening_id, with_for_update=True)
    if opening is None or not holds(actor, opening.grid_id, *REVIEWERS):
        raise NotFound(opening_id)
    if opening.account_id == actor.account_id:
        raise OwnOpening
    if opening.reviewed_at is not None:
        raise ReviewedAlready
    opening.reviewed_at, opening.reviewed_by, opening.verdict = clock.now(), actor.account_id, verdict
    await session.flush()
    return opening


def unreviewed(actor: Actor) -> sa.Select[Opening]:
    """Openings that nobody has reviewed, of households in the areas where the actor may look at them."""
    actor.require(*SEERS)
    waiting = sa.select(Opening).where(Opening.reviewed_at.is_(None))
    grids, everywhere = grids_of(actor, *SEERS)
    return waiting if everywhere else waiting.where(Opening.grid_id.in_(grids))


def holds(actor: Actor, grid_id: uuid.UUID | None, *roles: Role) -> bool:
    """Whether the actor holds one of the roles (or ADMIN) where the grid lies."""
    grids, everywhere = grids_of(actor, *roles)
    return everywhere or grid_id in grids


def grids_of(actor: Actor, *roles: Role) -> tuple[list[uuid.UUID], bool]:
    """The grids in which the actor holds one of the roles (or ADMIN), and whether one is held everywhere."""
    fitting = [held for held in actor.held if held.role in (*roles, Role.ADMIN)]
    grids = dict.fromkeys(grid for held in fitting for grid in held.grid_ids)
    return list(grids), any(held.level is None for held in fitting)


async def _tell_supervisors(session: AsyncSession, opening: Opening) -> None:
    """A message to the desk of the area, and to each supervisor who has a phone here: ids only."""
    body = {"opening": str(opening.id), "household": str(opening.household_id), "account": str(opening.account_id)}
    grid = await session.get_one(Area, opening.grid_id)
    await outbox.put(session, f"opening:{opening.id}", Recipient.AREA_STAFF, grid.parent_id, TEMPLATE, body)
    for worker_id in await _supervisors(session, grid):
        await outbox.put(session, f"opening:{opening.id}:{worker_id}", Recipient.WORKER, worker_id, TEMPLATE, body)


async def _supervisors(session: AsyncSession, grid: Area) -> list[uuid.UUID]:
    """Workers whose account is a supervisor's in the grid, above it, or everywhere."""
    codes = [grid.code, *(grid.code[: level.own_digits].ljust(12, "0") for level in AreaLevel if level.own_digits < 15)]
    above = sa.select(Area.id).where(Area.retired_at.is_(None), Area.code.in_(codes))
    now = clock.now()
    wanted = (
        sa.select(Account.worker_id)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(RoleGrant.role == Role.SUPERVISOR, Account.worker_id.is_not(None), Account.disabled_at.is_(None))
        .where(RoleGrant.valid_from <= now, sa.or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > now))
        .where(sa.or_(RoleGrant.area_id.is_(None), RoleGrant.area_id.in_(above)))
        .distinct()
    )
    return [found for found in await session.scalars(wanted) if found is not None]
