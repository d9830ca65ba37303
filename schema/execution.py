"""How operations are executed: attributes are read off a row in one loop, all else as the library does it.

Most of what leaves the house is attributes: a page of 50, an audit's thousand lines. The library makes a record of the
state of execution for each single one of them; an attribute's reading asks for none of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, TypeAlias

from graphql import GraphQLObjectType, get_nullable_type, is_leaf_type, is_non_null_type
from graphql.execution.collect_fields import FieldDetailsList
from graphql.pyutils import AwaitableOrValue, Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import GraphQLCoreConverter

Fields: TypeAlias = dict[str, FieldDetailsList]


@dataclass(frozen=True, slots=True)
class Attribute:
    """A field that is an attribute of the row: how it is read, and how the value is written; `needed`: never null."""

    name: str
    read: Callable[[Any], Any]
    write: Callable[[Any], Any]
    needed: bool


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked of one type at one place: the attributes, and the others as they were asked."""

    asked: Fields
    attributes: tuple[Attribute, ...]
    others: Fields


class Executor(StrawberryGraphQLCoreExecutionContext):
    """Executes one operation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As the library makes it."""
        super().__init__(*args, **kwargs)
        self._selections: dict[tuple[str, int], Selection] = {}

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        grouped_field_set: Fields,
        position_context: Any,
    ) -> AwaitableOrValue[dict[str, Any]]:
        """The fields of one object in the order in which they were asked."""
        selection = self._selection(parent_type, grouped_field_set)
        found: dict[str, Any] = dict.fromkeys(grouped_field_set)
        if not _read(selection.attributes, source_value, found):
            return super().execute_fields(parent_type, source_value, path, grouped_field_set, position_context)
        if not selection.others:
            return found
        others = super().execute_fields(parent_type, source_value, path, selection.others, position_context)
        if isinstance(others, dict):
            return found | others

        async def whole() -> dict[str, Any]:
            return found | await others

        return whole()

    def _selection(self, parent_type: GraphQLObjectType, asked: Fields) -> Selection:
        # What is asked is held with the answer, so that its identity stays its own as long as this executor lives.
        key = (parent_type.name, id(asked))
        selection = self._selections.get(key)
        if selection is None:
            selection = self._selections[key] = _selected(parent_type, asked)
        return selection


def _read(attributes: tuple[Attribute, ...], row: Any, found: dict[str, Any]) -> bool:
    """Whether all could be read; where not, the library's own way says what is wrong, and where."""
    try:
        for attribute in attributes:
            value = attribute.read(row)
            if value is not None:
                found[attribute.name] = attribute.write(value)
            elif attribute.needed:
                return False
    except Exception:
        return False
    return True


def _selected(parent_type: GraphQLObjectType, asked: Fields) -> Selection:
    attributes, others = [], {}
    for name, details in asked.items():
        attribute = _attribute(name, details[0].node.name.value, parent_type)
        if attribute is None:
            others[name] = details
        else:
            attributes.append(attribute)
    return Selection(asked, tuple(attributes), others)


def _attribute(name: str, asked: str, parent_type: GraphQLObjectType) -> Attribute | None:
    """The field as an attribute; None when a resolver, an extension, the read log or another type stands between."""
    if asked == "__typename":
        return Attribute(name, lambda _: parent_type.name, str, needed=True)
    field = parent_type.fields.get(asked)
    if field is None or not getattr(field.resolve, "_is_default", False):
        return None
    kind = get_nullable_type(field.type)
    if not is_leaf_type(kind):
        return None
    source = field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF].python_name
    return Attribute(name, attrgetter(source), kind.coerce_output_value, is_non_null_type(field.type))
