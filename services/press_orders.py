"""What a terminal says when somebody presses."""

from dataclasses import dataclass
from datetime import datetime

from services.models.calls import TerminalButton


@dataclass(frozen=True, slots=True)
class PressOrder:
    """What a terminal says. `pressed_at` is its own clock: kept, and never used for order."""

    serial: str
    reference: str
    button: TerminalButton
    pressed_at: datetime | None = None
