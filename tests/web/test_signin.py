"""Signing in at the page by login and password: the steps, what is kept where, and coming back."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import sqlalchemy as sa

from fixtures import makers
from services import passwords
from services.models import Account, Lockout, RefreshToken, Role, RoleGrant, SignIn
from tests.schema.asking import Asking
from tests.schema.town import Town
from tests.web.watched import Watched

browser = pytest.mark.browser
FIRST, OWN = "a first password", "one of my own choosing"


@pytest_asyncio.fixture
async def colleague(ask: Asking, town: Town) -> AsyncIterator[Account]:
    """A dispatcher whose first password must be changed; nothing of it is left in the town afterwards."""
    async with ask.api.platform("test").write() as session:
        known = {"password_hash": passwords.hashed(FIRST), "must_change_password": True}
        account = await makers.make_account(session, Role.DISPATCHER, town.community, login="li.desk", **known)
    yield account
    async with ask.api.platform("test").write() as session:
        for kind in (RefreshToken, SignIn, Lockout, RoleGrant):
            mine = sa.true() if kind in (RefreshToken, Lockout) else kind.account_id == account.id  # type: ignore[attr-defined]
            await session.execute(sa.delete(kind).where(mine))
        await session.execute(sa.delete(Account).where(Account.id == account.id))


@browser
async def test_a_colleague_signs_in_comes_back_and_leaves(watched: Watched, colleague: Account) -> None:
    """A wrong password is told; the first must be changed; a reload needs no password; after leaving it does."""
    page = watched.page
    await page.goto(watched.site)
    await page.fill("#signin-login", "li.desk")
    await page.fill("#signin-password", "wrong")
    await page.press("#signin-password", "Enter")
    await page.wait_for_selector("text=Login or password is wrong")
    await page.fill("#signin-password", FIRST)
    await page.press("#signin-password", "Enter")
    await page.fill("#signin-new", OWN)
    await page.press("#signin-new", "Enter")
    await watched.drawn()
    (cookie,) = await page.context.cookies(f"{watched.site}/graphql")
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("linli_refresh", True, "Strict")
    assert await page.evaluate("document.cookie") == ""
    await page.reload()
    await watched.drawn()
    (renewed,) = await page.context.cookies(f"{watched.site}/graphql")
    assert renewed["value"] != cookie["value"]
    await page.click("[aria-label='Sign out']")
    await page.wait_for_selector("#signin-login")
    assert await page.context.cookies(f"{watched.site}/graphql") == []
    assert await page.evaluate("sessionStorage.length + localStorage.length") == 0
    await page.reload()
    await page.wait_for_selector("#signin-login")
