"""The timeline: the one way in which a call changes. A line is written, the row follows it, the areas are told."""

import json
import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import call_states, clock, events
from services.call_states import Happening
from services.errors import NotFound
from services.models.base import new_id
from services.models.calls import Call, CallEvent, CallEventKind, locked

WRITE_LINE = sa.text("""
WITH line AS (
  INSERT INTO call_events (id, call_id, number, at, kind, actor_id, worker_id, status, priority, detail)
  VALUES (:id, :call_id, :number, :at, :kind, :actor_id, :worker_id, :status, :priority, CAST(:detail AS jsonb))
), live AS (
  INSERT INTO live_events (area_id, call_event_id) SELECT unnest(CAST(:area_ids AS uuid[])), CAST(:id AS uuid)
)
SELECT pg_notify(:channel, array_to_string(CAST(:area_ids AS uuid[]), ','))
""")


async def lock(session: AsyncSession, call_id: uuid.UUID) -> Call:
    """The call, held against every other writer until the transaction ends; NotFound when there is none."""
    call = await session.scalar(locked(call_id))
    if call is None:
        raise NotFound(call_id)
    return call


async def record(
    session: AsyncSession,
    call: Call,
    kind: CallEventKind,
    *,
    actor_id: uuid.UUID | None = None,
    worker_id: uuid.UUID | None = None,
    **detail: Any,
) -> None:
    """Something happened to a locked call: NotNow when it cannot, and then nothing is changed."""
    event = Happening(kind, clock.now(), actor_id, worker_id, detail)
    call_states.write_state(call, call_states.advance(call_states.state_of(call), event))
    await session.flush()
    await _write_line(session, call, event)


async def _write_line(session: AsyncSession, call: Call, event: Happening) -> None:
    """Put the line for a state that the row has already taken, and wake those who watch its areas."""
    await session.execute(
        WRITE_LINE,
        {
            "id": new_id(),
            "call_id": call.id,
            "number": call.version,
            "at": event.at,
            "kind": event.kind.value,
            "actor_id": event.actor_id,
            "worker_id": event.worker_id,
            "status": call.status.value,
            "priority": call.priority,
            "detail": json.dumps(event.detail, default=_plain),
            "area_ids": list(call.area_ids),
            "channel": events.CALLS,
        },
    )


def happening(line: CallEvent) -> Happening:
    """A stored line as a value, for `call_states.rebuild`."""
    return Happening(line.kind, line.at, line.actor_id, line.worker_id, line.detail)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
