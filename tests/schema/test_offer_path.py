"""The way from a press to the offer on a phone: how often the store is asked on it."""

import asyncio
import uuid
from typing import Any

import pytest
import sqlalchemy as sa

from gis import warming
from services import direct_lines, events, terminals
from services.models import TerminalButton
from services.models.base import least_id
from services.press_orders import PressOrder
from tests.contracts import OPERATIONS
from tests.schema.asking import Asking
from tests.schema.callstage import KEYRING, CallStage
from tests.schema.following import connected
from tests.schema.town import Town

OFFERS = OPERATIONS["dispatch", "MyOffers"]


async def test_a_press_is_on_the_phone_after_five_messages_to_the_store(
    changing: tuple[Asking, Town], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it comes from; the call; who is near, beside it; the offer; what the phone shows, with call and door."""
    warming.warm()
    ask, town = changing
    stage = await CallStage.of(ask.database, town)
    worker = stage.workers[0]
    proof = await stage.actor(stage.terminal)
    messages, sessions = _direct(monkeypatch), list[str]()
    async with connected(ask.app, worker) as socket:
        await socket.subscribe("mine", OFFERS)
        await _looked(messages)
        messages.clear()
        for engine in ask.database.engines:
            sa.event.listen(engine.sync_engine, "before_cursor_execute", lambda *seen: sessions.append(seen[2]))
        order = PressOrder(town.terminal.serial, "one", TerminalButton.HELP)
        pressed = await terminals.press(ask.database.acting_as("intake"), order, proof, KEYRING)
        assert pressed.ahead is not None
        await pressed.ahead()
        ask.api.wakeups.ring(events.OFFERS, worker.worker_id)
        offer = (await socket.next("mine"))["myOffers"]
    assert offer["call"]["id"] == str(pressed.call.id)
    assert offer["call"]["household"]["address"] == town.households[0].address
    before_the_last = [one for one in messages if one != PHONE]  # the phone looks every second, too
    assert sorted(before_the_last) == sorted([*PRESS, AROUND, OFFER])
    assert messages[-1] == PHONE
    assert all("accounts" in one or one.startswith("BEGIN") for one in sessions)  # rights are looked at every few s


PRESS = ("terminals.serial = $1", "pg_advisory_xact_lock INSERT INTO presses")
AROUND, OFFER, PHONE = "emergency_contacts", "INSERT INTO offers", "offers.worker_id = $1"
MARKS = ("pg_advisory_xact_lock", "INSERT INTO presses", *PRESS[:1], AROUND, OFFER, PHONE)


def _direct(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """By what each message over a direct line is told apart, from now on."""
    found: list[str] = []
    ask = direct_lines.DirectLines.ask

    async def noting(self: Any, questions: Any, values: Any) -> list[Any]:
        statements = " ".join(one.statement for one in questions)
        found.append(" ".join(mark for mark in MARKS if mark in statements))
        return await ask(self, questions, values)

    monkeypatch.setattr(direct_lines.DirectLines, "ask", noting)
    return found


async def _looked(messages: list[str]) -> None:
    while PHONE not in messages:
        await asyncio.sleep(0.01)


def test_ids_begin_with_the_millisecond_in_which_they_were_made() -> None:
    # 0x0192ce2ab000 ms is the time of this id; a minute is 60,000 = 0xea60 ms: 0x0192ce2ab000 - 0xea60 = 0x0192ce29c5a0
    made = uuid.UUID("0192ce2a-b000-7abc-8def-0123456789ab")
    assert least_id(made) == uuid.UUID("0192ce2a-b000-0000-0000-000000000000")
    assert least_id(made, 60) == uuid.UUID("0192ce29-c5a0-0000-0000-000000000000")
