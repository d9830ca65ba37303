"""A process's rounds with the post: who acts on a call is told first, and no slow line holds up the others."""

import asyncio
from collections.abc import Collection, Sequence

import structlog

from services import endings, outbox
from services.database import Database
from services.ladder import RULES, CallRules
from services.models.outbox import Message, Recipient
from services.outbox import Send

log = structlog.get_logger()

WHO_ACTS = (Recipient.WORKER, Recipient.DUTY_DESK)
OTHERS = tuple(one for one in Recipient if one not in WHO_ACTS)
PATIENCE_SECONDS = 1.0
"""So long the next batch waits for the one before it."""
MOST_UNDER_WAY = 10
"""Batches of a round; a line that is dead gives up each after 15 s."""


class Deliveries:
    """Two rounds, each with its batches under way; `send` knows the channels."""

    def __init__(self, database: Database, send: Send, rules: CallRules = RULES) -> None:
        """Nothing is under way."""
        self._database, self._send, self._rules = database, send, rules
        self._under_way: dict[Collection[Recipient], set[asyncio.Task[None]]] = {WHO_ACTS: set(), OTHERS: set()}

    async def to_who_acts(self) -> None:
        """Deliver what is due to workers and duty desks."""
        await self._round(WHO_ACTS)

    async def to_others(self) -> None:
        """Deliver what is due to contacts, residents, the staff of an area."""
        await self._round(OTHERS)

    async def stop(self) -> None:
        """Give up what is under way: it comes again at another process."""
        await endings.end(*(task for some in self._under_way.values() for task in some))

    async def _round(self, to: Collection[Recipient]) -> None:
        under_way = self._under_way[to]
        while True:
            if len(under_way) >= MOST_UNDER_WAY:
                await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            lent = await outbox.lend(self._database, rules=self._rules, to=to)
            if not lent:
                return
            task = asyncio.create_task(self._deliver(lent))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            await asyncio.wait({task}, timeout=PATIENCE_SECONDS)

    async def _deliver(self, lent: Sequence[Message]) -> None:
        try:
            await outbox.deliver_lent(self._database, self._send, lent, self._rules)
        except Exception as problem:
            log.warning("post not noted, it goes again", messages=len(lent), error=type(problem).__name__)
