"""What leaves the house, and how: to a double of the provider, to a double of a push service, to the log."""

import asyncio
import base64
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from structlog.testing import capture_logs

from fixtures import makers
from services import actors, calls, channels, contacts, phones, threads, workers
from services.channels import AddressGone, HttpProvider, Letter, ProviderFailed, WebPush
from services.models import Phone, Role, TerminalButton
from services.models.contacts import ContactChannel
from services.phones import Subscription
from services.postmen import Postman
from services.settings import Settings
from tests import post
from tests.callroom import KEYRING, CallRoom

LETTER = Letter("key-1", "CONTACT_EMERGENCY", "Come", {"call": "c"})


class Double:
    """A provider that writes down what is posted, and answers as it is told."""

    def __init__(self) -> None:
        """Listens on a free port; takes everything with 201."""
        self.posted: list[tuple[dict[str, str], bytes]] = []
        self.status = 201
        double = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                double.posted.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(double.status)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/send"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def double() -> Iterator[Double]:
    """The provider."""
    found = Double()
    yield found
    found.server.shutdown()
    found.server.server_close()


async def test_text_messages_are_posted_to_the_provider(double: Double) -> None:
    await HttpProvider(double.address, "token", "SMS").send("13800000001", LETTER)
    ((headers, body),) = double.posted
    assert json.loads(body) == {"to": "13800000001", "text": "Come", "kind": "SMS", "key": "key-1"}
    assert (headers["authorization"], headers["idempotency-key"]) == ("Bearer token", "key-1")


async def test_a_provider_that_does_not_take_it_is_asked_again_later(double: Double) -> None:
    double.status = 503
    with pytest.raises(ProviderFailed, match="503"):
        await HttpProvider(double.address, "token", "SMS").send("13800000001", LETTER)


async def test_web_push_is_encrypted_for_the_browser_and_signed(double: Double) -> None:
    """The browser's own key opens it (RFC 8291), and nobody else's."""
    browser, server, secret = ec.generate_private_key(ec.SECP256R1()), _private_key(), b"0123456789abcdef"
    keys = {"p256dh": _base64(_public(browser)), "auth": _base64(secret)}
    address = json.dumps({"endpoint": double.address, "keys": keys})
    await WebPush(server, "mailto:operator@example.org").send(address, LETTER)
    ((headers, body),) = double.posted
    opened = http_ece.decrypt(body, private_key=browser, auth_secret=secret, version="aes128gcm")
    assert json.loads(opened) == {"template": "CONTACT_EMERGENCY", "text": "Come", "call": "c"}
    assert headers["authorization"].startswith("vapid t=")
    assert headers["content-encoding"] == "aes128gcm"


@pytest.mark.parametrize(
    ("status", "problem"), [(410, AddressGone), (404, AddressGone), (500, ProviderFailed), (307, ProviderFailed)]
)
async def test_a_push_service_that_does_not_take_it(double: Double, status: int, problem: type[Exception]) -> None:
    """Gone is told apart from failed; and nobody follows a push service to another address."""
    double.status = status
    with pytest.raises(problem):
        await _web_push().send(_browser(double).as_json(), LETTER)
    assert len(double.posted) == 1


