"""A kept HTTP connection that writes plain bytes, so that what is measured is the server and not its client."""

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One connection; one request at a time."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def to(cls, site: str) -> "Line":
        """Connected to `http://host:port`."""
        host, port = site.removeprefix("http://").split(":")
        return cls(*await asyncio.open_connection(host, int(port)))

    async def answered(self, request: bytes) -> bytes:
        """The body of the answer; AssertionError unless it is 200."""
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        body = await self.reader.readexactly(length)
        assert head.startswith(b"HTTP/1.1 200"), head + body
        return body

    def close(self) -> None:
        """Hang up."""
        self.writer.close()


def post(path: str, body: bytes) -> bytes:
    """A request that sends JSON."""
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"Content-Type: application/json\r\n\r\n" + body
