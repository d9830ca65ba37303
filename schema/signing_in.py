"""Who asks: the bearer token's account and its rights, remembered for a few seconds in each process."""

import hashlib
import uuid
from collections.abc import Awaitable, Callable, Hashable, Sequence
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from strawberry.dataloader import DataLoader

from services import clock, sign_ins, tokens
from services.access import Actor
from services.actors import actors_of
from services.database import Database
from services.errors import NotSignedIn
from services.tokens import Claims

REMEMBERED = timedelta(seconds=5)
LOOKED_AT_OF_LATE = timedelta(seconds=1)
MOST_REMEMBERED = 10_000
MOST_TOGETHER = 1_000

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Actors:
    """Finds actors; a right given or taken away, the end of a token and of a sign-in count after `REMEMBERED` at most.

    Those who are looked up in the same moment are looked up together. Open sockets do not wait that long
    (`schema.staying`).
    """

    def __init__(self, database: Database, secret: bytes) -> None:
        """Remember nobody yet."""
        self._database = database
        self._secret = secret
        self._claims: _ForSeconds[bytes, Claims] = _ForSeconds()
        self._standing: _ForSeconds[uuid.UUID, bool] = _ForSeconds()
        self._actors: _ForSeconds[uuid.UUID, Actor] = _ForSeconds()
        self._look_up = _together(self._all_of)
        self._look_whether_they_stand = _together(self._all_standing)

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
            actor = await self._look_up(account_id)
            self._actors.keep(account_id, actor)
        return actor

    async def look_again(self, authorization: object) -> Actor:
        """As `by_token`, for who stays: before what is remembered is too old, so that nobody else waits for it."""
        claims = self.claims(authorization)
        self._actors.drop_older(claims.account_id, LOOKED_AT_OF_LATE)
        if claims.sign_in_id is not None:
            self._standing.drop_older(claims.sign_in_id, LOOKED_AT_OF_LATE)
        return await self.by_token(authorization)

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
            standing = await self._look_whether_they_stand(sign_in_id)
            self._standing.keep(sign_in_id, standing)
        return standing

    async def _all_of(self, account_ids: list[uuid.UUID]) -> Sequence[Actor | Exception]:
        async with self._database.read() as session:
            found = await actors_of(session, account_ids)
        return [found.get(account_id) or NotSignedIn() for account_id in account_ids]

    async def _all_standing(self, sign_in_ids: list[uuid.UUID]) -> Sequence[bool]:
        async with self._database.read() as session:
            standing = await sign_ins.standing(session, sign_in_ids)
        return [sign_in_id in standing for sign_in_id in sign_in_ids]

    def _read(self, token: str) -> Claims:
        seen = hashlib.sha256(token.encode()).digest()  # tokens themselves are not kept in memory
        claims = self._claims.get(seen)
        if claims is None:
            claims = tokens.read(token, self._secret)
            self._claims.keep(seen, claims)
        return claims


def _together(
    load: Callable[[list[uuid.UUID]], Awaitable[Sequence[Value | Exception]]],
) -> Callable[[uuid.UUID], Awaitable[Value]]:
    """One by one from outside, in one go from within; nothing is remembered here."""
    loader: DataLoader[uuid.UUID, Value] = DataLoader(load_fn=load, max_batch_size=MOST_TOGETHER, cache=False)
    return loader.load


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

    def drop_older(self, key: Key, age: timedelta) -> None:
        kept = self._kept.get(key)
        if kept is not None and clock.now() - kept[0] >= age:
            del self._kept[key]

    def clear(self) -> None:
        self._kept.clear()
