"""One line of JSON for each thing that happened, without personal data.

Fields that name people are withheld by their key; numbers shaped like a phone, an identity card or a token are withheld
wherever they stand. An exception is told by its class and where it rose, not by its message, since a database's message
quotes the row.
"""

import logging
import re
import sys
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from services.errors import Refusal

WITHHELD = "withheld"
PERSONAL_KEYS = re.compile(
    r"name$|phone|mobile|address|identity|id_card|birth|diagnosis|note|reason_text|token|secret|password|authorization"
    r"|cookie|variables|query|parameters|_url$|^url$|point|position|longitude|latitude",
    re.IGNORECASE,
)
PERSONAL_SHAPES = re.compile(
    r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)"  # a mobile phone
    r"|(?<!\d)\d{17}[\dXx](?!\d)"  # an identity card
    r"|(?i:bearer\s+\S+)|eyJ[\w-]+\.[\w-]+\.[\w-]+"  # a token
    r"|(?<=://)[^/\s@]+@"  # a password in an address
)
Caught = tuple[type[BaseException], BaseException, TracebackType | None]


def configure(level: str = "info", stream: TextIO | None = None) -> None:
    """Send our lines, and those of the libraries, to `stream` (standard error) as JSON; call once at start."""
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_shared(),
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _json()],
        )
    )
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(level.upper())
    logging.getLogger("alembic").setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = name != "uvicorn.access"  # it would log addresses; we count requests


def withhold(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The event without personal data, whoever wrote it."""
    return {key: value if key.startswith("_") else _told(key, value) for key, value in event.items()}


def trace(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Turn `exc_info` into the class, the code when it is a refusal, and the places it rose through."""
    caught = _exception(event.pop("exc_info", None))
    if caught:
        kind, error, stack = caught
        event["error"] = error.code if isinstance(error, Refusal) else f"{kind.__module__}.{kind.__qualname__}"
        event["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(stack)[-12:]]
    return event


def _exception(info: Any) -> Caught | None:
    if isinstance(info, BaseException):
        return type(info), info, info.__traceback__
    if info is True:
        info = sys.exc_info()
    return info if isinstance(info, tuple) and info[0] else None


def _told(key: str, value: Any) -> Any:
    return WITHHELD if PERSONAL_KEYS.search(key) else _clean(value)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return PERSONAL_SHAPES.sub(WITHHELD, value)
    if isinstance(value, Mapping):
        return {key: _told(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(item) for item in value]
    return (
        value if value is None or isinstance(value, bool | int | float) else PERSONAL_SHAPES.sub(WITHHELD, str(value))
    )


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        trace,
        withhold,
    ]


def _json() -> Processor:
    return structlog.processors.JSONRenderer(ensure_ascii=False)
