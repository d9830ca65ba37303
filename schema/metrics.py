"""`/metrics`, and the counting of requests: by route, never by the address asked for, which may name a person."""

import time
from collections import Counter

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services import metrics


def routes() -> list[Route]:
    """The page that Prometheus reads."""

    async def page(_: Request) -> Response:
        return Response(metrics.exposition(), headers={"Content-Type": metrics.CONTENT_TYPE})

    return [Route("/metrics", page)]


class CountRequests:
    """ASGI middleware: counts and times each HTTP request under its route's pattern."""

    def __init__(self, app: ASGIApp, routes: list[BaseRoute]) -> None:
        """`routes` are those of the application, to tell the pattern by."""
        self.app = app
        self.routes = routes
        named = [(route.endpoint, route.path) for route in routes if isinstance(route, Route)]
        often = Counter(endpoint for endpoint, _ in named)
        self._paths = {endpoint: path for endpoint, path in named if often[endpoint] == 1}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and write down how it ended."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 500
        begun = time.perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            route = self._pattern(scope)
            metrics.requests.labels(scope["method"], route, str(status)).inc()
            metrics.request_seconds.labels(route).observe(time.perf_counter() - begun)

    def _pattern(self, scope: Scope) -> str:
        if path := self._paths.get(scope.get("endpoint", self)):  # the router has found it already
            return path
        for route in self.routes:
            if route.matches(scope)[0] is not Match.NONE:
                return str(getattr(route, "path", "other"))
        return "none"
