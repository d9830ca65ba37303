"""Who gives whom a role: an area for a span of time, and nobody more than one holds oneself.

A manager gives the roles of the daily work inside the own areas; an auditor is appointed by an administrator only, so
that nobody chooses who watches him. What one holds as a deputy, one cannot give away; and nobody gives to himself.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, deputies, events
from services.access import Actor
from services.errors import Invalid, NotAllowed, NotFound
from services.models.accounts import Account, Deputy, Role, RoleGrant
from services.models.areas import Area

DAILY_WORK = frozenset(
    {
        Role.GRID_WORKER,
        Role.VOLUNTEER,
        Role.SOCIAL_WORKER,
        Role.COMMUNITY_STAFF,
        Role.DISPATCHER,
        Role.SUPERVISOR,
        Role.PLANNER,
        Role.MANAGER,
    }
)
GIVES: dict[Role, frozenset[Role]] = {Role.MANAGER: DAILY_WORK, Role.ADMIN: frozenset(Role) - {Role.TERMINAL}}


@dataclass(frozen=True, slots=True)
class Share:
    """A role, where (leading digits of the area's code; empty: everywhere), and until when (None: for good)."""

    role: Role
    place: str
    until: datetime | None


def covers(held: Share, wanted: Share) -> bool:
    """Whether one who holds `held` may give `wanted`: the role by `GIVES`, a place inside, no longer than oneself."""
    lasts = held.until is None or (wanted.until is not None and wanted.until <= held.until)
    return wanted.role in GIVES.get(held.role, ()) and wanted.place.startswith(held.place) and lasts


async def give(
    session: AsyncSession,
    actor: Actor,
    account_id: uuid.UUID,
    role: Role,
    area_id: uuid.UUID | None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> RoleGrant:
    """An account gets a role in an area (None: everywhere). Raises NotAllowed, NotFound, Invalid."""
    begins = since or clock.now()
    if until is not None and until <= max(begins, clock.now()):
        raise Invalid(reason="A role ends after it begins, and not in the past.")
    account = await _account(session, account_id)
    if account.terminal_id is not None or account.id == actor.account_id:
        raise NotAllowed
    place = await place_of(session, area_id)
    _require(await shares_of(session, actor.account_id), [Share(role, place, until)])
    grant = RoleGrant(account_id=account.id, role=role, area_id=area_id, valid_from=begins, valid_to=until)
    grant.granted_by = actor.account_id
    session.add(grant)
    await session.flush()
    await events.wake(session, events.ACCOUNTS, account.id)
    return grant


async def end(session: AsyncSession, actor: Actor, grant_id: uuid.UUID) -> RoleGrant:
    """A role ends now; who could give it can take it. Raises NotAllowed, NotFound."""
    grant = await session.get(RoleGrant, grant_id, with_for_update=True)
    now = clock.now()
    if grant is None or (grant.valid_to is not None and grant.valid_to <= now):
        raise NotFound(grant_id)
    wanted = Share(grant.role, await place_of(session, grant.area_id), now)
    _require(await shares_of(session, actor.account_id), [wanted])
    grant.valid_from, grant.valid_to = min(grant.valid_from, now - timedelta(microseconds=1)), now
    grant.ended_by = actor.account_id
    await session.flush()
    await events.wake(session, events.ACCOUNTS, grant.account_id)
    return grant


async def require_over(session: AsyncSession, actor: Actor, account_id: uuid.UUID) -> None:
    """NotAllowed unless the actor could give all that the account holds, will hold, or holds as a deputy.

    Who may set a password can act as that account. One that holds nothing is an administrator's to change.
    """
    if actor.account_id == account_id:
        raise NotAllowed
    now = clock.now()
    held = await deputies.reachable_grants(session, account_id)
    wanted = [Share(one.role, await place_of(session, one.area_id), now) for one in held]
    _require(await shares_of(session, actor.account_id), wanted or [Share(Role.ADMIN, "", now)])


async def appoint(
    session: AsyncSession,
    actor: Actor,
    absent_id: uuid.UUID,
    deputy_id: uuid.UUID,
    since: datetime,
    until: datetime,
) -> Deputy:
    """A deputy, named by the one who goes away or by a manager, and never by oneself. Raises NotAllowed, NotFound."""
    if deputy_id == actor.account_id:
        raise NotAllowed
    absent, deputy = await _account(session, absent_id), await _account(session, deputy_id)
    if absent_id != actor.account_id:
        await require_over(session, actor, absent_id)
    return await deputies.appoint(session, actor.account_id, absent, deputy, since, until)


async def end_deputy(session: AsyncSession, actor: Actor, id_: uuid.UUID) -> Deputy:
    """The leave is over, said by either of the two or by a manager. Raises NotAllowed, NotFound."""
    row = await deputies.locked(session, id_)
    if actor.account_id not in (row.absent_id, row.deputy_id):
        await require_over(session, actor, row.absent_id)
    return await deputies.end(session, actor.account_id, row)


async def shares_of(session: AsyncSession, account_id: uuid.UUID) -> list[Share]:
    """What an account holds of its own."""
    found = await deputies.own_grants(session, account_id)
    return [Share(one.role, await place_of(session, one.area_id), one.valid_to) for one in found]


async def place_of(session: AsyncSession, area_id: uuid.UUID | None) -> str:
    """An area as leading digits of its code, which its inner areas share; empty for everywhere. Raises NotFound."""
    if area_id is None:
        return ""
    area = await session.get(Area, area_id)
    if area is None:
        raise NotFound(area_id)
    return area.code[: area.level.own_digits]


def _require(own: Sequence[Share], wanted: Sequence[Share]) -> None:
    if not all(any(covers(held, one) for held in own) for one in wanted):
        raise NotAllowed(details={"needs": [Role.MANAGER, Role.ADMIN]})


async def _account(session: AsyncSession, account_id: uuid.UUID) -> Account:
    account = await session.get(Account, account_id)
    if account is None or account.disabled_at is not None:
        raise NotFound(account_id)
    return account
