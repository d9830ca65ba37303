"""Who asks: the bearer token's account and its rights, remembered for a few seconds in each process."""

import hashlib
import uuid
from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from services import clock, sign_ins, tokens
from services.access import Actor, actor_of
from services.database import Database
from services.errors import NotSignedIn
from services.tokens import Claims

REMEMBERED = timedelta(seconds=5)
MOST_REMEMBERED = 10_000

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Actors:
    """Finds actors; a right given or taken away, the end of a token and of a sign-in count after `REMEMBERED` at most.

    Open sockets do not wait that long (`schema.staying`).
    """

    def __init__(self, database: Database, secret: bytes) -> None:
        """Remember nobody yet."""
        self._database = database
        self._secret = secret
        self._claims: _ForSeconds[bytes, Claims] = _ForSeconds()
        self._standing: _ForSeconds[uuid.UUID, bool] = _ForSeconds()
        self._actors: _ForSeconds[uuid.UUID, Actor] = _ForSeconds()

    async def by_token(self, authorization: object) -> Actor:
        """The actor of `Bearer ...`; NotSignedIn when it is missing, forged, over or ended, or the account closed."""
        claims = self.claims(authorization)
        if claims.sign_in_id is not None and not await self._stands(claims.sign_in_id):
            raise NotSignedIn
        return await self.of(claims.account_id)

    def claims(self, authorization: object) -> Claims:
        """For whom `Bearer ...` speaks, by its signature alone; NotSignedIn when it is missing, forged or over."""
        scheme, _, token = authorization.partition(" ") if isinstance(authorization, str) else ("", "", "")
        if scheme.lower() != "bearer" or not token:
            raise NotSignedIn
        return self._read(token.strip())

    async def of(self, account_id: uuid.UUID) -> Actor:
        """The actor of an account, with the rights that held a few seconds ago at the latest."""
        actor = self._actors.get(account_id)
        if actor is None:
            async with self._database.read() as session:
                actor = await actor_of(session, account_id)
            self._actors.keep(account_id, actor)
        return actor

    def forget(self) -> None:
        """Look everybody up again."""
        self._claims.clear()
        self._standing.clear()
        self._actors.clear()

    def forget_one(self, account_id: uuid.UUID) -> None:
        """Look one account up again."""
        self._actors.drop(account_id)

    def forget_sign_ins(self, account_id: uuid.UUID) -> None:
        """Look again whether the account is open and still signed in: somebody has ended something."""
        self._actors.drop(account_id)
        self._standing.clear()

    async def _stands(self, sign_in_id: uuid.UUID) -> bool:
        standing = self._standing.get(sign_in_id)
        if standing is None:
            async with self._database.read() as session:
                standing = await sign_ins.stands(session, sign_in_id)
            self._standing.keep(sign_in_id, standing)
        return standing

    def _read(self, token: str) -> Claims:
        seen = hashlib.sha256(token.encode()).digest()  # tokens themselves are not kept in memory
        claims = self._claims.get(seen)
        if claims is None:
            claims = tokens.read(token, self._secret)
            self._claims.keep(seen, claims)
        return claims


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
