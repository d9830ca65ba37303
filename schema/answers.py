"""Plain HTTP answers beside GraphQL: kept copies compared by mark, compressed, refused by code."""

import gzip
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response

from gis.errors import GisError
from schema import errors
from services.errors import Invalid, NotAllowed, NotFound, NotSignedIn, Refusal
from services.terminal_keys import PressNotAuthentic

JSON = "application/json"
WORTH_COMPRESSING = 400
PRIVATE = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Accept-Encoding"}
"""A browser keeps its copy and asks each time whether it still holds; nobody in between keeps any."""
STATUS: tuple[tuple[type[Exception], int], ...] = (
    (NotSignedIn, 401),
    (NotAllowed, 403),
    (PressNotAuthentic, 403),
    (errors.BodyTooLarge, 413),
    (NotFound, 404),
    (errors.StoreUnavailable, 503),
    (Invalid, 400),
    (Refusal, 400),
    (GisError, 400),
)

Answering = Callable[[Request], Awaitable[Response]]


def answering(answer: Answering) -> Answering:
    """`answer` with its refusals told as JSON (`code`, `description`), and what nobody foresaw masked."""

    async def told(request: Request) -> Response:
        try:
            return await answer(request)
        except Exception as problem:
            return refused(problem)

    return told


def refused(problem: Exception) -> Response:
    """A refusal by its code; anything else as one neutral sentence, logged under an id."""
    said = errors.present(GraphQLError(str(problem), original_error=problem))
    code = said["extensions"]["code"]
    status = 503 if code == errors.StoreUnavailable.code else _status(problem)
    headers = {"Cache-Control": "no-store", **({"WWW-Authenticate": "Bearer"} if status == 401 else {})}
    return Response(orjson.dumps({"code": code, "description": said["message"]}), status, headers, JSON)


def same(request: Request, mark: str) -> Response | None:
    """304 when the client's copy carries `mark`, else None."""
    known = request.headers.get("if-none-match", "")
    held = {one.strip().removeprefix("W/") for one in known.split(",")}
    return Response(status_code=304, headers={**PRIVATE, "ETag": quoted(mark)}) if quoted(mark) in held else None


def kept(request: Request, content: bytes, kind: str, mark: str | None = None) -> Response:
    """An answer that the client may keep and ask about by `mark`; compressed when that is worth it; 204 when empty."""
    headers = dict(PRIVATE)
    if mark:
        headers["ETag"] = quoted(mark)
    if not content:
        return Response(status_code=204, headers=headers)
    if len(content) >= WORTH_COMPRESSING and "gzip" in request.headers.get("accept-encoding", ""):
        content, headers["Content-Encoding"] = gzip.compress(content, 5, mtime=0), "gzip"
    return Response(content, headers=headers, media_type=kind)


def kept_json(request: Request, body: Mapping[str, Any], kind: str = JSON) -> Response:
    """The same for JSON."""
    return kept(request, orjson.dumps(body), kind)


def quoted(mark: str) -> str:
    """A mark as the header wants it."""
    return f'"{mark}"'


def site(request: Request) -> str:
    """The address of this site as the client knows it, without a slash at the end."""
    return str(request.base_url).rstrip("/")


def _status(problem: Exception) -> int:
    return next((status for kind, status in STATUS if isinstance(problem, kind)), 500)
