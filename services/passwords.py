"""Passwords: hashed with argon2id, compared in bounded numbers, chosen by the account itself after the first one.

Rules after NIST SP 800-63B, 3.1.1: length and not guessable, no rules on kinds of characters, no expiry.
"""

import asyncio
import secrets
import unicodedata
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.errors import Refusal

LEAST_LENGTH, MOST_LENGTH = 10, 128
LEAST_DIFFERENT = 5
FIRST_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
AT_ONCE = 4

_HASHER = PasswordHasher()
_turn = asyncio.Semaphore(AT_ONCE)
"""Each comparison takes 64 MiB for some tens of milliseconds: a flood of sign-ins must not take the whole machine."""


class PasswordTooWeak(Refusal):
    """A password needs 10 to 128 characters, at least five of them different, without the account's own name in it."""


class PasswordUnchanged(Refusal):
    """The new password is the old one. Choose another."""


def check(password: str, login: str) -> None:
    """PasswordTooWeak when it could be guessed."""
    said = _normal(password)
    long_enough = LEAST_LENGTH <= len(said) <= MOST_LENGTH
    if not long_enough or len(set(said)) < LEAST_DIFFERENT or login.casefold() in said.casefold():
        raise PasswordTooWeak


def first() -> str:
    """A random password to hand over once: four groups of five letters that nobody confuses, some 99 bits."""
    return "-".join("".join(secrets.choice(FIRST_LETTERS) for _ in range(5)) for _ in range(4))


def hashed(password: str) -> str:
    """The argon2id hash to store, with its salt and parameters (RFC 9106); blocks for some tens of milliseconds."""
    return _HASHER.hash(_normal(password))


async def store(password: str) -> str:
    """The same beside the event loop."""
    async with _turn:
        return await asyncio.to_thread(hashed, password)


async def fits(password_hash: str | None, password: str) -> bool:
    """Whether the password belongs to the hash; takes as long when there is none, so that nobody learns who is here."""
    async with _turn:
        return await asyncio.to_thread(_fits, password_hash, password)


def is_outdated(password_hash: str) -> bool:
    """True when today's parameters are stronger than those it was hashed with."""
    return _HASHER.check_needs_rehash(password_hash)


def _fits(password_hash: str | None, password: str) -> bool:
    nobodys = _nobodys()
    try:
        same = _HASHER.verify(password_hash or nobodys, _normal(password[: MOST_LENGTH * 2]))
    except (VerificationError, InvalidHashError):
        return False
    return same and password_hash is not None


def _normal(password: str) -> str:
    """The same characters typed on another keyboard are the same password."""
    return unicodedata.normalize("NFKC", password)


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return hashed(secrets.token_urlsafe())
