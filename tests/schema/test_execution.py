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
from schema.lens import listing


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
    def shade(self, info: strawberry.Info, of: str = "grey", times: int = 1) -> str | None:
        """By arguments and by what stands around the field; refuses a third lamp."""
        if self.number == 3:
            raise ValueError("no shade")
        return f"{info.field_name} {of}" * times

    @strawberry.field
    def twin(self) -> "Lamp":
        """At once, another one."""
        return Lamp(number=self.number, watts=1.5, name=self.name.upper())

    @strawberry.field
    def none_there(self) -> "Lamp":
        """What may not be null, and is."""
        return None  # type: ignore[return-value]

    @strawberry.field
    async def fails(self) -> int:
        """Later, and never for the second lamp."""
        await asyncio.sleep(0)
        if self.number == 2:
            raise ValueError("fails later")
        return self.number

    @strawberry.field
    def sometimes_later(self) -> str | None:
        """At once for the first lamp, later for the others."""
        return "at once" if self.number == 1 else self.next_word()  # type: ignore[return-value]

    async def next_word(self) -> str:
        """Later."""
        return f"later {self.name}"

    @strawberry.field
    def row(self) -> list["Lamp"]:
        """Three of them."""
        return [Lamp(number=each, watts=None, name=f"r{each}") for each in (1, 2, 3)]

    @strawberry.field
    def words(self) -> list[str]:
        """Leaves in a list."""
        return [self.name, "x"]

    @listing(graphql_type=list[str], at_most=2)
    def cut(self) -> list[str]:
        """Of three, two leave."""
        return ["a", "b", "c"]

    @listing(graphql_type=list["Lamp"], at_most=1)
    async def cut_later(self) -> list["Lamp"]:
        """Of three, one leaves."""
        return [Lamp(number=each, watts=None, name=f"c{each}") for each in (1, 2, 3)]

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

    @strawberry.field
    async def lamps_later(self) -> list[Lamp] | None:
        """The good ones, later."""
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
    "arguments": '{ lamps { shade a: shade(of: "red") b: shade(times: 2, of: "blue") c: shade(times: $t) } }',
    "an argument that is no number": '{ lamps { number shade(times: "many") } }',
    "objects at once": "{ lamps { twin { name twin { number twice later } } } }",
    "null where an object must be": "{ lamps { number twin { noneThere { name } } } }",
    "one refuses": "{ lamps { row { number shade } name } }",
    "one fails later": "{ lamps { fails } }",
    "one fails later inside": "{ lamps { number next { name twin { twin { fails later } } row { fails } } } }",
    "fails where nothing around may be null": "{ lampsLater { twin { row { fails } } } lamps { name } }",
    "sometimes later": "{ lamps { sometimesLater row { sometimesLater words twin { sometimesLater } } } }",
    "lists are cut": "{ lamps { cut cutLater { name later cut } row { cutLater { fails } } } }",
    "nothing later": "{ lamps { row { twin { twin { words number __typename } } } } }",
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
    document = parse(f"query($t: Int = 3) {query}" if query.startswith("{") else query)
    result = execute(SCHEMA._schema, document, executor_class=executor, operation_extensions=None)
    return await await_maybe(result)


def _told(result: ExecutionResult) -> list[tuple[Any, ...]]:
    return [(error.message, error.path, error.locations) for error in result.errors or []]
