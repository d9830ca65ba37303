"""GraphQL over HTTP: what a request asks, and in which media type it wants to be answered."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request

from schema.engine import Asked
from schema.errors import BodyTooLarge, RequestMalformed

JSON = "application/json"
RESPONSE_JSON = "application/graphql-response+json"
STREAM = "text/event-stream"
HTML = "text/html"


class MediaTypeUnknown(RequestMalformed):
    """{reason}"""


class NothingAcceptable(RequestMalformed):
    """{reason}"""


def media_type(accept: str | None) -> str:
    """The media type to answer a query in, by the client's order of preference; NothingAcceptable when it has none."""
    if not accept or not accept.strip():
        return JSON
    for wanted in _by_preference(accept):
        if wanted in (JSON, RESPONSE_JSON):
            return wanted
        if wanted in ("*/*", "application/*"):
            return RESPONSE_JSON if RESPONSE_JSON in accept else JSON
    if STREAM in accept:
        return JSON
    raise NothingAcceptable(reason=f"This answers in {RESPONSE_JSON} or {JSON}. Accept one of them.")


def accepts(accept: str | None, wanted: str) -> bool:
    """True when the Accept header names a media type itself."""
    return wanted in _by_preference(accept or "")


async def asked(request: Request, most_bytes: int) -> Asked:
    """What the request asks, from its query string (GET) or its body. Raises RequestMalformed, BodyTooLarge."""
    if request.method == "GET":
        parts: Mapping[str, Any] = {name: _of_query_string(name, value) for name, value in request.query_params.items()}
    else:
        _check_content_type(request.headers.get("content-type", ""))
        parts = _object(_json(await _body(request, most_bytes), "body"), "body")
    return parsed(parts)


def parsed(parts: Mapping[str, Any]) -> Asked:
    """`query`, `variables`, `operationName`, `extensions` of a request, each of its type. Raises RequestMalformed."""
    query, name = parts.get("query"), parts.get("operationName")
    if not isinstance(query, str) or not query.strip():
        raise RequestMalformed(reason="`query` is missing. Send the document as text.")
    if name is not None and not isinstance(name, str):
        raise RequestMalformed(reason="`operationName` must be text or null.")
    for place in ("variables", "extensions"):
        if parts.get(place) is not None:
            _object(parts[place], place)
    return Asked(query, parts.get("variables"), name or None)


async def _body(request: Request, most: int) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > most:
        raise BodyTooLarge(most=most)
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                raise BodyTooLarge(most=most)
    except ClientDisconnect:
        raise RequestMalformed(reason="The body ended too early.") from None
    return bytes(body)


def _check_content_type(header: str) -> None:
    kind, *options = (part.strip().lower() for part in header.split(";"))
    if kind != JSON or any(o.startswith("charset=") and o not in ("charset=utf-8", 'charset="utf-8"') for o in options):
        raise MediaTypeUnknown(reason=f"Send the request as {JSON} in UTF-8.")


def _of_query_string(name: str, value: str) -> Any:
    return _json(value.encode(errors="replace"), name) if name in ("variables", "extensions") and value else value


def _json(text: bytes, place: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise RequestMalformed(
            reason=f"The {place} is not JSON in UTF-8. Check its quotation marks and nesting."
        ) from None


def _object(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise RequestMalformed(reason=f"The {place} must be a JSON object. Several operations go in several requests.")
    return value


def _by_preference(accept: str) -> list[str]:
    """Media types of an Accept header, highest quality first, then in the order given; quality 0 is left out."""
    found = []
    for place, part in enumerate(accept.split(",")):
        kind, *options = (piece.strip().lower() for piece in part.split(";"))
        found.append((-_quality(options), place, kind))
    return [kind for quality, _, kind in sorted(found) if quality < 0]


def _quality(options: list[str]) -> float:
    for option in options:
        if option.startswith("q="):
            try:
                return float(option[2:])
            except ValueError:
                return 0.0
    return 1.0
