"""How operations are executed: what a row gives at once is read in one loop, what comes later is awaited together.

Most of what leaves the house is read off rows: a page of 50, an audit's thousand lines. The library makes a record of
the state of execution for each single value; `schema.selections` makes ready once what is the same for all rows. Where
anything is not as it should be (a null that may not be, a resolver that refuses), the object is left to the library,
which reads it anew and says what is wrong, and where. What has a plan (`schema.plans`) is not collected anew.
"""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from graphql import ExecutionResult, GraphQLError, GraphQLObjectType, OperationType
from graphql.pyutils import AwaitableOrValue, Path, gather_with_cancel

from schema.plans import Plan
from schema.selecting import Selecting
from schema.selections import Fields, Selection, Shape, Step, is_awaited


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


class Executor(Selecting):
    """Executes one operation."""

    async def run(self, plan: Plan) -> ExecutionResult:
        """As the library's `execute_operation`, of fields that are collected already."""
        serially = plan.operation.operation is OperationType.MUTATION
        data: dict[str, Any] | None = None
        try:
            found = self.execute_root_grouped_field_set(plan.root, None, plan.fields, serially, None)
            data = found if isinstance(found, dict) else await found
        except GraphQLError as error:
            self.collected_errors.add(error, None)
        finally:
            self.let_go()
        return ExecutionResult(data, self.collected_errors.errors or None)

    def execute_fields_serially(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        grouped_field_set: Fields,
        position_context: Any,
    ) -> AwaitableOrValue[dict[str, Any]]:
        """One act comes after nothing: it is read as any field, if its resolver does nothing before it is awaited."""
        serially = super().execute_fields_serially
        run = self.execute_fields if self._is_one_act(parent_type, grouped_field_set) else serially
        return run(parent_type, source_value, path, grouped_field_set, position_context)

    def _is_one_act(self, parent_type: GraphQLObjectType, asked: Fields) -> bool:
        if len(asked) != 1:
            return False
        told = self.schema.get_field(parent_type, next(iter(asked.values()))[0].node.name.value)
        return told is not None and is_awaited(told)

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
        try:
            late.holder[late.key] = await self._come(late)
        except Exception as error:
            if late.around is None:
                raise
            self.collected_errors.add(error, late.around.path)  # type: ignore[arg-type]
            late.around.holder[late.around.key] = None

    async def _come(self, late: Pending) -> Any:
        """What came, as it is written; None where it failed and may be null."""
        try:
            value = await late.value
            return await self._completed(late, value)
        except Exception as error:
            self.handle_field_error(error, late.step.returns, late.step.details, late.path)
            return None

    async def _completed(self, late: Pending, value: Any) -> Any:
        step, pending = late.step, list[Pending]()
        try:
            made = self._came(step, value, late.path, pending)
        except Exception:
            _drop(pending)
            assert step.info is not None
            completed = self.complete_value(step.returns, step.details, step.info, late.path, value, None)
            return await completed if self.is_awaitable(completed) else completed
        return await self._settled(made, pending) if pending else made

    def _came(self, step: Step, value: Any, path: Path, pending: list[Pending]) -> Any:
        write = step.shape.write
        if value is None and not step.needed:
            return None
        if value is None:
            raise NotAsToldError
        if write is not None:
            return _written(write, value)
        return self._made(step, step.shape, value, path, pending, None)


def _written(write: Any, value: Any) -> Any:
    """A leaf, as it is written. Raises NotAsToldError where nothing is left of it."""
    found = None if isinstance(value, Exception) else write(value)
    if found is None:
        raise NotAsToldError
    return found


def _drop(pending: list[Pending]) -> None:
    for each in pending:
        each.drop()
