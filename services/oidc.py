"""Signing in by an OpenID provider: authorization code with PKCE (RFC 7636), state and nonce, keys that may rotate.

OpenID Connect Core 1.0, 3.1, and Discovery 1.0; Authlib knows the rules for metadata and claims. What the provider
calls a person (issuer and subject) is tied to an account by a manager beforehand: nobody gets an account by coming.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import sqlalchemy as sa
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata, get_well_known_url
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, sign_ins
from services.database import Database
from services.errors import Refusal
from services.models.accounts import Account
from services.models.sign_ins import OidcFlow, OutsideIdentity, SignInMethod
from services.settings import Settings
from services.sign_ins import Tokens

ALGORITHMS = ["RS256", "PS256", "ES256"]
FLOW_LIFETIME = timedelta(minutes=10)
METADATA_KEPT = timedelta(hours=1)
KEYS_AGAIN_AFTER = timedelta(seconds=10)
TIMEOUT_SECONDS = 10.0
LEEWAY_SECONDS = 60


class ProviderUnavailable(Refusal):
    """The sign-in provider does not answer as it should. Try again in a moment, or sign in by password."""


class ProviderRefused(Refusal):
    """The sign-in provider's answer was not taken: {reason}. Begin again."""


class IdentityUnknown(Refusal):
    """No account here is tied to this person. Ask a manager of your area to tie {subject} to yours."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Who vouches for people, and as whom this site is known there."""

    issuer: str
    client_id: str
    client_secret: str

    @classmethod
    def of(cls, settings: Settings) -> "Provider | None":
        """As the settings have it; None when no provider is set up."""
        if not settings.oidc_issuer or not settings.oidc_client_id:
            return None
        secret = settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else ""
        return cls(settings.oidc_issuer, settings.oidc_client_id, secret)


@dataclass(frozen=True, slots=True)
class Away:
    """Where to send the browser, and the state that it must bring back."""

    address: str
    state: str


