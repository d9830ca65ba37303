"""Nouns that only tests have: fields that fail in every way, a slow one, and something to follow."""

import asyncio
from collections.abc import AsyncGenerator

import sqlalchemy as sa
from strawberry import Schema

from schema import MUTATIONS, QUERIES, assemble
from schema.context import Info
from schema.lens import field, lens, mutation, subscription
from services.errors import Invalid


class TooHot(Invalid):
    """It is {degrees} degrees. Wait until evening."""


@lens
class OddQuery:
    """Ways to fail."""

    @field()
    def broken(self) -> str:
        """Fails as nobody foresaw."""
        raise RuntimeError("secret: Ping H0050 lives at Willow Lane")

    @field()
    async def broken_statement(self, info: Info) -> int:
        """Fails in the database, with a person's name among the parameters."""
        async with info.context.read() as session:
            return int(await session.scalar(sa.text("SELECT CAST(:name AS int)"), {"name": "Ping H0050"}) or 0)

    @field()
    def too_large(self) -> int:
        """More than an Int holds."""
        return 2**40

    @field()
    def hot(self) -> str:
        """Refused by name."""
        raise TooHot(degrees=40)

    @field()
    async def slow(self) -> str:
        """Takes ten seconds."""
        await asyncio.sleep(10)
        return "done"


@lens
class OddMutation:
    """Ways to fail after having written."""

    @mutation(graphql_type=str)
    async def write_and_fail(self, info: Info) -> str:
        """Renames every household, then fails."""
        async with info.context.write() as session:
            await session.execute(sa.text("UPDATE households SET address = 'nowhere'"))
            raise TooHot(degrees=41)


@lens
class OddSubscription:
    """Things to follow."""

    @subscription()
    async def counting(self, to: int) -> AsyncGenerator[int, None]:
        """Counts up to a number."""
        for number in range(1, to + 1):
            yield number

    @subscription()
    async def stumbling(self) -> AsyncGenerator[int, None]:
        """Counts to two and fails."""
        yield 1
        yield 2
        raise RuntimeError("secret: Ping H0050")

    @subscription()
    async def silence(self) -> AsyncGenerator[int, None]:
        """Never says anything."""
        await asyncio.sleep(3600)
        yield 0


def odd_schema() -> Schema:
    """The schema of the house with the oddities."""
    return assemble((*QUERIES, OddQuery), (*MUTATIONS, OddMutation), (OddSubscription,))
