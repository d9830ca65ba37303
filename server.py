"""The start-up story: settings, log, database, network, routes."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from schema import health, http, metrics
from schema.context import Api
from schema.metrics import CountRequests
from services import logging, networks
from services.database import Database
from services.health import Check, answers, migrated, network_in_use
from services.secrets import keyring, token_secret
from services.settings import SettingRefused, Settings, current


def create() -> Starlette:
    """The application as the environment wants it; for the server that runs it (`server:create`)."""
    settings = current()
    logging.configure(settings.log_level)
    return build(settings)


def build(settings: Settings) -> Starlette:
    """The application on one database."""
    if settings.database_url is None:
        raise SettingRefused("DATABASE_URL", value="missing here", allowed="an address, or start with ./dev run")
    database = Database(settings.database_url, settings.pool_size)
    api = Api.of(database, keyring(settings), token_secret(settings), development=settings.environment == "development")
    routes: list[BaseRoute] = [*http.routes(api), *health.routes(checks(database)), *metrics.routes()]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        networks.CURRENT.use_folder(settings.data / "networks")
        following = asyncio.create_task(networks.follow(database))
        gc.collect()
        gc.freeze()  # what start-up made stays: full collections over it cost 200 ms at the 99th percentile
        yield
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
        await database.close()

    return Starlette(routes=routes, lifespan=lifespan, middleware=[Middleware(CountRequests, routes=routes)])


def checks(database: Database) -> dict[str, Check]:
    """What must hold before this server is sent requests."""
    return {
        "database": answers(database),
        "migrations": migrated(database),
        "network": network_in_use(database),
    }
