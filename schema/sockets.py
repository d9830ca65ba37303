"""The graphql-transport-ws protocol: one socket, many operations; a faulty one ends alone."""

import asyncio
import contextlib
from typing import Any

import orjson
from graphql import OperationType
from starlette.datastructures import URL
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from schema import errors, requests, staying
from schema.engine import Answer, Asked, Engine, Prepared, refusal
from services import endings
from services.access import Actor
from services.errors import NotSignedIn, Refusal
from services.frames import TOGETHER

PROTOCOL = "graphql-transport-ws"


class SocketBusy(Refusal):
    """This connection runs {most} operations already. End one first."""


class Closing(Exception):
    """The connection ends with a code and a reason of the protocol."""

    def __init__(self, code: int, reason: str) -> None:
        """As the protocol lists them."""
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Sockets:
    """Accepts connections that speak the protocol, from this site's pages or those of the allowed origins."""

    def __init__(self, engine: Engine) -> None:
        """One endpoint for one engine."""
        self._engine = engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold one connection until it ends."""
        socket = WebSocket(scope, receive, send)
        if not self._is_from_here(socket):
            await socket.close(1008)
            return
        if PROTOCOL not in scope["subprotocols"]:
            await socket.accept()
            await socket.close(4406, "Subprotocol not acceptable")
            return
        await socket.accept(PROTOCOL)
        await Connection(self._engine, socket, receive, send).hold()

    def _is_from_here(self, socket: WebSocket) -> bool:
        origin = socket.headers.get("origin")
        allowed = self._engine.api.allowed_origins
        if origin is None or origin in allowed or "*" in allowed:
            return True
        return URL(origin).netloc == socket.headers.get("host")


class Connection:
    """One connection: first the token, then operations, each in a task of its own."""

    def __init__(self, engine: Engine, socket: WebSocket, receive: Receive, send: Send) -> None:
        """Nobody is known yet. `receive` and `send` are the accepted socket's, for what comes and goes all day."""
        self._engine = engine
        self._limits = engine.api.limits
        self._socket = socket
        self._receive = receive
        self._tell = send
        self._together = TOGETHER in socket.scope.get("extensions", ())
        self._authorization: object = None
        self._initialised = False
        self._acknowledged = False
        self._running: dict[str, asyncio.Task[None]] = {}
        self._staying: asyncio.Task[None] | None = None
        self._presence = contextlib.ExitStack()

    async def hold(self) -> None:
        """Read messages until either side ends it."""
        waiting = asyncio.create_task(self._wait_for_token())
        try:
            while True:
                await self._handle(await self._message())
        except Closing as end:
            await self._close(end.code, end.reason)
        except WebSocketDisconnect:
            pass
        except Exception as problem:  # such as a store that is away while somebody signs in
            errors.unforeseen(problem)
            await self._close(1013, "Try again later")
        finally:
            self._presence.close()
            staying = (self._staying,) if self._staying else ()
            await endings.end(waiting, *staying, *self._running.values())

    async def _message(self) -> dict[str, Any]:
        event = await self._receive()
        if event["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(event.get("code", 1000))
        text = event.get("text")
        if not isinstance(text, str):
            raise Closing(4400, "Messages must be text")
        if len(text) > self._limits.socket_message_bytes:
            raise Closing(1009, "Message too large")
        try:
            message = orjson.loads(text)
        except orjson.JSONDecodeError:
            raise Closing(4400, "Messages must be JSON") from None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise Closing(4400, "Messages must be objects with a type")
        return message

    async def _handle(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "connection_init":
            await self._sign_in(message.get("payload"))
        elif kind == "ping":
            await self._renew(message.get("payload"))
            await self._send({"type": "pong"})
        elif kind == "subscribe":
            await self._start(message)
        elif kind == "complete":
            await self._stop(message.get("id"))
        elif kind != "pong":
            raise Closing(4400, "Unknown type of message")

    async def _sign_in(self, payload: object) -> None:
        if self._initialised:
            raise Closing(4429, "Too many initialisation requests")
        self._initialised = True
        if not isinstance(payload, (dict, type(None))):
            raise Closing(4400, "The payload of connection_init must be an object")
        self._authorization = _authorization(payload) or self._socket.headers.get("authorization")
        actor = await self._actor()
        if actor.worker_id is not None:
            self._presence.enter_context(self._engine.api.presences.connected(actor.worker_id))
        self._acknowledged = True
        self._staying = asyncio.create_task(self._stay())
        await self._send({"type": "connection_ack"})

    async def _renew(self, payload: object) -> None:
        """A ping may bring the next token of the same account, so that a connection outlives short tokens."""
        given = _authorization(payload)
        if given is None or not self._acknowledged:
            return
        before, self._authorization = (await self._actor()).account_id, given
        if (await self._actor()).account_id != before:
            raise Closing(4403, "Forbidden")

    async def _stay(self) -> None:
        """Close when whoever opened this is not signed in any more; a token that was renewed meanwhile counts."""
        looked_at: object = None
        while looked_at != self._authorization:
            looked_at = self._authorization
            await staying.until_over(self._engine.api, looked_at)
        await self._close(4403, "Forbidden")

    async def _actor(self) -> Actor:
        """Asked again for each operation, so that an open socket does not outlive its token."""
        try:
            return await self._sign_in_again()
        except NotSignedIn:
            raise Closing(4403, "Forbidden") from None

    async def _sign_in_again(self) -> Actor:
        return await self._engine.api.actors.by_token(self._authorization)

    async def _start(self, message: dict[str, Any]) -> None:
        if not self._acknowledged:
            raise Closing(4401, "Unauthorized")
        id_, payload = message.get("id"), message.get("payload")
        if not isinstance(id_, str) or not id_ or not isinstance(payload, dict):
            raise Closing(4400, "A subscribe message needs an id and a payload")
        if id_ in self._running:
            raise Closing(4409, f"Subscriber for {id_[:50]} already exists")
        actor = await self._actor()
        try:
            asked = requests.parsed(payload)
            if len(self._running) >= self._limits.socket_operations:
                raise SocketBusy(most=self._limits.socket_operations)
        except Refusal as problem:
            await self._send_errors(id_, refusal(problem))
            return
        task = self._running[id_] = asyncio.create_task(self._run(id_, asked, actor))
        task.add_done_callback(lambda done: self._ended(id_, done))

    async def _run(self, id_: str, asked: Asked, actor: Actor) -> None:
        try:
            prepared = self._engine.prepare(asked, actor)
            if isinstance(prepared, Answer):
                await self._send_errors(id_, prepared)
                return
            await self._send_answers(id_, prepared, asked, actor)
        except WebSocketDisconnect:
            return
        except Exception as problem:
            await self._send_errors(id_, Answer([errors.unforeseen(problem)]))

    async def _send_answers(self, id_: str, prepared: Prepared, asked: Asked, actor: Actor) -> None:
        if prepared.kind is not OperationType.SUBSCRIPTION:
            answer = await self._engine.run(prepared, asked, actor)
            await (self._complete(id_, answer) if answer.ran else self._send_errors(id_, answer))
            return
        async with contextlib.aclosing(self._engine.follow(prepared, asked, self._sign_in_again)) as answers:
            async for answer in answers:
                if not answer.ran:
                    await self._send_errors(id_, answer)
                    return
                await self._send(_next(id_, answer))
        await self._complete(id_)

    async def _complete(self, id_: str, *last: Answer) -> None:
        self._running.pop(id_, None)  # the client may use the id again as soon as it has read this
        await self._send(*(_next(id_, answer) for answer in last), {"id": id_, "type": "complete"})

    async def _send_errors(self, id_: str, answer: Answer) -> None:
        self._running.pop(id_, None)
        await self._send({"id": id_, "type": "error", "payload": answer.errors})

    async def _stop(self, id_: object) -> None:
        if isinstance(id_, str) and id_ in self._running:
            self._running.pop(id_).cancel()

    def _ended(self, id_: str, task: asyncio.Task[None]) -> None:
        if self._running.get(id_) is task:
            del self._running[id_]

    async def _wait_for_token(self) -> None:
        await asyncio.sleep(self._limits.socket_init_seconds)
        if not self._initialised:
            await self._close(4408, "Connection initialisation timeout")

    async def _send(self, *messages: dict[str, Any]) -> None:
        if self._socket.application_state is not WebSocketState.CONNECTED:
            return
        try:
            texts = [orjson.dumps(one, option=orjson.OPT_SERIALIZE_NUMPY).decode() for one in messages]
            if len(texts) > 1 and self._together:
                await self._tell({"type": "websocket.send", "texts": texts})
                return
            for text in texts:
                await self._tell({"type": "websocket.send", "text": text})
        except OSError:  # as the server says that the client is gone
            self._socket.application_state = WebSocketState.DISCONNECTED
            raise WebSocketDisconnect(1006) from None

    async def _close(self, code: int, reason: str) -> None:
        if self._socket.application_state is WebSocketState.CONNECTED:
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await self._socket.close(code, reason)


def _next(id_: str, answer: Answer) -> dict[str, Any]:
    return {"id": id_, "type": "next", "payload": answer.body()}


def _authorization(payload: object) -> object:
    """The header that a message brings; names in any case."""
    if not isinstance(payload, dict):
        return None
    return {str(name).lower(): value for name, value in payload.items()}.get("authorization")
