"""What terminals and gateways send outside GraphQL, over HTTP and MQTT alike: JSON with a signature, and the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from services.errors import Invalid
from services.models.calls import TerminalButton
from services.models.terminals import Terminal
from services.press_orders import PressOrder
from services.presses import Pressed
from services.terminal_keys import Signed


class MessageUnreadable(Invalid):
    """This message cannot be read: {reason}"""


@dataclass(frozen=True, slots=True)
class Beat:
    """A sign of life as it came in."""

    serial: str
    battery_percent: int | None
    mains: bool | None


def read(body: bytes) -> dict[str, Any]:
    """A message as a JSON object. Raises MessageUnreadable."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise MessageUnreadable(reason="it is not JSON.") from None
    if not isinstance(found, dict):
        raise MessageUnreadable(reason="it is not a JSON object.")
    return found


def press_of(message: Mapping[str, Any], serial: str | None = None) -> PressOrder:
    """The press in `serial`, `reference`, `button`, `pressedAt`; MQTT tells the serial by its topic."""
    try:
        button = TerminalButton(_text(message, "button"))
    except ValueError:
        known = ", ".join(TerminalButton)
        raise MessageUnreadable(reason=f"`button` is none of {known}.") from None
    return PressOrder(serial or _text(message, "serial"), _text(message, "reference"), button, _moment(message))


def beat_of(message: Mapping[str, Any], serial: str | None = None) -> Beat:
    """The sign of life in `serial`, `batteryPercent`, `mains`."""
    percent, mains = message.get("batteryPercent"), message.get("mains")
    if percent is not None and (not isinstance(percent, int) or isinstance(percent, bool) or not 0 <= percent <= 100):
        raise MessageUnreadable(reason="`batteryPercent` is not a whole number from 0 to 100.")
    if mains is not None and not isinstance(mains, bool):
        raise MessageUnreadable(reason="`mains` is neither true nor false.")
    return Beat(serial or _text(message, "serial"), percent, mains)


def signed_by(message: Mapping[str, Any]) -> Signed:
    """The proof in `signature` (hex); what is signed last is `pressedAt` (of a sign of life `at`) as it was written."""
    time = message.get("pressedAt", message.get("at"))
    return Signed(str(message.get("signature") or ""), str(time or ""))


def answer_to_press(pressed: Pressed) -> dict[str, Any]:
    """What a terminal is told once its call is committed."""
    call = pressed.call
    told = {"call": str(call.id), "status": call.status.value, "priority": call.priority}
    return {**told, "pressCount": call.press_count, "repeated": pressed.repeated, "joined": pressed.joined}


def answer_to_beat(terminal: Terminal) -> dict[str, Any]:
    """What a terminal is told after a sign of life."""
    return {"serial": terminal.serial, "status": terminal.status.value}


def _text(message: Mapping[str, Any], name: str) -> str:
    value = message.get(name)
    if not isinstance(value, str) or not value:
        raise MessageUnreadable(reason=f"`{name}` is missing, or not text.")
    return value


def _moment(message: Mapping[str, Any]) -> datetime | None:
    """The terminal's own time; a clock that says nonsense does not cost anybody the call."""
    try:
        moment = datetime.fromisoformat(str(message["pressedAt"]))
    except (KeyError, ValueError):
        return None
    return moment if moment.tzinfo is not None else None
