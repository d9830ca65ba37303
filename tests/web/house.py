"""A server process that may be stopped and started again on its port, the drawn town behind it, and pages of it."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Browser

from fixtures.makers import SECRET, authorization
from services import tokens
from services.models import Account
from tests.running import ROOT, free_port, soon
from tests.schema.callstage import CallStage
from tests.web.watched import PATIENCE_MILLISECONDS, Watched

OFFLINE = ("WebSocket connection to", "net::ERR_", "Failed to load resource", "Failed to fetch")
"""What a browser says by itself when a server is away."""


@dataclass
class House:
    """The server, and who signs in."""

    url: str
    data: Path
    stage: CallStage
    browser: Browser
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None
    presses: int = 0

    @property
    def site(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Serve, in development, until stopped."""
        secret = SECRET.decode()
        own = {"DATABASE_URL": self.url, "LINLI_DATA": str(self.data), "LINLI_TOKEN_SECRET": secret}
        settings = {**own, "LINLI_SEALING_SECRET": secret, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "uvicorn", "server:create", "--factory", "--port", str(self.port)]
        with (self.data / "server.log").open("a") as log:
            self.process = subprocess.Popen(
                [*command, "--no-access-log"], cwd=ROOT, env={**os.environ, **settings}, stdout=log, stderr=log
            )
        ready = await asyncio.to_thread(soon, self._is_ready, 600)
        assert ready, (self.data / "server.log").read_text()

    async def stop(self) -> None:
        """End it at once, as a crash would."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            await asyncio.to_thread(self.process.wait, 30)

    async def ask(self, account: Account, query: str, **variables: Any) -> Any:
        """The data of an answer without errors."""
        async with httpx.AsyncClient(timeout=30) as client:
            asked = {"query": query, "variables": variables}
            body = (await client.post(f"{self.site}/graphql", json=asked, headers=authorization(account))).json()
        assert "errors" not in body, body["errors"]
        return body["data"]

    async def press(self, button: str = "HELP") -> str:
        """The terminal of the first home is pressed; gives the call's id."""
        self.presses += 1
        given = {"terminalSerial": "T-1", "reference": f"web-{self.presses}", "button": button}
        query = "mutation ($input: PressInput!) { pressButton(input: $input) { call { id } } }"
        found: str = (await self.ask(self.stage.terminal, query, input=given))["pressButton"]["call"]["id"]
        return found

    async def end(self, call: str) -> None:
        """Nobody wants this call any longer."""
        cancel = 'mutation ($id: ID!) { cancelCall(id: $id, reason: "End of the test") { id } }'
        await self.ask(self.stage.dispatcher, cancel, id=call)

    @asynccontextmanager
    async def page(
        self, account: Account, path: str = "/", harmless: tuple[str, ...] = (), **options: Any
    ) -> AsyncIterator[Watched]:
        """A page of somebody, signed in by link; afterwards nothing may have been asked outside, or complained of."""
        given = {"viewport": {"width": 1280, "height": 800}, "locale": "en-US", "color_scheme": "light", **options}
        context = await self.browser.new_context(**given)
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        found = Watched(page, self.site)
        found.listen()
        await page.goto(f"{self.site}{path}#token={tokens.issue(account.id, SECRET)}")
        yield found
        await context.close()
        found.refuse_complaints(harmless)

    def phone(self, account: Account, at: tuple[float, float], harmless: tuple[str, ...] = ()) -> Any:
        """A worker's phone at a place in degrees."""
        place = {"longitude": at[0], "latitude": at[1]}
        narrow = {"viewport": {"width": 390, "height": 800}, "geolocation": place, "permissions": ["geolocation"]}
        return self.page(account, "/phone", harmless, **narrow)

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.site}/health/ready", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False
