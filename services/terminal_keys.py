"""Whether it is really the terminal that it names: its own key, or its own token, or a gateway that speaks for many."""

import hmac
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock
from services.access import Actor, visible
from services.errors import NotFound, Refusal
from services.models.accounts import Role
from services.models.households import Household
from services.models.terminal_keys import TerminalKey
from services.models.terminals import Terminal
from services.origins import SealedKey
from services.sealing import Keyring

PLACE = "terminal_keys.key"
KEY_BYTES = 32
A_DAY = timedelta(days=1)
LONGEST_GRACE = timedelta(hours=720)


class PressNotAuthentic(Refusal):
    """This is not signed by the terminal that it names. Sign with that terminal's own key, or use its own token."""


class GraceTooLong(Refusal):
    """The former key may stay good for 0 to 720 hours."""


@dataclass(frozen=True, slots=True)
class Signed:
    """Proof by the terminal's own key: the signature (hex), and the time exactly as the terminal wrote it."""

    signature: str
    time: str = ""


Proof = Actor | Signed


def signature(key: bytes, *parts: str) -> str:
    """The HMAC-SHA256 (hex, RFC 2104) over `parts`, a line each.

    A press signs serial, reference, button and its own time; a heartbeat serial, the word `heartbeat`, the battery
    percentage (empty when not known) and its own time.
    """
    return hmac.digest(key, "\n".join(parts).encode(), "sha256").hex()


def authenticate(
    terminal_id: uuid.UUID | None, keys: Sequence[SealedKey], proof: Proof, keyring: Keyring, *parts: str
) -> None:
    """PressNotAuthentic unless the proof fits the terminal (None: unknown here, so only a gateway may speak for it).

    `keys` are those that are good now.
    """
    if isinstance(proof, Actor):
        own = terminal_id is not None and proof.terminal_id == terminal_id
        authentic = own or is_gateway(proof)
    else:
        given = proof.signature.lower().encode()
        secrets = (opened(keyring, key) for key in keys)
        made = (signature(secret, *parts, proof.time).encode() for secret in secrets if secret)
        authentic = any(hmac.compare_digest(one, given) for one in made)
    if not authentic:
        raise PressNotAuthentic


def is_gateway(actor: Actor) -> bool:
    """True for an account that speaks for terminals and is none itself."""
    return actor.terminal_id is None and Role.TERMINAL in actor.roles


async def give(session: AsyncSession, keyring: Keyring, terminal_id: uuid.UUID) -> bytes:
    """A new key for a terminal, shown this once; what it had before is no longer good."""
    key, data_key = os.urandom(KEY_BYTES), keyring.new_data_key()
    own = {"data_key": data_key, "key_sealed": keyring.seal(data_key, PLACE, key.hex()), "made_at": clock.now()}
    none = {"former_data_key": None, "former_sealed": None, "former_until": None}
    await session.merge(TerminalKey(terminal_id=terminal_id, **own, **none))
    await session.flush()
    return key


async def rotate(
    session: AsyncSession, keyring: Keyring, actor: Actor, terminal_id: uuid.UUID, former_good_for: timedelta = A_DAY
) -> tuple[bytes, TerminalKey]:
    """A new key for a terminal, shown this once, and its row; the one before it stays good for a while.

    So the terminal can be given the new key before the old one ends; for one that was stolen `former_good_for` is zero.
    Raises NotAllowed, NotFound, GraceTooLong.
    """
    actor.require(Role.MANAGER)
    if not timedelta() <= former_good_for <= LONGEST_GRACE:
        raise GraceTooLong
    joined = sa.select(Terminal.id).outerjoin(Household, Household.id == Terminal.household_id)
    if await session.scalar(visible(joined.where(Terminal.id == terminal_id), actor)) is None:
        raise NotFound(terminal_id)
    before = await session.get(TerminalKey, terminal_id, with_for_update=True)
    former = (before.data_key, before.key_sealed) if before and former_good_for else (None, None)
    key = await give(session, keyring, terminal_id)
    row = await session.get_one(TerminalKey, terminal_id, populate_existing=True)
    row.former_data_key, row.former_sealed = former
    row.former_until = clock.now() + former_good_for if former_good_for and before else None
    await session.flush()
    return key, row


def opened(keyring: Keyring, row: SealedKey) -> bytes:
    """The key itself."""
    return bytes.fromhex(keyring.open(row.data_key, PLACE, row.key_sealed) or "")
