"""A kept HTTP connection that writes plain bytes, so that what is measured is the server and not its client."""

import asyncio
import time
from dataclasses import dataclass, field

IDLE_SECONDS = 2.0


@dataclass(slots=True)
class Line:
    """One connection; one request at a time."""

    site: str
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    used: float = field(default_factory=time.monotonic)

    @classmethod
    async def to(cls, site: str) -> "Line":
        """Connected to `http://host:port`."""
        return cls(site, *await _connected(site))

    async def stand(self) -> None:
        """Connect again before the server hangs up: it keeps nobody who says nothing for five seconds."""
        if time.monotonic() - self.used > IDLE_SECONDS:
            self.writer.close()
            self.reader, self.writer = await _connected(self.site)

    async def answered(self, request: bytes) -> bytes:
        """The body of the answer; AssertionError unless it is 200."""
        self.used = time.monotonic()
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        body = await self.reader.readexactly(length)
        assert head.startswith(b"HTTP/1.1 200"), head + body
        return body

    def close(self) -> None:
        """Hang up."""
        self.writer.close()


async def _connected(site: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, port = site.removeprefix("http://").split(":")
    return await asyncio.open_connection(host, int(port))


def post(path: str, body: bytes) -> bytes:
    """A request that sends JSON."""
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"Content-Type: application/json\r\n\r\n" + body