class OpenId:
    """The line to one provider; its metadata and keys are kept for a while in this process."""

    def __init__(self, provider: Provider, database: Database, secret: bytes) -> None:
        """`database` speaks for the platform: nobody is known yet. Nothing is asked of the provider yet."""
        self.provider = provider
        self._database, self._secret = database, secret
        self._metadata: tuple[datetime, OpenIDProviderMetadata] | None = None
        self._keys: tuple[datetime, KeySet] | None = None

    async def begin(self, redirect_uri: str) -> Away:
        """Off to the provider. Raises ProviderUnavailable."""
        metadata = await self._described()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        async with self._database.write() as session:
            await session.execute(sa.delete(OidcFlow).where(OidcFlow.expires_at <= clock.now()))
            until = clock.now() + FLOW_LIFETIME
            session.add(OidcFlow(state_hash=_hash(state), nonce=nonce, verifier=verifier, expires_at=until))
        asked = {
            "response_type": "code",
            "client_id": self.provider.client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid",
            "state": state,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        return Away(add_params_to_uri(metadata["authorization_endpoint"], list(asked.items())), state)

    async def finish(self, state: str, code: str, redirect_uri: str) -> Tokens:
        """Back with a code: the sign-in. Raises ProviderRefused, ProviderUnavailable, IdentityUnknown."""
        async with self._database.write() as session:
            flow = await session.scalar(
                sa.delete(OidcFlow).where(OidcFlow.state_hash == _hash(state)).returning(OidcFlow)
            )
        if flow is None or flow.expires_at <= clock.now():
            raise ProviderRefused(reason="it belongs to no sign-in that was begun here of late")
        answer = await self._exchanged(code, flow.verifier, redirect_uri)
        subject = await self._subject(answer, flow.nonce)
        async with self._database.write() as session:
            account = await _tied(session, self.provider.issuer, subject)
            return await sign_ins.begin(session, account.id, SignInMethod.OIDC, self._secret)

    async def _subject(self, answer: dict[str, Any], nonce: str) -> str:
        """What the provider calls the person, by an ID token that is signed, ours, fresh and for this sign-in."""
        try:
            token = await self._verified(str(answer.get("id_token", "")))
            options: dict[str, Any] = {
                "iss": {"essential": True, "value": self.provider.issuer},
                "aud": {"essential": True, "value": self.provider.client_id},
            }
            known = {"nonce": nonce, "client_id": self.provider.client_id, "access_token": answer.get("access_token")}
            claims = CodeIDToken(token.claims, token.header, options, known)
            claims.validate(now=int(clock.now().timestamp()), leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError) as problem:
            raise ProviderRefused(reason=f"the ID token does not hold ({type(problem).__name__})") from None
        return str(claims["sub"])

    async def _verified(self, id_token: str) -> jwt.Token:
        """The token under the provider's keys; they are fetched again when it names one that we do not know."""
        keys = await self._signing_keys()
        try:
            return jwt.decode(id_token, keys, algorithms=ALGORITHMS)
        except (InvalidKeyIdError, ValueError):
            return jwt.decode(id_token, await self._signing_keys(again=True), algorithms=ALGORITHMS)

    async def _signing_keys(self, again: bool = False) -> KeySet:
        now = clock.now()
        kept = KEYS_AGAIN_AFTER if again else METADATA_KEPT
        if self._keys is None or now - self._keys[0] >= kept:
            found = await self._asked("GET", (await self._described())["jwks_uri"])
            try:
                self._keys = now, KeySet.import_key_set({"keys": [one for one in found["keys"] if _may_sign(one)]})
            except (JoseError, KeyError, TypeError, ValueError):
                raise ProviderUnavailable from None
        return self._keys[1]

    async def _described(self) -> OpenIDProviderMetadata:
        """The provider's metadata: its own issuer, all addresses under TLS. Raises ProviderUnavailable."""
        now = clock.now()
        if self._metadata is None or now - self._metadata[0] >= METADATA_KEPT:
            told = await self._asked("GET", get_well_known_url(self.provider.issuer, external=True))
            metadata = OpenIDProviderMetadata(told)
            try:
                metadata.validate()
            except ValueError:
                raise ProviderUnavailable from None
            if metadata["issuer"] != self.provider.issuer:
                raise ProviderUnavailable
            self._metadata = now, metadata
        return self._metadata[1]

    async def _exchanged(self, code: str, verifier: str, redirect_uri: str) -> dict[str, Any]:
        metadata = await self._described()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        return await self._asked("POST", metadata["token_endpoint"], form, self._authentication(metadata))

    def _authentication(self, metadata: OpenIDProviderMetadata) -> dict[str, str] | httpx.BasicAuth:
        """By header (the default of the standard) unless the provider takes the form only."""
        methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if self.provider.client_secret and "client_secret_basic" in methods:
            return httpx.BasicAuth(self.provider.client_id, self.provider.client_secret)
        secret = {"client_secret": self.provider.client_secret} if self.provider.client_secret else {}
        return {"client_id": self.provider.client_id, **secret}

    async def _asked(
        self,
        method: str,
        address: str,
        form: dict[str, str] | None = None,
        proof: dict[str, str] | httpx.BasicAuth | None = None,
    ) -> dict[str, Any]:
        """The JSON object that the provider answers; its own words of refusal are not passed on."""
        by_form = proof if isinstance(proof, dict) else {}
        auth = proof if isinstance(proof, httpx.BasicAuth) else None
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, auth=auth) as client:
                response = await client.request(method, address, data={**form, **by_form} if form else None)
            found = response.json() if response.is_success else None
        except (httpx.HTTPError, ValueError):
            raise ProviderUnavailable from None
        if form and response.is_client_error:
            raise ProviderRefused(reason="the provider does not know this code")
        if not isinstance(found, dict):
            raise ProviderUnavailable
        return found


async def _tied(session: AsyncSession, issuer: str, subject: str) -> Account:
    tied = sa.select(Account).join(OutsideIdentity, OutsideIdentity.account_id == Account.id)
    known = tied.where(OutsideIdentity.issuer == issuer, OutsideIdentity.subject == subject)
    account = await session.scalar(known.where(Account.disabled_at.is_(None)))
    if account is None:
        raise IdentityUnknown(subject)
    return account


def _may_sign(key: dict[str, Any]) -> bool:
    """A provider may list keys of other uses and kinds beside those that sign."""
    return key.get("use", "sig") == "sig" and key.get("kty") in ("RSA", "EC")


def _hash(state: str) -> bytes:
    return hashlib.sha256(state.encode()).digest()
