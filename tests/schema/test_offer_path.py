"""The way from a press to the offer on a phone: how often the store is asked on it."""

import uuid
from typing import Any

import sqlalchemy as sa

from services import dispatch, events, terminals
from services.database import Database
from services.models import TerminalButton
from services.models.base import least_id
from services.presses import PressOrder
from tests.contracts import OPERATIONS
from tests.schema.asking import Asking
from tests.schema.callstage import KEYRING, CallStage
from tests.schema.following import connected
from tests.schema.town import Town

OFFERS = OPERATIONS["dispatch", "MyOffers"]
PRESS = ["BEGIN; SELECT", "SELECT terminals.id", "WITH press"]
DISPATCH = ["BEGIN; SELECT", "SELECT calls.terminal_serial,", "WITH here", "WITH new"]
PHONE = ["BEGIN READ", "SELECT offers.call_id,"]


def _transactions(database: Database) -> list[list[str]]:
    """Of each transaction from now on, the first two words of what is sent; its end is one message more."""
    found: list[list[str]] = []
    under_way: dict[int, list[str]] = {}

    def keep(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        words = " ".join(statement.split()[:2])
        line = id(connection.connection.dbapi_connection)
        if words.startswith("BEGIN"):
            under_way[line] = []
            found.append(under_way[line])
        under_way[line].append(words)

    sa.event.listen(database.engine.sync_engine, "before_cursor_execute", keep)
    return found


async def test_a_press_is_on_the_phone_after_twelve_messages_to_the_store(changing: tuple[Asking, Town]) -> None:
    """Four for the press (begin, where it comes from, the call, commit), five for the choice (begin, the call with its
    need, who is near, the offer, commit), three for the phone (begin, the offer with call and door, commit)."""
    ask, town = changing
    stage = await CallStage.of(ask.database, town)
    worker = stage.workers[0]
    proof = await stage.actor(stage.terminal)
    async with connected(ask.app, worker) as socket:
        await socket.subscribe("mine", OFFERS)
        transactions = _transactions(ask.database)
        order = PressOrder(town.terminal.serial, "one", TerminalButton.HELP)
        call = (await terminals.press(ask.database.acting_as("intake"), order, proof, KEYRING)).call.id
        await dispatch.attempt(ask.database, call)
        ask.api.wakeups.ring(events.OFFERS, worker.worker_id)
        offer = (await socket.next("mine"))["myOffers"]
    assert offer["call"]["id"] == str(call)
    assert offer["call"]["household"]["address"] == town.households[0].address
    beside = [one for one in transactions if one not in (PHONE, PRESS, DISPATCH)]
    assert transactions.count(PRESS) == transactions.count(DISPATCH) == 1
    assert PHONE in transactions  # the phone looks every second, too
    assert all("accounts" in one[1] for one in beside)  # on a busy machine: rights are looked at every 5 s


def test_ids_begin_with_the_millisecond_in_which_they_were_made() -> None:
    # 0x0192ce2ab000 ms is the time of this id; a minute is 60,000 = 0xea60 ms: 0x0192ce2ab000 - 0xea60 = 0x0192ce29c5a0
    made = uuid.UUID("0192ce2a-b000-7abc-8def-0123456789ab")
    assert least_id(made) == uuid.UUID("0192ce2a-b000-0000-0000-000000000000")
    assert least_id(made, 60) == uuid.UUID("0192ce29-c5a0-0000-0000-000000000000")
