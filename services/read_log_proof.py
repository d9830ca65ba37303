"""Proving the read log whole: every chain from its first line, every anchor, and the first line that does not fit."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, reading_chain
from services.database import Database
from services.models import Reading, ReadingAnchor
from services.reading_chain import Head, Line

AT_ONCE = 2_000
ANCHOR_LOCK = 0x11A7C


@dataclass(frozen=True, slots=True)
class Break:
    """The first line that does not fit: which chain and number, and what is wrong with it."""

    chain_id: uuid.UUID | None
    number: int
    what: str

    def __str__(self) -> str:
        place = f"chain {self.chain_id}, line {self.number}" if self.chain_id else f"anchor {self.number}"
        return f"{place}: {self.what}"


@dataclass(slots=True)
class Proof:
    """What was looked at, what is wrong, and where each chain ends: to be noted outside the store."""

    lines: int = 0
    anchors: int = 0
    breaks: list[Break] = field(default_factory=list)
    heads: dict[uuid.UUID, Head] = field(default_factory=dict)


async def verify(database: Database, key: bytes) -> Proof:
    """Go through the whole log; one break a chain at most, since nothing after it can be judged."""
    proof = Proof()
    marks: dict[tuple[uuid.UUID, int], bytes] = {}
    async with database.read() as session:
        wanted = await _anchors(session, key, proof)
        async for chain_id, lines in _chains(session):
            head, broken = _followed(key, proof.heads.get(chain_id), chain_id, lines, wanted, marks)
            proof.lines += len(lines)
            proof.heads[chain_id] = head
            if broken is not None and not any(one.chain_id == chain_id for one in proof.breaks):
                proof.breaks.append(broken)
    _compare(proof, wanted, marks)
    return proof


async def anchor(database: Database, key: bytes, head: Head) -> None:
    """Write down how long a chain is, after the last anchor of whichever process; they wait for each other."""
    async with database.write() as session:
        await session.execute(sa.select(sa.func.pg_advisory_xact_lock(ANCHOR_LOCK)))
        last = await session.scalar(sa.select(ReadingAnchor).order_by(ReadingAnchor.number.desc()).limit(1))
        number, at = (last.number if last else 0) + 1, clock.now()
        heads = {str(head.chain_id): [head.number, head.mac.hex()]}
        mac = reading_chain.anchored(key, last.mac if last else b"", number, at, heads)
        session.add(ReadingAnchor(number=number, at=at, heads=heads, mac=mac))


def _followed(
    key: bytes,
    head: Head | None,
    chain_id: uuid.UUID,
    lines: list[Reading],
    wanted: dict[tuple[uuid.UUID, int], str],
    marks: dict[tuple[uuid.UUID, int], bytes],
) -> tuple[Head, Break | None]:
    """Follow a chain over some more lines; a head of number -1 is one that has broken before."""
    head = head or reading_chain.begun(key, chain_id)
    for row in lines:
        if head.number < 0:
            break
        if row.number != head.number + 1:
            what = f"missing; the next line that is there is {row.number}"
            return Head(chain_id, -1, b""), Break(chain_id, head.number + 1, what)
        if reading_chain.sealed(key, head.mac, row.number, line_of(row)) != row.mac:
            return Head(chain_id, -1, b""), Break(chain_id, row.number, "altered, or put in afterwards")
        head = Head(chain_id, row.number, row.mac)
        if (chain_id, row.number) in wanted:
            marks[chain_id, row.number] = row.mac
    return head, None


def line_of(row: Reading) -> Line:
    """A stored line as it was sealed."""
    return Line(
        row.at,
        row.actor_id,
        tuple(row.roles),
        row.operation,
        row.thing,
        row.record_id,
        tuple(row.fields),
        row.household_id,
        row.grid_id,
        row.opening_id,
        row.call_id,
        tuple(row.deputy_for),
    )


async def _chains(session: AsyncSession) -> AsyncIterator[tuple[uuid.UUID, list[Reading]]]:
    """All lines by chain and number, a bounded number of one chain at a time."""
    after: tuple[Any, Any] = (uuid.UUID(int=0), 0)
    place = sa.tuple_(Reading.chain_id, Reading.number)
    while True:
        bound = sa.tuple_(sa.literal(after[0], sa.Uuid()), sa.literal(after[1], sa.BigInteger()))
        rows = sa.select(Reading).where(place > bound).order_by(Reading.chain_id, Reading.number).limit(AT_ONCE)
        found = (await session.scalars(rows)).all()
        if not found:
            return
        for chain_id in dict.fromkeys(row.chain_id for row in found):
            yield chain_id, [row for row in found if row.chain_id == chain_id]
        after = (found[-1].chain_id, found[-1].number)
        session.expunge_all()


async def _anchors(session: AsyncSession, key: bytes, proof: Proof) -> dict[tuple[uuid.UUID, int], str]:
    """The ends that the anchors tell of, after the anchors themselves were checked."""
    wanted: dict[tuple[uuid.UUID, int], str] = {}
    before = b""
    for number, row in enumerate(await session.scalars(sa.select(ReadingAnchor).order_by(ReadingAnchor.number)), 1):
        if row.number != number:
            proof.breaks.append(Break(None, number, f"missing; the next anchor that is there is {row.number}"))
            break
        if reading_chain.anchored(key, before, number, row.at, row.heads) != row.mac:
            proof.breaks.append(Break(None, number, "altered, or put in afterwards"))
            break
        before = row.mac
        proof.anchors += 1
        wanted |= {(uuid.UUID(chain), length): mac for chain, (length, mac) in row.heads.items()}
    return wanted


def _compare(proof: Proof, wanted: dict[tuple[uuid.UUID, int], str], marks: dict[tuple[uuid.UUID, int], bytes]) -> None:
    """What an anchor has seen must be there: so lines cut off the end of a chain are missed."""
    broken = {one.chain_id for one in proof.breaks}
    for (chain_id, number), mac in sorted(wanted.items()):
        if chain_id not in broken and marks.get((chain_id, number), b"").hex() != mac:
            head = proof.heads.get(chain_id)
            first = head.number + 1 if head else 1
            proof.breaks.append(Break(chain_id, first, f"missing; an anchor has seen the chain up to line {number}"))
            broken.add(chain_id)
