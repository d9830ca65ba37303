"""Presses that come at the same time are committed together: one select, one statement, one commit for all of them.

A press that comes alone is a batch of one and waits for nobody. Whatever is not a plain new call (another press of an
open call, CANCEL, the same reference again, a serial nobody entered) goes its own way through `terminals.press`, and so
does every press of a batch that fails. No answer leaves before the commit, here as there.
"""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, origins, presses, terminal_keys, terminals
from services.batches import Batches, Waiting
from services.database import Database
from services.ladder import RULES, CallRules
from services.models.base import new_id
from services.models.calls import Call, TerminalButton, is_open
from services.origins import Origin
from services.presses import Pressed, PressOrder
from services.sealing import Keyring
from services.terminal_keys import PressNotAuthentic, Proof

_COLUMNS = tuple(
    column.key for column in Call.__table__.columns if column.key not in ("feature_id", "location", "claim_seen_at")
)
OPEN_CALLS = sa.text(f"""
WITH new AS MATERIALIZED (
  SELECT * FROM json_populate_recordset(NULL::calls, CAST(:calls AS json))
), more AS MATERIALIZED (
  SELECT * FROM json_to_recordset(CAST(:more AS json)) AS more (
    id uuid, press_id uuid, reference text, button text, pressed_at timestamptz, line_id uuid, timer_id uuid,
    unanswered_id uuid, detail jsonb)
), press AS (
  INSERT INTO presses (id, terminal_serial, reference, button, pressed_at, received_at, call_id, joined)
  SELECT more.press_id, new.terminal_serial, more.reference, more.button, more.pressed_at, new.opened_at, id, false
  FROM new JOIN more USING (id)
  ON CONFLICT (terminal_serial, reference) DO NOTHING RETURNING call_id AS id
), call AS (
  INSERT INTO calls ({", ".join(_COLUMNS)}, location)
  SELECT {", ".join(f"new.{name}" for name in _COLUMNS)}, households.location
  FROM press JOIN new USING (id) JOIN households ON households.id = new.household_id
  RETURNING id
), line AS (
  INSERT INTO call_events (id, call_id, number, at, kind, status, priority, detail)
  SELECT more.line_id, id, new.version, new.opened_at, 'OPENED', new.status, new.priority, more.detail
  FROM call JOIN new USING (id) JOIN more USING (id)
), live AS (
  INSERT INTO live_events (area_id, call_event_id)
  SELECT unnest(new.area_ids), more.line_id FROM call JOIN new USING (id) JOIN more USING (id) RETURNING area_id
), timer AS (
  INSERT INTO timers (id, kind, subject_id, due_at, guard, attempts)
  SELECT more.timer_id, 'DISPATCH', id, :due_at, CAST('{{}}' AS jsonb), 0 FROM call JOIN more USING (id)
  UNION ALL
  SELECT more.unanswered_id, 'CONTACTS_UNANSWERED', id, :unanswered_at, CAST('{{}}' AS jsonb), 0
  FROM call JOIN more USING (id)
), seen AS (
  UPDATE terminals SET last_seen_at = new.opened_at,
         status = CASE WHEN terminals.status IN ('NEVER_SEEN', 'SILENT') THEN 'ONLINE' ELSE terminals.status END
  FROM call JOIN new USING (id)
  WHERE terminals.id = new.terminal_id
        AND (terminals.last_seen_at IS NULL OR terminals.last_seen_at < :unseen_since)
)
SELECT id, (SELECT count(pg_notify('linli_calls', CAST(area_id AS text))) FROM live) FROM call
""").bindparams(
    sa.bindparam("due_at", type_=sa.DateTime(timezone=True)),
    sa.bindparam("unanswered_at", type_=sa.DateTime(timezone=True)),
    sa.bindparam("unseen_since", type_=sa.DateTime(timezone=True)),
)


FLOOD_SECONDS = 0.1
"""So long after a batch of several presses it is taken for a flood: between two batches nobody may be waiting."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A press and its proof."""

    order: PressOrder
    proof: Proof


_Waiting = Waiting[Sent, Pressed]


