"""Presses that come at the same time are committed together: two messages to the store for all of them.

A press that comes alone is a batch of one and waits for nobody. Whatever is not a plain new call (another press of an
open call, CANCEL, the same reference again, a serial nobody entered) goes its own way through `terminals.press`, and so
does every press of a batch that fails. No answer leaves before the commit, here as there.
"""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from services import new_calls, origins, presses, terminal_keys, terminals
from services.batches import Batches, Waiting
from services.database import Database
from services.ladder import RULES, CallRules
from services.models.calls import Call, TerminalButton
from services.origins import Origin
from services.press_orders import PressOrder
from services.presses import Pressed
from services.sealing import Keyring
from services.terminal_keys import PressNotAuthentic, Proof

ORIGINS = origins.asking("ANY (ARRAY(SELECT json_array_elements_text(CAST(:serials AS json))))")
TURNS = f"""
SELECT set_config('{new_calls.TURNS}', coalesce(string_agg(home, ','), ''), true)
FROM json_array_elements_text(CAST(:homes AS json)) AS home
WHERE pg_try_advisory_xact_lock({origins.turn_of("home")})
"""
"""The homes whose turn is free (see `plain_presses.TURN`), taken until the message is over; nobody is waited for."""

FLOOD_SECONDS = 0.1
"""So long after a batch of as many as a surge it is taken for a flood: between two batches nobody may be waiting."""


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
        self._flood_at = float("-inf")
        self._database, self._keyring, self._rules = database, keyring, rules

    @property
    def is_crowded(self) -> bool:
        """True while presses wait for one another, and for a moment after: in a flood the next come at once."""
        return super().is_crowded or time.monotonic() - self._flood_at < FLOOD_SECONDS

    async def press(self, order: PressOrder, proof: Proof) -> Pressed:
        """As `terminals.press`: the call is committed when this returns. Raises the same."""
        return await self.put(Sent(order, proof))

    async def alone(self, item: Sent) -> Pressed:
        """The way of every press that is no plain new call."""
        return await terminals.press(self._database, item.order, item.proof, self._keyring, self._rules)

    async def together(self, batch: Sequence[_Waiting]) -> None:
        """Commit the plain new calls of a batch: where they come from is one message, the calls are another."""
        if len(batch) >= self._rules.surge_calls:
            self._flood_at = time.monotonic()
        found = await self._origins([waiting.item.order.serial for waiting in batch])
        plain = self._plain(batch, found)
        calls = {
            home: presses.new_call(w.item.order, found[w.item.order.serial], self._rules) for home, w in plain.items()
        }
        opened = await self._open(plain, calls) if plain else set()
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

    async def _origins(self, serials: Sequence[str]) -> dict[str, Origin]:
        """Of the terminals that stand in homes."""
        (told,) = await self._database.ask(ORIGINS, serials=orjson.dumps(serials).decode())
        return {serial: origin for serial, origin in origins.told(told).items() if origin.grid_id is not None}

    async def _open(
        self, plain: dict[uuid.UUID, _Waiting], calls: dict[uuid.UUID, tuple[Call, dict[str, Any]]]
    ) -> set[uuid.UUID]:
        """The calls that were opened; the others' homes have one that is open, or somebody else opens one just now."""
        each = [(plain[home].item.order, call, detail) for home, (call, detail) in calls.items()]
        values = new_calls.values(each, self._rules)
        homes = orjson.dumps([str(home) for home in plain]).decode()
        _, opened = await self._database.ask(TURNS, new_calls.OPENING_IN_TURN, homes=homes, **values)
        return {uuid.UUID(call_id) for call_id in orjson.loads(opened or "[]")}


def _is_plain(order: PressOrder) -> bool:
    return (
        order.button is not TerminalButton.CANCEL
        and 0 < len(order.reference) <= terminals.LONGEST_REFERENCE
        and "\0" not in order.reference + order.serial
    )
