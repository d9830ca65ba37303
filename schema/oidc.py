"""`/sign-in/oidc` and `/sign-in/oidc/callback`: to an OpenID provider and back, for browsers.

The browser that comes back must be the one that left: it carries the state in a cookie. It then holds the refresh token
in a cookie, as after a sign-in by password with `inCookie`, and asks `refresh` for its first access token.
"""

import secrets

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from schema import answers
from schema.context import Api
from schema.doorstep import Doorstep
from services.errors import NotFound
from services.oidc import FLOW_LIFETIME, OpenId, Provider, ProviderRefused

PATH = "/sign-in/oidc"
CALLBACK = f"{PATH}/callback"
STATE_COOKIE = "linli_sign_in_state"


def routes(api: Api, provider: Provider | None) -> list[Route]:
    """The two addresses; they are not found where no provider is set up."""
    line = OpenId(provider, api.platform("sign-in"), api.secret) if provider else None

    async def leave(request: Request) -> Response:
        away = await _required(line).begin(answers.site(request) + CALLBACK)
        response = _to(away.address)
        return _bound(response, request, away.state, int(FLOW_LIFETIME.total_seconds()))

    async def come_back(request: Request) -> Response:
        state, code = _brought(request, _required(line).provider.issuer)
        tokens = await _required(line).finish(state, code, answers.site(request) + CALLBACK)
        doorstep = Doorstep.of(request)
        doorstep.keep(tokens)
        return _bound(doorstep.leave(_to(f"{answers.site(request)}/")), request, "", 0)

    return [Route(PATH, answers.answering(leave)), Route(CALLBACK, answers.answering(come_back))]


def _brought(request: Request, issuer: str) -> tuple[str, str]:
    """State and code. ProviderRefused when another browser began, or another issuer answers (RFC 9207)."""
    told, left = request.query_params, request.cookies.get(STATE_COOKIE, "")
    state, code = told.get("state", ""), told.get("code", "")
    if not left or not secrets.compare_digest(left.encode(), state.encode()):
        raise ProviderRefused(reason="this browser did not begin it")
    if told.get("iss", issuer) != issuer:
        raise ProviderRefused(reason="another provider answers")
    if not code:
        raise ProviderRefused(reason="the provider gave no code")
    return state, code


def _required(line: OpenId | None) -> OpenId:
    if line is None:
        raise NotFound("OpenID provider")
    return line


def _to(address: str) -> Response:
    return RedirectResponse(address, 303, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


def _bound(response: Response, request: Request, state: str, seconds: int) -> Response:
    """The state is sent back on the way home from the provider, which is another site: so Lax, and for this path."""
    secure = request.url.scheme == "https"
    response.set_cookie(STATE_COOKIE, state, max_age=seconds, path=PATH, secure=secure, httponly=True, samesite="lax")
    return response
