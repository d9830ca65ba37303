"""Whether it is really the terminal that it names: its own key, or its own token, or a gateway that speaks for many."""

import hmac
import os
import uuid
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services import clock
from services.access import Actor
from services.errors import Refusal
from services.models.accounts import Role
from services.models.terminal_keys import TerminalKey
from services.origins import SealedKey
from services.sealing import Keyring

PLACE = "terminal_keys.key"
KEY_BYTES = 32


class PressNotAuthentic(Refusal):
    """This is not signed by the terminal that it names. Sign with that terminal's own key, or use its own token."""


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
    terminal_id: uuid.UUID | None, key: SealedKey | None, proof: Proof, keyring: Keyring, *parts: str
) -> None:
    """PressNotAuthentic unless the proof fits the terminal (None: unknown here, so only a gateway may speak for it)."""
    if isinstance(proof, Actor):
        own = terminal_id is not None and proof.terminal_id == terminal_id
        authentic = own or is_gateway(proof)
    else:
        secret = opened(keyring, key) if key else b""
        authentic = bool(secret) and hmac.compare_digest(signature(secret, *parts, proof.time), proof.signature.lower())
    if not authentic:
        raise PressNotAuthentic


def is_gateway(actor: Actor) -> bool:
    """True for an account that speaks for terminals and is none itself."""
    return actor.terminal_id is None and Role.TERMINAL in actor.roles


async def give(session: AsyncSession, keyring: Keyring, terminal_id: uuid.UUID) -> bytes:
    """A new key for a terminal, shown this once; what it had before is no longer good."""
    key, data_key = os.urandom(KEY_BYTES), keyring.new_data_key()
    sealed = keyring.seal(data_key, PLACE, key.hex())
    await session.merge(TerminalKey(terminal_id=terminal_id, data_key=data_key, key_sealed=sealed, made_at=clock.now()))
    await session.flush()
    return key


def opened(keyring: Keyring, row: SealedKey) -> bytes:
    """The key itself."""
    return bytes.fromhex(keyring.open(row.data_key, PLACE, row.key_sealed) or "")
