"""Asking the API as a client does: over HTTP, with a token, on a real database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.applications import Starlette
from strawberry import Schema

from fixtures.makers import KEYRING, SECRET, authorization
from schema.context import Api
from schema.http import routes
from schema.limits import Limits
from services import clock
from services.database import Database
from services.models import Account
from tests.schema.following import connected


@dataclass
class Asking:
    """A client of one server; `statements` collects the SQL that the server sends."""

    database: Database
    http: httpx.AsyncClient
    api: Api
    app: Starlette
    account: Account | None = None
    statements: list[str] = field(default_factory=list)

    def as_(self, account: Account | None) -> "Asking":
        """The same client, signed in as somebody else."""
        return Asking(self.database, self.http, self.api, self.app, account, self.statements)

    @property
    def headers(self) -> dict[str, str]:
        """The header that signs in, if anybody is."""
        return authorization(self.account) if self.account else {}

    async def send(self, query: str, **variables: Any) -> httpx.Response:
        """The whole response to a document."""
        body = {"query": query, "variables": variables}
        return await self.http.post("/graphql", json=body, headers=self.headers)

    async def __call__(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer without errors."""
        response = await self.send(query, **variables)
        body = response.json()
        assert "errors" not in body, body["errors"]
        assert response.status_code == 200
        data: dict[str, Any] = body["data"]
        return data

    @asynccontextmanager
    async def counting(self) -> AsyncIterator[list[str]]:
        """The statements of what is asked meanwhile, but for those that look up the asker's rights.

        These are known by then, and as the clock stands they are not forgotten.
        """
        moment = clock.now()
        with clock.frozen(lambda: moment):
            await self("{ viewer { id } }")
            self.statements.clear()
            yield self.statements

    async def first(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of the first event of a subscription."""
        assert self.account is not None
        async with connected(self.app, self.account) as socket:
            await socket.subscribe("first", query, **variables)
            data: dict[str, Any] = await socket.next("first")
            return data

    async def refused(self, query: str, **variables: Any) -> dict[str, Any]:
        """The only error of an answer."""
        (error,) = (await self.send(query, **variables)).json()["errors"]
        assert error["extensions"]["code"]
        told: dict[str, Any] = error
        return told

    async def code(self, query: str, **variables: Any) -> str:
        """The code of the only error of an answer."""
        found: str = (await self.refused(query, **variables))["extensions"]["code"]
        return found


@asynccontextmanager
async def asking(url: str, schema: Schema | None = None, **options: Any) -> AsyncIterator[Asking]:
    """A server on the database at `url`, with the API's `options`, and a client of it."""
    database = Database(url, pool_size=5)
    # The street search is compiled when it first runs, which on a busy machine takes longer than a client may wait.
    options.setdefault("limits", Limits(seconds=120.0))
    api = Api.of(database, KEYRING, SECRET, **options)
    app = Starlette(routes=routes(api, schema=schema))
    transport = httpx.ASGITransport(app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://linli.test") as http:
        found = Asking(database.acting_as("tests"), http, api, app)
        _collect(database, found.statements)
        yield found
    await database.close()


@asynccontextmanager
async def storing(url: str) -> AsyncIterator[AsyncSession]:
    """A session whose rows are committed."""
    database = Database(url)
    async with database.write({"everywhere": True}) as session:
        yield session
    await database.close()


def _collect(database: Database, statements: list[str]) -> None:
    """Keep every statement but those that tell PostgreSQL who asks."""

    def keep(_c: Any, _u: Any, statement: str, *_: Any) -> None:
        if "set_config" not in statement:
            statements.append(statement)

    for engine in database.engines:
        sa.event.listen(engine.sync_engine, "before_cursor_execute", keep)
