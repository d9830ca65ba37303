"""Rows as JSON, for direct lines that give one value: how they are asked for, and made again what they were."""

import uuid
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from types import SimpleNamespace
from typing import Any, TypeVar

import sqlalchemy as sa
from geoalchemy2 import Geometry, WKBElement
from sqlalchemy.orm import DeclarativeBase

Read = Callable[[Any], Any]
Row = TypeVar("Row", bound=DeclarativeBase)


def every(statement: str) -> str:
    """All rows of a statement as a JSON array, in their order."""
    return f"SELECT (SELECT CAST(coalesce(json_agg(found), '[]') AS text) FROM ({statement}) AS found)"


def columns_of(kind: type[DeclarativeBase], name: str) -> list["sa.ColumnElement[Any]"]:
    """The columns of a table under names of their own, places as text, so that several tables fit into one row."""
    found: list[sa.ColumnElement[Any]] = []
    for column in kind.__table__.columns:
        is_place = isinstance(column.type, Geometry)
        told = sa.literal_column(f"CAST({kind.__tablename__}.{column.key} AS text)") if is_place else column
        found.append(told.label(f"{name}_{column.key}"))
    return found


def row_of(kind: type[Row], name: str, values: Mapping[str, Any]) -> Row | None:
    """The row that was asked for by `columns_of`; None where an outer join found none."""
    reading = _reading(kind)
    if values[f"{name}_id"] is None:
        return None
    return kind(**{key: _read(read, values.get(f"{name}_{key}")) for key, read in reading.items()})


def namespace(columns: Mapping[str, "sa.types.TypeEngine[Any]"], values: Mapping[str, Any]) -> Any:
    """Values by name, as attributes of their types."""
    return SimpleNamespace(**{key: _read(reader(kind), values[key]) for key, kind in columns.items()})


@cache
def _reading(kind: type[DeclarativeBase]) -> dict[str, Read | None]:
    return {column.key: reader(column.type) for column in kind.__table__.columns}


def reader(kind: "sa.types.TypeEngine[Any]") -> Read | None:
    """What makes a value of a type of its JSON; None where it is that already."""
    if isinstance(kind, sa.Enum):
        return kind.enum_class
    if isinstance(kind, sa.ARRAY):
        item = reader(kind.item_type)
        return (lambda values: [_read(item, value) for value in values]) if item else None
    return next((read for type_, read in READERS if isinstance(kind, type_)), None)


def _read(read: Read | None, value: Any) -> Any:
    return value if read is None or value is None else read(value)


READERS: tuple[tuple[type, Read], ...] = (
    (sa.Uuid, uuid.UUID),
    (sa.DateTime, datetime.fromisoformat),
    (sa.Date, date.fromisoformat),
    (sa.LargeBinary, lambda text: bytes.fromhex(text.removeprefix("\\x"))),
    (Geometry, lambda text: WKBElement(bytes.fromhex(text), extended=True)),
)
