"""Following as a client does: subscriptions over a graphql-transport-ws socket, one stream after another by its id."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

import httpx
from httpx_ws import aconnect_ws
from httpx_ws.transport import ASGIWebSocketTransport
from starlette.applications import Starlette

from fixtures.makers import authorization
from services.models import Account

PROTOCOL = "graphql-transport-ws"
PATIENCE_SECONDS = 15.0


class Line(Protocol):
    """A connection, in this process or over the network."""

    async def send_json(self, message: Any) -> None:
        """Send a message."""

    async def receive_text(self) -> str:
        """The next message."""


class Socket:
    """One signed-in connection."""

    def __init__(self, session: Line) -> None:
        """`session` has been acknowledged."""
        self._session = session
        self._heard: defaultdict[str, list[Any]] = defaultdict(list)

    async def subscribe(self, id_: str, query: str, **variables: Any) -> None:
        """Start an operation."""
        payload = {"query": query, "variables": variables}
        await self._session.send_json({"id": id_, "type": "subscribe", "payload": payload})

    async def next(self, id_: str) -> Any:
        """The data of the stream's next event; fails when the stream ends or errs."""
        while not self._heard[id_]:
            message = json.loads(await asyncio.wait_for(self._session.receive_text(), PATIENCE_SECONDS))
            if message["type"] == "ping":
                continue
            assert message["type"] == "next", message
            assert "errors" not in message["payload"], message["payload"]
            self._heard[message["id"]].append(message["payload"]["data"])
        return self._heard[id_].pop(0)

    async def refused(self) -> Any:
        """The first error of the next message."""
        message = json.loads(await asyncio.wait_for(self._session.receive_text(), PATIENCE_SECONDS))
        errors = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
        return errors[0]["extensions"]["code"]


@asynccontextmanager
async def connected(app: Starlette, account: Account) -> AsyncIterator[Socket]:
    """A signed-in connection to an application in this process."""
    async with (
        httpx.AsyncClient(transport=ASGIWebSocketTransport(app)) as client,
        aconnect_ws("http://linli.test/graphql", client, subprotocols=[PROTOCOL]) as session,
    ):
        await session.send_json({"type": "connection_init", "payload": authorization(account)})
        assert json.loads(await session.receive_text()) == {"type": "connection_ack"}
        yield Socket(session)
