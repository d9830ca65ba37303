"""Phones that report where they are: one connection each, one report under way at a time, each answer looked at.

They write WebSocket frames themselves, masked as the protocol wants it, so that what is measured is the server and not
its clients: two hundred phones share a processor that in the field each would bring along.
"""

import asyncio
import os
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

import orjson
from websockets.speedups import apply_mask

REPORT = "mutation Report($input: PositionInput!) { reportPosition(input: $input) { id status } }"
TEXT, PING, PONG = 0x1, 0x9, 0xA
FINAL, MASKED, LONG = 0x80, 0x80, 126
SHORTEST_LONG = 126
MOST_BEHIND_SECONDS = 1.0
"""So far a phone makes up for answers that came late."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose phone it is, and around where."""

    token: str
    longitude: float
    latitude: float


class Phone(asyncio.Protocol):
    """One phone. It reports every `every_seconds` (0: at once when it is answered) from `start` until `stop`."""

    def __init__(self, bearer: Bearer, every_seconds: float) -> None:
        """Not connected yet."""
        self.answered = 0
        self.signed_in: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._bearer = bearer
        self._every = every_seconds
        self._unread = b""
        self._runs = False
        self._due = 0.0

    @classmethod
    async def on(cls, site: str, bearer: Bearer, every_seconds: float) -> "Phone":
        """Connected to `http://host:port` and signed in."""
        host, port = site.removeprefix("http://").split(":")
        loop = asyncio.get_running_loop()
        _, phone = await loop.create_connection(lambda: cls(bearer, every_seconds), host, int(port))
        await phone.signed_in
        return phone

    def start(self, seconds: float) -> None:
        """Report for the first time in so many seconds."""
        self._runs = True
        self._due = asyncio.get_running_loop().time() + seconds
        asyncio.get_running_loop().call_later(seconds, self._report)

    def stop(self) -> None:
        """No report after the one that is under way."""
        self._runs = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the protocol."""
        self._transport = cast(asyncio.Transport, transport)
        key = b64encode(os.urandom(16)).decode()
        self._transport.write(
            "GET /graphql HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Frames of the server, whole or not."""
        self._unread += data
        if not self._unread.startswith(b"HTTP/1.1"):
            self._read_frames()
        elif b"\r\n\r\n" in self._unread:
            head, self._unread = self._unread.split(b"\r\n\r\n", 1)
            assert head.startswith(b"HTTP/1.1 101"), head
            signed = {"Authorization": f"Bearer {self._bearer.token}"}
            self._send(TEXT, orjson.dumps({"type": "connection_init", "payload": signed}))

    def connection_lost(self, problem: Exception | None) -> None:
        """Whoever waits hears of it."""
        for waiting in (self.signed_in, self.over):
            if not waiting.done():
                waiting.set_exception(problem or ConnectionError("the server hung up"))

    def close(self) -> None:
        """Hang up."""
        self._transport.close()

    def _read_frames(self) -> None:
        while len(self._unread) >= 2:
            begins, length = 2, self._unread[1]
            assert length <= LONG, "no answer is that long"
            if length == LONG:
                begins, length = 4, int.from_bytes(self._unread[2:4], "big")
            if len(self._unread) < begins + length:
                return
            kind, content = self._unread[0] & 0x0F, self._unread[begins : begins + length]
            self._unread = self._unread[begins + length :]
            self._read(kind, content)

    def _read(self, kind: int, content: bytes) -> None:
        if kind == PING:
            self._send(PONG, content)
            return
        assert kind == TEXT, content
        message = orjson.loads(content)
        if message["type"] == "complete":
            self.answered += 1
            self._go_on()
        elif message["type"] == "connection_ack":
            self.signed_in.set_result(None)
        elif message["type"] != "ping":
            assert message["type"] == "next", message
            assert message["id"] == str(self.answered), message
            assert message["payload"]["data"]["reportPosition"]["id"], message

    def _go_on(self) -> None:
        if not self._runs:
            self.over.set_result(None)
            return
        loop = asyncio.get_running_loop()
        self._due = max(self._due + self._every, loop.time() - MOST_BEHIND_SECONDS)  # after a late answer at once
        if self._every:
            loop.call_at(self._due, self._report)
        else:
            self._report()

    def _report(self) -> None:
        number, bearer = self.answered, self._bearer
        point = {"longitude": bearer.longitude + number % 10 * 1e-5, "latitude": bearer.latitude}
        fix = {"point": point, "fixedAt": datetime.now(UTC), "accuracyMeters": 8}
        asked = {"query": REPORT, "variables": {"input": fix}}
        self._send(TEXT, orjson.dumps({"id": str(number), "type": "subscribe", "payload": asked}))

    def _send(self, kind: int, content: bytes) -> None:
        mask, length = os.urandom(4), len(content)
        told = (
            bytes([MASKED | length]) if length < SHORTEST_LONG else bytes([MASKED | LONG]) + length.to_bytes(2, "big")
        )
        self._transport.write(bytes([FINAL | kind]) + told + mask + apply_mask(content, mask))


async def reports(phones: Sequence[Phone], seconds: float, every_seconds: float) -> float:
    """Let them report for some seconds, one after the other over the time between two reports; how many a second."""
    loop = asyncio.get_running_loop()
    begun, before = loop.time(), sum(phone.answered for phone in phones)
    for number, phone in enumerate(phones):
        phone.start(every_seconds * number / len(phones))
    await asyncio.sleep(seconds)
    for phone in phones:
        phone.stop()
    await asyncio.gather(*(phone.over for phone in phones))
    return (sum(phone.answered for phone in phones) - before) / (loop.time() - begun)
