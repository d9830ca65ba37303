"""Web push on the worker's phone: registered by a button, shown while no page looks, ended with the sign-in.

There is no push service in a test's network, so the browser's subscription is one made up by the page's start; all else
is as it is: the page, its service worker, the server, and the notification that Chromium shows.
"""

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from fixtures.makers import SECRET
from services import tokens
from services.models import Phone
from tests.schema.asking import Asking
from tests.schema.town import Town
from tests.web.conftest import serving
from tests.web.watched import PATIENCE_MILLISECONDS, Watched

pytestmark = pytest.mark.browser
ENDPOINT = "https://push.example.org/of-this-phone"
SUBSCRIBED = """
(() => {
  let kept = null;
  const made = {
    endpoint: "ENDPOINT",
    toJSON: () => ({ endpoint: "ENDPOINT", keys: { p256dh: "BNc", auth: "c2VjcmV0" } }),
    unsubscribe: async () => { kept = null; return true; },
  };
  PushManager.prototype.subscribe = async (options) => {
    if (!options.userVisibleOnly || options.applicationServerKey !== "KEY") throw new Error("asked otherwise");
    return (kept = made);
  };
  PushManager.prototype.getSubscription = async () => kept;
})();
"""
SHOWN = "navigator.serviceWorker.ready.then((it) => it.getNotifications()).then((all) => all.map(({ body }) => body))"


async def phones(ask: Asking, town: Town) -> int:
    """How many phones the worker of grid 001 has registered."""
    async with ask.api.platform("test").read() as session:
        mine = sa.select(sa.func.count()).select_from(Phone).where(Phone.account_id == town.grid_worker.id)
        return await session.scalar(mine) or 0


async def until(holds: Any) -> None:
    """Wait until an awaited condition holds."""
    async with asyncio.timeout(PATIENCE_MILLISECONDS / 1000):
        while not await holds():
            await asyncio.sleep(0.05)


@pytest_asyncio.fixture
async def pushing(ask: Asking, town: Town) -> AsyncIterator[str]:
    """The address of a server that is set up for web push."""
    async with serving(dataclasses.replace(ask.api, push_key="KEY")) as address:
        yield address


async def test_a_phone_is_registered_woken_and_forgotten(
    watched: Watched, pushing: str, town: Town, ask: Asking
) -> None:
    watched.site, page = pushing, watched.page
    await page.context.grant_permissions(["notifications"], origin=watched.site)
    await page.add_init_script(SUBSCRIBED.replace("ENDPOINT", ENDPOINT))
    await page.goto(f"{watched.site}/phone#token={tokens.issue(town.grid_worker.id, SECRET)}")
    await page.click("#wake:has-text('Tell me when this page is closed, too')")
    await page.wait_for_selector("#wake:has-text('Tell me only while this page is open')")
    assert await phones(ask, town) == 1

    developer = await page.context.new_cdp_session(page)
    known: list[dict[str, Any]] = []
    developer.on("ServiceWorker.workerRegistrationUpdated", lambda told: known.extend(told["registrations"]))
    await developer.send("ServiceWorker.enable")

    async def registered() -> bool:
        return bool(known)

    await until(registered)
    pushed = {"origin": watched.site, "registrationId": known[0]["registrationId"]}
    await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    words = json.dumps({"template": "OFFER", "text": "A call waits for you."})
    await developer.send("ServiceWorker.deliverPushMessage", {**pushed, "data": words})

    async def shown() -> bool:
        return bool(await page.evaluate(SHOWN) == ["A call waits for you."])

    await until(shown)
    await page.click("#leave")
    await page.wait_for_selector("#signin-login")

    async def forgotten() -> bool:
        return await phones(ask, town) == 0

    await until(forgotten)


async def test_without_push_on_the_server_nothing_is_offered(watched: Watched, town: Town) -> None:
    page = watched.page
    async with page.expect_response(lambda answer: "PushKey" in (answer.request.post_data or "")):
        await page.goto(f"{watched.site}/phone#token={tokens.issue(town.grid_worker.id, SECRET)}")
    await page.locator("#status").wait_for()
    assert await page.locator("#wake").count() == 0
