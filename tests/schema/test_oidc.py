"""Signing in by an OpenID provider, which answers over real HTTP; and what it, or somebody between, might falsify."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio
import sqlalchemy as sa
from joserfc.jwk import OctKey, RSAKey
from starlette.applications import Starlette

from schema import http, oidc
from services.models import Account, OutsideIdentity, SignIn
from services.oidc import Provider
from tests.conftest import StandingClock
from tests.schema.entering import REFRESH, WHO, House, entering
from tests.schema.openid_provider import CLIENT, SECRET, OpenIdProvider, providing
from tests.schema.test_sign_in import quick_hashing


@dataclass
class Stage:
    """The house, a provider, and a browser of one person."""

    house: House
    provider: OpenIdProvider
    browser: httpx.AsyncClient

    async def leave(self) -> dict[str, str]:
        """Off to the provider: what the browser comes back with."""
        away = await self.browser.get("/sign-in/oidc")
        assert away.status_code == 303, away.text
        assert away.headers["location"].startswith(f"{self.provider.issuer}/authorize?")
        asked = {name: values[0] for name, values in parse_qs(urlsplit(away.headers["location"]).query).items()}
        assert len(asked["state"]) == len(asked["nonce"]) == len(asked["code_challenge"]) == 43
        assert asked["redirect_uri"] == "http://linli.test/sign-in/oidc/callback"
        return {"state": asked["state"], "code": self.provider.consent(away.headers["location"])}

    async def back(self, **brought: str) -> httpx.Response:
        """Home again."""
        return await self.browser.get("/sign-in/oidc/callback", params=brought)

    async def refused(self, **brought: str) -> str:
        """The refusal at home; nobody is signed in."""
        response = await self.back(**brought)
        assert "linli_refresh" not in response.cookies
        async with self.house.ask.api.platform("test").read() as session:
            assert await session.scalar(sa.select(sa.func.count()).select_from(SignIn)) == 0
        return str(response.json()["code"])


@pytest_asyncio.fixture
async def stage(
    fresh_database_url: str, standing_clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    """The provider's person-1 is the dispatcher of the house."""
    quick_hashing(monkeypatch)
    async with entering(fresh_database_url) as house, providing() as provider:
        async with house.ask.api.platform("test").write() as session:
            tied = OutsideIdentity(issuer=provider.issuer, subject="person-1", account_id=house.dispatcher.id)
            session.add(tied)
        known = Provider(provider.issuer, CLIENT, SECRET)
        app = Starlette(routes=[*http.routes(house.ask.api), *oidc.routes(house.ask.api, known)])
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://linli.test") as browser:
            yield Stage(house, provider, browser)


async def test_the_person_is_signed_in_by_what_the_provider_says(stage: Stage) -> None:
    """The browser comes home with the refresh token in a cookie; its first access token is the dispatcher's."""
    home = await stage.back(**await stage.leave())
    assert (home.status_code, home.headers["location"]) == (303, "http://linli.test/")
    assert "SameSite=strict" in home.headers["set-cookie"]
    renewed = await stage.browser.post("/graphql", json={"query": REFRESH})
    token = renewed.json()["data"]["refresh"]["accessToken"]
    assert await stage.house.data(WHO, token=token) == {"name": "Desk"}


async def test_a_code_or_state_is_good_once_and_in_the_browser_that_began(stage: Stage) -> None:
    """Another browser's, none, an old one, one of ten minutes ago: refused before the provider is asked."""
    brought = await stage.leave()
    stage.browser.cookies.clear()
    assert await stage.refused(**brought) == "PROVIDER_REFUSED"
    brought = await stage.leave()
    assert await stage.refused(state="another", code=brought["code"]) == "PROVIDER_REFUSED"
    assert await stage.refused(state=brought["state"]) == "PROVIDER_REFUSED"
    assert await stage.refused(**brought, iss="https://evil.example") == "PROVIDER_REFUSED"
    state = stage.browser.cookies["linli_sign_in_state"]
    assert (await stage.back(**brought)).status_code == 303
    stage.browser.cookies.set("linli_sign_in_state", state, domain="linli.test", path="/sign-in/oidc")
    again = await stage.back(**brought)
    assert again.json()["code"] == "PROVIDER_REFUSED"


