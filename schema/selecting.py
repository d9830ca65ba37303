"""What an executor makes ready before it reads: what is asked at each place, with its arguments.

What hangs on nobody is kept with the plan of an operation (`schema.plans`); the rest is made once an execution.
"""

from collections.abc import Mapping
from typing import Any, Self

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    default_field_resolver,
    default_type_resolver,
    is_non_null_type,
)
from graphql.execution.collect_fields import CollectedFields, FieldDetailsList
from graphql.execution.executor import to_nodes
from graphql.execution.values import VariableValues, get_argument_values
from graphql.pyutils import Path
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from schema.plans import Plan
from schema.selections import Fields, Selection, Shape, State, Step, attribute, is_attribute, reading_of, shape_of
from schema.taking import taken, taking_of

IS_AWAITABLE: Any = optimized_is_awaitable


class Selecting(StrawberryGraphQLCoreExecutionContext):
    """The library's executor, which knows what is asked of each type at each place."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As the library makes it."""
        super().__init__(*args, **kwargs)
        self._selections: dict[tuple[str, int], Selection] = {}
        self._plan: Plan | None = None

    @classmethod
    def planned(cls, plan: Plan, schema: GraphQLSchema, context: object, values: VariableValues) -> Self:
        """For an operation that was made ready, with its variables."""
        resolvers = (default_field_resolver, default_type_resolver, default_field_resolver)
        known = (schema, plan.nodes, plan.fragments, None, context, plan.operation, values, *resolvers)
        found = cls(*known, is_awaitable=IS_AWAITABLE, hide_suggestions=True, operation_extensions=None)
        found._plan = plan
        return found

    def let_go(self) -> None:
        """After an execution: nothing holds itself, so that all of it is gone at once and not left to the collector."""
        self._selections = {}
        self.async_helpers = None  # type: ignore[assignment]

    def collect_subfields(
        self, return_type: GraphQLObjectType, field_details_list: FieldDetailsList
    ) -> CollectedFields:
        """What is asked of an object; collected once a plan."""
        if self._plan is None:
            return super().collect_subfields(return_type, field_details_list)
        key = (return_type.name, id(field_details_list))
        found = self._plan.subfields.get(key)
        if found is None:
            found = self._plan.subfields[key] = super().collect_subfields(return_type, field_details_list)
        return found

    def _selection(self, parent_type: GraphQLObjectType, asked: Fields) -> Selection:
        # What is asked is held with the answer, so that its identity stays its own as long as this executor lives.
        key = (parent_type.name, id(asked))
        kept = self._plan.selections if self._plan else self._selections
        selection = kept.get(key) or self._selections.get(key)
        if selection is None:
            selection = self._selected(parent_type, asked)
            (kept if selection.is_plain else self._selections)[key] = selection
        return selection

    def _selected(self, parent_type: GraphQLObjectType, asked: Fields) -> Selection:
        if parent_type is self.schema.subscription_type:
            return Selection(asked, parent_type.name, (), asked)
        steps, others = [], {}
        for name, details in asked.items():
            step = self._step(parent_type, name, details)
            if step is None:
                others[name] = details
            else:
                steps.append(step)
        is_plain = not others and all(step.plain for step in steps)
        return Selection(asked, parent_type.name, tuple(steps), others, is_plain)

    def _step(self, parent_type: GraphQLObjectType, name: str, details: FieldDetailsList) -> Step | None:
        """The field made ready; None when the library is to read it."""
        asked = details[0].node.name.value
        told = self.schema.get_field(parent_type, asked)
        if told is None:
            return None
        needed, shape = is_non_null_type(told.type), shape_of(told.type)
        if asked == "__typename":
            type_name = parent_type.name
            return Step(name, lambda _: type_name, Shape(str), True, True, details, told.type)
        if shape is None or asked.startswith("__"):
            return None
        reading = reading_of(told)
        if reading is not None and shape.write is not None and is_attribute(told):
            return Step(name, attribute(told), shape, needed, True, details, told.type)
        info = self.build_resolve_info(told, to_nodes(details), parent_type, Path(None, name, parent_type.name))
        arguments = self._arguments(told, details, info) if reading is not None else None
        inner = self._inner(shape, details)
        if reading is None or arguments is None or (inner is not None and inner.others):
            return None
        return Step(name, reading(info, arguments), shape, needed, False, details, told.type, info, inner)

    def _inner(self, shape: Shape, details: FieldDetailsList) -> Selection | None:
        object_ = shape.object or (shape.item.object if shape.item else None)
        if object_ is None:
            return None
        return self._selection(object_, self.collect_subfields(object_, details)[0])

    def _arguments(self, told: GraphQLField, details: FieldDetailsList, info: State) -> Mapping[str, Any] | None:
        """The arguments as the resolver takes them, the same for every row; None when they are wrong."""
        node = details[0].node
        if not told.args and not node.arguments:
            return {}
        config = self.schema._strawberry_schema.config  # type: ignore[attr-defined]
        try:
            taking = taking_of(told, config)
            given = get_argument_values(
                told, node, self.variable_values, details[0].fragment_variable_values, self.hide_suggestions
            )
            return None if taking is None else taken(taking, given)
        except Exception:
            return None
