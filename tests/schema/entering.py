"""Signing in as a client does: one house with a few accounts, and requests with or without a token."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from fixtures import makers
from services import passwords
from services.models import Account, Area, Role
from tests.schema.asking import Asking, asking, storing

PASSWORD = "correct horse battery"
NEW_PASSWORD = "staple, and not the horse"
SHOWN = "{ step ticket accessToken expiresAt refreshToken }"
SIGN_IN = f"mutation ($input: SignInInput!) {{ signIn(input: $input) {SHOWN} }}"
SECOND_FACTOR = f"mutation ($input: SecondFactorInput!) {{ secondFactor(input: $input) {SHOWN} }}"
CHOOSE = f"mutation ($input: ChoosePasswordInput!) {{ choosePassword(input: $input) {SHOWN} }}"
CHANGE = f"mutation ($input: ChangePasswordInput!) {{ changePassword(input: $input) {SHOWN} }}"
REFRESH = f"mutation ($token: String) {{ refresh(token: $token) {SHOWN} }}"
SIGN_OUT = "mutation ($everywhere: Boolean) { signOut(everywhere: $everywhere) }"
WHO = "{ viewer { name } }"


@dataclass
class House:
    """A server on a database of its own, with a community, its dispatcher and its manager."""

    ask: Asking
    url: str
    community: Area
    dispatcher: Account
    manager: Account

    async def send(
        self, query: str, variables: dict[str, Any] | None = None, token: str | None = None, **headers: str
    ) -> httpx.Response:
        """The whole response to a document, with a bearer token or without."""
        signed = {"Authorization": f"Bearer {token}"} if token else {}
        body = {"query": query, "variables": variables or {}}
        return await self.ask.http.post("/graphql", json=body, headers={**signed, **headers})

    async def data(self, query: str, variables: dict[str, Any] | None = None, token: str | None = None) -> Any:
        """What the only root field answers."""
        body = (await self.send(query, variables, token)).json()
        assert "errors" not in body, body["errors"]
        (value,) = body["data"].values()
        return value

    async def code(self, query: str, variables: dict[str, Any] | None = None, token: str | None = None) -> str:
        """The code of the only error."""
        (error,) = (await self.send(query, variables, token)).json()["errors"]
        return str(error["extensions"]["code"])

    async def sign_in(self, login: str = "desk", password: str = PASSWORD, **more: Any) -> Any:
        """The first step."""
        return await self.data(SIGN_IN, {"input": {"login": login, "password": password, **more}})

    async def sign_in_code(self, login: str = "desk", password: str = PASSWORD) -> str:
        """The refusal of the first step."""
        return await self.code(SIGN_IN, {"input": {"login": login, "password": password}})


@asynccontextmanager
async def entering(url: str) -> AsyncIterator[House]:
    """The house on an empty database."""
    password_hash = passwords.hashed(PASSWORD)
    async with storing(url) as session:
        community = await makers.make_community(session)
        known = {"password_hash": password_hash}
        desk = await makers.make_account(session, Role.DISPATCHER, community, login="desk", name="Desk", **known)
        chief = await makers.make_account(session, Role.MANAGER, community, login="chief", name="Chief", **known)
    async with asking(url) as ask:
        yield House(ask, url, community, desk, chief)
