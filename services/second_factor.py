"""The second factor: codes by time (TOTP, RFC 6238) and ten recovery codes, each good once.

The secret is sealed like personal data. A code's time step is kept, so that a code that was looked over a shoulder is
not taken again (RFC 6238, 5.2).
"""

import hashlib
import secrets
from dataclasses import dataclass

import pyotp
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock
from services.errors import Refusal
from services.models.accounts import Account
from services.models.sign_ins import RecoveryCode
from services.sealing import Keyring

PLACE = "accounts.totp"
ISSUER = "Linli"
STEP_SECONDS = 30
STEPS_OFF = 1
CODES = 10


class CodeRefused(Refusal):
    """This code is wrong, over, or was used before. Wait for the next one."""


class SecondFactorStands(Refusal):
    """This account has a second factor already. Remove it first, with one of its codes."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app is shown once: the secret (base32), and the same as an address for a QR code."""

    secret: str
    uri: str


def is_on(account: Account) -> bool:
    """True once a code has shown that the app works."""
    return account.totp_since is not None


def begin(account: Account, keyring: Keyring) -> Enrolment:
    """A new secret, not asked for until `confirm`. Raises SecondFactorStands."""
    if is_on(account):
        raise SecondFactorStands
    secret = pyotp.random_base32()
    account.data_key = account.data_key or keyring.new_data_key()
    account.totp_sealed = keyring.seal(account.data_key, PLACE, secret)
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=account.login, issuer_name=ISSUER))


async def confirm(session: AsyncSession, account: Account, keyring: Keyring, code: str) -> list[str]:
    """From now on it is asked for; the recovery codes, shown this once. Raises CodeRefused, SecondFactorStands."""
    if is_on(account):
        raise SecondFactorStands
    if not _takes(account, keyring, code):
        raise CodeRefused
    account.totp_since = clock.now()
    codes = [f"{secrets.token_hex(3)}-{secrets.token_hex(3)}" for _ in range(CODES)]
    session.add_all(RecoveryCode(account_id=account.id, code_hash=_hash(code)) for code in codes)
    await session.flush()
    return codes


async def take(session: AsyncSession, account: Account, keyring: Keyring, code: str) -> bool:
    """Whether the code is right, by the app or of recovery; then it is used up. `account` is locked by the caller."""
    if _takes(account, keyring, code):
        return True
    unused = (RecoveryCode.account_id == account.id, RecoveryCode.code_hash == _hash(code.strip().lower()))
    used = sa.update(RecoveryCode).where(*unused, RecoveryCode.used_at.is_(None)).values(used_at=clock.now())
    return bool((await session.execute(used)).rowcount)  # type: ignore[attr-defined]


async def remove(session: AsyncSession, account: Account) -> None:
    """No second factor any more."""
    account.totp_sealed = account.totp_since = account.totp_step = None
    await session.execute(sa.delete(RecoveryCode).where(RecoveryCode.account_id == account.id))


def _takes(account: Account, keyring: Keyring, code: str) -> bool:
    secret = keyring.open(account.data_key, PLACE, account.totp_sealed)
    step = None if secret is None else step_of(secret, code, int(clock.now().timestamp()), account.totp_step)
    if step is not None:
        account.totp_step = step
    return step is not None


def step_of(secret: str, code: str, at: int, last: int | None) -> int | None:
    """The time step that `code` belongs to, one step early or late at most and after `last`; None when it is wrong."""
    now, digits = at // STEP_SECONDS, code.strip().replace(" ", "")
    found = None
    for step in range(now - STEPS_OFF, now + STEPS_OFF + 1):
        if secrets.compare_digest(pyotp.TOTP(secret).at(step * STEP_SECONDS).encode(), digits.encode()):
            found = step
    return found if found is not None and (last is None or found > last) else None


def _hash(code: str) -> bytes:
    """48 random bits, each try counted: a fast hash is enough."""
    return hashlib.sha256(code.encode()).digest()
