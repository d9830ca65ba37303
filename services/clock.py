"""The only clock: now() and today(). Tests move it; nothing else asks the system for the time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from services import settings


def _system() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system


def now() -> datetime:
    """The present moment, with offset (UTC)."""
    return _source()


def zone() -> ZoneInfo:
    """The jurisdiction's time zone (`LINLI_TIME_ZONE`): of working days, of duties, of whatever is a local time."""
    return ZoneInfo(settings.current().time_zone)


def today() -> date:
    """The calendar day in the jurisdiction's time zone."""
    return now().astimezone(zone()).date()


@contextmanager
def frozen(source: Callable[[], datetime]) -> Iterator[None]:
    """Let `source` tell the time until the block ends (tests, replays)."""
    global _source
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before
