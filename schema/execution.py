"""How operations are executed: what a row gives at once is read in one loop, what comes later is awaited together.

Most of what leaves the house is read off rows: a page of 50, an audit's thousand lines. The library makes a record of
the state of execution for each single value; `schema.selections` makes ready once what is the same for all rows. Where
anything is not as it should be (a null that may not be, a resolver that refuses), the object is left to the library,
which reads it anew and says what is wrong, and where.
"""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, is_non_null_type
from graphql.execution.collect_fields import FieldDetailsList
from graphql.execution.executor import to_nodes
from graphql.execution.values import get_argument_values
from graphql.pyutils import AwaitableOrValue, Path, gather_with_cancel
from strawberry import Info
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import get_arguments

from schema.selections import Fields, Selection, Shape, State, Step, definition, is_attribute, reading_of, shape_of


class NotAsToldError(Exception):
    """A value is not what its type says: the library tells what is wrong."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in an answer a value stands, that may be null."""

    holder: Any
    key: Any
    path: Path


@dataclass(frozen=True, slots=True)
class Pending:
    """A value that comes later, and the nearest place around it that may be null (None: outside of what is read)."""

    holder: Any
    key: Any
    value: Awaitable[Any]
    step: Step
    path: Path
    around: Place | None

    def drop(self) -> None:
        """Nobody will await it."""
        close = getattr(self.value, "close", None)
        if close is not None:
            close()


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
        pending: list[Pending] = []
        try:
            self._read(selection, source_value, path, found, pending, None)
        except Exception:
            _drop(pending)
            return super().execute_fields(parent_type, source_value, path, grouped_field_set, position_context)
        if not selection.others:
            return self._settled(found, pending) if pending else found
        try:
            others = super().execute_fields(parent_type, source_value, path, selection.others, position_context)
        except Exception:
            _drop(pending)
            raise
        if isinstance(others, dict) and not pending:
            return found | others
        return self._joined(found, pending, others)

    def _read(
        self,
        selection: Selection,
        row: Any,
        path: Path | None,
        found: dict[str, Any],
        pending: list[Pending],
        around: Place | None,
    ) -> None:
        """All that is asked of a row, into `found`; raises whatever a resolver raises, and NotAsToldError."""
        is_awaitable = self.is_awaitable
        for step in selection.steps:
            value = step.read(row)
            write = step.shape.write
            if value is None:
                if step.needed:
                    raise NotAsToldError
            elif step.plain:
                found[step.name] = write(value)  # type: ignore[misc]
            elif is_awaitable(value):
                where = Path(path, step.name, selection.type_name)
                pending.append(Pending(found, step.name, value, step, where, around))
            elif write is not None:
                found[step.name] = _written(write, value)
            else:
                where = Path(path, step.name, selection.type_name)
                outer = around if step.needed else Place(found, step.name, where)
                found[step.name] = self._made(step, step.shape, value, where, pending, outer)

    def _made(
        self, step: Step, shape: Shape, value: Any, path: Path, pending: list[Pending], around: Place | None
    ) -> Any:
        """An object or a list, as it is written."""
        if isinstance(value, Exception):
            raise NotAsToldError
        if shape.item is not None:
            return self._listed(step, shape, value, path, pending, around)
        assert step.inner is not None
        found: dict[str, Any] = dict.fromkeys(step.inner.asked)
        self._read(step.inner, value, path, found, pending, around)
        return found

    def _listed(
        self, step: Step, shape: Shape, rows: Any, path: Path, pending: list[Pending], around: Place | None
    ) -> list[Any]:
        item = shape.item
        if not isinstance(rows, list | tuple) or item is None:
            raise NotAsToldError
        made: list[Any] = [None] * len(rows)
        for number, row in enumerate(rows):
            if row is None or self.is_awaitable(row):
                if row is not None or shape.item_needed:
                    raise NotAsToldError
            elif item.write is not None:
                made[number] = _written(item.write, row)
            else:
                where = Path(path, number, None)
                outer = around if shape.item_needed else Place(made, number, where)
                made[number] = self._made(step, item, row, where, pending, outer)
        return made

    async def _joined(self, found: dict[str, Any], pending: list[Pending], others: Any) -> dict[str, Any]:
        """What was read here, what comes later of it, and what the library read."""
        if isinstance(others, dict):
            return await self._settled(found, pending) | others
        if not pending:
            both: dict[str, Any] = found | await others
            return both
        first, second = await gather_with_cancel(self._settled(found, pending), others)
        return {**first, **second}

    async def _settled(self, found: dict[str, Any], pending: list[Pending]) -> dict[str, Any]:
        """All that comes later awaited together and put in its place."""
        if len(pending) == 1:
            await self._settle(pending[0])
        else:
            await gather_with_cancel(*(self._settle(each) for each in pending))
        return found

    async def _settle(self, late: Pending) -> None:
        """One that comes later; where it fails and may not be null, the nearest place around it is, which may."""
        step = late.step
        try:
            late.holder[late.key] = await self.complete_awaitable_value(
                step.returns, step.details, step.info, late.path, late.value, None
            )
        except Exception as error:
            if late.around is None:
                raise
            self.collected_errors.add(error, late.around.path)  # type: ignore[arg-type]
            late.around.holder[late.around.key] = None

    def _selection(self, parent_type: GraphQLObjectType, asked: Fields) -> Selection:
        # What is asked is held with the answer, so that its identity stays its own as long as this executor lives.
        key = (parent_type.name, id(asked))
        selection = self._selections.get(key)
        if selection is None:
            selection = self._selections[key] = self._selected(parent_type, asked)
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
        return Selection(asked, parent_type.name, tuple(steps), others)

    def _step(self, parent_type: GraphQLObjectType, name: str, details: FieldDetailsList) -> Step | None:
        """The field made ready; None when the library is to read it."""
        asked = details[0].node.name.value
        told = self.schema.get_field(parent_type, asked)
        if told is None:
            return None
        info = self.build_resolve_info(told, to_nodes(details), parent_type, Path(None, name, parent_type.name))
        needed, shape = is_non_null_type(told.type), shape_of(told.type)
        if asked == "__typename":
            type_name = parent_type.name
            return Step(name, lambda _: type_name, Shape(str), True, True, details, told.type, info, None)
        if shape is None or asked.startswith("__"):
            return None
        reading = reading_of(told)
        arguments = self._arguments(told, details, info) if reading is not None else None
        inner = self._inner(shape, details)
        if reading is None or arguments is None or (inner is not None and inner.others):
            return None
        plain = shape.write is not None and is_attribute(told)
        return Step(name, reading(info, arguments), shape, needed, plain, details, told.type, info, inner)

    def _inner(self, shape: Shape, details: FieldDetailsList) -> Selection | None:
        object_ = shape.object or (shape.item.object if shape.item else None)
        if object_ is None:
            return None
        return self._selection(object_, self.collect_subfields(object_, details)[0])

    def _arguments(self, told: GraphQLField, details: FieldDetailsList, info: State) -> Mapping[str, Any] | None:
        """The arguments as the resolver takes them, the same for every row; None when they are wrong."""
        node, written = details[0].node, definition(told)
        if not told.args and not node.arguments:
            return {}
        schema = self.schema._strawberry_schema  # type: ignore[attr-defined]
        try:
            given = get_argument_values(
                told, node, self.variable_values, details[0].fragment_variable_values, self.hide_suggestions
            )
            _, found = get_arguments(
                field=written,
                source=None,
                info=Info(_raw_info=info, _field=written),
                kwargs=given,
                config=schema.config,
                scalar_registry=schema.schema_converter.scalar_registry,
            )
        except Exception:
            return None
        resolver = written.base_resolver
        reserved = (resolver.parent_parameter, resolver.root_parameter, resolver.info_parameter) if resolver else ()
        names = {each.name for each in reserved if each}
        return {name: value for name, value in found.items() if name not in names}


def _written(write: Any, value: Any) -> Any:
    """A leaf, as it is written. Raises NotAsToldError where nothing is left of it."""
    found = None if isinstance(value, Exception) else write(value)
    if found is None:
        raise NotAsToldError
    return found


def _drop(pending: list[Pending]) -> None:
    for each in pending:
        each.drop()
