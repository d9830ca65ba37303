"""WebSocket messages that leave together: frames of one answer in one write.

To write is the dearest step of an answer: the kernel brings it to the reader and wakes it. An answer to an operation is
two messages, the value and that it was the last; as an extension of ASGI the two are taken in one event.
"""

from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState
from websockets.http11 import Request

TOGETHER = "linli.together"
"""In a scope's `extensions`: an event `websocket.send` may have several `texts`."""
SERVER = "services.frames:Together"
"""As uvicorn is told of it (`ws`)."""


class Together(WebSocketsSansIOProtocol):
    """The server's protocol, with that extension."""

    def handle_connect(self, event: Request) -> None:
        """As ever, and the extension is told."""
        super().handle_connect(event)
        if hasattr(self, "scope"):
            self.scope["extensions"][TOGETHER] = {}

    async def send(self, message: Any) -> None:
        """As ever; several texts are several frames in one write."""
        texts = message.get("texts")
        if texts is None:
            await super().send(message)
            return
        await self.writable.wait()
        if self.disconnected or self.close_sent:
            raise ClientDisconnected
        try:
            for text in texts:
                self.conn.send_text(text.encode())
        except InvalidState:
            raise ClientDisconnected from None
        self.transport.write(b"".join(self.conn.data_to_send()))