class PressBatches(Batches[Sent, Pressed]):
    """The presses of one server process."""

    def __init__(self, database: Database, keyring: Keyring, rules: CallRules = RULES) -> None:
        """Nothing waits yet."""
        super().__init__()
        self._together_at = float("-inf")
        self._database, self._keyring, self._rules = database, keyring, rules

    @property
    def is_crowded(self) -> bool:
        """True while presses wait for one another, and for a moment after: in a flood the next come at once."""
        return super().is_crowded or time.monotonic() - self._together_at < FLOOD_SECONDS

    async def press(self, order: PressOrder, proof: Proof) -> Pressed:
        """As `terminals.press`: the call is committed when this returns. Raises the same."""
        return await self.put(Sent(order, proof))

    async def alone(self, item: Sent) -> Pressed:
        """The way of every press that is no plain new call."""
        return await terminals.press(self._database, item.order, item.proof, self._keyring, self._rules)

    async def together(self, batch: Sequence[_Waiting]) -> None:
        """Commit the plain new calls of a batch."""
        self._together_at = time.monotonic()
        async with self._database.write() as session:
            found = await origins.find_many(session, [waiting.item.order.serial for waiting in batch])
            plain = self._plain(batch, found)
            free = await origins.free_turns(session, plain)
            taken = set(plain) - free | set(await _homes_with_open_calls(session, plain))
            plain = {home: waiting for home, waiting in plain.items() if home not in taken}
            calls = {
                home: presses.new_call(w.item.order, found[w.item.order.serial], self._rules)
                for home, w in plain.items()
            }
            opened = await self._open(session, plain, calls)
        for home, (call, _) in calls.items():
            if call.id in opened:
                plain[home].give(Pressed(call, repeated=False, joined=False))

    def _plain(self, batch: Sequence[_Waiting], found: dict[str, Origin]) -> dict[uuid.UUID, _Waiting]:
        """The first authentic press of each home, by home; who is not authentic hears it from `terminals.press`."""
        plain: dict[uuid.UUID, _Waiting] = {}
        for waiting in batch:
            origin = found.get(waiting.item.order.serial)
            if origin is None or origin.household_id is None or not _is_plain(waiting.item.order):
                continue
            if self._is_authentic(waiting.item, origin):
                plain.setdefault(origin.household_id, waiting)
        return plain

    def _is_authentic(self, sent: Sent, origin: Origin) -> bool:
        order = sent.order
        parts = (order.serial, order.reference, order.button.value)
        try:
            terminal_keys.authenticate(origin.terminal_id, origin.keys, sent.proof, self._keyring, *parts)
        except PressNotAuthentic:
            return False
        return True

    async def _open(
        self,
        session: AsyncSession,
        plain: dict[uuid.UUID, _Waiting],
        calls: dict[uuid.UUID, tuple[Call, dict[str, Any]]],
    ) -> set[uuid.UUID]:
        now = clock.now()
        rows = [{name: getattr(call, name) for name in _COLUMNS} for call, _ in calls.values()]
        more = [_more(call, detail, plain[home].item.order) for home, (call, detail) in calls.items()]
        due = now + timedelta(seconds=self._rules.dispatch_retry_seconds)
        since = now - timedelta(seconds=presses.SEEN_AGAIN_SECONDS)
        values = {"calls": orjson.dumps(rows).decode(), "more": orjson.dumps(more).decode()}
        unanswered = now + timedelta(seconds=self._rules.contacts_unanswered_seconds)
        times = {"due_at": due, "unanswered_at": unanswered, "unseen_since": since}
        return set(await session.scalars(OPEN_CALLS, values | times))


def _is_plain(order: PressOrder) -> bool:
    return (
        order.button is not TerminalButton.CANCEL
        and 0 < len(order.reference) <= terminals.LONGEST_REFERENCE
        and "\0" not in order.reference
    )


def _more(call: Call, detail: dict[str, Any], order: PressOrder) -> dict[str, Any]:
    pressed_at = order.pressed_at.isoformat() if order.pressed_at else None
    said = {"reference": order.reference, "button": order.button.value, "pressed_at": pressed_at, "detail": detail}
    ids = {name: new_id() for name in ("press_id", "line_id", "timer_id", "unanswered_id")}
    return {"id": call.id, **ids, **said}


async def _homes_with_open_calls(session: AsyncSession, homes: dict[uuid.UUID, _Waiting]) -> list[uuid.UUID]:
    """Where a press may belong to a call that is open; each of these goes its own way."""
    return list(await session.scalars(_WITH_OPEN_CALLS, {"ids": list(homes)}))


_WITH_OPEN_CALLS = (
    sa.select(Call.household_id)
    .where(Call.household_id == sa.any_(sa.bindparam("ids", type_=sa.ARRAY(sa.Uuid))), is_open())
    .distinct()
)
