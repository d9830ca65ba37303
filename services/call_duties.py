"""What every server process does beside answering: timers, the sweep, numbering, deliveries, silent terminals.

All of it may run in any number of processes at once, and goes on by itself after the database was away.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from services import events, outbox, sweep, timers, troubles
from services.call_timers import HANDLERS
from services.database import Database
from services.ladder import RULES, CallRules
from services.outbox import Send

log = structlog.get_logger()

TIMER_SECONDS = 0.5
DELIVERY_SECONDS = 0.5
SWEEP_SECONDS = 5.0
NUMBERING_SECONDS = 10.0
TERMINAL_SECONDS = 60.0
TIMER_HANDS = 3

Found = Callable[[sweep.Findings], None]


async def run(database: Database, send: Send, found: Found = lambda findings: None, rules: CallRules = RULES) -> None:
    """Do all duties until cancelled. `send` delivers one message; `found` hears of each sweep (for the metrics)."""

    async def look() -> None:
        found(await sweep.sweep(database, rules))

    async with asyncio.TaskGroup() as group:
        for _ in range(TIMER_HANDS):
            group.create_task(every(TIMER_SECONDS, lambda: timers.run_due(database, HANDLERS, rules=rules)))
        group.create_task(every(DELIVERY_SECONDS, lambda: outbox.deliver(database, send, rules=rules)))
        group.create_task(every(SWEEP_SECONDS, look))
        group.create_task(every(NUMBERING_SECONDS, lambda: events.number_all(database)))
        group.create_task(every(TERMINAL_SECONDS, lambda: troubles.look(database, rules)))


async def every(seconds: float, work: Callable[[], Awaitable[object]]) -> None:
    """Do `work` again and again with a pause; a fault is logged and the next time comes."""
    while True:
        try:
            await work()
        except Exception as problem:
            log.warning("duty failed, next time again", error=type(problem).__name__)
        await asyncio.sleep(seconds)
