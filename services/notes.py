"""What people write about a call in their own words: sealed, and named on the timeline by its id only."""

import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock
from services.models.base import new_id
from services.models.calls import CallNote
from services.sealing import Keyring

PLACE = "call_notes.note"
LONGEST_NOTE = 2000


async def add(
    session: AsyncSession, keyring: Keyring, call_id: uuid.UUID, text: str | None, actor_id: uuid.UUID | None = None
) -> dict[str, Any]:
    """Keep a note; gives the detail for the timeline line: `{"note": id}`, empty when nothing was said."""
    if not text or not text.strip():
        return {}
    note_id, data_key = new_id(), keyring.new_data_key()
    sealed = keyring.seal(data_key, PLACE, text.strip()[:LONGEST_NOTE])
    values = {"id": note_id, "call_id": call_id, "at": clock.now(), "actor_id": actor_id}
    await session.execute(sa.insert(CallNote).values(values | {"data_key": data_key, "note_sealed": sealed}))
    return {"note": str(note_id)}


async def read(session: AsyncSession, keyring: Keyring, note_id: uuid.UUID) -> str | None:
    """A note's text; whoever calls this has asked for the right first, and logs the reading."""
    row = await session.get(CallNote, note_id)
    return keyring.open(row.data_key, PLACE, row.note_sealed) if row else None
