"""How messages leave the house: to the log, to a browser by web push, to a phone by a provider's HTTP.

A channel takes an address and a message. Who is reached where is decided by `postmen.Postman`; what is said is a code
and, for contacts, a template without the diagnosis.
"""

import asyncio
import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
import requests
import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pywebpush import WebPushException, webpush

from services import threads
from services.models.contacts import ContactChannel
from services.settings import Settings

log = structlog.get_logger()

PROVIDER_SECONDS = 10.0
GONE = (404, 410)
AT_ONE_SERVICE = 16
"""Letters that are handed to one push service at a time, of the threads that all share (`threads.PUSHES`)."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is said to one address. `key` is the same when it is sent again, so that a provider can tell."""

    key: str
    template: str
    text: str
    body: Mapping[str, Any]


class Channel(Protocol):
    """One way out."""

    async def send(self, address: str, letter: Letter) -> None:
        """Deliver, or raise: then it is tried again later."""


class ProviderFailed(Exception):
    """The provider did not take the letter."""


class AddressGone(Exception):
    """Nobody is at this address any longer: it need not be tried again."""


class LogChannel:
    """Writes codes to the log: for development, and where no provider is set. The address is not written."""

    async def send(self, address: str, letter: Letter) -> None:
        """Never fails."""
        log.info("message", key=letter.key, template=letter.template)


@dataclass(frozen=True, slots=True)
class WebPush:
    """Web push (RFC 8030, 8291) signed by VAPID (RFC 8292); the address is the browser's subscription as JSON."""

    private_key: str
    contact: str
    _lines: dict[str, asyncio.Semaphore] = field(default_factory=dict, repr=False, compare=False)

    async def send(self, address: str, letter: Letter) -> None:
        """Encrypt for the browser and hand over to its push service. Raises AddressGone, ProviderFailed."""
        subscription = json.loads(address)
        data = json.dumps({"template": letter.template, "text": letter.text, **letter.body})
        async with self._line(subscription["endpoint"]):
            await self._push(subscription, data)

    def _line(self, endpoint: str) -> asyncio.Semaphore:
        """The way to a push service, for so many at once: one that says nothing leaves threads to the others."""
        return self._lines.setdefault(urlsplit(endpoint).netloc, asyncio.Semaphore(AT_ONE_SERVICE))

    async def _push(self, subscription: dict[str, Any], data: str) -> None:
        try:
            await threads.run(
                threads.PUSHES,
                webpush,
                subscription_info=subscription,
                data=data,
                vapid_private_key=self.private_key,
                vapid_claims={"sub": self.contact},
                ttl=300,
                timeout=PROVIDER_SECONDS,
                requests_session=_without_redirects(),
            )
        except WebPushException as problem:
            if problem.response is None or problem.response.status_code not in GONE:
                raise ProviderFailed(type(problem).__name__) from None
            raise AddressGone from None
        except requests.RequestException as problem:  # among them a push service that sends us elsewhere
            raise ProviderFailed(type(problem).__name__) from None


@dataclass(frozen=True, slots=True)
class HttpProvider:
    """SMS or voice by a provider's HTTP.

    POST {"to", "text", "kind", "key"} with a bearer token and the header `Idempotency-Key`; any 2xx is delivered.
    """

    address: str
    token: str
    kind: str

    async def send(self, address: str, letter: Letter) -> None:
        """Hand over to the provider. Raises ProviderFailed."""
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": letter.key}
        said = {"to": address, "text": letter.text, "kind": self.kind, "key": letter.key}
        async with httpx.AsyncClient(timeout=PROVIDER_SECONDS) as client:
            answer = await client.post(self.address, json=said, headers=headers)
        if not answer.is_success:
            raise ProviderFailed(f"HTTP {answer.status_code}")


def _without_redirects() -> requests.Session:
    """A push service that sends us elsewhere is none: the address was checked, the next one would not be."""
    session = requests.Session()
    session.max_redirects = 0
    return session


def public_key(private_key: str) -> str:
    """The point (X9.62, base64url) that a browser wants to know of the server's P-256 key (RFC 8292)."""
    number = int.from_bytes(base64.urlsafe_b64decode(private_key + "=" * (-len(private_key) % 4)), "big")
    point = ec.derive_private_key(number, ec.SECP256R1()).public_key()
    raw = point.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


Channels = Mapping[ContactChannel, Channel]
"""The ways out that are set up; what is missing goes to the log."""


def push_key(settings: Settings) -> str | None:
    """What browsers must know to subscribe; None when push is not set up."""
    key = settings.vapid_private_key
    return public_key(key.get_secret_value()) if key is not None else None


def of(settings: Settings) -> Channels:
    """The ways out that the settings name."""
    found: dict[ContactChannel, Channel] = {ContactChannel.LOG: LogChannel()}
    token = settings.provider_token.get_secret_value() if settings.provider_token else ""
    for kind, address in ((ContactChannel.SMS, settings.sms_url), (ContactChannel.VOICE, settings.voice_url)):
        if address is not None:
            found[kind] = HttpProvider(address, token, kind.value)
    if settings.vapid_private_key is not None:
        found[ContactChannel.WEB_PUSH] = WebPush(settings.vapid_private_key.get_secret_value(), settings.vapid_contact)
    return found
