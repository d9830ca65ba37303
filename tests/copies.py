"""What is stored once and copied for each test: a database in a known state, and the rows by which a test names it."""

import pickle
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from services import clock
from tests.postgres import WorkerDatabases

Rows = TypeVar("Rows")


@dataclass
class Copies(Generic[Rows]):
    """Databases as `store(url)` leaves one; it is called once for the system's clock and once for each that stands."""

    databases: WorkerDatabases
    store: Callable[[str], Awaitable[Rows]]
    _kept: dict[datetime | None, tuple[str, bytes]] = field(default_factory=dict)

    async def make(self) -> tuple[str, Rows]:
        """The name of a database of the caller's own, and rows of its own: what it does to either, no other sees.

        The rows are detached, as after the session that stored them. Drop the database afterwards.
        """
        moment = _standing()
        if moment not in self._kept:
            self._kept[moment] = await self._stored()
        name, rows = self._kept[moment]
        found: Rows = pickle.loads(rows)
        return self.databases.make(name), found

    async def _stored(self) -> tuple[str, bytes]:
        name = self.databases.make()
        return name, pickle.dumps(await self.store(self.databases.url(name)))


def _standing() -> datetime | None:
    """The moment at which a test's clock stands; None for the system's clock."""
    told = clock.now()
    return told if abs(told - datetime.now(UTC)) > timedelta(minutes=1) else None


def fields_but_database(room: Any) -> dict[str, Any]:
    """What a room holds beside its connections."""
    return {name: value for name, value in vars(room).items() if name != "database"}
