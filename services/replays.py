"""Signs of life that were recorded and are sent again: refused by their own time, though that clock may be wrong.

A press needs no such rule: its reference is good once for ever, so one that is sent again opens nothing, and one that
is new is never lost, whatever the clock says.
"""

from datetime import datetime, timedelta

from services.errors import Refusal
from services.models.terminal_keys import TerminalKey

NEAR = timedelta(minutes=10)


class SignOfLifeReplayed(Refusal):
    """This sign of life was here before, or is older than the last one. Sign a new one with the present time."""


def is_new(told: datetime, last: datetime | None, now: datetime) -> bool:
    """Whether a sign of life is newer than the last by the terminal's own clock, or that clock was set right since.

    A clock that was ahead and is set back tells times before the last; they are taken when they are near the truth.
    """
    return last is None or told > last or (told != last and abs(told - now) <= NEAR)


def note(row: TerminalKey, time: str, now: datetime) -> None:
    """Keep the signed time of a sign of life; SignOfLifeReplayed when it is not new.

    A time that is no ISO 8601 with offset cannot be compared: a terminal that signs such is not protected.
    """
    told = _moment(time)
    if told is None:
        return
    if not is_new(told, row.told_at, now):
        raise SignOfLifeReplayed
    row.told_at = told


def _moment(time: str) -> datetime | None:
    try:
        told = datetime.fromisoformat(time)
    except ValueError:
        return None
    return told if told.tzinfo is not None else None
