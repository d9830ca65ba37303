"""An operation that was made ready gives what the library gives, each time it is sent, with whatever variables."""

import asyncio
import enum
from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult, OperationDefinitionNode, execute, parse
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext as LibraryExecutor
from strawberry.utils.await_maybe import await_maybe

from schema.execution import Executor
from schema.plans import Plan, plan_of


@strawberry.enum
class Tone(enum.Enum):
    """How it sounds."""

    LOUD = "loud"
    SOFT = "soft"


@strawberry.input
class Spot:
    """A place, with a default."""

    x: float
    y: float = 2.5


@strawberry.input
class Ring:
    """Nested, listed, with words and nothing."""

    spot: Spot
    tone: Tone = Tone.SOFT
    words: list[str] = strawberry.field(default_factory=list)
    spots: list[Spot] | None = None
    note: str | None
    left: int | None = strawberry.UNSET


@strawberry.input
class Deep:
    """Holds itself."""

    name: str
    inner: "Deep | None" = None


@strawberry.type
class Bell:
    """What was done."""

    number: int
    text: str

    @strawberry.field
    async def broken(self) -> int:
        """Never there."""
        raise ValueError("broken later")

    @strawberry.field
    async def maybe(self, no: bool = False) -> "Bell | None":
        """Itself, or nothing."""
        return None if no else self


DONE: list[str] = []


def _done(text: str) -> Bell:
    DONE.append(text)
    return Bell(number=len(DONE), text=text)


@strawberry.type
class Query:
    """Bells."""

    @strawberry.field
    async def bell(self, ring: Ring, times: int = 2) -> Bell:
        """As it was asked."""
        return Bell(number=times, text=repr(ring))

    @strawberry.field
    async def deep(self, deep: Deep) -> str:
        """As it was asked."""
        return repr(deep)


@strawberry.type
class Mutation:
    """Acts are counted."""

    @strawberry.mutation
    async def ring(self, text: str) -> Bell | None:
        """Later; refuses nothing."""
        await asyncio.sleep(0)
        if not text:
            raise ValueError("no text")
        return _done(text)

    @strawberry.mutation
    async def must(self, text: str) -> Bell:
        """Later; may not be null, and is."""
        _done(text)
        return None  # type: ignore[return-value]

    @strawberry.mutation
    def at_once(self, text: str) -> Bell | None:
        """At once, and fails after it was done."""
        _done(text)
        raise ValueError("too late")


SCHEMA = strawberry.Schema(Query, Mutation)
BELL = "query ($ring: Ring!, $n: Int = 7) { bell(ring: $ring, times: $n) { number text a: maybe { text __typename } } }"
RINGS: list[dict[str, Any]] = [
    {"ring": {"spot": {"x": 1}}},
    {"ring": {"spot": {"x": 1, "y": 3}, "tone": "LOUD", "words": "one", "note": "n", "left": None}, "n": 1},
    {"ring": {"spot": {"x": 1}, "spots": [{"x": 2}, {"x": 3, "y": 4}], "words": ["a", "b"], "left": 4}, "n": None},
    {"ring": {"spot": {"x": 1}, "spots": None, "note": None}, "n": 3},
    {"ring": {"spot": {"x": "east"}}},
    {"ring": {"spot": {"x": 1, "z": 1}}},
    {"ring": {"tone": "NONE"}, "n": "many"},
    {"ring": None},
    {},
]
ACTS = [
    'mutation { ring(text: "a") { number text } }',
    'mutation { ring(text: "") { number text } }',
    'mutation { ring(text: "a") { number broken } }',
    'mutation { ring(text: "a") { number maybe { broken } other: maybe(no: true) { number } } }',
    'mutation { must(text: "a") { number } }',
    'mutation { atOnce(text: "a") { number } }',
    'mutation { a: ring(text: "a") { text } b: ring(text: "") { text } c: atOnce(text: "c") { text } '
    'd: ring(text: "d") { number } }',
    "mutation { __typename }",
    'mutation { ...f } fragment f on Mutation { ring(text: "a") { ...g } } fragment g on Bell { text maybe { text } }',
]


@pytest.mark.parametrize("variables", RINGS)
async def test_variables_are_taken_as_the_library_takes_them(variables: dict[str, Any]) -> None:
    plan = _plan(BELL)
    for _ in range(2):
        assert _told(await _planned(BELL, plan, variables)) == _told(await _by_library(BELL, variables))


async def test_what_was_made_ready_for_one_does_not_stay_for_the_next() -> None:
    plan = _plan(BELL)
    found = [await _planned(BELL, plan, one) for one in (*RINGS[:4], *RINGS[:4])]
    assert [_told(one) for one in found] == [_told(await _by_library(BELL, one)) for one in (*RINGS[:4], *RINGS[:4])]


@pytest.mark.parametrize("query", ACTS)
async def test_acts_are_done_once_and_in_order(query: str) -> None:
    plan, ours, theirs = _plan(query), [], []
    for _ in range(2):
        DONE.clear()
        ours += [_told(await _planned(query, plan, {})), list(DONE)]
        DONE.clear()
        theirs += [_told(await _by_library(query, {})), list(DONE)]
    assert ours == theirs


def test_what_hangs_on_conditions_or_holds_itself_has_no_plan() -> None:
    asked = (
        'query ($no: Boolean!) { deep(deep: {name: "a"}) @skip(if: $no) }',
        "query ($d: Deep!) { deep(deep: $d) }",
    )
    for query in asked:
        document = parse(query)
        assert plan_of(SCHEMA._schema, document, _operation(query)) is None


def test_a_plan_keeps_nothing_of_who_asked() -> None:
    plan = _plan('mutation { ring(text: "a") { number text __typename } }')
    asyncio.run(_planned("", plan, {}))
    kept = [step for selection in plan.selections.values() for step in selection.steps]
    assert [step.name for step in kept] == ["number", "text", "__typename"]
    assert all(step.info is None for step in kept)


def _operation(query: str) -> OperationDefinitionNode:
    found = parse(query).definitions[0]
    assert isinstance(found, OperationDefinitionNode)
    return found


def _plan(query: str) -> Plan:
    found = plan_of(SCHEMA._schema, parse(query), _operation(query))
    assert found is not None
    return found


async def _planned(query: str, plan: Plan, variables: dict[str, Any]) -> ExecutionResult:
    """As `Engine` does it: what has no values is left to the library."""
    values = plan.values(variables)
    if values is None:
        return await _by_library(query, variables, Executor)
    return await Executor.planned(plan, SCHEMA._schema, None, values).run(plan)


async def _by_library(
    query: str, variables: dict[str, Any], executor: type[LibraryExecutor] = LibraryExecutor
) -> ExecutionResult:
    asked: dict[str, Any] = {"variable_values": variables, "executor_class": executor, "operation_extensions": None}
    return await await_maybe(execute(SCHEMA._schema, parse(query), hide_suggestions=True, **asked))


def _told(result: ExecutionResult) -> tuple[Any, ...]:
    """Data in its order, and the errors."""
    return str(result.data), [(error.message, error.path, error.locations) for error in result.errors or []]
