"""A few connections straight to the store, for what is asked often, or in a hurry, and is one message: tiles, presses.

A session of SQLAlchemy costs half a millisecond of Python, and a plan under row-level security as much again, which is
most of a small tile. Here a statement is sent together with the telling of who asks, and is planned once a connection.
"""

import asyncio
import re
import time
import uuid
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from hashlib import blake2b
from itertools import compress
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import AsyncClientCursor
from psycopg import AsyncConnection as PostgresConnection

from services.connections import ASK_AFTER_SECONDS, is_silent, own_line

MOST_PREPARED = 100
"""Statements kept planned on one connection; the one that was not asked for longest goes first."""
TYPES = {float: "float8", str: "text", datetime: "timestamptz", date: "date", uuid.UUID: "uuid"}

NAME = re.compile(r"(?<!:):([a-z]\w*)")

Value = float | str | datetime | date | uuid.UUID


@dataclass(frozen=True, slots=True)
class Question:
    """A statement that gives one value, for whom it is asked, and the names of its values: `$1` is the first of them.

    `speaker` is quoted for SQL already. `by_keys`: it looks rows up by their keys, also when the tables are still so
    small that PostgreSQL would rather read them whole; the plan is kept while they grow.
    """

    speaker: str
    statement: str
    names: tuple[str, ...]
    name: str = field(default="", compare=False)
    by_keys: bool = False

    @classmethod
    def of(cls, speaker: str, statement: str, names: Sequence[str]) -> "Question":
        """With the name that it is prepared under: the same statement has the same one, whoever asks."""
        return cls(speaker, statement, tuple(names), "q" + blake2b(statement.encode(), digest_size=15).hexdigest())

    @property
    def telling(self) -> str:
        """For whom, with one plan for all values; `true`: until the message is over."""
        plan = "set_config('plan_cache_mode', 'force_generic_plan', true)"
        plan += ", set_config('enable_seqscan', 'off', true)" if self.by_keys else ""
        return f"SELECT set_config('linli.actor', {self.speaker}, true), {plan}"

    def asked(self, values: Mapping[str, Value]) -> str:
        """What asks it, once it is known to a connection."""
        given = f"({', '.join(_literal(values[one]) for one in self.names)})" if self.names else ""
        return f"EXECUTE {self.name}{given}"

    def preparing(self, values: Mapping[str, Value]) -> str:
        """What makes it known to a connection."""
        types = f"({', '.join(TYPES[type(values[one])] for one in self.names)})" if self.names else ""
        return f"PREPARE {self.name}{types} AS {self.statement}"


@lru_cache(maxsize=100)
def named(speaker: str, statement: str) -> Question:
    """A question by keys whose values are written as in SQLAlchemy: `:name`."""
    names = list(dict.fromkeys(NAME.findall(statement)))
    asked = Question.of(speaker, NAME.sub(lambda found: f"${names.index(found[1]) + 1}", statement), names)
    return replace(asked, by_keys=True)


class Line:
    """One connection, and what is prepared on it."""

    def __init__(self, connection: PostgresConnection[Any]) -> None:
        """Nothing is prepared yet."""
        self._connection = connection
        self._prepared: OrderedDict[str, None] = OrderedDict()
        self._used = time.monotonic()

    @property
    def is_good(self) -> bool:
        """Whether it still stands, as far as can be told without asking: it was used a moment ago and is silent."""
        return time.monotonic() - self._used < ASK_AFTER_SECONDS and is_silent(self._connection)

    async def ask(self, questions: Sequence[Question], values: Mapping[str, Value]) -> list[Any]:
        """The values of all, in one message, which PostgreSQL runs as one transaction."""
        new = {one.name: one for one in questions if one.name not in self._prepared}
        message = [*self._forgotten(len(new)), *(one.preparing(values) for one in new.values())]
        told, answers = "", list[bool]()
        for one in questions:
            if one.telling != told:
                told = one.telling
                message.append(told)
                answers.append(False)
            message.append(one.asked(values))
            answers.append(True)
        async with AsyncClientCursor(self._connection) as cursor:
            await cursor.execute("; ".join(message).encode())
            found = await _values(cursor)
        self._used = time.monotonic()
        for one in questions:
            self._prepared[one.name] = None
            self._prepared.move_to_end(one.name)
        return list(compress(found, answers))

    async def close(self) -> None:
        """Hang up."""
        await self._connection.close()

    def _forgotten(self, more: int) -> list[str]:
        gone = []
        while self._prepared and len(self._prepared) + more > MOST_PREPARED:
            gone.append(f"DEALLOCATE {self._prepared.popitem(last=False)[0]}")
        return gone


class DirectLines:
    """The lines of one process; as many are open as were ever needed at once, at most `most`: who asks then waits."""

    def __init__(self, address: sa.URL, most: int) -> None:
        """No line is open yet."""
        self._address = address
        self._free = asyncio.Semaphore(most)
        self._idle: list[Line] = []
        self._in_use: set[Line] = set()
        self._closed = False

    async def ask(self, questions: Sequence[Question], values: Mapping[str, Value]) -> list[Any]:
        """The value of each question. Raises sqlalchemy.exc.OperationalError when the store is not to be reached."""
        try:
            async with self._free, self._line() as line:
                return await line.ask(questions, values)
        except psycopg.OperationalError as why:
            raise sa.exc.OperationalError("a direct line", None, why) from why

    async def close(self) -> None:
        """Hang up, also on those who still ask."""
        self._closed = True
        lines = [*self._idle, *self._in_use]
        self._idle.clear()
        for line in lines:
            await line.close()

    @asynccontextmanager
    async def _line(self) -> AsyncIterator[Line]:
        line = await self._picked()
        self._in_use.add(line)
        try:
            yield line
        except BaseException:  # also when whoever asked went away: an answer may still come over this line
            await line.close()
            raise
        finally:
            self._in_use.discard(line)
        if self._closed:
            await line.close()
        else:
            self._idle.append(line)

    async def _picked(self) -> Line:
        while self._idle:
            line = self._idle.pop()
            if line.is_good:
                return line
            await line.close()
        return Line(await own_line(self._address, prepare_threshold=None))


async def _values(cursor: AsyncClientCursor[Any]) -> list[Any]:
    found = []
    while True:
        if cursor.description:
            found.append((await cursor.fetchall())[0][0])
        if not cursor.nextset():
            return found


def _literal(value: Value) -> str:
    return repr(value) if isinstance(value, float) else "'" + str(value).replace("'", "''") + "'"
