"""Proposals become offers: one or many in one statement, with expiry, message, the calls' rows and their lines.

A proposal whose worker is not free any longer, or whose call has gone on meanwhile, leaves nothing behind.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import call_states, clock, messages, timelines
from services.call_states import CallState, Happening
from services.choosing import Verdict
from services.database import Database
from services.models.base import new_id
from services.models.calls import Call, CallEventKind

MOST_KEPT = 20
WRITING = """
WITH new AS MATERIALIZED (
  SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS new (
    id uuid, call_id uuid, worker_id uuid, rung text, round smallint, eta_seconds float8, distance_meters float8,
    path jsonb, reason text, considered jsonb, from_longitude float8, from_latitude float8, offered_at timestamptz,
    expires_at timestamptz, timer_id uuid, message_id uuid, key text, body jsonb, line_id uuid, version integer,
    status text, priority smallint, next_rung smallint, actor_id uuid, detail jsonb, area_ids uuid[], also jsonb)
), held AS (
  SELECT calls.id FROM new JOIN calls ON calls.id = new.call_id AND calls.version = new.version - 1
  FOR UPDATE OF calls
), free AS (
  UPDATE workers SET status = 'OFFERED' FROM new JOIN held ON held.id = new.call_id
  WHERE workers.id = new.worker_id AND workers.status = 'AVAILABLE' RETURNING new.id
), offer AS (
  INSERT INTO offers (id, call_id, worker_id, rung, round, status, eta_seconds, distance_meters, path, reason,
                      considered, from_longitude, from_latitude, offered_at, expires_at)
  SELECT id, call_id, worker_id, rung, round, 'OFFERED', eta_seconds, distance_meters, path, reason,
         considered, from_longitude, from_latitude, offered_at, expires_at
  FROM free JOIN new USING (id) ON CONFLICT DO NOTHING RETURNING id
), timer AS (
  INSERT INTO timers (id, kind, subject_id, due_at, guard, attempts)
  SELECT timer_id, 'OFFER_EXPIRES', call_id, expires_at, jsonb_build_object('offer', id), 0
  FROM offer JOIN new USING (id)
), message AS (
  INSERT INTO outbox (id, key, recipient, recipient_id, template, body, created_at, due_at, attempts)
  SELECT message_id, key, 'WORKER', worker_id, 'OFFER', body, offered_at, offered_at, 0
  FROM offer JOIN new USING (id) ON CONFLICT DO NOTHING
), also AS (
  INSERT INTO outbox (id, key, recipient, recipient_id, template, body, created_at, due_at, attempts)
  SELECT told.id, told.key, told.recipient, told.recipient_id, told.template, told.body, offered_at, offered_at, 0
  FROM offer JOIN new USING (id), jsonb_to_recordset(new.also) AS told (
    id uuid, key text, recipient text, recipient_id uuid, template text, body jsonb)
  ON CONFLICT DO NOTHING
), call AS (
  UPDATE calls SET status = new.status, offer_id = new.id, rung = new.next_rung, version = new.version
  FROM offer JOIN new USING (id) WHERE calls.id = new.call_id
), line AS (
  INSERT INTO call_events (id, call_id, number, at, kind, actor_id, worker_id, status, priority, detail)
  SELECT line_id, call_id, version, offered_at, 'OFFERED', actor_id, worker_id, status, priority, detail
  FROM offer JOIN new USING (id)
), live AS (
  INSERT INTO live_events (area_id, call_event_id) SELECT unnest(area_ids), line_id FROM offer JOIN new USING (id)
)
SELECT {answer} FROM offer JOIN new USING (id)
"""
WAKING = (
    "pg_notify('linli_offers', CAST(worker_id AS text))",
    "pg_notify('linli_calls', array_to_string(area_ids, ','))",
)
WRITE = sa.text(WRITING.format(answer=", ".join(("call_id", "id", *WAKING)))).columns(call_id=sa.Uuid, id=sa.Uuid)
WRITE_ONE = WRITING.format(answer=", ".join(("max(CAST(id AS text))", *(f"count({waking})" for waking in WAKING))))


@dataclass(frozen=True, slots=True)
class Proposal:
    """A call, and the worker whom it is to be offered to for some seconds, with all who were considered.

    `also`: messages to others that go with the offer, as `outbox.put` takes them.
    """

    call: Call
    chosen: Verdict
    considered: Sequence[Verdict]
    rung: str
    next_rung: int
    seconds: float
    actor_id: uuid.UUID | None = None
    also: Sequence[Mapping[str, Any]] = ()


async def write(session: AsyncSession, proposals: Sequence[Proposal]) -> dict[uuid.UUID, uuid.UUID]:
    """Offer; the offer's id for each call whose worker was still free. The calls in hand know their new state."""
    now = clock.now()
    made = [_row(proposal, new_id(), now) for proposal in proposals]
    await session.flush()
    rows = orjson.dumps([row for row, _ in made]).decode()
    offered = {call_id: offer_id for call_id, offer_id, *_ in await session.execute(WRITE, {"rows": rows})}
    for proposal, (_, state) in zip(proposals, made, strict=True):
        if proposal.call.id in offered:
            timelines.written(proposal.call, state)
    return offered


