"""What a resolver holds: who asks, sessions to read and to write, and loaders that fetch for many rows at once."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.dataloader import DataLoader

from schema.cursors import Cursors
from schema.doorstep import Doorstep
from schema.limits import Limits
from schema.signing_in import Actors
from services.access import Actor
from services.coverage_jobs import Jobs
from services.database import Database, platform
from services.dispatcher import Dispatcher
from services.errors import NotFound
from services.ladder import RULES, CallRules
from services.position_batches import PositionBatches
from services.presences import Presences
from services.press_batches import PressBatches
from services.reading_notes import Notes
from services.readings import ReadLog
from services.sealing import Keyring
from services.suppression import Teller
from services.wakeups import Wakeups

Key = TypeVar("Key")
Value = TypeVar("Value")
Options = ParamSpec("Options")
Fetch: TypeAlias = Callable[Concatenate[AsyncSession, Actor, Sequence[Key], Options], Awaitable[Mapping[Key, Value]]]


@dataclass(frozen=True)
class Api:
    """What all requests of one server share."""

    database: Database
    keyring: Keyring
    secret: bytes
    actors: Actors
    cursors: Cursors
    jobs: Jobs
    dispatcher: Dispatcher
    wakeups: Wakeups
    read_log: ReadLog
    presences: Presences
    press_batches: PressBatches
    position_batches: PositionBatches
    rules: CallRules = RULES
    push_key: str | None = None
    push_origins: tuple[str, ...] = ()
    development: bool = False
    limits: Limits = field(default_factory=Limits)
    allowed_origins: tuple[str, ...] = ()

    @classmethod
    def of(cls, database: Database, keyring: Keyring, secret: bytes, rules: CallRules = RULES, **options: Any) -> "Api":
        """The shared parts made from a database, a keyring and the secret that signs tokens and cursors."""
        dispatcher = Dispatcher(database.acting_as("dispatch"), rules)
        beside = (Jobs(database.acting_as("audit")), dispatcher, Wakeups(database))
        present = Presences(database.acting_as("presence"), rules)
        batches = PressBatches(database.acting_as("intake"), keyring, rules)
        dispatcher.give_way_to(lambda: batches.is_crowded)
        positions = PositionBatches(database.acting_as("calls"))
        actors = Actors(database.acting_as("sign-in"), secret)
        log = ReadLog(database.acting_as("read log"), keyring.log_key)
        parts = (actors, Cursors(secret), *beside, log, present, batches, positions, rules)
        return cls(database, keyring, secret, *parts, **options)

    def platform(self, part: str) -> Database:
        """The database for a part of the platform that acts beside whoever asks, such as the intake of presses."""
        return self.database.acting_as(part)


class Context:
    """One operation. Sibling fields run together, so each read opens its own session; only a mutation writes."""

    def __init__(self, api: Api, actor: Actor) -> None:
        """Nothing is opened yet."""
        self.api = api
        self.actor = actor
        self.notes = Notes()
        self.doorstep = Doorstep()
        self._loaders: dict[Any, DataLoader[Any, Any]] = {}
        self._known: dict[Any, Mapping[Any, Any]] = {}
        self._reading = asyncio.Semaphore(api.limits.reads_at_once)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session that only looks. Never open one inside another: one operation holds few at a time."""
        async with self._reading, self.api.database.read(self.actor.identity) as session:
            yield session

    @asynccontextmanager
    async def read_as(self, part: str) -> AsyncIterator[AsyncSession]:
        """The same for a part of the platform, which looks at rows that are not the actor's and tells what is."""
        async with self._reading, self.api.database.read(platform(part)) as session:
            yield session

    @asynccontextmanager
    async def write(self, part: str | None = None) -> AsyncIterator[AsyncSession]:
        """The session of a mutation: committed once, here, when the block ends well; what was loaded is forgotten.

        With a `part` of the platform that acts on rows which are not the actor's, such as whoever is asked next; it
        decides by itself what the actor may.
        """
        async with self.api.database.write(platform(part) if part else self.actor.identity) as session:
            yield session
        self._forget()

    async def write_notes(self, operation: str) -> None:
        """Write what was read so far into the read log. The answer leaves after this, and not without it."""
        await self.api.read_log.write(self.actor, operation, self.notes)

    async def renew(self) -> None:
        """After a change of areas or rights: forget who may see what, and look again."""
        self.api.actors.forget()
        self.actor = await self.api.actors.of(self.actor.account_id)

    async def look_again(self) -> None:
        """For the source of a subscription, before each event: today's rights, and nothing that was loaded before.

        NotSignedIn when no rights are left.
        """
        self.actor = await self.api.actors.of(self.actor.account_id)
        self._forget()

    async def renew_self(self) -> None:
        """After the actor took or gave back a call: the home's file opens or closes at once."""
        self.api.actors.forget_one(self.actor.account_id)
        await self.look_again()

    async def load(
        self,
        fetch: Callable[Concatenate[AsyncSession, Actor, Sequence[Key], Options], Awaitable[Mapping[Key, Value]]],
        key: Key | None,
        *args: Options.args,
        **options: Options.kwargs,
    ) -> Value | None:
        """The value of `key` by `fetch(session, actor, keys, ...)`, called once for all rows that ask together."""
        if key is None:
            return None
        place = (fetch, args, tuple(sorted(options.items())))
        loader = self._loaders.get(place)
        if loader is None:
            loader = self._loaders[place] = DataLoader(load_fn=self._batch(fetch, args, options))
        found: Value | None = await loader.load(key)
        return found

    def know(self, fetch: Fetch[Key, ..., Value], values: Mapping[Key, Value]) -> None:
        """These values came along with something else: `known` gives them without asking the store."""
        self._known[fetch] = {**self._known.get(fetch, {}), **values}

    def known(self, fetch: Fetch[Key, ..., Value], key: Key) -> Value | None:
        """The value of `key` by `fetch`, when it came along (`know`); else None: then `load` it."""
        found: Value | None = self._known.get(fetch, {}).get(key)
        return found

    async def find(
        self,
        fetch: Callable[[AsyncSession, Actor, Sequence[uuid.UUID]], Awaitable[Mapping[uuid.UUID, Value]]],
        id_: str,
    ) -> Value:
        """The row with the id that a client sent; NotFound when it is garbled, unknown or not the actor's to see."""
        found = await self.load(fetch, id_of(id_))
        if found is None:
            raise NotFound(id_)
        return found

    def _forget(self) -> None:
        self._loaders.clear()
        self._known.clear()

    def teller(self, grid_ids: Iterable[uuid.UUID]) -> Teller:
        """Who tells counts of the people of these grids: exactly to whom may read them, blurred to all others."""
        return Teller(self.api.secret, all(self.actor.cares.holds(grid) for grid in grid_ids))

    def opened(self, row: Any, field: str) -> str | None:
        """A sealed field of a row, opened: `opened(resident, "name")`. The only place where personal data opens."""
        return self.api.keyring.open(row.data_key, f"{row.__tablename__}.{field}", getattr(row, f"{field}_sealed"))

    def _batch(self, fetch: Any, args: Any, options: Any) -> Callable[[list[Any]], Awaitable[list[Any]]]:
        async def load_all(keys: list[Any]) -> list[Any]:
            async with self.read() as session:
                found = await fetch(session, self.actor, keys, *args, **options)
            return [found.get(key) for key in keys]

        return load_all


Info: TypeAlias = strawberry.Info[Context, None]


def id_of(text: str) -> uuid.UUID:
    """The id that a client sent back; NotFound when it cannot be one of ours."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound(text) from None
