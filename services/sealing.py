"""Sealing: names, phones, identity numbers and notes are encrypted under a data key of their own record.

Envelope encryption with AES-256-GCM (NIST SP 800-38D): each record has a random data key, kept beside it wrapped under
a key that lives outside the database; each field is bound to its place by associated data, so that a sealed value moved
to another column or row does not open. An exact value is found by a blind index, an HMAC-SHA256 under a third key.
"""

import hashlib
import hmac
import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.errors import Refusal

NONCE_BYTES = 12
KEY_BYTES = 32
INDEX_BYTES = 16


class SealBroken(Refusal):
    """A sealed value cannot be opened: the key is not the one it was sealed under, or the value was altered."""


@dataclass(frozen=True)
class Keyring:
    """The keys outside the database: numbered wrapping keys (the highest seals anew), blind-index keys, the log's key.

    While keys are rotated (`services.rotation`) rows still carry the index of a former secret: `older_index_keys`.
    """

    wrapping: dict[int, bytes] = field(repr=False)
    index_key: bytes = field(repr=False)
    older_index_keys: tuple[bytes, ...] = field(default=(), repr=False)
    log_key: bytes = field(default=b"", repr=False)

    @classmethod
    def from_secret(cls, secret: bytes, generation: int = 1) -> "Keyring":
        """One secret as a keyring; wrapping and index keys are derived apart from each other."""
        index_key, log_key = _derive(secret, b"blind index"), _derive(secret, b"read log")
        return cls({generation: _derive(secret, b"wrapping")}, index_key, log_key=log_key)

    @classmethod
    def from_secrets(cls, secrets: Mapping[int, bytes], log_secret: bytes) -> "Keyring":
        """Several secrets by generation as a keyring: the newest seals anew, the others still open."""
        wrapping = {number: _derive(secret, b"wrapping") for number, secret in secrets.items()}
        *older, index_key = (_derive(secrets[number], b"blind index") for number in sorted(secrets))
        return cls(wrapping, index_key, tuple(older), _derive(log_secret, b"read log"))

    @property
    def generation(self) -> int:
        """The wrapping key that seals new records."""
        return max(self.wrapping)

    @property
    def lasting_key(self) -> bytes:
        """For what must stay the same when secrets are rotated (masked places, tracking codes); from the log's key."""
        return _derive(self.log_key, b"lasting")

    def new_data_key(self) -> bytes:
        """A fresh data key, wrapped: 1 byte of generation, nonce, ciphertext (61 bytes)."""
        return self.wrap(AESGCM.generate_key(256))

    def wrap(self, data_key: bytes) -> bytes:
        """`data_key` (32 bytes) under the newest wrapping key."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(self.wrapping[self.generation]).encrypt(nonce, data_key, b"data key")
        return bytes([self.generation]) + nonce + sealed

    def unwrap(self, wrapped: bytes) -> bytes:
        """The data key itself; SealBroken when the wrapping key is missing or wrong."""
        key = self.wrapping.get(wrapped[0])
        if key is None:
            raise SealBroken(wrapped[0])
        return _open(_cipher(key), wrapped[1:], b"data key")

    def seal(self, wrapped: bytes, place: str, text: str | None) -> bytes | None:
        """`text` sealed for `place` (e.g. `residents.name`) under the record's wrapped data key."""
        if text is None:
            return None
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(self.unwrap(wrapped)).encrypt(nonce, text.encode(), place.encode())

    def open(self, wrapped: bytes | None, place: str, sealed: bytes | None) -> str | None:
        """What was sealed; None when nothing was, or when the record's key has been erased."""
        if sealed is None or wrapped is None:
            return None
        return _open(AESGCM(self.unwrap(wrapped)), sealed, place.encode()).decode()

    def index(self, place: str, text: str | None) -> bytes | None:
        """The blind index of an exact value: the same text at the same place always gives the same 16 bytes."""
        return None if text is None else _indexed(self.index_key, place, text)

    def lasting(self, place: str, text: str) -> bytes:
        """Like `index`, for a value that is not kept and so cannot be indexed anew: the same under every secret."""
        return _indexed(self.lasting_key, place, text)

    def indexes(self, place: str, text: str) -> list[bytes]:
        """The blind index of `text` as rows may carry it now: under today's key, and under former ones."""
        return [_indexed(key, place, text) for key in (self.index_key, *self.older_index_keys)]


def _indexed(key: bytes, place: str, text: str) -> bytes:
    normal = unicodedata.normalize("NFKC", text).strip().casefold()
    return hmac.digest(key, f"{place}\0{normal}".encode(), hashlib.sha256)[:INDEX_BYTES]


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return hmac.digest(secret, b"linli " + purpose, hashlib.sha256)


def _open(cipher: AESGCM, sealed: bytes, place: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)
    except InvalidTag:
        raise SealBroken(None) from None


@lru_cache(maxsize=16)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)
