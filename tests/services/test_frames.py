"""Messages that leave together leave in one write, in their order; a client that has gone is said to be gone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.utils import ClientDisconnected
from websockets.asyncio.client import connect

from services.frames import TOGETHER, Together

WRITES: list[int] = []


class _Counting:
    """A transport that counts what is written."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        WRITES.append(len(data))
        self._transport.write(data)


class _Counted(Together):
    def connection_made(self, transport: Any) -> None:
        super().connection_made(_Counting(transport))  # type: ignore[arg-type]


@asynccontextmanager
async def _serving(act: Callable[[Scope, Receive, Send], Awaitable[None]]) -> AsyncIterator[str]:
    config = uvicorn.Config(act, port=0, ws=_Counted, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"ws://127.0.0.1:{port}"
    finally:
        await server.shutdown()


async def test_texts_of_one_event_are_messages_in_one_write() -> None:
    async def act(scope: Scope, receive: Receive, send: Send) -> None:
        assert TOGETHER in scope["extensions"]
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        WRITES.clear()
        await send({"type": "websocket.send", "texts": ["one", "zwei 二"]})
        await send({"type": "websocket.send", "text": "three"})
        assert len(WRITES) == 2
        await receive()

    async with _serving(act) as site, connect(site, compression=None) as line:
        await line.send("begin")
        assert [await line.recv() for _ in range(3)] == ["one", "zwei 二", "three"]
    # a short frame of the server has a head of two bytes: 2 + 3 for "one", 2 + 5 + 3 for the other (UTF-8)
    assert WRITES[:2] == [15, 7]  # then the closing


async def test_whoever_has_gone_is_not_written_to() -> None:
    told: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()

    async def act(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass
        with pytest.raises(ClientDisconnected) as gone:
            await send({"type": "websocket.send", "texts": ["one", "two"]})
        told.set_result(gone.value)

    async with _serving(act) as site:
        async with connect(site, compression=None):
            pass
        assert isinstance(await asyncio.wait_for(told, 10), OSError)  # what `schema.sockets` understands
