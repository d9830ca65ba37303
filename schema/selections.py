"""What is asked of one type at one place, made ready once: how each field is read off a row, and how it is written.

The library looks up a field, its arguments, its resolver and the state of execution anew for every row of a list. They
are the same for all rows of one list, so they are looked up once here. What stands around a resolver stays around it:
the reading of a logged field is noted, a bounded list is cut. A field with anything else around it is left to the
library.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from inspect import isawaitable
from operator import attrgetter
from typing import Any, TypeAlias

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution.collect_fields import FieldDetailsList
from strawberry import Info
from strawberry.extensions.field_extension import SyncToAsyncExtension
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from schema.lens import Bounded

Fields: TypeAlias = dict[str, FieldDetailsList]
Read: TypeAlias = Callable[[Any], Any]
State: TypeAlias = GraphQLResolveInfo[Any]
Reading: TypeAlias = Callable[[State, Mapping[str, Any]], Read]

READING = "linli-reading"


@dataclass(frozen=True, slots=True)
class Shape:
    """How a value is written: a leaf by `write`, an object by what is asked of `object`, a list item by item."""

    write: Callable[[Any], Any] | None = None
    object: GraphQLObjectType | None = None
    item: "Shape | None" = None
    item_needed: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A field: how it is read, how its value is written. `needed`: never null; `plain`: an attribute, there at once.

    What is plain knows nothing of who asks (`info`), so it is kept with the plan.
    """

    name: str
    read: Read
    shape: Shape
    needed: bool
    plain: bool
    details: FieldDetailsList
    returns: GraphQLOutputType
    info: State | None = None
    inner: "Selection | None" = None


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked of one type at one place: what is read here, and the others, which the library reads."""

    asked: Fields
    type_name: str
    steps: tuple[Step, ...]
    others: Fields = field(default_factory=dict)
    is_plain: bool = False


def shape_of(kind: GraphQLOutputType) -> Shape | None:
    """How values of a type are written; None for unions, interfaces, and lists of lists."""
    kind = get_nullable_type(kind)  # type: ignore[assignment]
    if is_leaf_type(kind):
        return Shape(write=kind.coerce_output_value)
    if is_object_type(kind):
        return None if kind.is_type_of else Shape(object=kind)
    if not is_list_type(kind):
        return None
    item = shape_of(kind.of_type)
    return None if item is None or item.item else Shape(item=item, item_needed=is_non_null_type(kind.of_type))


def is_attribute(told: GraphQLField) -> bool:
    """Whether nothing stands between the field and the row's attribute."""
    return bool(getattr(told.resolve, "_is_default", False)) and not definition(told).extensions


def is_awaited(told: GraphQLField) -> bool:
    """Whether its resolver does nothing before it is awaited."""
    resolver = getattr(told.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF), "base_resolver", None)
    return resolver is not None and bool(resolver.is_async)


def attribute(told: GraphQLField) -> Read:
    """How an attribute is read off its row."""
    return attrgetter(definition(told).python_name)


def definition(told: GraphQLField) -> StrawberryField:
    """The field as it was written."""
    found: StrawberryField = told.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
    return found


def reading_of(told: GraphQLField) -> Reading | None:
    """How a field is read, once its arguments are known; looked up once a schema. None: by the library."""
    if READING not in told.extensions:
        told.extensions[READING] = _reading(told)
    found: Reading | None = told.extensions[READING]
    return found


def _reading(told: GraphQLField) -> Reading | None:
    resolve = told.resolve
    noted = getattr(resolve, "noted", None)
    resolve = getattr(resolve, "beneath", resolve)
    if not hasattr(resolve, "_is_default"):
        return None
    written = definition(told)
    found = _attribute(written) if written.base_resolver is None else _resolver(written)
    if found is None or noted is None:
        return found

    def with_note(info: State, arguments: Mapping[str, Any]) -> Read:
        read = found(info, arguments)
        return lambda row: noted(read(row), row, info)

    return with_note


def _attribute(written: StrawberryField) -> Reading | None:
    return None if written.extensions else lambda info, arguments: attrgetter(written.python_name)


def _resolver(written: StrawberryField) -> Reading | None:
    bounds = [each for each in written.extensions if isinstance(each, Bounded)]
    known = [each for each in written.extensions if isinstance(each, Bounded | SyncToAsyncExtension)]
    if len(known) < len(written.extensions) or len(bounds) > 1:
        return None

    def reading(info: State, arguments: Mapping[str, Any]) -> Read:
        read = _called(written, info, arguments)
        return partial(_bounded, read, bounds[0]) if bounds else read

    return reading


def _called(written: StrawberryField, info: State, arguments: Mapping[str, Any]) -> Read:
    """The resolver with all that is the same for every row filled in; it takes the row where it asks for it."""
    resolver = written.base_resolver
    assert resolver is not None
    same = dict(arguments)
    if resolver.info_parameter:
        same[resolver.info_parameter.name] = Info(_raw_info=info, _field=written)
    of_row = [each.name for each in (resolver.parent_parameter, resolver.root_parameter) if each]
    call: Any = resolver.wrapped_func
    if not resolver.self_parameter:
        return lambda row: call(**dict.fromkeys(of_row, row), **same)
    if len(of_row) == 1:
        return _with_row(partial(call, **same) if same else call, of_row[0])
    return lambda row: call(row, **dict.fromkeys(of_row, row), **same)


def _with_row(call: Callable[..., Any], name: str) -> Read:
    return lambda row: call(row, **{name: row})


def _bounded(read: Read, bound: Bounded, row: Any) -> Any:
    found = read(row)
    return _later(found, bound) if isawaitable(found) else bound.cut(found)


async def _later(found: Awaitable[Any], bound: Bounded) -> Sequence[Any] | None:
    return bound.cut(await found)
