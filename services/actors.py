"""Looking actors up: many accounts in the few selects of one, since those who hold a line are looked up together."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, deputies
from services.access import Actor, Held, reach
from services.errors import NotSignedIn
from services.models import Account, Area, AreaLevel, Call, Role, RoleGrant
from services.models.areas import grids_within
from services.models.calls import is_open
from services.models.openings import standing_for
from services.policy import FieldClass, Right, Thing

Ids: TypeAlias = Sequence[uuid.UUID]


async def actor_of(session: AsyncSession, account_id: uuid.UUID) -> Actor:
    """The actor behind an account, with the rights that hold now; NotSignedIn when it is gone or disabled."""
    found = await actors_of(session, [account_id])
    if account_id not in found:
        raise NotSignedIn
    return found[account_id]


async def actors_of(session: AsyncSession, account_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Actor]:
    """The actors behind those of the accounts that are there and open, with the rights that hold now."""
    wanted = sa.select(Account).where(Account.id.in_(account_ids), Account.disabled_at.is_(None))
    accounts = (await session.scalars(wanted)).all()
    grants = await deputies.standing_grants(session, [account.id for account in accounts])
    held = await _held(session, [grant for some in grants.values() for grant in some])
    people = [account for account in accounts if account.terminal_id is None]
    homes = await _homes_in_hand(session, people)
    return {account.id: _actor(account, grants[account.id], held, homes.get(account.id, ())) for account in accounts}


def _actor(account: Account, grants: Sequence[RoleGrant], known: Mapping[uuid.UUID, Held], homes: Ids) -> Actor:
    people = [grant for grant in grants if grant.role is not Role.TERMINAL]  # a device finds nobody
    held = tuple(known[grant.id] for grant in sorted(people, key=_nearness) if grant.id in known)
    return Actor(
        account_id=account.id,
        name=account.name,
        roles=frozenset(grant.role for grant in grants),
        area_ids=tuple(grant.area_id for grant in grants if grant.area_id is not None),
        grid_ids=tuple(dict.fromkeys(grid for one in held for grid in one.grid_ids)),
        worker_id=account.worker_id,
        terminal_id=account.terminal_id,
        everywhere=any(grant.area_id is None for grant in people),
        home_ids=tuple(homes),
        held=held,
        finds=reach(held, Thing.HOUSEHOLD, FieldClass.PUBLIC, Right.MASK),
        cares=reach(held, Thing.CARE, FieldClass.SENSITIVE, Right.ALLOW),
        names=reach(held, Thing.RESIDENT, FieldClass.PERSONAL, Right.ALLOW),
        deputy_for=deputies.absent_ones(account.id, grants),
    )


def _nearness(grant: RoleGrant) -> bool:
    return grant.area_id is not None


async def _held(session: AsyncSession, grants: Iterable[RoleGrant]) -> dict[uuid.UUID, Held]:
    """By grant: as the policy looks at it, with the grids of today."""
    grants = list(grants)
    areas = await _areas(session, {grant.area_id for grant in grants if grant.area_id is not None})
    everywhere = {grant.id: Held(grant.role, None) for grant in grants if grant.area_id is None}
    near = {grant.id: _near(grant.role, *areas[grant.area_id]) for grant in grants if grant.area_id in areas}
    return everywhere | near


def _near(role: Role, level: AreaLevel, code: str, grid_ids: Ids) -> Held:
    return Held(role, level, tuple(grid_ids), code[: level.own_digits])


async def _areas(session: AsyncSession, area_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[AreaLevel, str, Ids]]:
    """By id: level, code and the ids of today's grids within."""
    wanted = list(area_ids)
    if not wanted:
        return {}
    areas = (await session.execute(sa.select(Area.id, Area.level, Area.code).where(Area.id.in_(wanted)))).all()
    inside = sa.or_(sa.false(), *(grids_within(code) for code in {row.code for row in areas}))
    grids = (await session.execute(sa.select(Area.id, Area.code).where(inside))).all()
    return {
        id_: (level, code, [grid for grid, own in grids if own.startswith(code[: level.own_digits])])
        for id_, level, code in areas
    }


async def _homes_in_hand(session: AsyncSession, accounts: Sequence[Account]) -> Mapping[uuid.UUID, Ids]:
    """By account: the homes of the open calls that it holds as a worker, or has claimed at the desk; opened homes."""
    if not accounts:
        return {}
    people = [account.id for account in accounts]
    by_worker = {account.worker_id: account.id for account in accounts if account.worker_id}
    mine = sa.or_(Call.claimed_by.in_(people), Call.holder_id.in_(list(by_worker)))
    calls = sa.select(Call.household_id, Call.claimed_by, Call.holder_id).where(is_open(), mine)
    found: defaultdict[uuid.UUID, dict[uuid.UUID, None]] = defaultdict(dict)
    for home, claimed_by, holder_id in await session.execute(calls):
        for account_id in {claimed_by, by_worker.get(holder_id) if holder_id else None}.intersection(people):
            if home is not None and account_id is not None:
                found[account_id][home] = None
    for account_id, home in await session.execute(standing_for(people, clock.now())):
        found[account_id][home] = None
    return {account_id: list(homes) for account_id, homes in found.items()}
