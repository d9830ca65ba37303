"""Whether this server lives, and whether it is ready to answer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import sqlalchemy as sa

from services import networks
from services.background import Warming
from services.database import Database, head
from services.errors import Refusal
from services.models import Network

LIMIT_SECONDS = 2.0
READY = "ready"

Check = Callable[[], Awaitable[None]]


class NotReady(Refusal):
    """{reason}"""


async def readiness(checks: Mapping[str, Check]) -> dict[str, str]:
    """What each check says: `ready`, or why not. A check that takes longer than two seconds is not ready."""
    said = await asyncio.gather(*(_asked(check) for check in checks.values()))
    return dict(zip(checks, said, strict=True))


async def _asked(check: Check) -> str:
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            await check()
    except NotReady as why:
        return str(why)
    except TimeoutError:
        return f"no answer in {LIMIT_SECONDS:g} seconds"
    except Exception as problem:
        return type(problem).__name__
    return READY


def answers(database: Database) -> Check:
    """The database answers."""

    async def check() -> None:
        async with database.read() as session:
            await session.execute(sa.text("SELECT 1"))

    return check


def migrated(database: Database) -> Check:
    """The database has the schema revision that this code knows."""
    wanted = head()

    async def check() -> None:
        async with database.read() as session:
            found = await session.scalar(sa.text("SELECT version_num FROM alembic_version"))
        if found != wanted:
            raise NotReady(reason=f"the database has revision {found}, this server needs {wanted}")

    return check


def network_in_use(database: Database) -> Check:
    """The street network is loaded, unless none has been imported."""

    async def check() -> None:
        if networks.CURRENT.version is None:
            async with database.read() as session:
                wanted = await session.scalar(sa.select(Network.version).where(Network.current))
            if wanted is not None:
                raise NotReady(reason="the street network is not loaded yet")

    return check


def warmed(warming: Warming) -> Check:
    """The street search is compiled, so that the first circle does not take longer than a client waits."""

    async def check() -> None:
        if not warming.is_done:
            raise NotReady(reason="the street search is not compiled yet")

    return check
