"""The house's way of executing gives what the library's gives, value for value and error for error."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult, execute, parse
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext as LibraryExecutor
from strawberry.utils.await_maybe import await_maybe

from schema.execution import Executor


@strawberry.type
class Lamp:
    """Attributes, a resolver that answers at once and one that answers later."""

    number: int
    watts: float | None
    name: str
    lit: bool = strawberry.field(name="shines", default=True)

    @strawberry.field
    def twice(self) -> int:
        """At once."""
        return self.number * 2

    @strawberry.field
    async def later(self) -> str:
        """Later."""
        await asyncio.sleep(0)
        return f"{self.name}!"

    @strawberry.field
    async def next(self) -> "Lamp | None":
        """The one after it."""
        return LAMPS[self.number] if self.number < len(LAMPS) else None


@dataclass
class Broken:
    """A row that lacks a name and whose number is none."""

    number: Any
    watts: float | None = None


LAMPS = [Lamp(number=1, watts=None, name="a"), Lamp(number=2, watts=7.5, name="b", lit=False)]


@strawberry.type
class Query:
    """All lamps, and rows that are not what they should be."""

    @strawberry.field
    def lamps(self) -> list[Lamp]:
        """The good ones."""
        return LAMPS

    @strawberry.field(graphql_type=list[Lamp | None])  # type: ignore[untyped-decorator]
    def broken(self) -> list[Any]:
        """The others."""
        return [Broken(3), Broken(None), Broken("many"), LAMPS[0]]


SCHEMA = strawberry.Schema(Query)

ASKED = {
    "attributes": "{ lamps { number watts name shines } }",
    "in the order asked": "{ lamps { shines twice name later number } }",
    "aliases and types": "{ x: lamps { __typename b: name a: name next { __typename number } } __typename }",
    "fragments": "{ lamps { ...f name } y: lamps { ...f } } fragment f on Lamp { name watts next { watts name } }",
    "left out": "{ lamps { name @skip(if: true) number @include(if: true) } }",
    "later in a list": "{ lamps { later } }",
    "a name that is not there": "{ broken { number name } }",
    "null where none may be": "{ broken { watts number } }",
    "one that is no number": "{ broken { number twice later } }",
}


@pytest.mark.parametrize("query", ASKED.values(), ids=ASKED.keys())
async def test_it_gives_what_the_library_gives(query: str) -> None:
    ours, theirs = await _executed(query, Executor), await _executed(query, LibraryExecutor)
    assert ours.data == theirs.data
    assert str(ours.data) == str(theirs.data)  # in the same order, too
    assert _told(ours) == _told(theirs)


async def test_a_row_that_is_wrong_spoils_its_own_place_only() -> None:
    found = await _executed("{ broken { number } }", Executor)
    assert found.data == {"broken": [{"number": 3}, None, None, {"number": 1}]}
    assert [error.path for error in found.errors or []] == [["broken", 1, "number"], ["broken", 2, "number"]]


async def _executed(query: str, executor: type[LibraryExecutor]) -> ExecutionResult:
    result = execute(SCHEMA._schema, parse(query), executor_class=executor, operation_extensions=None)
    return await await_maybe(result)


def _told(result: ExecutionResult) -> list[tuple[Any, ...]]:
    return [(error.message, error.path, error.locations) for error in result.errors or []]
