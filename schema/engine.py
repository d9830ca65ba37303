"""Running one operation: read, measured, costed, executed in bounded time; whatever happens, an answer comes back."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from graphql import (
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    execute,
    subscribe,
)
from strawberry import Schema
from strawberry.utils.await_maybe import await_maybe

from gis.errors import GisError
from schema import documents, errors
from schema.context import Api, Context
from schema.doorstep import Doorstep
from schema.execution import Executor
from schema.selecting import IS_AWAITABLE
from services.access import Actor
from services.errors import Refusal
from services.models import Role


@dataclass(frozen=True)
class Asked:
    """What a client sent."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None


@dataclass(frozen=True)
class Prepared:
    """An operation that may run."""

    document: documents.Document
    operation: OperationDefinitionNode
    cost: int

    @property
    def kind(self) -> OperationType:
        """Query, mutation or subscription."""
        return self.operation.operation

    @property
    def selections(self) -> tuple[object, ...]:
        """Its root fields and fragments."""
        return tuple(self.operation.selection_set.selections)

    @property
    def name(self) -> str:
        """As the client named it; without a name, its first field."""
        if self.operation.name:
            return self.operation.name.value
        first = self.operation.selection_set.selections[0]
        return first.name.value if isinstance(first, FieldNode) else self.kind.value


@dataclass(frozen=True)
class Answer:
    """What goes back. `ran` is False when nothing was executed: such an answer has no `data`."""

    errors: list[dict[str, Any]]
    data: dict[str, Any] | None = None
    ran: bool = False
    cost: dict[str, int] | None = None

    def body(self) -> dict[str, Any]:
        """As the GraphQL specification writes a response."""
        told: dict[str, Any] = {"data": self.data} if self.ran else {}
        if self.errors:
            told["errors"] = self.errors
        if self.cost:
            told["extensions"] = {"cost": self.cost}
        return told


class Engine:
    """Runs the operations of one schema for one server."""

    def __init__(self, schema: Schema, api: Api) -> None:
        """`api.limits` bound every operation."""
        self.api = api
        self._schema: GraphQLSchema = schema._schema
        self._lane = api.position_batches.lane

    def prepare(self, asked: Asked, actor: Actor) -> Prepared | Answer:
        """The operation, ready to run; or the answer that says why it may not."""
        developer = self.api.development or Role.ADMIN in actor.roles
        document = documents.read(self._schema, asked.query, self.api.limits, developer)
        if document.problems:
            return Answer(list(document.problems))
        try:
            operation = document.operation(asked.operation_name)
            cost = document.cost(self._schema, asked.operation_name, asked.variables, self.api.limits)
            if cost > self.api.limits.cost:
                raise errors.TooCostly(cost=cost, most=self.api.limits.cost)
        except Refusal as refusal:
            return Answer([errors.refused(refusal)])
        return Prepared(document, operation, cost)

    async def run(self, prepared: Prepared, asked: Asked, actor: Actor, doorstep: Doorstep | None = None) -> Answer:
        """Execute a query or a mutation within the time that is given to it."""
        context = Context(self.api, actor)
        if doorstep is not None:
            context.doorstep = doorstep
        try:
            async with asyncio.timeout(self.api.limits.seconds):
                result = await self._executed(prepared, asked, context)
            await context.write_notes(prepared.name)
        except TimeoutError:
            return Answer([errors.refused(errors.TookTooLong(seconds=self.api.limits.seconds))])
        return self._answer(result, prepared.cost)

    async def _executed(self, prepared: Prepared, asked: Asked, context: Context) -> ExecutionResult:
        """By its plan; by the library where it has none, or a variable is missing or wrong."""
        plan = prepared.document.plan(self._schema, asked.operation_name)
        values = plan.values(asked.variables or {}) if plan else None
        if plan is not None and values is not None:
            if plan.can_wait:
                await self._lane.turn()
            return await Executor.planned(plan, self._schema, context, values).run(plan)
        call = self._call(prepared, asked, context)
        return await await_maybe(execute(**call, is_awaitable=IS_AWAITABLE))

    async def follow(
        self, prepared: Prepared, asked: Asked, sign_in: Callable[[], Awaitable[Actor]]
    ) -> AsyncGenerator[Answer, None]:
        """Execute a subscription: an answer for each event, until the client leaves or its token is over.

        `sign_in` is asked again before each answer: an open stream must not outlive the right to it.
        """
        call = self._call(prepared, asked, Context(self.api, await sign_in()))
        source: Any = await await_maybe(subscribe(**call))
        if isinstance(source, ExecutionResult):
            yield self._answer(source, prepared.cost)
            return
        try:
            async for result in source:
                call["context_value"].actor = await sign_in()
                await call["context_value"].write_notes(prepared.name)
                yield self._answer(result, prepared.cost)
        except Refusal as refusal:
            yield Answer([errors.refused(refusal)])
        except Exception as problem:
            yield Answer([errors.unforeseen(problem)])
        finally:
            await source.aclose()

    def _call(self, prepared: Prepared, asked: Asked, context: Context) -> dict[str, Any]:
        return {
            "schema": self._schema,
            "document": prepared.document.node,
            "context_value": context,
            "variable_values": asked.variables,
            "operation_name": asked.operation_name,
            "executor_class": Executor,
            "hide_suggestions": True,
            "operation_extensions": None,
        }

    def _answer(self, result: ExecutionResult, cost: int) -> Answer:
        found = result.errors or []
        ran = result.data is not None or any(error.path is not None for error in found)
        told = {"requested": cost, "most": self.api.limits.cost}
        return Answer([errors.present(error) for error in found], result.data, ran, told if ran else None)


def refusal(problem: Refusal | GisError) -> Answer:
    """The answer to a request that is refused before it becomes an operation."""
    return Answer([errors.refused(problem)])


__all__ = ["Answer", "Asked", "Engine", "GraphQLError", "Prepared", "refusal"]
