"""Signing in at the page by login and password: the steps, what is kept where, and coming back."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pyotp
import pytest
import pytest_asyncio
import sqlalchemy as sa

from fixtures import makers
from services import clock, passwords, second_factor
from services.models import Account, Lockout, RecoveryCode, RefreshToken, Role, RoleGrant, SignIn
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


@pytest_asyncio.fixture
async def worker(ask: Asking, town: Town) -> AsyncIterator[tuple[Account, str]]:
    """The worker of grid 001 with a login, a first password that must be changed, and a second factor; its secret."""
    async with ask.api.platform("test").write() as session:
        account = (await session.scalars(sa.select(Account).where(Account.id == town.grid_worker.id))).one()
        account.login, account.password_hash, account.must_change_password = "li.grid", passwords.hashed(FIRST), True
        secret = second_factor.begin(account, ask.api.keyring).secret
        account.totp_since = clock.now()
        login = town.grid_worker.login
    yield account, secret
    async with ask.api.platform("test").write() as session:
        for kind in (RefreshToken, Lockout, RecoveryCode):
            await session.execute(sa.delete(kind))
        await session.execute(sa.delete(SignIn).where(SignIn.account_id == account.id))
        before = dict.fromkeys(("password_hash", "totp_sealed", "totp_since", "totp_step"))
        change = sa.update(Account).where(Account.id == account.id)
        await session.execute(change.values(login=login, must_change_password=False, **before))


@browser
async def test_a_worker_signs_in_on_the_phone_and_stays_signed_in(
    watched: Watched, worker: tuple[Account, str], ask: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Password, code, own password; closed and opened again without any; and a token that ended is renewed unseen."""
    page = watched.page
    await page.set_viewport_size({"width": 390, "height": 800})
    await page.goto(f"{watched.site}/phone")
    await page.fill("#signin-login", "li.grid")
    await page.fill("#signin-password", FIRST)
    await page.press("#signin-password", "Enter")
    await page.fill("#signin-code", pyotp.TOTP(worker[1]).now())
    await page.press("#signin-code", "Enter")
    await page.fill("#signin-new", OWN)
    await page.press("#signin-new", "Enter")
    await page.locator("#status").wait_for()
    (cookie,) = await page.context.cookies(f"{watched.site}/graphql")
    assert (cookie["name"], cookie["httpOnly"]) == ("linli_refresh", True)
    await page.goto("about:blank")
    await page.goto(f"{watched.site}/phone")
    await page.locator("#status").wait_for()
    (renewed,) = await page.context.cookies(f"{watched.site}/graphql")
    assert renewed["value"] != cookie["value"]
    later = clock.now() + timedelta(hours=13)  # a token is good for twelve, a sign-in for days
    monkeypatch.setattr(clock, "now", lambda: later)
    ask.api.actors.forget()
    await page.click("#tabs [data-key=grid]")
    await page.fill("#find", "Willow Lane 50")
    await page.locator("#homes button:has-text('Willow Lane 50')").wait_for()
    (again,) = await page.context.cookies(f"{watched.site}/graphql")
    assert again["value"] != renewed["value"]
    await page.click("#leave")
    await page.wait_for_selector("#signin-login")
    assert await page.context.cookies(f"{watched.site}/graphql") == []
    assert await page.evaluate("sessionStorage.length + localStorage.length") == 0


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
