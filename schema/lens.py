"""How a row becomes a GraphQL type: described by docstrings, read off the row, every list with a stated bound.

@lens
class Terminal:
    '''A one-touch terminal in a home.'''

    id: strawberry.ID = shown("Opaque id.")

    @field(graphql_type=Household | None)
    async def household(self, info: Info, row: Parent[models.Terminal]) -> models.Household | None:
        '''The home in which it stands.'''
        return await info.context.load(households.by_id, row.household_id)
"""

import enum
import inspect
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar, dataclass_transform

import strawberry
from strawberry.extensions import FieldExtension

AT_MOST = "at_most"
CAN_WAIT = "can_wait"
"""Metadata of an act that lets others go first (`services.lanes`)."""
Shape = TypeVar("Shape", bound=type)


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def lens(shape: Shape) -> Shape:
    """A GraphQL type told in its docstring; its fields are read off whatever row or value a resolver gives."""
    return strawberry.type(shape, description=_told(shape))


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def given(shape: Shape) -> Shape:
    """An input type told in its docstring."""
    return strawberry.input(shape, description=_told(shape))


def words(*kinds: type[enum.Enum]) -> None:
    """Let the model's own enums be used as GraphQL enums, each once, in the file of its noun."""
    for kind in kinds:
        strawberry.enum(kind, description=_told(kind))


def shown(description: str, **options: Any) -> Any:
    """A field that is an attribute of the row."""
    return strawberry.field(description=description, **options)


def field(*, graphql_type: Any = None, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """A field with a resolver, told in the resolver's docstring."""

    def decorate(resolver: Callable[..., Any]) -> Any:
        return strawberry.field(graphql_type=graphql_type, description=_told(resolver), **options)(resolver)

    return decorate


def listing(*, graphql_type: Any, at_most: int, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """A plain list: never more than `at_most` items leave, and its cost counts as many. Longer ones are connections."""

    def decorate(resolver: Callable[..., Any]) -> Any:
        return strawberry.field(
            graphql_type=graphql_type,
            description=f"{_told(resolver)} At most {at_most}.",
            metadata={AT_MOST: at_most},
            extensions=[Bounded(at_most)],
            **options,
        )(resolver)

    return decorate


def mutation(*, graphql_type: Any, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """A mutation, told in its docstring; null when refused, so that the acts beside it keep their answers."""

    def decorate(resolver: Callable[..., Any]) -> Any:
        return strawberry.mutation(graphql_type=graphql_type | None, description=_told(resolver), **options)(resolver)

    return decorate


def subscription(*, graphql_type: Any = None, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Something to follow, told in the docstring of the async generator that gives the events."""

    def decorate(resolver: Callable[..., Any]) -> Any:
        return strawberry.subscription(graphql_type=graphql_type, description=_told(resolver), **options)(resolver)

    return decorate


class Bounded(FieldExtension):
    """Cuts a list at its bound."""

    def __init__(self, at_most: int) -> None:
        """So many items at most."""
        self.at_most = at_most

    def cut(self, rows: Iterable[Any] | None) -> list[Any] | None:
        """The first of them; None stays None."""
        return rows if rows is None else list(rows)[: self.at_most]

    async def resolve_async(
        self, next_: Callable[..., Awaitable[Any]], source: Any, info: strawberry.Info, **arguments: Any
    ) -> Any:
        """As the library calls it."""
        return self.cut(await next_(source, info, **arguments))


def _told(thing: Any) -> str:
    text = inspect.getdoc(thing)
    if not text:
        raise TypeError(f"{thing.__qualname__} needs a docstring: it is what integrators read")
    return " ".join(text.split())
