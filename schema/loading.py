"""Fetching for many rows at once: what the loaders of every noun are made of."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

Key = TypeVar("Key")
Value = TypeVar("Value")


async def one_each(session: AsyncSession, pairs: "sa.Select[Key, Value]") -> dict[Key, Value]:
    """A select of (key, value) as a dict."""
    return {key: value for key, value in (await session.execute(pairs)).all()}


async def many_each(
    session: AsyncSession, pairs: "sa.Select[Key, Value]", keys: Iterable[Key]
) -> dict[Key, list[Value]]:
    """A select of (key, value) grouped by key; a key without values gets an empty list."""
    groups: dict[Key, list[Value]] = {key: [] for key in keys}
    for key, value in (await session.execute(pairs)).all():
        groups[key].append(value)
    return groups


async def first_of_each(
    session: AsyncSession, rows: "sa.Select[Any]", parent: Any, parents: Sequence[uuid.UUID], at_most: int
) -> dict[uuid.UUID, list[Any]]:
    """The first `at_most` rows of each parent, in the select's own order, by one statement (a lateral join).

    `rows` selects one entity and then any labelled columns; each item is the entity, or a tuple when there are more.
    """
    asked = sa.select(sa.func.unnest(sa.literal(list(parents), sa.ARRAY(sa.Uuid))).label("parent")).subquery()
    windowed = rows.where(parent == asked.c.parent).correlate(asked).limit(at_most).lateral()
    entity, *more = (column["name"] if i else column["entity"] for i, column in enumerate(rows.column_descriptions))
    columns = [aliased(entity, windowed), *(windowed.c[name] for name in more)]
    found = await session.execute(sa.select(asked.c.parent, *columns).join_from(asked, windowed, sa.true()))
    groups: dict[uuid.UUID, list[Any]] = {key: [] for key in parents}
    for key, *item in found.all():
        groups[key].append(tuple(item) if more else item[0])
    return groups
