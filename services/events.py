"""Live events of an area: numbered without a gap, read from the table after a number; a wake-up only says "look".

Numbers are given when a stream is read, under the lock of that stream's row, to the lines that have been committed by
then. So no press waits for another, a server that freezes in the middle of a press holds nobody up, and a number once
given never gets an older neighbour: a line that is committed later gets a later number.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.database import Database
from services.models.calls import Call, CallEvent, CallEventKind, CallStatus
from services.models.events import LiveEvent, LiveStream

CALLS = "linli_calls"
OFFERS = "linli_offers"
ACCOUNTS = "linli_accounts"
MOST_AT_ONCE = 200

GIVE_NUMBERS = sa.text("""
WITH given AS (
  UPDATE live_events SET sequence = :last + next.number
  FROM (SELECT position, row_number() OVER (ORDER BY position) AS number
        FROM live_events WHERE area_id = :area_id AND sequence IS NULL) AS next
  WHERE live_events.position = next.position RETURNING live_events.position
)
UPDATE live_streams SET last_sequence = :last + (SELECT count(*) FROM given)
WHERE area_id = :area_id AND EXISTS (SELECT FROM given) RETURNING last_sequence
""")


@dataclass(frozen=True, slots=True)
class Live:
    """One numbered line of an area: the call, and what the call was just after this line."""

    sequence: int
    at: datetime
    kind: CallEventKind
    call_id: uuid.UUID
    status: CallStatus
    priority: int
    press_count: int


async def read_after(database: Database, area_id: uuid.UUID, sequence: int, limit: int = MOST_AT_ONCE) -> list[Live]:
    """The area's next lines after `sequence`, in order, none missing between them; at most `limit`."""
    async with database.read() as session:
        if not await session.scalar(sa.select(_unnumbered(area_id))):
            return await _read(session, area_id, sequence, limit)
    async with database.write() as session:
        await number(session, area_id)
        return await _read(session, area_id, sequence, limit)


async def last_sequence(session: AsyncSession, area_id: uuid.UUID) -> int:
    """The newest number given in the area; a client that wants only what is new starts from it."""
    found = await session.scalar(sa.select(LiveStream.last_sequence).where(LiveStream.area_id == area_id))
    return found or 0


async def number(session: AsyncSession, area_id: uuid.UUID) -> int:
    """Number what is committed and unnumbered in the area; how many lines got a number."""
    last = await _locked(session, area_id)
    if last is None:
        await session.execute(insert(LiveStream).values(area_id=area_id, last_sequence=0).on_conflict_do_nothing())
        last = await _locked(session, area_id) or 0
    # The lock is a statement of its own: only a statement that begins after it sees what the last holder numbered.
    now_last = await session.scalar(GIVE_NUMBERS, {"last": last, "area_id": area_id})
    return int(now_last) - last if now_last is not None else 0


async def number_all(database: Database) -> int:
    """Number every stream with unnumbered lines, so that a first reader never has much to do; how many lines.

    Who follows is woken, since what the line's commit told may have been missed.
    """
    async with database.read() as session:
        areas = (
            await session.scalars(sa.select(LiveEvent.area_id).where(LiveEvent.sequence.is_(None)).distinct())
        ).all()
    given = 0
    for area_id in areas:
        async with database.write() as session:
            found = await number(session, area_id)
            if found:
                await wake(session, CALLS, area_id)
        given += found
    return given


async def wake(session: AsyncSession, channel: str, *subjects: uuid.UUID | None) -> None:
    """Wake the listeners of a channel when this transaction commits; what they find, they find in the tables."""
    payload = ",".join(str(subject) for subject in subjects if subject is not None)
    await session.execute(sa.select(sa.func.pg_notify(channel, payload)))


async def _locked(session: AsyncSession, area_id: uuid.UUID) -> int | None:
    stream = sa.select(LiveStream.last_sequence).where(LiveStream.area_id == area_id).with_for_update()
    return await session.scalar(stream)


async def _read(session: AsyncSession, area_id: uuid.UUID, sequence: int, limit: int) -> list[Live]:
    return [Live(*row) for row in await session.execute(_lines(area_id, sequence, limit))]


def _unnumbered(area_id: uuid.UUID) -> sa.Exists:
    return sa.exists().where(LiveEvent.area_id == area_id, LiveEvent.sequence.is_(None))


def _lines(area_id: uuid.UUID, sequence: int, limit: int) -> "sa.Select[*tuple[Any, ...]]":
    return (
        sa.select(
            LiveEvent.sequence,
            CallEvent.at,
            CallEvent.kind,
            CallEvent.call_id,
            CallEvent.status,
            CallEvent.priority,
            Call.press_count,
        )
        .join(CallEvent, CallEvent.id == LiveEvent.call_event_id)
        .join(Call, Call.id == CallEvent.call_id)
        .where(LiveEvent.area_id == area_id, LiveEvent.sequence > sequence)
        .order_by(LiveEvent.sequence)
        .limit(limit)
    )
