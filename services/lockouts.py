"""Lock-outs: who tries in vain waits longer each time; counted for a login whether or not it is there, and an address.

An attempt counts as vain before it is looked at, and is given back when it was right. So a hundred attempts at once are
counted as a hundred. Only keyed hashes of logins and addresses are stored.
"""

import hmac
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock
from services.errors import Refusal
from services.models.sign_ins import Lockout

FORGOTTEN_AFTER = timedelta(days=1)


class SignInLocked(Refusal):
    """Too many attempts. Wait {retry_seconds} seconds, then try again."""


@dataclass(frozen=True, slots=True)
class Patience:
    """So many attempts are free; after them the delay begins at a second and doubles up to `most_seconds`."""

    free: int
    most_seconds: int


LOGIN = Patience(free=5, most_seconds=300)
ADDRESS = Patience(free=50, most_seconds=900)
SECOND_FACTOR = Patience(free=5, most_seconds=900)
"""A login's delay stays short: otherwise anybody could keep a dispatcher out of the duty desk by guessing."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What an attempt is counted under."""

    key: bytes
    patience: Patience


def by_login(secret: bytes, login: str) -> Counted:
    """Of a login."""
    return Counted(_key(secret, "login", login.casefold()), LOGIN)


def by_address(secret: bytes, address: str) -> Counted:
    """Of an address."""
    return Counted(_key(secret, "address", address), ADDRESS)


def by_second_factor(secret: bytes, account_id: object) -> Counted:
    """Of an account's second factor."""
    return Counted(_key(secret, "second factor", str(account_id)), SECOND_FACTOR)


def delay(failures: int, patience: Patience) -> timedelta:
    """How long to wait after so many vain attempts: 0 while they are free, then 1, 2, 4, ... seconds."""
    over = failures - patience.free
    seconds = 0 if over < 0 else min(2 ** min(over, 30), patience.most_seconds)
    return timedelta(seconds=seconds)


async def attempt(session: AsyncSession, *counted: Counted) -> None:
    """Count an attempt, in a transaction of its own; SignInLocked, uncounted, while one of them is to wait.

    Give login before address, as everybody does, so that no two wait for each other.
    """
    now = clock.now()
    for one in counted:
        row = await _held(session, one.key, now)
        if row.locked_until is not None and row.locked_until > now:
            raise SignInLocked(retry_seconds=math.ceil((row.locked_until - now).total_seconds()))
        row.failures = 1 if now - row.tried_at > FORGOTTEN_AFTER else row.failures + 1
        row.tried_at = now
        row.locked_until = now + delay(row.failures, one.patience)


async def forget(session: AsyncSession, counted: Counted) -> None:
    """It was right: nothing counts any more."""
    await session.execute(sa.delete(Lockout).where(Lockout.key == counted.key))


async def give_back(session: AsyncSession, counted: Counted) -> None:
    """It was right: this attempt does not count; the vain ones of others at the same address still do."""
    gone = {"failures": sa.func.greatest(Lockout.failures - 1, 0), "locked_until": None}
    await session.execute(sa.update(Lockout).where(Lockout.key == counted.key).values(gone))


async def tidy(session: AsyncSession) -> None:
    """What is forgotten is deleted, save what somebody is counting just now."""
    stale = sa.select(Lockout.key).where(Lockout.tried_at < clock.now() - FORGOTTEN_AFTER)
    await session.execute(sa.delete(Lockout).where(Lockout.key.in_(stale.with_for_update(skip_locked=True))))


async def _held(session: AsyncSession, key: bytes, now: datetime) -> Lockout:
    fresh = insert(Lockout).values(key=key, failures=0, tried_at=now)
    await session.execute(fresh.on_conflict_do_nothing())
    return (await session.scalars(sa.select(Lockout).where(Lockout.key == key).with_for_update())).one()


def _key(secret: bytes, kind: str, value: str) -> bytes:
    return hmac.digest(secret, f"lockout\n{kind}\n{value}".encode(), "sha256")
