"""Pages of a list: keyset, not offset. The sort key goes into SQL, one row more than asked says whether more follow.

CODE = Order("households", Household.code, Household.id)

@field(graphql_type=Connection[Household])
async def households(self, info: Info, filter: ..., first: First = 50, after: str | None = None) -> Page[...]:
    return await page(info.context, visible(sa.select(Household), info.context.actor), CODE, first, after)
"""

import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any, Generic, TypeAlias, TypeVar

import sqlalchemy as sa
import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import Parent

from schema import lens
from schema.context import Context, Info
from schema.errors import PageOutOfRange
from schema.loading import first_of_each, one_each
from services.access import Actor

Row = TypeVar("Row")
Node = TypeVar("Node")

Count: TypeAlias = Callable[[Context], Awaitable[int]]
Beside: TypeAlias = Callable[[AsyncSession, Sequence[Any]], Awaitable[None]]

First = Annotated[int, strawberry.argument(description="How many at most, 1 to 200.")]
After = Annotated[str | None, strawberry.argument(description="The endCursor of the page before.")]


class Order:
    """A total order: SQL expressions that are never null, the last of them unique; `name` signs the cursors."""

    def __init__(self, name: str, *keys: Any, descending: Sequence[bool] | bool = False) -> None:
        """All keys rise unless `descending` says otherwise, for all or one by one."""
        self.name = name
        self.keys = tuple(keys)
        self.kinds = tuple(key.type.python_type for key in keys)
        self.descending = (descending,) * len(keys) if isinstance(descending, bool) else tuple(descending)

    def sorted(self) -> list[Any]:
        """For ORDER BY."""
        return [key.desc() if down else key.asc() for key, down in zip(self.keys, self.descending, strict=True)]

    def beyond(self, values: Sequence[Any]) -> sa.ColumnElement[bool]:
        """True for the rows after the one with these sort values."""
        bound = [sa.literal(value, key.type) for key, value in zip(self.keys, values, strict=True)]
        if len(set(self.descending)) == 1:
            left, right = sa.tuple_(*self.keys), sa.tuple_(*bound)
            return left < right if self.descending[0] else left > right
        steps = list(zip(self.keys, bound, self.descending, strict=True))
        return sa.or_(*(sa.and_(*(k == v for k, v, _ in steps[:i]), _past(*steps[i])) for i in range(len(steps))))


def _past(key: Any, value: Any, descending: bool) -> Any:
    return key < value if descending else key > value


@dataclass(frozen=True)
class Edge(Generic[Row]):
    """A row and where it stands: its sort values, and who signs them when the cursor is asked for."""

    node: Row
    keys: Sequence[Any]
    sign: Callable[[Sequence[Any]], str]

    @property
    def cursor(self) -> str:
        """The sort values, signed."""
        return self.sign(self.keys)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list, whether more follow, and what counts them all when it is asked."""

    edges: list[Edge[Row]] = field(default_factory=list)
    more: bool = False
    count: Count | None = None


@lens.lens
class PageInfo:
    """Where a page stands in its list."""

    @lens.field()
    def has_next_page(self, page: Parent[Page[Any]]) -> bool:
        """True when more rows follow this page."""
        return page.more

    @lens.field()
    def end_cursor(self, page: Parent[Page[Any]]) -> str | None:
        """Send it as `after` for the next page; null on an empty page."""
        return page.edges[-1].cursor if page.edges else None


@strawberry.type(name="Edge", description="One item of a page.")
class EdgeLens(Generic[Node]):
    """One item of a page."""

    cursor: str = lens.shown("Where this item stands in the list; opaque.")
    node: Node = lens.shown("The item itself.")


@strawberry.type(description="A page of a list: `edges` in order; continue with `after: pageInfo.endCursor`.")
class Connection(Generic[Node]):
    """A page of a list."""

    edges: list[EdgeLens[Node]] = lens.shown("The items of this page, at most `first`.")

    @lens.field(graphql_type=PageInfo)
    def page_info(self, page: Parent[Page[Any]]) -> Any:
        """Whether more follow, and from where."""
        return page

    @lens.field()
    async def total_count(self, info: Info, page: Parent[Page[Any]]) -> int:
        """How many items the whole list has; counted only when asked."""
        return len(page.edges) if page.count is None else await page.count(info.context)


async def page(
    context: Context, rows: "sa.Select[Any]", order: Order, first: int, after: str | None, beside: Beside | None = None
) -> "Page[Any]":
    """The rows of a select, from `after` on. Raises PageOutOfRange, CursorForeign.

    `beside(session, rows)` fetches what will be asked of these rows, in the same session.
    """
    async with context.read() as session:
        found = (await session.execute(_cut(context, rows, order, first, after))).all()
        if beside is not None and found:
            await beside(session, [row[0] for row in found[:first]])

    async def count(context: Context) -> int:
        async with context.read() as session:
            counted = sa.select(sa.func.count()).select_from(rows.order_by(None).subquery())
            return await session.scalar(counted) or 0

    return _page(context, order, [(row[0], row[1:]) for row in found], first, count)


async def child_pages(
    session: AsyncSession,
    parents: Sequence[uuid.UUID],
    context: Context,
    rows: "sa.Select[Any]",
    parent: Any,
    order: Order,
    first: int,
    after: str | None,
) -> dict[uuid.UUID, "Page[Any]"]:
    """A page of each of many parents by one statement; `parent` is the column that names the parent.

    To be loaded through `Context.load`, which calls it once for all parents that ask with the same arguments.
    """
    cut = _cut(context, rows, order, first, after)
    found = await first_of_each(session, cut, parent, parents, first + 1)

    async def counts(session: AsyncSession, actor: Actor, keys: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
        counted = rows.order_by(None).with_only_columns(parent, sa.func.count(), maintain_column_froms=True)
        return await one_each(session, counted.where(parent.in_(keys)).group_by(parent))

    def count_of(key: uuid.UUID) -> Count:
        async def count(context: Context) -> int:
            return await context.load(counts, key) or 0

        return count

    return {
        key: _page(context, order, [(item[0], item[1:]) for item in items], first, count_of(key))
        for key, items in found.items()
    }


def _cut(context: Context, rows: "sa.Select[Any]", order: Order, first: int, after: str | None) -> "sa.Select[Any]":
    most = context.api.limits.page
    if not 1 <= first <= most:
        raise PageOutOfRange(first=first, most=most)
    if after is not None:
        rows = rows.where(order.beyond(context.api.cursors.read(order.name, after, order.kinds)))
    keys = [key.label(f"sort_key_{i}") for i, key in enumerate(order.keys)]
    return rows.add_columns(*keys).order_by(*order.sorted()).limit(first + 1)


def _page(
    context: Context,
    order: Order,
    found: Sequence[tuple[Any, Any]],
    first: int,
    count: Count,
) -> "Page[Any]":
    sign = partial(context.api.cursors.make, order.name)
    edges = [Edge(row, keys, sign) for row, keys in found[:first]]
    return Page(edges, len(found) > first, count)
