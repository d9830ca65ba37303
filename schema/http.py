"""The routes of the API: queries and mutations over HTTP, subscriptions over server-sent events and WebSocket."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

import orjson
from graphql import OperationType
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send
from strawberry import Schema
from strawberry.http.ides import get_graphql_ide_html

from gis.errors import GisError
from schema import build, errors, requests, staying
from schema.context import Api
from schema.doorstep import ENTRANCES, NOBODY, Doorstep, is_entrance
from schema.engine import Answer, Asked, Engine, Prepared, refusal
from schema.sockets import Sockets
from services import endings
from services.errors import NotSignedIn, Refusal

STATUS: dict[type[Exception], int] = {
    NotSignedIn: 401,
    errors.BodyTooLarge: 413,
    errors.MethodNotAllowed: 405,
    errors.StreamNeeded: 406,
    requests.MediaTypeUnknown: 415,
    requests.NothingAcceptable: 406,
    errors.StoreUnavailable: 503,
}
HEARTBEAT_SECONDS = 15
COMPLETE = b"event: complete\ndata:\n\n"


def routes(api: Api, path: str = "/graphql", schema: Schema | None = None) -> list[BaseRoute]:
    """`path` for HTTP and for WebSocket; `schema` is the house's own unless a test brings another."""
    engine = Engine(schema or build(), api)
    return [Route(path, Endpoint(engine)), WebSocketRoute(path, Sockets(engine))]


def cross_origin(api: Api) -> list[Middleware]:
    """Lets pages of the allowed origins ask from a browser; signed in by header only, so no cookie can be misused."""
    if not api.allowed_origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=api.allowed_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type"],
            max_age=600,
        )
    ]


class Endpoint:
    """GraphQL over HTTP, as the working group's draft of that name has it."""

    def __init__(self, engine: Engine) -> None:
        """One endpoint for one engine."""
        self._engine = engine
        self._api = engine.api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; nothing that a client sends ends in a traceback."""
        request = Request(scope, receive)
        response = await self._respond(request)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        if request.method not in ("GET", "POST"):
            return Response(status_code=405, headers={"Allow": "GET, POST"})
        if self._wants_page(request):
            return HTMLResponse(get_graphql_ide_html(graphql_ide="graphiql"))
        try:
            return await self._answered(request)
        except (Refusal, GisError) as problem:
            return _sent(refusal(problem), request, STATUS.get(type(problem), 400))
        except Exception as problem:
            answer = Answer([errors.unforeseen(problem)])
            unavailable = answer.errors[0]["extensions"]["code"] == errors.StoreUnavailable.code
            return _sent(answer, request, 503 if unavailable else 500)

    def _wants_page(self, request: Request) -> bool:
        page = requests.accepts(request.headers.get("accept"), requests.HTML)
        return self._api.development and request.method == "GET" and page and "query" not in request.query_params

    async def _answered(self, request: Request) -> Response:
        authorization = request.headers.get("authorization")
        if authorization is None:
            return await self._at_the_entrance(request)
        actor = await self._api.actors.by_token(authorization)
        doorstep = Doorstep.of(request, self._api.actors.claims(authorization).sign_in_id)
        asked = await requests.asked(request, self._api.limits.body_bytes)
        accept = request.headers.get("accept")
        prepared = self._engine.prepare(asked, actor)
        if isinstance(prepared, Answer):
            return _sent(prepared, request)
        if prepared.kind is OperationType.SUBSCRIPTION:
            return self._streamed(prepared, asked, request)
        requests.media_type(accept)
        if request.method == "GET" and prepared.kind is not OperationType.QUERY:
            raise errors.MethodNotAllowed(operation=prepared.kind.value, method="GET")
        return doorstep.leave(_sent(await self._engine.run(prepared, asked, actor, doorstep), request))

    async def _at_the_entrance(self, request: Request) -> Response:
        """Whoever has no token may sign in, or raise and follow a matter; and not even learn what else there is."""
        prepared, asked = await self._sign_in_asked(request)
        doorstep = Doorstep.of(request)
        return doorstep.leave(_sent(await self._engine.run(prepared, asked, NOBODY, doorstep), request))

    async def _sign_in_asked(self, request: Request) -> tuple[Prepared, Asked]:
        if request.method != "POST":
            raise NotSignedIn
        try:
            asked = await requests.asked(request, self._api.limits.body_bytes)
        except Refusal:
            raise NotSignedIn from None
        prepared = self._engine.prepare(asked, NOBODY) if any(one in asked.query for one in ENTRANCES) else None
        if not isinstance(prepared, Prepared) or not is_entrance(prepared.kind, prepared.selections):
            raise NotSignedIn
        return prepared, asked

    def _streamed(self, prepared: Prepared, asked: Asked, request: Request) -> Response:
        """Only a subscription is a stream: clients that also accept one get their queries answered as JSON."""
        if not requests.accepts(request.headers.get("accept"), requests.STREAM):
            raise errors.StreamNeeded
        sign_in = partial(self._api.actors.by_token, request.headers.get("authorization"))
        headers = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}
        over = partial(staying.until_over, self._api, request.headers.get("authorization"))
        events = _events(self._engine.follow(prepared, asked, sign_in), over)
        return StreamingResponse(events, media_type=requests.STREAM, headers=headers)


async def _events(answers: AsyncGenerator[Answer, None], over: Callable[[], Awaitable[None]]) -> AsyncIterator[bytes]:
    """Server-sent events in the form of the graphql-sse protocol; a comment now and then keeps the line open.

    When `over` returns, whoever follows is not signed in any more: that is said, and the stream ends.
    """
    waiting: asyncio.Future[Answer] | None = None
    leaving: asyncio.Future[None] = asyncio.ensure_future(over())
    try:
        while not leaving.done():
            waiting = waiting or asyncio.ensure_future(anext(answers))
            both: set[asyncio.Future[Any]] = {waiting, leaving}
            await asyncio.wait(both, timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if waiting.done():
                answer, waiting = waiting.result(), None
                yield _event(answer)
            elif not leaving.done():
                yield b":\n\n"
        yield _event(refusal(NotSignedIn()))
        yield COMPLETE
    except StopAsyncIteration:
        yield COMPLETE
    finally:
        unfinished: set[asyncio.Future[Any]] = {leaving} if waiting is None else {leaving, waiting}
        await endings.end(*unfinished)
        await answers.aclose()


def _event(answer: Answer) -> bytes:
    return b"event: next\ndata: " + encoded(answer.body()) + b"\n\n"


def encoded(body: Any) -> bytes:
    """JSON; geometry that is text already is passed through."""
    return orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY)


def _sent(answer: Answer, request: Request, status: int | None = None) -> Response:
    try:
        kind = requests.media_type(request.headers.get("accept"))
    except requests.NothingAcceptable:
        kind = requests.JSON
    # The older media type answers 200 to whatever is well-formed GraphQL over HTTP.
    usual = 200 if answer.ran or kind == requests.JSON else 400
    headers = {"Cache-Control": "private, no-store"}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if status == 405:
        headers["Allow"] = "POST"
    return Response(encoded(answer.body()), status or usual, headers, f"{kind}; charset=utf-8")
