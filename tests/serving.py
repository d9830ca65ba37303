"""Real server processes on a test's own database, servers in this process, and clients with real connections."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
import websockets
from starlette.types import ASGIApp

from fixtures.makers import SECRET, authorization
from services.models import Account
from tests.running import ROOT, free_port, soon
from tests.schema.following import PROTOCOL, Socket


@asynccontextmanager
async def in_this_process(app: ASGIApp, **options: Any) -> AsyncIterator[str]:
    """The address of a server that runs the application in this event loop; `options` are uvicorn's."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", **options))
    serving = asyncio.create_task(server.serve([listening]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    await serving


@dataclass
class Served:
    """One server process."""

    port: int
    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def site(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def is_ready(self) -> bool:
        """Whether it says that it is ready."""
        try:
            return httpx.get(f"{self.site}/health/ready", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    async def ask(self, account: Account, query: str, **variables: Any) -> Any:
        """The data of an answer without errors."""
        body = await self.answer(account, query, **variables)
        assert "errors" not in body, body["errors"]
        return body["data"]

    async def answer(self, account: Account, query: str, **variables: Any) -> dict[str, Any]:
        """The whole answer."""
        async with httpx.AsyncClient(timeout=20) as client:
            asked = {"query": query, "variables": variables}
            response = await client.post(f"{self.site}/graphql", json=asked, headers=authorization(account))
            found: dict[str, Any] = response.json()
            return found

    async def post(self, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
        """A plain POST of JSON."""
        async with httpx.AsyncClient(timeout=20) as client:
            return await client.post(f"{self.site}{path}", json=body, headers=headers)

    @asynccontextmanager
    async def socket(self, account: Account) -> AsyncIterator["RealSocket"]:
        """A signed-in connection."""
        address = f"ws://127.0.0.1:{self.port}/graphql"
        async with websockets.connect(address, subprotocols=[websockets.Subprotocol(PROTOCOL)]) as line:
            await line.send(json.dumps({"type": "connection_init", "payload": authorization(account)}))
            assert json.loads(await line.recv()) == {"type": "connection_ack"}
            yield RealSocket(line)


class RealSocket(Socket):
    """A connection that can be torn off."""

    def __init__(self, line: websockets.ClientConnection) -> None:
        """`line` has been acknowledged."""
        super().__init__(_Line(line))
        self._line = line

    def tear(self) -> None:
        """Drop the connection as a phone in a lift does: no goodbye."""
        self._line.transport.abort()


class _Line:
    """The two acts of a connection that `Socket` needs."""

    def __init__(self, line: websockets.ClientConnection) -> None:
        self._line = line

    async def send_json(self, message: Any) -> None:
        await self._line.send(json.dumps(message))

    async def receive_text(self) -> str:
        return str(await self._line.recv())


@contextmanager
def served(url: str, data: Path, count: int = 1, **settings: str) -> Iterator[list[Served]]:
    """Server processes on the database at `url`, ready; ended with the block."""
    with ExitStack() as stack:
        servers = [stack.enter_context(_process(url, data, settings)) for _ in range(count)]
        for server in servers:
            assert soon(lambda server=server: server.is_ready(), 120), server.log.read_text()
        yield servers


@contextmanager
def _process(url: str, data: Path, settings: dict[str, str]) -> Iterator[Served]:
    port = free_port()
    log = data / f"server-{port}.log"
    secret = SECRET.decode()
    own = {"DATABASE_URL": url, "LINLI_DATA": str(data), "LINLI_TOKEN_SECRET": secret, "LINLI_SEALING_SECRET": secret}
    command = [sys.executable, "-m", "uvicorn", "server:create", "--factory", "--port", str(port), "--no-access-log"]
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **own, **settings}, stdout=out, stderr=out)
    try:
        yield Served(port, process, log)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(30)
