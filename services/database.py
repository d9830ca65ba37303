"""Engine and sessions. Reads open their own; only a mutation writes; only this edge commits."""

import copy
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg.sql import Literal
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from services import connections
from services.direct_lines import DirectLines, Value, named

SPEAKER = "speaker"
MIGRATIONS = Path(__file__).parent / "migrations"
IDENTITY = sa.text("SELECT set_config('linli.actor', :actor, true)")

Identity = Mapping[str, object]
"""For whom a transaction speaks: an actor's (`services.access.Actor.identity`) or a part of the platform's."""


def platform(part: str) -> Identity:
    """The identity of a part of the platform, such as `dispatch`: it works on everybody's rows, and says its name."""
    return {"system": part}


PLANNED_ONCE = tuple(map(platform, ("intake", "dispatch", "calls", "background")))
"""Parts of the platform whose few statements are the same all day; they look rows up by their keys."""

URGENT, URGENT_LINES, URGENT_POOL = ("intake", "dispatch"), 6, 4
"""Parts with connections of their own: a press and the search for help wait for no tile, and not for each other."""

PREPARED_AFTER = 1
"""What comes again on a connection is kept planned there: under row-level security planning takes the longest."""

BRIEF = (*PLANNED_ONCE, platform("events"))
"""Parts that hold calls, timers and streams: a server that freezes with one in its hands must not keep it."""


class Database:
    """Engines and their sessions; `identity` reaches PostgreSQL with each transaction, for row security.

    A session that names nobody sees nobody, unless the database was given to a part of the platform (`acting_as`).
    """

    _standing: Identity | None = None

    def __init__(self, url: str, pool_size: int = 10) -> None:
        """Connect lazily to `url` (`postgresql://...`); dead connections are found out before they are handed out."""
        address = sa.make_url(sqlalchemy_url(url))
        self.engine, self.direct = _engine(address, pool_size, pool_size), DirectLines(address, pool_size)
        self._urgent_engines = {part: _engine(address, URGENT_POOL, 0) for part in URGENT}
        self._urgent_lines = DirectLines(address, URGENT_LINES)

    @property
    def engines(self) -> tuple[AsyncEngine, ...]:
        """That of everybody, and those of the urgent parts."""
        return self.engine, *self._urgent_engines.values()

    def acting_as(self, part: str) -> "Database":
        """The same engines for a part of the platform, whose sessions speak for it when they name nobody else."""
        found = copy.copy(self)
        found._standing = platform(part)
        return found

    @asynccontextmanager
    async def read(self, identity: Identity | None = None) -> AsyncIterator[AsyncSession]:
        """A session that only looks: one transaction, in which the store refuses every change."""
        async with self._session(identity or self._standing, only_reads=True) as session:
            yield session
            session.expunge_all()
            await session.commit()  # a rollback would make the connection forget its prepared statements

    @asynccontextmanager
    async def write(self, identity: Identity | None = None) -> AsyncIterator[AsyncSession]:
        """A session that commits when the block ends well, and changes nothing when it does not."""
        async with self._session(identity or self._standing, only_reads=False) as session, session.begin():
            yield session

    async def ask(self, *statements: str, **values: Value) -> list[Any]:
        """The one value of each statement (`:name` for a value), in one message and one transaction, for the part.

        For statements that look rows up by their keys.

        Raises what psycopg raises; sqlalchemy.exc.OperationalError when the store is not to be reached.
        """
        speaker = Literal(told(self._standing or {})).as_string(None)
        lines = self._urgent_lines if _part(self._standing) in URGENT else self.direct
        return await lines.ask([named(speaker, statement) for statement in statements], values)

    def _session(self, identity: Identity | None, *, only_reads: bool) -> AsyncSession:
        speaker = told(identity) if identity is not None else None
        kind = {"one_plan": identity in PLANNED_ONCE, "brief": identity in BRIEF}
        begins = connections.beginning(speaker, only_reads=only_reads, **kind)
        engine = self._urgent_engines.get(_part(identity), self.engine)
        session = AsyncSession(engine.execution_options(**begins), expire_on_commit=False)
        if identity is not None:
            session.info[SPEAKER] = identity
        return session

    async def close(self) -> None:
        """Give all connections back."""
        await self.direct.close()
        await self._urgent_lines.close()
        for engine in self.engines:
            await engine.dispose()


def _part(identity: Identity | None) -> str:
    """The part of the platform that speaks, if one does."""
    return str(identity.get("system", "")) if identity else ""


def _engine(address: sa.URL, pool_size: int, max_overflow: int) -> AsyncEngine:
    found = create_async_engine(
        address,
        connect_args={**connections.line(address), "prepare_threshold": PREPARED_AFTER},
        pool_size=pool_size,
        max_overflow=max_overflow,
        pool_recycle=1800,
        pool_use_lifo=True,
        isolation_level="AUTOCOMMIT",  # of the driver: `connections` begins
    )
    connections.prepare(found)
    return found


async def identify(session: AsyncSession | AsyncConnection, identity: Identity | None) -> None:
    """Tell PostgreSQL for whom this transaction speaks."""
    if identity is not None:
        await session.execute(IDENTITY, {"actor": told(identity)})
        session.info[SPEAKER] = identity


@asynccontextmanager
async def speaking_as(session: AsyncSession, part: str) -> AsyncIterator[None]:
    """For some statements of a transaction a part of the platform speaks, where what it gives is no row of a person.

    Such as a count, of which small numbers are withheld; or the next worker for a call that was declined.
    """
    before = session.info.get(SPEAKER, {})
    await identify(session, platform(part))
    yield
    await session.flush()
    await identify(session, before)


def told(identity: Identity) -> str:
    """An identity as it is written into `linli.actor`: JSON, and after it the long arrays, which are no part of it.

    `{"account": "..."}|finds={...}|cares={...}`: a policy reads one of them without going through all the others.
    """
    long = {name: value for name, value in identity.items() if isinstance(value, str) and value.startswith("{")}
    short = json.dumps({name: value for name, value in identity.items() if name not in long}, default=str)
    return short + "".join(f"|{name}={value}" for name, value in long.items())


def sqlalchemy_url(url: str) -> str:
    """`postgresql://...` as SQLAlchemy wants it: with the psycopg driver named."""
    scheme, rest = url.split("://", 1)
    return "postgresql+psycopg://" + rest if scheme in ("postgresql", "postgres") else url


def plain_sql(statement: sa.Executable) -> str:
    """A statement of values we wrote ourselves, as text for a plain psycopg connection."""
    assert isinstance(statement, sa.ClauseElement)
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


def alembic_config(url: str) -> Config:
    """Alembic's settings for `url`, independent of the current folder."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = sqlalchemy_url(url)
    return config


def migrate(url: str, revision: str = "head") -> None:
    """Bring the schema of the database at `url` to `revision`; blocks until done, safe to run from several servers."""
    command.upgrade(alembic_config(url), revision)


def head() -> str:
    """The newest schema revision that this code knows."""
    found = ScriptDirectory.from_config(alembic_config("postgresql://")).get_current_head()
    assert found is not None
    return found
