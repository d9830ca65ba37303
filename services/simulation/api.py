"""The public API as a client sees it: GraphQL over HTTP and over a socket, presses by plain POST."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from services.errors import Refusal

PROTOCOL = Subprotocol("graphql-transport-ws")
CONNECT_AGAIN_SECONDS = 1.0
TIMEOUT_SECONDS = 30.0
MOST_CONNECTIONS = 64


class NoServer(Refusal):
    """No server answers at {subject}. Start one with ./dev run, or name another with --url."""


class Refused(Exception):
    """The platform said no; `code` is the name of the refusal."""

    def __init__(self, error: dict[str, Any]) -> None:
        """As GraphQL tells an error."""
        super().__init__(error["message"])
        self.code = str(error.get("extensions", {}).get("code", "UNFORESEEN"))


class Api:
    """One server (or the balancer before many), asked by many users, each with a token."""

    def __init__(self, url: str) -> None:
        """Nothing is asked yet."""
        self._url = url.rstrip("/")
        limits = httpx.Limits(max_connections=MOST_CONNECTIONS)
        self._client = httpx.AsyncClient(base_url=self._url, timeout=TIMEOUT_SECONDS, limits=limits)

    async def __aenter__(self) -> "Api":
        """Raises NoServer when nobody answers."""
        try:
            (await self._client.get("/health/ready")).raise_for_status()
        except httpx.HTTPError:
            await self._client.aclose()
            raise NoServer(self._url) from None
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def ask(self, token: str, query: str, **variables: Any) -> dict[str, Any]:
        """The data of a query or mutation. Raises Refused, and httpx.HTTPError when the server is away."""
        asked = {"query": query, "variables": variables}
        response = await self._client.post("/graphql", json=asked, headers=_signed(token))
        return _data(response.json())

    async def press(self, token: str, serial: str, reference: str, button: str) -> dict[str, Any]:
        """A press as a gateway sends it: sent again until it is answered, since only an answer means a call."""
        body = {"serial": serial, "reference": reference, "button": button}
        while True:
            try:
                response = await self._client.post("/terminals/press", json=body, headers=_signed(token))
                if response.status_code == 200:
                    found: dict[str, Any] = response.json()
                    return found
                if response.status_code < 500:
                    raise Refused({"message": response.text})
            except httpx.HTTPError:
                pass
            await asyncio.sleep(CONNECT_AGAIN_SECONDS)

    async def follow(self, token: str, query: str, **variables: Any) -> AsyncIterator[dict[str, Any]]:
        """The data of a subscription, event by event, until the connection drops. Raises Refused."""
        address = self._url.replace("http", "ws", 1) + "/graphql"
        try:
            async with connect(address, subprotocols=[PROTOCOL], max_size=None) as line:
                await line.send(orjson.dumps({"type": "connection_init", "payload": _signed(token)}).decode())
                asked = {"query": query, "variables": variables}
                await line.send(orjson.dumps({"id": "1", "type": "subscribe", "payload": asked}).decode())
                async for data in _events(line):
                    yield data
        except (OSError, WebSocketException):
            return


async def _events(line: ClientConnection) -> AsyncIterator[dict[str, Any]]:
    async for text in line:
        message = orjson.loads(text)
        if message["type"] == "next":
            yield _data(message["payload"])
        elif message["type"] == "ping":
            await line.send('{"type":"pong"}')
        elif message["type"] == "error":
            raise Refused(message["payload"][0])
        elif message["type"] == "complete":
            return


def _signed(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _data(answer: dict[str, Any]) -> dict[str, Any]:
    if answer.get("errors"):
        raise Refused(answer["errors"][0])
    found: dict[str, Any] = answer["data"]
    return found
