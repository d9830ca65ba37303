"""Proving the read log whole: every chain from its first line to its head, every anchor, and what does not fit."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, reading_chain, reading_heads
from services.database import Database
from services.models import Reading, ReadingAnchor
from services.reading_chain import Head, Line
from services.reading_heads import Heads

AT_ONCE = 2_000
ANCHOR_LOCK = 0x11A7C
RAISE = sa.text(reading_heads.RAISE)


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
    """What was looked at, what is wrong, and where each chain ends: to be noted outside the store.

    `former` are chains that were begun before heads were kept; their lines after the last anchor are not missed.
    """

    lines: int = 0
    anchors: int = 0
    breaks: list[Break] = field(default_factory=list)
    heads: dict[uuid.UUID, Head] = field(default_factory=dict)
    former: set[uuid.UUID] = field(default_factory=set)

    def has_broken(self, chain_id: uuid.UUID | None) -> bool:
        """Whether a break of this chain (None: of the anchors) is known already."""
        return any(one.chain_id == chain_id for one in self.breaks)


async def verify(database: Database, key: bytes) -> Proof:
    """Go through the whole log; one break a chain at most, since nothing after it can be judged."""
    proof = Proof()
    marks: dict[tuple[uuid.UUID, int], bytes] = {}
    async with database.read() as session:
        due = await reading_heads.kept(session, key)  # before the lines: a chain that grows meanwhile is longer
        wanted = await _anchors(session, key, proof)
        async for chain_id, lines in _chains(session):
            head, broken = _followed(key, proof, chain_id, lines, wanted, marks)
            proof.lines += len(lines)
            proof.heads[chain_id] = head
            if broken is not None and not proof.has_broken(chain_id):
                proof.breaks.append(broken)
        known = await reading_heads.kept(session, key)  # after the lines: one that began meanwhile has its head, too
    _compare(proof, wanted, marks)
    _compare_heads(proof, due, known)
    return proof


async def anchor(session: AsyncSession, key: bytes, head: Head) -> None:
    """Write down how long a chain is, after the last anchor of whichever process; they wait for each other's commit."""
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(ANCHOR_LOCK)))
    last = await session.scalar(sa.select(ReadingAnchor).order_by(ReadingAnchor.number.desc()).limit(1))
    number, at = (last.number if last else 0) + 1, clock.now()
    heads = {str(head.chain_id): [head.number, head.mac.hex()]}
    mac = reading_chain.anchored(key, last.mac if last else b"", number, at, heads)
    session.add(ReadingAnchor(number=number, at=at, heads=heads, mac=mac))
    await session.execute(RAISE, reading_heads.values(key, reading_heads.ANCHORS, number))


def _followed(
    key: bytes,
    proof: Proof,
    chain_id: uuid.UUID,
    lines: list[Reading],
    wanted: dict[tuple[uuid.UUID, int], str],
    marks: dict[tuple[uuid.UUID, int], bytes],
) -> tuple[Head, Break | None]:
    """Follow a chain over some more lines; a head of number -1 is one that has broken before."""
    head = proof.heads.get(chain_id) or _begun(key, proof, chain_id, lines[0])
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


def _begun(key: bytes, proof: Proof, chain_id: uuid.UUID, first: Reading) -> Head:
    """How the chain began, of which the first line tells whether a head is kept of it."""
    former = reading_chain.begun_formerly(key, chain_id)
    if reading_chain.sealed(key, former.mac, first.number, line_of(first)) != first.mac:
        return reading_chain.begun(key, chain_id)
    proof.former.add(chain_id)
    return former


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


def _compare_heads(proof: Proof, due: Heads, known: Heads) -> None:
    """Each chain has its head, and is at least as long as that says; that of the anchors, too."""
    lengths = {chain_id: head.number for chain_id, head in proof.heads.items()} | {reading_heads.ANCHORS: proof.anchors}
    short = reading_heads.first_missing(lengths, due)
    headed = proof.heads.keys() - proof.former
    for chain_id in sorted({*headed, *due.numbers, *known.numbers, *([reading_heads.ANCHORS] if headed else [])}):
        named = None if chain_id == reading_heads.ANCHORS else chain_id
        if proof.has_broken(named):
            continue
        if chain_id in known.forged:
            proof.breaks.append(Break(named, known.numbers[chain_id], "the head of the chain was altered"))
        elif chain_id not in known.numbers:
            proof.breaks.append(Break(named, lengths.get(chain_id, 0), "the head of the chain was taken away"))
        elif chain_id in short:
            first, number = short[chain_id]
            proof.breaks.append(Break(named, first, f"missing; the head of the chain stands at {number}"))
