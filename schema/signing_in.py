"""Who asks: the bearer token's account and its rights, remembered for a few seconds in each process."""

import uuid
from datetime import datetime, timedelta

from services import clock, tokens
from services.access import Actor, actor_of
from services.database import Database
from services.errors import NotSignedIn

REMEMBERED = timedelta(seconds=5)
MOST_REMEMBERED = 10_000


class Actors:
    """Finds actors; a right given or taken away counts after `REMEMBERED` at the latest."""

    def __init__(self, database: Database, secret: bytes) -> None:
        """Remember nobody yet."""
        self._database = database
        self._secret = secret
        self._known: dict[uuid.UUID, tuple[datetime, Actor]] = {}

    async def by_token(self, authorization: object) -> Actor:
        """The actor of `Bearer ...`; NotSignedIn when it is missing, forged, over, or the account is disabled."""
        scheme, _, token = authorization.partition(" ") if isinstance(authorization, str) else ("", "", "")
        if scheme.lower() != "bearer" or not token:
            raise NotSignedIn
        return await self.of(tokens.account_of(token.strip(), self._secret))

    async def of(self, account_id: uuid.UUID) -> Actor:
        """The actor of an account, with the rights that held a few seconds ago at the latest."""
        now = clock.now()
        until, actor = self._known.get(account_id, (None, None))
        if actor is None or until is None or not now < until <= now + REMEMBERED:
            async with self._database.read({"account": account_id}) as session:
                actor = await actor_of(session, account_id)
            self._remember(actor, now + REMEMBERED)
        return actor

    def forget(self) -> None:
        """Look everybody up again."""
        self._known.clear()

    def _remember(self, actor: Actor, until: datetime) -> None:
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[actor.account_id] = (until, actor)
