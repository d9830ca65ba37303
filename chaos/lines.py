"""A client's socket (graphql-transport-ws) that follows one subscription, and can be torn off as in a lift."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import websockets

from chaos.servers import Server

PROTOCOL = "graphql-transport-ws"
OPEN_SECONDS = 5.0


class Line:
    """One acknowledged connection."""

    def __init__(self, connection: websockets.ClientConnection) -> None:
        """`connection` has been acknowledged."""
        self._connection = connection

    async def follow(self, query: str, **variables: Any) -> AsyncIterator[Any]:
        """The data of each event until the connection ends, or the stream does."""
        asked = {"id": "1", "type": "subscribe", "payload": {"query": query, "variables": variables}}
        await self._connection.send(json.dumps(asked))
        async for text in self._connection:
            message = json.loads(text)
            if message["type"] == "next" and "errors" not in message["payload"]:
                yield message["payload"]["data"]
            elif message["type"] in ("error", "complete", "next"):
                return

    def tear(self) -> None:
        """Drop it without a goodbye."""
        self._connection.transport.abort()


@asynccontextmanager
async def connected(server: Server, token: str) -> AsyncIterator[Line]:
    """A signed-in connection. Raises OSError, TimeoutError or websockets.WebSocketException."""
    protocols = [websockets.Subprotocol(PROTOCOL)]
    address = f"ws://{server.site}/graphql"
    async with websockets.connect(
        address, subprotocols=protocols, open_timeout=OPEN_SECONDS, ping_interval=None, close_timeout=1
    ) as connection:
        hello = {"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}}
        await connection.send(json.dumps(hello))
        if json.loads(await connection.recv()).get("type") != "connection_ack":
            raise OSError("not acknowledged")
        yield Line(connection)


BROKEN = (OSError, TimeoutError, websockets.WebSocketException)
"""What a connection that breaks raises."""
