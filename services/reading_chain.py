"""How the read log is chained: each line's seal covers the line and the seal before it, under a key outside the store.

A plain hash chain could be computed anew by whoever can rewrite the table; a keyed one (HMAC-SHA256, RFC 2104) cannot.
"""

import hashlib
import hmac
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

MAC_BYTES = 32


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log before it has its place in a chain."""

    at: datetime
    actor_id: uuid.UUID
    roles: tuple[str, ...]
    operation: str
    thing: str
    record_id: uuid.UUID
    fields: tuple[str, ...]
    household_id: uuid.UUID | None = None
    grid_id: uuid.UUID | None = None
    opening_id: uuid.UUID | None = None
    call_id: uuid.UUID | None = None
    deputy_for: tuple[uuid.UUID, ...] = ()


@dataclass(slots=True)
class Head:
    """Where a chain ends: how many lines it has, and the seal of the last."""

    chain_id: uuid.UUID
    number: int
    mac: bytes


def begun(key: bytes, chain_id: uuid.UUID) -> Head:
    """A chain without lines, of those whose head is kept; what the first line covers is the chain's own id."""
    return Head(chain_id, 0, _mac(key, b"headed chain", chain_id.bytes))


def begun_formerly(key: bytes, chain_id: uuid.UUID) -> Head:
    """A chain without lines as they began before heads were kept: which of both it is, nobody can change."""
    return Head(chain_id, 0, _mac(key, b"chain", chain_id.bytes))


def headed(key: bytes, chain_id: uuid.UUID, number: int) -> bytes:
    """The seal of a head: that the chain has `number` lines."""
    return _mac(key, b"head" + chain_id.bytes, str(number).encode())


def chained(key: bytes, head: Head, lines: Sequence[Line]) -> tuple[list[bytes], Head]:
    """The seals of `lines` put after `head`, and where the chain then ends."""
    macs, number, before = [], head.number, head.mac
    for line in lines:
        number += 1
        before = sealed(key, before, number, line)
        macs.append(before)
    return macs, Head(head.chain_id, number, before)


def sealed(key: bytes, before: bytes, number: int, line: Line) -> bytes:
    """The seal of the line that stands at `number` after the one sealed by `before`."""
    told = (
        number,
        line.at.astimezone(UTC),
        line.actor_id,
        line.deputy_for,
        line.roles,
        line.operation,
        line.thing,
        line.record_id,
        line.fields,
        line.household_id,
        line.grid_id,
        line.opening_id,
        line.call_id,
    )
    return _mac(key, before, orjson.dumps(told))


def anchored(key: bytes, before: bytes, number: int, at: datetime, heads: dict[str, Any]) -> bytes:
    """The seal of an anchor after the one sealed by `before` (empty for the first)."""
    told = orjson.dumps((number, at.astimezone(UTC), heads), option=orjson.OPT_SORT_KEYS)
    return _mac(key, b"anchor" + before, told)


def _mac(key: bytes, before: bytes, content: bytes) -> bytes:
    return hmac.digest(key, before + b"\0" + content, hashlib.sha256)