async def test_a_push_service_that_says_nothing_holds_up_no_search_no_thread_and_no_other_service(
    double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred letters to a service that takes the connection and then is silent; those that had a thread fail."""
    monkeypatch.setattr("services.channels.PROVIDER_SECONDS", 5.0)
    push = _web_push()
    with socket.create_server(("127.0.0.1", 0), backlog=100) as silent:
        browser = _browser_at(f"http://127.0.0.1:{silent.getsockname()[1]}/send")
        sending = [asyncio.create_task(push.send(browser.as_json(), LETTER)) for _ in range(100)]
        await asyncio.sleep(0.5)
        async with asyncio.timeout(4):
            assert await asyncio.to_thread(sum, [1, 2]) == 3
            assert await threads.search(max, 1, 2) == 2
            await push.send(_browser(double).as_json(), LETTER)
        for each in sending[16:]:
            each.cancel()
        told = await asyncio.gather(*sending, return_exceptions=True)
    assert len(double.posted) == 1
    assert [type(one) for one in told] == [ProviderFailed] * 16 + [asyncio.CancelledError] * 84


async def test_a_registered_phone_is_told_of_an_offer_and_forgotten_when_it_is_gone(
    room: CallRoom, double: Double
) -> None:
    """The push service takes the first; for the second it says 410, and there is no third: then a text message goes."""
    worker = await room.worker(300)
    async with room.database.write() as session:
        account = await makers.make_account(session, Role.GRID_WORKER, room.grids[0], worker=worker)
        actor = await actors.actor_of(session, account.id)
        await phones.register(session, KEYRING, actor, _browser(double), "en", [double.address.removesuffix("/send")])
    postman = Postman(room.database, KEYRING, {ContactChannel.WEB_PUSH: _web_push()})
    call = await room.call_for_help()
    await post.deliver(room.database, postman)
    assert (len(double.posted), await room.count(Phone)) == (1, 1)
    double.status = 410
    await room.decline(call.id)
    async with room.database.write() as session:
        await workers.end_shift(session, worker.id)
        await workers.start_shift(session, worker.id, room.rules)
    await room.call_for_help(1)
    await post.deliver(room.database, postman)
    assert (len(double.posted), await room.count(Phone)) == (2, 0)


def test_the_public_key_is_the_private_ones() -> None:
    """RFC 8292's key in 65 bytes, uncompressed: what a browser's PushManager takes."""
    key = ec.generate_private_key(ec.SECP256R1())
    private = _base64(key.private_numbers().private_value.to_bytes(32, "big"))
    assert channels.public_key(private) == _base64(_public(key))


async def test_family_hears_of_an_emergency_and_of_its_end_without_the_diagnosis(
    room: CallRoom, double: Double
) -> None:
    """Two messages, in the contact's language, with nothing in them but the template's words."""
    async with room.database.write() as session:
        await contacts.add(session, KEYRING, room.homes[0].id, ContactChannel.SMS, "Child", "13800000001", "en")
    channel = HttpProvider(double.address, "token", "SMS")
    postman = Postman(room.database, KEYRING, {ContactChannel.SMS: channel})
    call = await room.call_for_help(button=TerminalButton.EMERGENCY)
    while await post.deliver(room.database, postman):
        pass
    desk = await room.actor(Role.DISPATCHER)
    async with room.database.write() as session:
        await calls.cancel(session, KEYRING, call.id, desk, "Spoken to her")
    while await post.deliver(room.database, postman):
        pass
    told = [json.loads(body) for _, body in double.posted]
    assert [(message["to"], message["text"]) for message in told] == [
        ("13800000001", "Your family's terminal has called an emergency."),
        ("13800000001", "Your family's call has been dealt with."),
    ]
    assert len({message["key"] for message in told}) == 2


async def test_a_worker_gets_a_text_message_when_a_provider_is_set(room: CallRoom, double: Double) -> None:
    async with room.database.write() as session:
        worker = await makers.make_worker(session, room.grids[0], x=250, y=500, phone="13900000001")
    await _on_duty(room, worker.id)
    await room.call_for_help()
    channel = HttpProvider(double.address, "token", "SMS")
    await post.deliver(room.database, Postman(room.database, KEYRING, {ContactChannel.SMS: channel}))
    assert [json.loads(body)["to"] for _, body in double.posted] == ["13900000001"]


async def test_what_has_no_provider_goes_to_the_log_without_address_or_name(room: CallRoom) -> None:
    async with room.database.write() as session:
        await contacts.add(session, KEYRING, room.homes[0].id, ContactChannel.VOICE, "Child", "13800000001")
    await room.call_for_help(button=TerminalButton.EMERGENCY)
    with capture_logs() as lines:
        await post.deliver(room.database, Postman(room.database, KEYRING, channels.of(Settings())))
    assert {line["template"] for line in lines} == {"CONTACT_EMERGENCY", "DUTY_DESK_RINGS"}
    assert "13800000001" not in str(lines)
    assert "Child" not in str(lines)


def test_the_settings_name_the_channels() -> None:
    assert set(channels.of(Settings())) == {ContactChannel.LOG}
    found = channels.of(Settings(sms_url="https://sms.example/send", voice_url="https://voice.example/call"))
    assert set(found) == {ContactChannel.LOG, ContactChannel.SMS, ContactChannel.VOICE}


async def _on_duty(room: CallRoom, worker_id: Any) -> None:
    async with room.database.write() as session:
        await workers.start_shift(session, worker_id, room.rules)


def _web_push() -> WebPush:
    return WebPush(_private_key(), "mailto:operator@example.org")


def _browser(double: Double) -> Subscription:
    """A browser's subscription at the double of a push service."""
    return _browser_at(double.address)


def _browser_at(address: str) -> Subscription:
    browser = ec.generate_private_key(ec.SECP256R1())
    return Subscription(address, _base64(_public(browser)), _base64(b"0123456789abcdef"))


def _private_key() -> str:
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return _base64(number.to_bytes(32, "big"))


def _public(key: ec.EllipticCurvePrivateKey) -> bytes:
    form = serialization.PublicFormat.UncompressedPoint
    return key.public_key().public_bytes(serialization.Encoding.X962, form)


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