def draft(proposal: Proposal) -> str:
    """An offer written down, for `write_draft`: what takes time is done before."""
    return orjson.dumps([_row(proposal, new_id(), clock.now())[0]]).decode()


async def write_draft(database: Database, draft: str) -> uuid.UUID | None:
    """Offer one call in one message, if it still is as it was when the draft was made; the offer's id."""
    (offer_id,) = await database.ask(WRITE_ONE, rows=draft)
    return uuid.UUID(offer_id) if offer_id else None


def _row(proposal: Proposal, offer_id: uuid.UUID, now: datetime) -> tuple[dict[str, Any], CallState]:
    """What is written for a proposal, and the state that its call takes by it."""
    call, worker_id = proposal.call, proposal.chosen.candidate.worker_id
    about = _about(proposal)
    eta, reason = about["eta_seconds"], about["reason"]
    detail = {"offer": str(offer_id), "rung": proposal.rung, "next_rung": proposal.next_rung}
    detail |= {"seconds": eta, "reason": reason}
    event = Happening(CallEventKind.OFFERED, now, proposal.actor_id, worker_id, detail)
    state = call_states.advance(call_states.state_of(call), event)
    expires_at = now + timedelta(seconds=proposal.seconds)
    key, body = messages.offer_message(call, worker_id, offer_id, expires_at)
    ids: dict[str, Any] = {"id": offer_id, "call_id": call.id, "worker_id": worker_id, "actor_id": proposal.actor_id}
    ids |= {"timer_id": new_id(), "message_id": new_id(), "line_id": new_id(), "area_ids": list(call.area_ids)}
    after = {"status": state.status, "priority": state.priority, "version": state.version, "next_rung": state.rung}
    times = {"offered_at": now, "expires_at": expires_at}
    told = {"key": key, "body": body, "detail": detail, "rung": proposal.rung, "round": call.round}
    also = {"also": [{"id": new_id(), **message} for message in proposal.also]}
    return ids | after | times | told | about | also, state


def _about(proposal: Proposal) -> dict[str, Any]:
    """Whom, why, how far and from where; and who else was looked at."""
    candidate, trip = proposal.chosen.candidate, proposal.chosen.candidate.trip
    return {
        "eta_seconds": round(trip.seconds, 1) if trip else None,
        "distance_meters": round(trip.meters, 1) if trip else None,
        "path": trip.course if trip else None,
        "reason": proposal.chosen.reason.value,
        "considered": [verdict.kept() for verdict in proposal.considered[:MOST_KEPT]],
        "from_longitude": candidate.place.longitude,
        "from_latitude": candidate.place.latitude,
    }