async def test_a_flow_ends_after_ten_minutes(stage: Stage, standing_clock: StandingClock) -> None:
    brought = await stage.leave()
    standing_clock.forward(minutes=10)
    assert await stage.refused(**brought) == "PROVIDER_REFUSED"


async def test_a_stolen_code_is_worth_nothing_in_another_flow(stage: Stage) -> None:
    """PKCE: the verifier of another flow does not fit."""
    stolen = (await stage.leave())["code"]
    own = await stage.leave()
    assert await stage.refused(state=own["state"], code=stolen) == "PROVIDER_REFUSED"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another-site"},
        {"aud": None},
        {"aud": [CLIENT, "another-site"], "azp": "another-site"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1779238739},  # 61 s before 09:00, one more than is allowed for clocks that differ
        {"exp": None},
        {"sub": None},
        {"at_hash": "another"},
    ],
    ids=str,
)
async def test_a_false_claim_is_noticed(stage: Stage, claims: dict[str, Any]) -> None:
    stage.provider.claims = claims
    assert await stage.refused(**await stage.leave()) == "PROVIDER_REFUSED"


async def test_a_false_signature_is_noticed(stage: Stage) -> None:
    """None at all, one by the public key taken as a secret, one by somebody else's key under the right name."""
    provider, right = stage.provider, stage.provider.keys[0]
    provider.header = {"alg": "none"}
    assert await stage.refused(**await stage.leave()) == "PROVIDER_REFUSED"
    provider.header, provider.forge = {"alg": "HS256"}, OctKey.import_key(b"x" * 40)
    assert await stage.refused(**await stage.leave()) == "PROVIDER_REFUSED"
    provider.header, provider.forge = {}, RSAKey.generate_key(2048, {"kid": right.kid})
    assert await stage.refused(**await stage.leave()) == "PROVIDER_REFUSED"
    provider.forge = None
    assert (await stage.back(**await stage.leave())).status_code == 303


async def test_keys_may_rotate_between_two_sign_ins(stage: Stage, standing_clock: StandingClock) -> None:
    """An unknown key is fetched once, not before 10 s have passed; a known one is not fetched again."""
    assert (await stage.back(**await stage.leave())).status_code == 303
    assert (await stage.back(**await stage.leave())).status_code == 303
    assert stage.provider.key_fetches == 1
    stage.provider.rotate()
    soon = await stage.back(**await stage.leave())
    assert (soon.json()["code"], stage.provider.key_fetches) == ("PROVIDER_REFUSED", 1)
    standing_clock.forward(seconds=10)
    assert (await stage.back(**await stage.leave())).status_code == 303
    assert stage.provider.key_fetches == 2


async def test_nobody_gets_an_account_by_coming(stage: Stage, standing_clock: StandingClock) -> None:
    """A person without an account is told by what the manager can tie it; one whose account is closed, too."""
    stage.provider.subject = "person-2"
    response = await stage.back(**await stage.leave())
    assert response.json()["code"] == "IDENTITY_UNKNOWN"
    assert "person-2" in response.json()["description"]
    stage.provider.subject = "person-1"
    async with stage.house.ask.api.platform("test").write() as session:
        account = await session.get_one(Account, stage.house.dispatcher.id)
        account.disabled_at = standing_clock.moment
    assert await stage.refused(**await stage.leave()) == "IDENTITY_UNKNOWN"


async def test_a_provider_that_is_not_who_it_says_is_not_asked(stage: Stage) -> None:
    """Its metadata name another issuer, or an address without TLS; or it is not there."""
    stage.provider.metadata = {"issuer": "https://evil.example"}
    away = await stage.browser.get("/sign-in/oidc")
    assert (away.status_code, away.json()["code"]) == (400, "PROVIDER_UNAVAILABLE")


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
async def test_addresses_without_tls_are_not_taken(stage: Stage, name: str) -> None:
    """But on this machine itself, where the provider of these tests is."""
    stage.provider.metadata = {name: "http://provider.example/here"}
    assert (await stage.browser.get("/sign-in/oidc")).json()["code"] == "PROVIDER_UNAVAILABLE"


async def test_without_a_provider_the_addresses_are_not_there(stage: Stage) -> None:
    app = Starlette(routes=oidc.routes(stage.house.ask.api, None))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://linli.test") as browser:
        for path in ("/sign-in/oidc", "/sign-in/oidc/callback?state=a&code=b"):
            assert (await browser.get(path)).status_code == 404
