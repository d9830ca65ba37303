"""A small OpenID provider with its own HTTP server, as strict as the standard: it checks PKCE, redirect and secret.

What it gives can be falsified, one thing at a time, to see whether that is noticed.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services import clock
from tests.serving import in_this_process

CLIENT, SECRET = "linli-site", "the site's secret at the provider"


@dataclass
class OpenIdProvider:
    """Its state: keys, codes that are out, and how often the keys were fetched."""

    issuer: str = ""
    subject: str = "person-1"
    metadata: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    keys: list[RSAKey | ECKey] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    forge: Any = None
    key_fetches: int = 0

    def rotate(self) -> None:
        """A new key under a new name; the old one is not published any more."""
        self.keys = [RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig"})]

    def consent(self, address: str) -> str:
        """The person agrees: the code for what the site asked in `address`."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert (asked["client_id"], asked["code_challenge_method"]) == (CLIENT, "S256")
        assert asked["scope"].split() == ["openid"]
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return code

    def app(self) -> Starlette:
        """Its addresses."""
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._describe),
                Route("/keys", self._publish),
                Route("/token", self._exchange, methods=["POST"]),
            ]
        )

    async def _describe(self, _: Request) -> Response:
        told = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        return JSONResponse(told | self.metadata)

    async def _publish(self, _: Request) -> Response:
        self.key_fetches += 1
        return JSONResponse({"keys": [key.as_dict(private=False) for key in self.keys]})

    async def _exchange(self, request: Request) -> Response:
        basic = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (
            request.headers.get("authorization") != basic
            or asked is None
            or form["redirect_uri"] != asked["redirect_uri"]
            or challenge.rstrip(b"=").decode() != asked["code_challenge"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"access_token": "at", "token_type": "Bearer", "id_token": self._id_token(asked["nonce"])})

    def _id_token(self, nonce: str) -> str:
        now, key = int(clock.now().timestamp()), self.keys[0]
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": self.subject, "iat": now, "exp": now + 300, "nonce": nonce}
        said = {name: value for name, value in {**claims, **self.claims}.items() if value is not None}
        header = {"alg": "RS256", "kid": key.kid, **self.header}
        if header["alg"] == "none":
            return ".".join([*(_part(part) for part in (header, said)), ""])
        return jwt.encode(header, said, self.forge or key, algorithms=[header["alg"]])


@asynccontextmanager
async def providing() -> AsyncIterator[OpenIdProvider]:
    """A provider that listens."""
    found = OpenIdProvider()
    found.rotate()
    async with in_this_process(found.app()) as address:
        found.issuer = address
        yield found


def _part(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
