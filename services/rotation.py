"""Rotating keys: every data key is wrapped anew under today's secret, every blind index made anew; text stays as it is.

A batch is one transaction, and a row that is done says so itself (the first byte of its wrapped key), so that the work
may be cut off and goes on where it was; servers that know both secrets read and write all the while.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.database import Database
from services.errors import Refusal
from services.models import Base
from services.sealing import Keyring

AT_ONCE = 500
KEY = "data_key"

Progress = Callable[[str, int, int], None]
"""Told of a table, how many of its rows are done and how many there are to do."""


class SecretGone(Refusal):
    """Rows of {subject} are sealed under generation {generation}, which this keyring has not. Give that secret, too."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many rows were wrapped anew, and how many are still under a former secret."""

    rows: int
    left: int


def sealed_tables() -> list[sa.Table]:
    """Every table whose rows have a data key of their own."""
    return [table for table in Base.metadata.sorted_tables if _keys(table)]


async def rotate(database: Database, keyring: Keyring, progress: Progress) -> Rotated:
    """Bring every row to today's secret. `database` speaks for the platform. Raises SecretGone."""
    done = 0
    for table in sealed_tables():
        async with database.read() as session:
            await _refuse_unknown(session, table, keyring)
            todo = await _left(session, table, keyring)
        of_table = 0
        while todo and (count := await _batch(database, table, keyring)):
            of_table += count
            progress(table.name, of_table, max(todo, of_table))
        done += of_table
    return Rotated(done, await left(database, keyring))


async def left(database: Database, keyring: Keyring) -> int:
    """How many rows are under a former secret."""
    async with database.read() as session:
        return sum([await _left(session, table, keyring) for table in sealed_tables()])


async def _batch(database: Database, table: sa.Table, keyring: Keyring) -> int:
    own = list(table.primary_key.columns)
    async with database.write() as session:
        wanted = sa.select(table).where(_former(table, keyring)).order_by(*own).limit(AT_ONCE)
        rows = (await session.execute(wanted.with_for_update(skip_locked=True))).all()
        for row in rows:
            this = sa.and_(*(column == getattr(row, column.name) for column in own))
            await session.execute(sa.update(table).where(this).values(_rotated(table, row, keyring)))
    return len(rows)


def _rotated(table: sa.Table, row: Any, keyring: Keyring) -> dict[str, bytes | None]:
    """The row's keys under today's secret, and its indexes under today's index key."""
    before = {key.name: getattr(row, key.name) for key in _keys(table)}
    values = {name: key and keyring.wrap(keyring.unwrap(key)) for name, key in before.items()}
    for name in _indexed(table):
        place = f"{table.name}.{name}"
        text = keyring.open(row.data_key, place, getattr(row, f"{name}_sealed"))
        values[f"{name}_index"] = keyring.index(place, text)
    return values


def _keys(table: sa.Table) -> list[sa.Column[Any]]:
    """The columns that hold a wrapped data key."""
    return [column for column in table.columns if column.name == KEY or column.name.endswith(f"_{KEY}")]


def _indexed(table: sa.Table) -> list[str]:
    """The sealed fields that are found by a blind index."""
    names = [column.name.removesuffix("_index") for column in table.columns if column.name.endswith("_index")]
    return [name for name in names if f"{name}_sealed" in table.columns]


async def _left(session: AsyncSession, table: sa.Table, keyring: Keyring) -> int:
    return await session.scalar(sa.select(sa.func.count()).select_from(table).where(_former(table, keyring))) or 0


async def _refuse_unknown(session: AsyncSession, table: sa.Table, keyring: Keyring) -> None:
    for key in _keys(table):
        kind = sa.func.get_byte(key, 0)
        unknown = sa.select(kind).where(key.is_not(None), kind.not_in(list(keyring.wrapping))).limit(1)
        generation = await session.scalar(unknown)
        if generation is not None:
            raise SecretGone(table.name, generation=generation)


def _former(table: sa.Table, keyring: Keyring) -> sa.ColumnElement[bool]:
    """True for rows of which a key is wrapped under another secret than today's."""
    keys = _keys(table)
    return sa.or_(*(sa.and_(key.is_not(None), sa.func.get_byte(key, 0) != keyring.generation) for key in keys))
