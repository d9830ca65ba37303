"""One-touch terminals: a press is committed before it is answered; in between, signs of life."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, origins, plain_presses, presses, replays, terminal_keys, troubles
from services.access import Actor
from services.database import Database
from services.errors import NotFound, Refusal
from services.ladder import RULES, CallRules
from services.models.terminal_keys import TerminalKey
from services.models.terminals import Terminal
from services.press_orders import PressOrder
from services.presses import Pressed
from services.sealing import Keyring
from services.terminal_keys import Proof, Signed

LONGEST_REFERENCE = 80
LONGEST_SERIAL = 64


class PressInvalid(Refusal):
    """A press needs a reference of 1 to 80 characters and a serial of 1 to 64."""


async def press(
    database: Database, order: PressOrder, proof: Proof, keyring: Keyring, rules: CallRules = RULES
) -> Pressed:
    """Somebody presses: the call is committed when this returns, and only then may the terminal be answered.

    Finding help is a second transaction, for the caller to start (`dispatch.attempt`); a timer does it if nobody
    does. Raises PressNotAuthentic and PressInvalid, and then nothing has changed.
    """
    if not 0 < len(order.reference) <= LONGEST_REFERENCE or not 0 < len(order.serial) <= LONGEST_SERIAL:
        raise PressInvalid
    plain = await plain_presses.take(database, order, proof, keyring, rules)
    if plain is not None:
        return plain
    async with database.write() as session:
        origin = await origins.find(session, order.serial, proof.area_ids if isinstance(proof, Actor) else ())
        parts = (order.serial, order.reference, order.button.value)
        terminal_keys.authenticate(origin.terminal_id, origin.keys, proof, keyring, *parts)
        return await presses.take(session, order, origin, rules)


async def heartbeat(
    session: AsyncSession,
    serial: str,
    proof: Proof,
    keyring: Keyring,
    battery_percent: int | None = None,
    mains: bool | None = None,
    rules: CallRules = RULES,
) -> Terminal:
    """A sign of life, with what the terminal knows of its power.

    Raises PressNotAuthentic, SignOfLifeReplayed; NotFound when unknown.
    """
    terminal = await session.scalar(sa.select(Terminal).where(Terminal.serial == serial).with_for_update())
    if terminal is None:
        raise NotFound(serial)
    told = "" if battery_percent is None else str(battery_percent)
    row = await session.get(TerminalKey, terminal.id)
    keys = origins.sealed_keys(row, clock.now()) if row else ()
    terminal_keys.authenticate(terminal.id, keys, proof, keyring, serial, "heartbeat", told)
    if row is not None and isinstance(proof, Signed):
        replays.note(row, proof.time, clock.now())
    terminal.last_seen_at = clock.now()
    if battery_percent is not None:
        terminal.battery_percent = battery_percent
    await troubles.after_sign_of_life(session, terminal, mains, rules)
    await session.flush()
    return terminal
