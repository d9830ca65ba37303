"""Opaque cursors: the sort key of a row, signed, so that only what this list gave is taken back."""

import hashlib
import hmac
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import orjson

from schema.errors import CursorForeign

SIGNATURE_BYTES = 12


class Cursors:
    """Makes and reads cursors; `place` is the list (and its order) that they belong to."""

    def __init__(self, secret: bytes) -> None:
        """Derive the signing key, apart from that of tokens."""
        self._key = hmac.digest(secret, b"linli cursors", hashlib.sha256)

    def make(self, place: str, values: Sequence[Any]) -> str:
        """The cursor of a row with these sort values (text, numbers, moments, ids)."""
        body = orjson.dumps(list(values))
        return urlsafe_b64encode(self._sign(place, body) + body).decode().rstrip("=")

    def read(self, place: str, cursor: str, kinds: Sequence[type]) -> list[Any]:
        """The sort values of a cursor, as `kinds`; CursorForeign when it is garbled or of another list."""
        try:
            raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except (ValueError, NotBase64):
            raise CursorForeign from None
        signature, body = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._sign(place, body)):
            raise CursorForeign
        return [_typed(value, kind) for value, kind in zip(orjson.loads(body), kinds, strict=True)]

    def _sign(self, place: str, body: bytes) -> bytes:
        return hmac.digest(self._key, place.encode() + b"\0" + body, hashlib.sha256)[:SIGNATURE_BYTES]


def _typed(value: Any, kind: type) -> Any:
    if kind is uuid.UUID:
        return uuid.UUID(value)
    if kind in (datetime, date):
        return kind.fromisoformat(value)
    return kind(value)
