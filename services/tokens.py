"""Bearer tokens: short-lived, signed with one fixed algorithm, carrying ids and nothing about a person."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

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
AUDIENCE = "linli-api"
LIFETIME = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Claims:
    """For which account a token speaks, and by which sign-in; a token that was printed by command has none."""

    account_id: uuid.UUID
    sign_in_id: uuid.UUID | None = None


def issue(
    account_id: uuid.UUID, secret: bytes, lifetime: timedelta = LIFETIME, sign_in_id: uuid.UUID | None = None
) -> str:
    """A signed token for the account, valid from now for `lifetime` and no longer than its sign-in stands."""
    more = {"sid": str(sign_in_id)} if sign_in_id else {}
    return signed({"sub": str(account_id), **more}, AUDIENCE, secret, lifetime)


def read(token: str, secret: bytes) -> Claims:
    """Whom the token speaks for; NotSignedIn when it is forged, foreign, meant for something else, or over."""
    claims = verified(token, AUDIENCE, secret)
    try:
        return Claims(uuid.UUID(claims["sub"]), uuid.UUID(claims["sid"]) if "sid" in claims else None)
    except (ValueError, TypeError, AttributeError):
        raise NotSignedIn from None


def account_of(token: str, secret: bytes) -> uuid.UUID:
    """The account that the token speaks for."""
    return read(token, secret).account_id


def signed(claims: dict[str, Any], audience: str, secret: bytes, lifetime: timedelta) -> str:
    """Claims signed for one purpose, the `audience`, valid from now for `lifetime`."""
    now = int(clock.now().timestamp())
    times = {"iss": ISSUER, "aud": audience, "iat": now, "exp": now + int(lifetime.total_seconds())}
    return jwt.encode({"alg": ALGORITHM}, {**claims, **times}, OctKey.import_key(secret))


def verified(token: str, audience: str, secret: bytes) -> dict[str, Any]:
    """The claims of a token of ours for this purpose; NotSignedIn otherwise."""
    try:
        claims = jwt.decode(token, OctKey.import_key(secret), algorithms=[ALGORITHM]).claims
        jwt.JWTClaimsRegistry(
            now=lambda: int(clock.now().timestamp()),
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": audience},
            sub={"essential": True},
            exp={"essential": True},
        ).validate(claims)
    except (JoseError, ValueError):
        raise NotSignedIn from None
    return claims


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
