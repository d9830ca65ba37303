"""Who asks: the bearer token's account and its rights, remembered for a few seconds in each process."""

import hashlib
import uuid
from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from services import clock, tokens
from services.access import Actor, actor_of
from services.database import Database
from services.errors import NotSignedIn

REMEMBERED = timedelta(seconds=5)
MOST_REMEMBERED = 10_000

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Actors:
    """Finds actors; a right given or taken away, and the end of a token, count after `REMEMBERED` at the latest."""

    def __init__(self, database: Database, secret: bytes) -> None:
        """Remember nobody yet."""
        self._database = database
        self._secret = secret
        self._accounts: _ForSeconds[bytes, uuid.UUID] = _ForSeconds()
        self._actors: _ForSeconds[uuid.UUID, Actor] = _ForSeconds()

    async def by_token(self, authorization: object) -> Actor:
        """The actor of `Bearer ...`; NotSignedIn when it is missing, forged, over, or the account is disabled."""
        scheme, _, token = authorization.partition(" ") if isinstance(authorization, str) else ("", "", "")
        if scheme.lower() != "bearer" or not token:
            raise NotSignedIn
        return await self.of(self._account(token.strip()))

    async def of(self, account_id: uuid.UUID) -> Actor:
        """The actor of an account, with the rights that held a few seconds ago at the latest."""
        actor = self._actors.get(account_id)
        if actor is None:
            async with self._database.read({"account": account_id}) as session:
                actor = await actor_of(session, account_id)
            self._actors.keep(account_id, actor)
        return actor

    def forget(self) -> None:
        """Look everybody up again."""
        self._accounts.clear()
        self._actors.clear()

    def forget_one(self, account_id: uuid.UUID) -> None:
        """Look one account up again."""
        self._actors.drop(account_id)

    def _account(self, token: str) -> uuid.UUID:
        seen = hashlib.sha256(token.encode()).digest()  # tokens themselves are not kept in memory
        account_id = self._accounts.get(seen)
        if account_id is None:
            account_id = tokens.account_of(token, self._secret)
            self._accounts.keep(seen, account_id)
        return account_id


class _ForSeconds(Generic[Key, Value]):
    """A dict that forgets what is older than `REMEMBERED`, also when the clock was moved."""

    def __init__(self) -> None:
        self._kept: dict[Key, tuple[datetime, Value]] = {}

    def get(self, key: Key) -> Value | None:
        kept = self._kept.get(key)
        return kept[1] if kept is not None and timedelta(0) <= clock.now() - kept[0] < REMEMBERED else None

    def keep(self, key: Key, value: Value) -> None:
        if len(self._kept) >= MOST_REMEMBERED:
            self._kept.clear()
        self._kept[key] = (clock.now(), value)

    def drop(self, key: Key) -> None:
        self._kept.pop(key, None)

    def clear(self) -> None:
        self._kept.clear()
