"""Refusals of the wire itself, and how any error leaves the house: by code, and masked when nobody foresaw it."""

import re
import secrets
import traceback
from collections.abc import Iterator
from typing import Any

import structlog
from graphql import GraphQLError, GraphQLSyntaxError
from sqlalchemy import exc

from gis.errors import GisError
from services.errors import Refusal

log = structlog.get_logger("schema")

SYNTAX = "GRAPHQL_PARSE_FAILED"
VALIDATION = "GRAPHQL_VALIDATION_FAILED"
INPUT = "BAD_USER_INPUT"
UNFORESEEN = "INTERNAL_SERVER_ERROR"


class RequestMalformed(Refusal):
    """{reason}"""


class BodyTooLarge(Refusal):
    """The request body is larger than {most} bytes. Ask for less, or send large data by an import."""


class DocumentTooLong(Refusal):
    """The document has more than {most} tokens. Split it into several operations."""


class DocumentTooDeep(Refusal):
    """The document nests {depth} fields; at most {most} are taken. Ask for the inner part by its id."""


class TooManyAliases(Refusal):
    """The document has {count} aliases; at most {most} are taken. Send several operations instead."""


class TooManyDirectives(Refusal):
    """The document has {count} directives; at most {most} are taken. Send several operations instead."""


class TooCostly(Refusal):
    """The answer could hold {cost} values; at most {most} are given at once. Ask for smaller pages or fewer fields."""


class PageOutOfRange(Refusal):
    """`first` is {first}: ask for 1 to {most} at a time and continue with `after`."""


class CursorForeign(Refusal):
    """This cursor was not given by this list. Start without `after`, then send the endCursor of the page before."""


class OperationNameNeeded(Refusal):
    """The document has {count} operations. Say which one to run: send its name as `operationName`."""


class OperationUnknown(Refusal):
    """The document has no operation of the name that was sent as `operationName`."""


class MethodNotAllowed(Refusal):
    """A {operation} cannot be sent by {method}. Send it by POST."""


class StreamNeeded(Refusal):
    """A subscription needs a stream: use the graphql-transport-ws protocol or accept text/event-stream."""


class TookTooLong(Refusal):
    """This took longer than {seconds} seconds and was stopped. Ask for less; look before repeating a change."""


class StoreUnavailable(Refusal):
    """The store cannot be reached just now. Try again in a moment."""


def present(error: GraphQLError) -> dict[str, Any]:
    """The error as it is sent: message, place, path and `extensions` with a code. What nobody foresaw is masked."""
    foreseen = _foreseen(error)
    if isinstance(foreseen, Refusal):
        return _formatted(error, str(foreseen), foreseen.code, _plain(foreseen.details))
    if isinstance(foreseen, GisError):
        return _formatted(error, str(foreseen), foreseen.code, _place(foreseen))
    if isinstance(error, GraphQLSyntaxError):
        return _formatted(error, error.message, SYNTAX)
    if _is_complaint(error):
        return _formatted(error, error.message, INPUT)
    return _masked(error)


def present_validation(errors: list[GraphQLError]) -> list[dict[str, Any]]:
    """The errors of validation, already one a kind."""
    return [_formatted(e, e.message, VALIDATION) if _foreseen(e) is None else present(e) for e in errors]


def refused(refusal: Refusal | GisError) -> dict[str, Any]:
    """A refusal outside any field, as it is sent."""
    return present(GraphQLError(str(refusal), original_error=refusal))


def unforeseen(problem: Exception) -> dict[str, Any]:
    """Anything else outside any field, as it is sent: masked, and logged under an id."""
    return present(GraphQLError("", original_error=problem))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = getattr(error, "original_error", None)


def _foreseen(error: GraphQLError) -> Refusal | GisError | None:
    for cause in _chain(error):
        if isinstance(cause, (Refusal, GisError)):
            return cause
        if isinstance(cause, (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)):
            _logged(cause)
            return StoreUnavailable()
        if isinstance(cause, TimeoutError):
            return TookTooLong()
    return None


def _is_complaint(error: GraphQLError) -> bool:
    """True for what graphql-core says about the request: its own errors, and those of arguments."""
    last = list(_chain(error))[-1]
    if not isinstance(last, GraphQLError):
        return False
    return error.path is None or bool(last is not error and last.nodes)


def _masked(error: GraphQLError) -> dict[str, Any]:
    last = list(_chain(error))[-1]
    error_id = _logged(last, [str(step) for step in error.path or () if isinstance(step, str)])
    message = f"Something went wrong on our side. If it stays so, tell the operator this id: {error_id}."
    return _formatted(error, message, UNFORESEEN, {"id": error_id})


def _logged(problem: BaseException, path: list[str] | None = None) -> str:
    """Log what happened and where, under a new id; never the message, which may quote what a person sent."""
    error_id = secrets.token_hex(6)
    frames = traceback.extract_tb(problem.__traceback__)[-12:]
    log.error(
        "unforeseen error",
        error_id=error_id,
        error_type=f"{type(problem).__module__}.{type(problem).__qualname__}",
        sqlstate=getattr(getattr(problem, "orig", None), "sqlstate", None),
        field=".".join(path or ()),
        frames=[f"{frame.filename.rsplit('/', 2)[-2:]}:{frame.lineno} {frame.name}" for frame in frames],
    )
    return error_id


def _formatted(error: GraphQLError, message: str, code: str, details: dict[str, Any] | None = None) -> dict[str, Any]:
    told: dict[str, Any] = {"message": message, "extensions": {"code": code, **(details or {})}}
    if error.locations:
        told["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path is not None:
        told["path"] = error.path
    return told


def _plain(details: dict[str, Any]) -> dict[str, Any]:
    """Details as JSON can hold them; `reason` is the sentence itself."""
    return {_camel(name): _wired(value) for name, value in details.items() if name != "reason"}


def _wired(value: Any) -> Any:
    if isinstance(value, dict):
        return {_camel(name): _wired(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_wired(inner) for inner in value]
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


def _place(problem: GisError) -> dict[str, Any]:
    where = getattr(problem, "where", None)
    return {} if where is None else {"where": {"type": "Point", "coordinates": list(where)}}
