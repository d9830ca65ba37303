"""Server processes that are killed and started again, and the requests that clients send to whichever lives."""

import asyncio
import os
import random
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 300.0
REQUEST_SECONDS = 8.0
LOST_ON_THE_WAY = ("INTERNAL_SERVER_ERROR", "TOOK_TOO_LONG", "STORE_UNAVAILABLE")


class NotAnswered(Exception):
    """No answer came: the request may have been done, or not."""


class ServerNotReady(Exception):
    """A server process did not get ready; its log is in the message."""


class Server:
    """One server process. Its name reaches PostgreSQL, so that what it is doing there can be seen."""

    def __init__(self, number: int, url: str, data: Path, secret: str) -> None:
        """Not started yet."""
        self.name, self.port, self.is_up = f"server-{number}", _free_port(), False
        self.log = data / f"{self.name}.log"
        own = {"DATABASE_URL": url, "LINLI_DATA": str(data), "LINLI_TOKEN_SECRET": secret}
        self._environment = {**os.environ, **own, "LINLI_SEALING_SECRET": secret, "PGAPPNAME": self.name}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def site(self) -> str:
        """Where it answers, without the scheme."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the process; `until_ready` waits for it."""
        command = [sys.executable, "-m", "uvicorn", "server:create", "--factory", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--no-access-log"], cwd=ROOT, env=self._environment, stdout=log, stderr=log
            )

    async def until_ready(self) -> "Server":
        """Wait until it says that it is ready. Raises ServerNotReady."""
        async with httpx.AsyncClient(timeout=REQUEST_SECONDS) as client, asyncio.timeout(READY_SECONDS):
            while not await self._says_ready(client):
                if self._process is None or self._process.poll() is not None:
                    raise ServerNotReady(self.log.read_text()[-2000:])
                await asyncio.sleep(0.1)
        self.is_up = True
        return self

    async def _says_ready(self, client: httpx.AsyncClient) -> bool:
        try:
            return (await client.get(f"http://{self.site}/health/ready")).status_code == 200
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        """End it as a power cut does."""
        self.is_up = False
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """End it in peace."""
        self.is_up = False
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()


class Servers:
    """All server processes, and a client that chooses among those that live."""

    def __init__(self, members: list[Server], chance: random.Random) -> None:
        """Started already."""
        self.members, self._chance = members, chance
        self._client = httpx.AsyncClient(timeout=REQUEST_SECONDS)

    def any(self) -> Server:
        """One that lives, by chance; any when none does."""
        return self._chance.choice([server for server in self.members if server.is_up] or self.members)

    async def post(self, server: Server, path: str, body: Mapping[str, Any], token: str | None = None) -> Any:
        """The JSON of a 200. Raises NotAnswered."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            answer = await self._client.post(f"http://{server.site}{path}", json=body, headers=headers)
            if answer.status_code == 200:
                return answer.json()
        except (httpx.HTTPError, ValueError) as problem:
            raise NotAnswered(type(problem).__name__) from None
        raise NotAnswered(f"HTTP {answer.status_code}")

    async def ask(self, token: str, query: str, **variables: Any) -> tuple[Any, str | None]:
        """Data, and the code of the first refusal, by any server. Raises NotAnswered."""
        body = {"query": query, "variables": variables}
        answer = await self.post(self.any(), "/graphql", body, token)
        codes = [error.get("extensions", {}).get("code") for error in answer.get("errors", ())]
        if any(code in LOST_ON_THE_WAY for code in codes):
            raise NotAnswered(str(codes))
        return answer.get("data"), codes[0] if codes else None

    async def close(self) -> None:
        """End them all."""
        await self._client.aclose()
        await asyncio.gather(*(asyncio.to_thread(server.stop) for server in self.members))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
