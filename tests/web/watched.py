"""A page in the browser, with all that it says and asks."""

import asyncio
import math
import re
from collections import Counter
from dataclasses import dataclass, field

from playwright.async_api import Page
from playwright.async_api import TimeoutError as TooLong

from fixtures.makers import SECRET
from services import tokens
from services.models import Account

PATIENCE_MILLISECONDS = 60_000
HARMLESS = (
    "GPU stall due to ReadPixels",
    "Failed to load resource",
)  # the first of software drawing; the second is in `refused`
CONTROLLED = """
new Promise((done) => {
  const workers = navigator.serviceWorker;
  if (workers.controller) done();
  else workers.addEventListener("controllerchange", () => done(), { once: true });
})
"""


@dataclass
class Watched:
    """A page, and all that it said and asked."""

    page: Page
    site: str
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Note all that the page says and asks from now on."""
        page = self.page
        page.on("console", lambda said: self.said.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda problem: self.said.append(str(problem)))
        page.on("request", lambda request: self.asked.append(request.url))
        for end in ("requestfinished", "requestfailed"):
            page.on(end, lambda request: self.answered.append(request.url))
        page.on("response", lambda answer: self.refused.append(answer.url) if answer.status >= 400 else None)

    def refuse_complaints(self, harmless: tuple[str, ...] = ()) -> None:
        """Nothing may have been asked outside, nor complained of save what is known to mean nothing."""
        known = (*HARMLESS, *harmless)
        complaints = [one for one in self.said if not any(part in one for part in known)]
        assert not complaints, complaints
        asked_outside = [one for one in self.asked if not one.startswith((self.site, "data:", "blob:"))]
        assert not asked_outside, asked_outside

    async def enter(self, account: Account, view: str = "") -> None:
        """Open the map as somebody, by the link with the token, and wait until it is drawn."""
        await self.page.goto(f"{self.site}/#token={tokens.issue(account.id, SECRET)}")
        await self.drawn()
        if view:
            await self.seen(view)

    async def seen(self, view: str) -> None:
        """Go to a view, signed in already, and wait until it is drawn."""
        await self.drawn()
        await self.page.goto(f"{self.site}/#{view}")
        await self.page.reload()
        await self.drawn()

    async def drawn(self) -> None:
        """Wait for the first whole drawing; when it does not come, fail with what the page said and still waits for."""
        try:
            await self.page.wait_for_selector("html[data-drawn]", timeout=PATIENCE_MILLISECONDS)
        except TooLong:
            waits = list((Counter(self.asked) - Counter(self.answered)).elements())
            raise AssertionError({"said": self.said, "refused": self.refused, "waits for": waits}) from None

    async def address_has(self, pattern: str) -> None:
        """Wait until the address, as far as it comes after `#`, fits; no script is asked, for the page allows none."""
        await self.page.wait_for_url(lambda url: re.search(pattern, url.partition("#")[2]) is not None)

    async def controlled(self) -> None:
        """Wait until the service worker has the page in hand; by its event, for the page's policy forbids to poll."""
        async with asyncio.timeout(PATIENCE_MILLISECONDS / 1000):
            await self.page.evaluate(CONTROLLED)

    async def click_at(self, lon: float, lat: float) -> None:
        """Click a place on the map."""
        await self.page.mouse.click(*self.pixel(lon, lat))

    def pixel(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a place is on the page; follows from the address (tiles of 512 pixels, web Mercator)."""
        zoom, middle_lat, middle_lon = map(float, self.page.url.split("#")[1].split("/")[:3])
        assert self.page.viewport_size
        scale = 512 * 2**zoom
        x = self.page.viewport_size["width"] / 2 + (lon - middle_lon) / 360 * scale
        up = math.asinh(math.tan(math.radians(lat))) - math.asinh(math.tan(math.radians(middle_lat)))
        return x, self.page.viewport_size["height"] / 2 - up / (2 * math.pi) * scale
