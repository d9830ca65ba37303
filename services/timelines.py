"""The timeline: the one way in which a call changes. A line is written, the row follows it, the areas are told."""

import dataclasses
import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from services import call_states, clock, events
from services.call_states import CallState, Happening
from services.errors import NotFound
from services.models.base import new_id
from services.models.calls import Call, CallEvent, CallEventKind, locked

_STATE = tuple(each.name for each in dataclasses.fields(CallState))
WRITE_LINE = sa.text(f"""
WITH call AS (
  UPDATE calls SET {", ".join(f"{name} = :call_{name}" for name in _STATE)} WHERE id = :call_id
), line AS (
  INSERT INTO call_events (id, call_id, number, at, kind, actor_id, worker_id, status, priority, detail)
  VALUES (:id, :call_id, :call_version, :at, :kind, :actor_id, :worker_id, :call_status, :call_priority,
          CAST(:detail AS jsonb))
), live AS (
  INSERT INTO live_events (area_id, call_event_id) SELECT unnest(CAST(:area_ids AS uuid[])), CAST(:id AS uuid)
)
SELECT pg_notify(:channel, array_to_string(CAST(:area_ids AS uuid[]), ','))
""").bindparams(*(sa.bindparam(f"call_{name}", type_=Call.__table__.columns[name].type) for name in _STATE))


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
    state = call_states.advance(call_states.state_of(call), event)
    await session.flush()
    await _write_line(session, call, state, event)
    written(call, state)


def written(call: Call, state: CallState) -> None:
    """The row in hand is told what the store has: a statement of our own has written it, the session need not."""
    for name in _STATE:
        set_committed_value(call, name, getattr(state, name))


async def _write_line(session: AsyncSession, call: Call, state: CallState, event: Happening) -> None:
    """The row follows its new line in one statement, and those who watch its areas are woken."""
    columns = {f"call_{name}": getattr(state, name) for name in _STATE}
    line = {
        "id": new_id(),
        "call_id": call.id,
        "at": event.at,
        "kind": event.kind.value,
        "actor_id": event.actor_id,
        "worker_id": event.worker_id,
        "detail": told(event.detail),
        "area_ids": list(call.area_ids),
        "channel": events.CALLS,
    }
    await session.execute(WRITE_LINE, columns | line)


def told(detail: Mapping[str, Any]) -> str:
    """A line's detail as it is stored."""
    return json.dumps(detail, default=_plain)


def happening(line: CallEvent) -> Happening:
    """A stored line as a value, for `call_states.rebuild`."""
    return Happening(line.kind, line.at, line.actor_id, line.worker_id, line.detail)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
