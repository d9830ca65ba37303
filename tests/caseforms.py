"""A filled-in form for any kind: the least that its model takes, with real ids where it names something."""

import enum
import types
import typing
import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from annotated_types import Ge, Gt, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from services import clock


@dataclass(frozen=True)
class Forms:
    """The ids that forms may name."""

    worker_id: uuid.UUID
    unit_id: uuid.UUID
    account_id: uuid.UUID
    case_id: uuid.UUID
    household_id: uuid.UUID


def sample(form: type[BaseModel], ids: Forms) -> dict[str, Any]:
    """The required fields of a form, filled in."""
    if found := form.model_config.get("json_schema_extra"):
        assert isinstance(found, dict)
        return dict(found["example"])  # type: ignore[arg-type]
    return {name: _value(name, field, ids) for name, field in form.model_fields.items() if field.is_required()}


def _value(name: str, field: FieldInfo, ids: Forms) -> Any:
    least = next((int(each.min_length) for each in field.metadata if isinstance(each, MinLen)), 1)
    number = next((each.ge for each in field.metadata if isinstance(each, Ge)), None)
    above = next((each.gt for each in field.metadata if isinstance(each, Gt)), None)
    if field.annotation is int and (number is not None or above is not None):
        return number if number is not None else int(above) + 1  # type: ignore[call-overload]
    if name == "month":
        return f"{clock.today():%Y-%m}"
    return _plain(name, field.annotation, ids, least)


def _plain(name: str, shape: Any, ids: Forms, least: int = 1) -> Any:
    origin = typing.get_origin(shape)
    if origin in (list, tuple, set, frozenset):
        inner = typing.get_args(shape)[0]
        return [_numbered(_plain(name.removesuffix("s"), inner, ids), n) for n in range(max(least, 1))]
    if origin in (typing.Union, types.UnionType):
        return _plain(name, typing.get_args(shape)[0], ids, least)
    if origin is typing.Literal:
        return typing.get_args(shape)[0]
    if origin is dict:
        return {}
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        return sample(shape, ids)
    if isinstance(shape, type) and issubclass(shape, enum.Enum):
        return next(iter(shape)).value
    plain = {uuid.UUID: lambda: str(getattr(ids, name, ids.worker_id)), date: lambda: f"{clock.today():%Y-%m-%d}"}
    plain |= {bool: lambda: True, int: lambda: 1, float: lambda: 1.0, str: lambda: "说" * max(least, 4)}
    return plain[shape]()


def _numbered(value: Any, number: int) -> Any:
    """Items of a list differ from each other."""
    return f"{value}{number}" if isinstance(value, str) and number and value.startswith("说") else value
