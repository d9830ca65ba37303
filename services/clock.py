"""The only clock: now() and today(). Tests move it; nothing else asks the system for the time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("Asia/Shanghai")


def _system() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system


def now() -> datetime:
    """The present moment, with offset (UTC)."""
    return _source()


def today(zone: ZoneInfo = LOCAL_ZONE) -> date:
    """The calendar day in the jurisdiction's time zone."""
    return now().astimezone(zone).date()


@contextmanager
def frozen(source: Callable[[], datetime]) -> Iterator[None]:
    """Let `source` tell the time until the block ends (tests, replays)."""
    global _source
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before
