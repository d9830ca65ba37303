"""A plain press: it opens a call of its own in a home that is known. Two messages to the store, and help beside.

Where it comes from is one message, the call with its commit another; while that one is under way, help is looked for
over another line. Whatever is not so plain (an unknown serial, a press that joins a call or was here before, CANCEL, a
fault on the way) is left to the way of all presses, and has changed nothing.
"""

import asyncio
import uuid
from functools import partial

import structlog

from gis import warming
from services import first_offers, new_calls, origins, presses, proposals, terminal_keys
from services.database import Database
from services.ladder import CallRules
from services.models.calls import Call, TerminalButton
from services.origins import Origin
from services.press_orders import PressOrder
from services.presses import Pressed
from services.sealing import Keyring
from services.terminal_keys import Proof

log = structlog.get_logger()

ORIGIN = origins.asking(":serial")
TURN = f"SELECT pg_advisory_xact_lock({origins.turn_of(':home')})"


async def take(
    database: Database, order: PressOrder, proof: Proof, keyring: Keyring, rules: CallRules
) -> Pressed | None:
    """The call of a plain press, committed; None for any other. Raises PressNotAuthentic."""
    if order.button is TerminalButton.CANCEL or "\0" in order.serial + order.reference:
        return None
    try:
        (told,) = await database.ask(ORIGIN, serial=order.serial)
    except Exception as problem:
        _left(problem)
        return None
    origin = origins.told(told).get(order.serial)
    if origin is None or origin.household_id is None or not origin.area_ids:
        return None
    parts = (order.serial, order.reference, order.button.value)
    terminal_keys.authenticate(origin.terminal_id, origin.keys, proof, keyring, *parts)
    return await _opened(database, order, origin, rules)


async def _opened(database: Database, order: PressOrder, origin: Origin, rules: CallRules) -> Pressed | None:
    """Help is looked for while the call is on its way to the disk."""
    call, detail = presses.new_call(order, origin, rules)
    values = new_calls.values([(order, call, detail)], rules)
    opening = asyncio.create_task(database.ask(TURN, new_calls.OPENING, home=str(origin.household_id), **values))
    looking = asyncio.create_task(_draft(database, call, rules)) if warming.is_warm() else None
    try:
        _, opened = await opening
    except Exception as problem:
        _left(problem)
        return None
    ahead = partial(_offer, database, looking) if looking is not None else None
    return Pressed(call, repeated=False, joined=False, ahead=ahead) if opened is not None else None


async def _draft(database: Database, call: Call, rules: CallRules) -> str | None:
    """The offer that could be made, as it is written; what goes wrong here costs nobody the call."""
    try:
        asked = first_offers.around(rules.candidates_searched)
        (around,) = await database.ask(asked, **first_offers.values(call.terminal_serial, rules))
        proposal = first_offers.proposal(call, around, rules)
        return proposals.draft(proposal) if proposal is not None else None
    except Exception as problem:
        log.warning("not chosen ahead", call=str(call.id), exc_info=problem)
        return None


async def _offer(database: Database, looking: "asyncio.Task[str | None]") -> uuid.UUID | None:
    draft = await looking
    return await proposals.write_draft(database, draft) if draft is not None else None


def _left(problem: Exception) -> None:
    log.warning("press goes the long way", error=type(problem).__name__)
