"""Bearer tokens: short-lived, signed with one fixed algorithm, carrying the account's id and nothing about a person."""

import uuid
from datetime import timedelta

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock
from services.errors import NotFound, NotSignedIn
from services.models import Account, Role, Terminal

ALGORITHM = "HS256"
ISSUER = "linli"
LIFETIME = timedelta(hours=12)


def issue(account_id: uuid.UUID, secret: bytes, lifetime: timedelta = LIFETIME) -> str:
    """A signed token for the account, valid from now for `lifetime`."""
    now = int(clock.now().timestamp())
    claims = {"iss": ISSUER, "sub": str(account_id), "iat": now, "exp": now + int(lifetime.total_seconds())}
    return jwt.encode({"alg": ALGORITHM}, claims, OctKey.import_key(secret))


def account_of(token: str, secret: bytes) -> uuid.UUID:
    """The account that the token speaks for; NotSignedIn when it is forged, foreign or over."""
    try:
        claims = jwt.decode(token, OctKey.import_key(secret), algorithms=[ALGORITHM]).claims
        jwt.JWTClaimsRegistry(
            now=lambda: int(clock.now().timestamp()),
            iss={"essential": True, "value": ISSUER},
            sub={"essential": True},
            exp={"essential": True},
        ).validate(claims)
        return uuid.UUID(claims["sub"])
    except (JoseError, ValueError):
        raise NotSignedIn from None


def demo_login(role: Role) -> str:
    """The login of the demo town's user with this role."""
    return f"demo-{role.value.lower().replace('_', '-')}"


async def issue_for_role(session: AsyncSession, role: Role, secret: bytes, serial: str | None = None) -> str:
    """A token of the demo user with `role`; for TERMINAL, of the device with `serial`. NotFound when there is none."""
    wanted = select(Account.id).where(Account.login == demo_login(role))
    if role is Role.TERMINAL:
        wanted = select(Account.id).join(Terminal, Account.terminal_id == Terminal.id).where(Terminal.serial == serial)
    account_id = await session.scalar(wanted)
    if account_id is None:
        raise NotFound(serial or demo_login(role))
    return issue(account_id, secret)
