"""What comes at the same time is stored together: those who come while a commit is under way make up the next batch.

Whoever comes alone is a batch of one and waits for nobody. Nobody is answered before the commit.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger()

MOST_TOGETHER = 64
PATIENCE_SECONDS = 0.1
"""So long the next batch waits for the one before; then it goes beside it, since a single item may wait longer."""

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass(eq=False, slots=True)
class Waiting(Generic[Item, Answer]):
    """An item, and who waits for its answer."""

    item: Item
    answer: "asyncio.Future[Answer]"

    def give(self, answer: Answer) -> None:
        """Answer, unless nobody waits any longer."""
        if not self.answer.done():
            self.answer.set_result(answer)

    def refuse(self, problem: BaseException) -> None:
        """Let whoever waits hear of the problem."""
        if not self.answer.done():
            self.answer.set_exception(problem)


class Batches(ABC, Generic[Item, Answer]):
    """The batches of one kind in one server process."""

    gather_seconds = 0.0
    """So long a batch waits for others to come; nothing where somebody waits for the answer."""

    def __init__(self) -> None:
        """Nothing waits yet."""
        self._waiting: list[Waiting[Item, Answer]] = []
        self._working: asyncio.Task[None] | None = None

    @property
    def is_crowded(self) -> bool:
        """True while items wait for one another."""
        return len(self._waiting) > 1

    async def put(self, item: Item) -> Answer:
        """Store an item, with others or alone; its answer once that is committed."""
        waiting: Waiting[Item, Answer] = Waiting(item, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        return await waiting.answer

    @abstractmethod
    async def together(self, batch: Sequence[Waiting[Item, Answer]]) -> None:
        """Store all that can be stored in one transaction, and answer these; the others are left to `alone`."""

    @abstractmethod
    async def alone(self, item: Item) -> Answer:
        """Store one item in a transaction of its own."""

    async def _work(self) -> None:
        try:
            while self._waiting:
                if self.gather_seconds:
                    await asyncio.sleep(self.gather_seconds)
                batch, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
                await asyncio.wait([asyncio.create_task(self._store(batch))], timeout=PATIENCE_SECONDS)
        finally:
            self._working = None

    async def _store(self, batch: Sequence[Waiting[Item, Answer]]) -> None:
        if len(batch) > 1:
            try:
                await self.together(batch)
            except Exception as problem:
                log.warning("batch goes one by one", items=len(batch), error=type(problem).__name__)
        await asyncio.gather(*(self._by_itself(waiting) for waiting in batch if not waiting.answer.done()))

    async def _by_itself(self, waiting: Waiting[Item, Answer]) -> None:
        try:
            waiting.give(await self.alone(waiting.item))
        except BaseException as problem:
            waiting.refuse(problem)
