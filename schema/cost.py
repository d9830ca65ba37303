"""What an answer may cost: the number of values that it could hold, told before anything is fetched.

A field counts one; a list counts its inside as often as it may have items: `first` of its connection, its own `first`,
or the bound that its field states (`lens.listing`).
"""

from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_list_type,
    is_non_null_type,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter

from schema.lens import AT_MOST
from schema.limits import Limits

UNSTATED = 100


class Cost:
    """Counts one operation with its variables."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: dict[str, FragmentDefinitionNode],
        variables: dict[str, Any] | None,
        limits: Limits,
    ) -> None:
        """Nothing is counted yet."""
        self._schema = schema
        self._fragments = fragments
        self._variables = variables or {}
        self._page = limits.page
        self._known: dict[tuple[str, int], int] = {}
        self.hangs_on_variables = False

    def of(self, operation: OperationDefinitionNode) -> int:
        """The number of values that the answer could hold."""
        defaults = {
            one.variable.name.value: one.default_value.value
            for one in operation.variable_definitions or ()
            if isinstance(one.default_value, IntValueNode)
        }
        self._variables = {name: int(value) for name, value in defaults.items()} | self._variables
        root = self._schema.get_root_type(operation.operation)
        return self._inside(operation.selection_set, root, self._page)

    def _inside(self, chosen: SelectionSetNode | None, parent: Any, page: int) -> int:
        if chosen is None:
            return 0
        return sum(self._part(part, parent, page) for part in chosen.selections)

    def _part(self, part: Any, parent: Any, page: int) -> int:
        if isinstance(part, FieldNode):
            return self._field(part, parent, page)
        if isinstance(part, FragmentSpreadNode):
            return self._fragment(part.name.value, page)
        assert isinstance(part, InlineFragmentNode)
        return self._inside(part.selection_set, self._narrowed(part, parent), page)

    def _fragment(self, name: str, page: int) -> int:
        known = self._known.get((name, page))
        if known is None:
            fragment = self._fragments[name]
            known = self._inside(fragment.selection_set, self._narrowed(fragment, None), page)
            self._known[name, page] = known
        return known

    def _narrowed(self, part: InlineFragmentNode | FragmentDefinitionNode, parent: Any) -> Any:
        """The type that a fragment speaks of."""
        return self._schema.get_type(part.type_condition.name.value) if part.type_condition else parent

    def _field(self, part: FieldNode, parent: Any, page: int) -> int:
        told = getattr(parent, "fields", {}).get(part.name.value)
        if told is None or part.selection_set is None:
            return 1
        first = self._first(part, told)
        times = self._times(part.name.value, told, first, page)
        return 1 + times * self._inside(part.selection_set, get_named_type(told.type), first or self._page)

    def _times(self, name: str, told: GraphQLField, first: int | None, page: int) -> int:
        if not _is_list(told.type):
            return 1
        if first is not None:
            return first
        return page if name == "edges" else at_most(told) or UNSTATED

    def _first(self, part: FieldNode, told: GraphQLField) -> int | None:
        if "first" not in told.args:
            return None
        given: Any = told.args["first"].default_value
        for argument in part.arguments or ():
            if argument.name.value == "first":
                given = self._value(argument.value, given)
        return min(max(given, 1), self._page) if isinstance(given, int) else self._page

    def _value(self, value: Any, otherwise: Any) -> Any:
        if isinstance(value, VariableNode):
            self.hangs_on_variables = True
            return self._variables.get(value.name.value, otherwise)
        return int(value.value) if isinstance(value, IntValueNode) else otherwise


def at_most(told: GraphQLField) -> int | None:
    """The bound that a plain list states."""
    definition = told.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    bound = (getattr(definition, "metadata", None) or {}).get(AT_MOST)
    return bound if isinstance(bound, int) else None


def _is_list(kind: GraphQLOutputType) -> bool:
    return is_list_type(kind.of_type) if is_non_null_type(kind) else is_list_type(kind)
