"""How arguments are turned into what a resolver takes, looked up once a field.

The library asks anew for each value of which kind its type is, and how its fields are called.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING
from typing import Any, TypeAlias

from graphql import GraphQLField
from strawberry.relay.types import GlobalID
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import StrawberryList, StrawberryMaybe, StrawberryOptional, has_object_definition
from strawberry.types.field import StrawberryField
from strawberry.types.lazy_type import LazyType
from strawberry.types.unset import UNSET

from schema.selections import definition

Take: TypeAlias = Callable[[Any], Any]
Taking: TypeAlias = tuple[tuple[str, str, Take], ...]
"""Of each argument: its name on the wire, the resolver's name, how its value is turned."""

TAKING = "linli-taking"


def taking_of(told: GraphQLField, config: StrawberryConfig) -> Taking | None:
    """How the arguments of a field are taken, looked up once a schema; None: by the library."""
    if TAKING not in told.extensions:
        told.extensions[TAKING] = _taking(definition(told), config)
    found: Taking | None = told.extensions[TAKING]
    return found


def taken(taking: Taking, values: Mapping[str, Any]) -> dict[str, Any]:
    """Coerced values (`get_argument_values`) as the resolver takes them."""
    return {inside: take(values[name]) for name, inside, take in taking if name in values}


def _taking(written: StrawberryField, config: StrawberryConfig) -> Taking | None:
    parts = []
    for one in written.arguments:
        take = _take(one.type, config, ())
        if take is None:
            return None
        parts.append((config.name_converter.from_argument(one), one.python_name, take))
    return tuple(parts)


def _take(kind: Any, config: StrawberryConfig, around: tuple[Any, ...]) -> Take | None:
    """How a value of a type is turned, null apart; None for a kind that is left to the library."""
    if isinstance(kind, StrawberryMaybe) or kind is GlobalID or kind in around:
        return None
    if isinstance(kind, LazyType):
        return _take(kind.resolve_type(), config, around)
    if isinstance(kind, StrawberryOptional):
        return _take(kind.of_type, config, around)
    if isinstance(kind, StrawberryList):
        return _list(_take(kind.of_type, config, around))
    if has_object_definition(kind):
        return _object(kind, config, (*around, kind))
    return _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def _list(take: Take | None) -> Take | None:
    """Always a new list: the library gives the same default to every request."""
    if take is None:
        return None
    return lambda values: values if values is None or values is UNSET else [take(value) for value in values]


def _object(kind: Any, config: StrawberryConfig, around: tuple[Any, ...]) -> Take | None:
    shape = kind.__strawberry_definition__
    if shape.from_input is not None or not shape.is_input:
        return None
    parts = []
    for one in shape.fields:
        take = _take(one.resolve_type(type_definition=shape), config, around)
        if take is None:
            return None
        parts.append((config.name_converter.from_field(one), one.python_name, take))
    return _made(kind, tuple(parts), _left_out(shape.fields))


def _left_out(fields: list[StrawberryField]) -> dict[str, None]:
    """What a field without a default is when it is left out: one that must be there is, since the library looked."""
    return {one.python_name: None for one in fields if one.default_value is MISSING and one.default_factory is MISSING}


def _made(kind: Any, parts: Taking, left_out: dict[str, None]) -> Take:
    def make(value: Any) -> Any:
        return value if value is None or value is UNSET else kind(**{**left_out, **taken(parts, value)})

    return make
