"""The district of `tests.caseroom` behind a server in this process, so that days pass when a test says so.

The pages know no time of their own: due times are told in dates, and lateness comes from the server.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from playwright.async_api import Browser
from starlette.applications import Starlette

from fixtures import makers
from schema import assessment_exports, attachments, disputes, http, maps
from schema.context import Api
from services import tokens
from services.access import Actor
from services.cases import engine
from services.cases.engine import Act
from services.cases.letters import to_resident
from services.database import Database
from services.filestore import FileStore
from services.models import Case, Message
from tests.caseroom import HERE, CaseRoom
from tests.conftest import StandingClock
from tests.serving import in_this_process
from tests.web.watched import PATIENCE_MILLISECONDS, Watched

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}


@dataclass
class CaseHouse:
    """The server, the district, and the clock."""

    room: CaseRoom
    api: Api
    browser: Browser
    clock: StandingClock
    site: str

    async def code_sent(self) -> str:
        """The one-time code that a phone was sent last."""
        async with self.api.platform("post").read() as session:
            wanted = sa.select(Message).where(Message.template == "CASE_CODE").order_by(Message.id.desc()).limit(1)
            message = (await session.scalars(wanted)).one()
            found = await to_resident(session, makers.KEYRING, message)
        assert found is not None
        return "".join(each for each in found[1].text if each.isascii() and each.isdigit())

    async def later(self, **span: float) -> None:
        """Time passes, and what fell due meanwhile is seen to."""
        self.clock.forward(**span)
        await self.room.sweep()

    async def act(self, case: Case, who: str, action: str, **fields: Any) -> Case:
        """Somebody does something elsewhere, not on a page."""
        async with self.room.database.write() as session:
            done = Act(case.id, action, "because", fields, (await session.get_one(Case, case.id)).version)
            return await engine.act(session, makers.KEYRING, self.room.actors[who], done)

    async def case(self, number: str) -> Case:
        """The case with this number."""
        async with self.room.database.read() as session:
            return (await session.scalars(sa.select(Case).where(Case.number == number))).one()

    @asynccontextmanager
    async def resident(
        self, language: str = "en-US", path: str = "/case", fragment: str = "", **options: Any
    ) -> AsyncIterator[Watched]:
        """A resident's phone in grid 1, without an account."""
        place = {"longitude": HERE[0], "latitude": HERE[1]}
        narrow = {"viewport": PHONE, "geolocation": place, "permissions": ["geolocation"], "locale": language}
        async with self._page(f"{path}{fragment}", narrow | options) as found:
            yield found

    @asynccontextmanager
    async def staff(self, who: str | Actor, **options: Any) -> AsyncIterator[Watched]:
        """The board of somebody of the staff, signed in just now: a token does not last for days."""
        actor = self.room.actors[who] if isinstance(who, str) else who
        given = {"viewport": DESK, "locale": "en-US"} | options
        async with self._page(f"/cases#token={tokens.issue(actor.account_id, makers.SECRET)}", given) as found:
            yield found

    @asynccontextmanager
    async def map(self, who: str) -> AsyncIterator[Watched]:
        """The map of somebody of the staff, signed in just now."""
        token = tokens.issue(self.room.actors[who].account_id, makers.SECRET)
        async with self._page(f"/#token={token}", {"viewport": DESK, "locale": "en-US"}) as found:
            yield found

    @asynccontextmanager
    async def phone(self, who: str, harmless: tuple[str, ...] = ()) -> AsyncIterator[Watched]:
        """The phone of a worker, signed in just now; its calendar shows the day of the server's clock."""
        token = tokens.issue(self.room.actors[who].account_id, makers.SECRET)
        place = {"longitude": HERE[0], "latitude": HERE[1]}
        given = {"viewport": PHONE, "geolocation": place, "permissions": ["geolocation"], "locale": "en-US"}
        async with self._page(f"/phone#token={token}", given, harmless) as found:
            await found.page.clock.set_fixed_time(self.clock())
            yield found

    @asynccontextmanager
    async def _page(self, path: str, options: dict[str, Any], harmless: tuple[str, ...] = ()) -> AsyncIterator[Watched]:
        context = await self.browser.new_context(**{"color_scheme": "light", **options})
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        found = Watched(page, self.site)
        found.listen()
        await page.goto(f"{self.site}{path}")
        yield found
        await context.close()
        found.refuse_complaints(harmless)


@asynccontextmanager
async def served(
    room: CaseRoom, url: str, clock: StandingClock, browser: Browser, files: Path
) -> AsyncIterator[CaseHouse]:
    """A server of the district on a port of its own; nothing happens there by itself."""
    database = Database(url, pool_size=5)
    api = Api.of(database, makers.KEYRING, makers.SECRET)
    routes = [*http.routes(api), *maps.routes(api), *assessment_exports.routes(api), *disputes.routes()]
    app = Starlette(routes=[*routes, *attachments.routes(api, FileStore.in_folder(files))])
    async with in_this_process(app) as address:
        yield CaseHouse(room, api, browser, clock, address)
    await database.close()
