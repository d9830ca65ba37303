"""`/health/live` and `/health/ready` for whoever restarts and balances servers."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from services.health import READY, Check, readiness

UNCACHED = {"Cache-Control": "no-store"}


def routes(checks: Mapping[str, Check]) -> list[Route]:
    """Live answers while the process does; ready answers 503 and the reasons until every check holds."""

    async def live(_: Request) -> JSONResponse:
        return JSONResponse({"status": "live"}, headers=UNCACHED)

    async def ready(_: Request) -> JSONResponse:
        said = await readiness(checks)
        holds = all(word == READY for word in said.values())
        body = {"status": READY if holds else "not ready", "checks": said}
        return JSONResponse(body, 200 if holds else 503, headers=UNCACHED)

    return [Route("/health/live", live), Route("/health/ready", ready)]
