"""Heads of the read log's chains: how many lines each has, kept in the store and raised with every line.

Lines cut off the end of a chain are missed by its head. A head is sealed under the key of the log, so nobody lowers it
who has not the key; the store refuses to lower it or take it away, too, to all but the owner of its tables.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import reading_chain
from services.models import ReadingHead

ANCHORS = uuid.UUID(int=0)
"""The chain of the anchors."""
RAISE = (
    "INSERT INTO reading_heads AS head (chain_id, number, mac) VALUES (:head_chain, :head_number, :head_mac)"
    " ON CONFLICT (chain_id) DO UPDATE SET number = excluded.number, mac = excluded.mac"
)
"""Says how long a chain is; refused by the store when it was longer before."""


@dataclass(slots=True)
class Heads:
    """How many lines each chain must have, and the chains whose head bears a seal that is not its own."""

    numbers: dict[uuid.UUID, int] = field(default_factory=dict)
    forged: set[uuid.UUID] = field(default_factory=set)


def values(key: bytes, chain_id: uuid.UUID, number: int) -> dict[str, Any]:
    """What `RAISE` writes: that the chain has `number` lines now."""
    return {"head_chain": chain_id, "head_number": number, "head_mac": reading_chain.headed(key, chain_id, number)}


async def kept(session: AsyncSession, key: bytes) -> Heads:
    """All heads, their seals looked at."""
    heads = Heads()
    for row in await session.execute(sa.select(ReadingHead.chain_id, ReadingHead.number, ReadingHead.mac)):
        heads.numbers[row.chain_id] = row.number
        if reading_chain.headed(key, row.chain_id, row.number) != row.mac:
            heads.forged.add(row.chain_id)
    return heads


def first_missing(lengths: Mapping[uuid.UUID, int], heads: Heads) -> dict[uuid.UUID, tuple[int, int]]:
    """Of each chain that is shorter than its head says: the first line that is missing, and the line of the head."""
    short = ((chain, number) for chain, number in heads.numbers.items() if lengths.get(chain, 0) < number)
    return {chain: (lengths.get(chain, 0) + 1, number) for chain, number in sorted(short)}
