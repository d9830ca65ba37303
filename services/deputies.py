"""Deputies: during a leave one account holds the roles of another, too. It is seen as whom; it goes no further on.

A deputy of a deputy gets nothing, and a device's role passes to nobody. What a deputy holds so, it cannot give away.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, events
from services.errors import Invalid, NotAllowed, NotFound
from services.models.accounts import Account, Deputy, Role, RoleGrant

LONGEST = timedelta(days=90)


async def standing_grants(
    session: AsyncSession, account_ids: Sequence[uuid.UUID]
) -> defaultdict[uuid.UUID, list[RoleGrant]]:
    """By account, the grants that hold now: its own, and those of whom it stands in for (`account_id` tells whose)."""
    absent = sa.select(Deputy.deputy_id, Deputy.absent_id).join(Account, Account.id == Deputy.absent_id)
    standing = absent.where(Deputy.deputy_id.in_(account_ids), *_lasting(Deputy), Account.disabled_at.is_(None))
    absences = standing.distinct().subquery()
    own = sa.select(RoleGrant.account_id, RoleGrant).where(RoleGrant.account_id.in_(account_ids), *_lasting(RoleGrant))
    passed_on = sa.select(absences.c.deputy_id, RoleGrant).join(absences, absences.c.absent_id == RoleGrant.account_id)
    passed_on = passed_on.where(RoleGrant.role != Role.TERMINAL, *_lasting(RoleGrant))
    found: defaultdict[uuid.UUID, list[RoleGrant]] = defaultdict(list)
    for holder, grant in [*await session.execute(own), *await session.execute(passed_on)]:
        found[holder].append(grant)
    return found


async def own_grants(session: AsyncSession, account_id: uuid.UUID) -> list[RoleGrant]:
    """The account's own grants that hold now."""
    own = sa.select(RoleGrant).where(RoleGrant.account_id == account_id, *_lasting(RoleGrant))
    return list(await session.scalars(own.order_by(RoleGrant.id)))


async def reachable_grants(session: AsyncSession, account_id: uuid.UUID) -> list[RoleGrant]:
    """All that the account can come to hold without anybody's doing: now or later, its own or as a deputy."""
    absent = sa.select(Deputy.absent_id).where(Deputy.deputy_id == account_id, ahead(Deputy))
    whose = sa.or_(RoleGrant.account_id == account_id, RoleGrant.account_id.in_(absent))
    return list(await session.scalars(sa.select(RoleGrant).where(whose, ahead(RoleGrant))))


def absent_ones(account_id: uuid.UUID, grants: Sequence[RoleGrant]) -> tuple[uuid.UUID, ...]:
    """For whom the account stands in, by whose grants these are."""
    return tuple(sorted({grant.account_id for grant in grants} - {account_id}))


async def appoint(
    session: AsyncSession, by: uuid.UUID, absent: Account, deputy: Account, since: datetime, until: datetime
) -> Deputy:
    """`deputy` stands in for `absent`; who may say so is decided before (`grants`). Raises Invalid."""
    _check_span(since, until)
    if absent.id == deputy.id or deputy.terminal_id is not None or deputy.disabled_at is not None:
        raise Invalid(reason="A deputy is another person, whose account is open.")
    row = Deputy(absent_id=absent.id, deputy_id=deputy.id, valid_from=since, valid_to=until, appointed_by=by)
    session.add(row)
    await session.flush()
    await events.wake(session, events.ACCOUNTS, deputy.id)
    return row


async def end(session: AsyncSession, by: uuid.UUID, row: Deputy) -> Deputy:
    """The one who was away is back, or another stands in. NotAllowed when it is over already."""
    now = clock.now()
    if row.valid_to <= now:
        raise NotAllowed
    row.valid_from, row.valid_to = min(row.valid_from, now - timedelta(microseconds=1)), now
    row.ended_by = by
    await session.flush()
    await events.wake(session, events.ACCOUNTS, row.deputy_id)
    return row


async def around(session: AsyncSession, account_id: uuid.UUID) -> list[Deputy]:
    """Who stands in for the account, or it for whom, now or later."""
    either = sa.or_(Deputy.deputy_id == account_id, Deputy.absent_id == account_id)
    return list(await session.scalars(sa.select(Deputy).where(either, ahead(Deputy)).order_by(Deputy.valid_from)))


async def locked(session: AsyncSession, deputy_id: uuid.UUID) -> Deputy:
    """A deputy's row, to be changed. Raises NotFound."""
    row = await session.get(Deputy, deputy_id, with_for_update=True)
    if row is None:
        raise NotFound(deputy_id)
    return row


def _check_span(since: datetime, until: datetime) -> None:
    now = clock.now()
    if not since < until <= since + LONGEST or until <= now:
        raise Invalid(reason=f"A leave ends after it begins, not in the past, {LONGEST.days} days later at most.")


def _lasting(kind: type[Deputy] | type[RoleGrant]) -> tuple["sa.ColumnElement[bool]", "sa.ColumnElement[bool]"]:
    return kind.valid_from <= clock.now(), ahead(kind)


def ahead(kind: type[Deputy] | type[RoleGrant]) -> "sa.ColumnElement[bool]":
    """True for what holds now or will."""
    return sa.or_(kind.valid_to.is_(None), kind.valid_to > clock.now())
