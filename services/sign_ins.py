"""Sign-ins and their tokens: a short access token, and a refresh token that is good once.

Each refresh gives the next token of a chain. One that comes a second time was stolen, before or after its owner used
it: then the whole sign-in ends (RFC 9700, 4.14.2). Who wants to end one, ends the row: the row decides everywhere, and
a wake-up lets open sockets look at once.
"""

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, events, tokens
from services.database import Database
from services.errors import Refusal
from services.models.accounts import Account
from services.models.sign_ins import RefreshToken, SignIn, SignInEnd, SignInMethod

ACCESS = timedelta(minutes=15)
REFRESH = timedelta(days=7)
LONGEST = timedelta(days=30)


class RefreshRefused(Refusal):
    """This refresh token is unknown, over, or was used before. Sign in again."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client holds while it is signed in; the refresh token is shown this once."""

    account_id: uuid.UUID
    access: str
    access_expires_at: datetime
    refresh: str
    refresh_expires_at: datetime


async def begin(session: AsyncSession, account_id: uuid.UUID, method: SignInMethod, secret: bytes) -> Tokens:
    """A new sign-in of an account that has proved who it is; those that are over for good are deleted."""
    now = clock.now()
    await _tidy(session, account_id)
    sign_in = SignIn(account_id=account_id, method=method, begun_at=now, expires_at=now + LONGEST)
    session.add(sign_in)
    await session.flush()
    return await _tokens(session, sign_in, secret)


async def again(database: Database, token: str, secret: bytes) -> Tokens:
    """The next tokens for a refresh token. RefreshRefused; when it was used before, its sign-in has ended with that."""
    async with database.write() as session:
        found = await _next(session, token, secret)
    if found is None:
        raise RefreshRefused
    return found


async def end(session: AsyncSession, account_id: uuid.UUID, because: SignInEnd, only: uuid.UUID | None = None) -> int:
    """End the sign-ins of an account, or `only` one of them; how many. Their sockets close when this is committed."""
    standing = sa.update(SignIn).where(SignIn.account_id == account_id, SignIn.ended_at.is_(None))
    if only is not None:
        standing = standing.where(SignIn.id == only)
    ended = await session.execute(standing.values(ended_at=clock.now(), ended_because=because))
    await events.wake(session, events.ACCOUNTS, account_id)
    return int(ended.rowcount)  # type: ignore[attr-defined]


async def stands(session: AsyncSession, sign_in_id: uuid.UUID) -> bool:
    """True while the sign-in has neither ended nor expired."""
    return sign_in_id in await standing(session, [sign_in_id])


async def standing(session: AsyncSession, sign_in_ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the sign-ins that have neither ended nor expired."""
    still = (SignIn.id.in_(sign_in_ids), SignIn.ended_at.is_(None), SignIn.expires_at > clock.now())
    return set(await session.scalars(sa.select(SignIn.id).where(*still)))


async def of_token(session: AsyncSession, token: str) -> SignIn | None:
    """The sign-in that a refresh token belongs to, used or not."""
    chain = sa.select(SignIn).join(RefreshToken, RefreshToken.sign_in_id == SignIn.id)
    return (await session.scalars(chain.where(RefreshToken.token_hash == _hash(token)))).one_or_none()


async def _tidy(session: AsyncSession, account_id: uuid.UUID) -> None:
    """Once a sign-in has expired, nothing is left to tell by its tokens."""
    over = sa.select(SignIn.id).where(SignIn.account_id == account_id, SignIn.expires_at <= clock.now())
    await session.execute(sa.delete(RefreshToken).where(RefreshToken.sign_in_id.in_(over)))
    await session.execute(sa.delete(SignIn).where(SignIn.account_id == account_id, SignIn.expires_at <= clock.now()))


async def _next(session: AsyncSession, token: str, secret: bytes) -> Tokens | None:
    """The next tokens; None when refused, with the sign-in ended if the token was used before."""
    held = sa.select(RefreshToken).where(RefreshToken.token_hash == _hash(token)).with_for_update()
    row = (await session.scalars(held)).one_or_none()
    if row is None:
        return None
    sign_in = await session.get_one(SignIn, row.sign_in_id)
    if row.used_at is not None:
        await end(session, sign_in.account_id, SignInEnd.REUSED, only=sign_in.id)
        return None
    account = await session.get_one(Account, sign_in.account_id)
    if row.expires_at <= clock.now() or not await stands(session, sign_in.id) or account.disabled_at is not None:
        return None
    row.used_at = clock.now()
    return await _tokens(session, sign_in, secret)


async def _tokens(session: AsyncSession, sign_in: SignIn, secret: bytes) -> Tokens:
    now, refresh = clock.now(), secrets.token_urlsafe(32)
    until = min(now + REFRESH, sign_in.expires_at)
    session.add(RefreshToken(token_hash=_hash(refresh), sign_in_id=sign_in.id, expires_at=until))
    await session.flush()
    access = tokens.issue(sign_in.account_id, secret, ACCESS, sign_in.id)
    return Tokens(sign_in.account_id, access, now + ACCESS, refresh, until)


def _hash(token: str) -> bytes:
    """Of 256 random bits: nothing slower is needed."""
    return hashlib.sha256(token.encode()).digest()
