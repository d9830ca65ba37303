"""The start-up story: settings, log, database, network, routes."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from schema import assessment_exports, attachments, disputes, exports, health, http, maps, metrics, oidc, presses
from schema.context import Api
from schema.limits import Limits
from schema.metrics import CountRequests
from services import channels, endings, logging, networks, retention
from services.background import Background, Warming
from services.call_settings import call_rules
from services.cases.rounds import Rounds
from services.database import Database
from services.filestore import FileStore
from services.health import Check, answers, migrated, network_in_use, warmed
from services.mqtt import Gateway
from services.oidc import Provider
from services.postmen import Postman
from services.secrets import keyring, token_secret
from services.settings import SettingRefused, Settings, current

CONNECTIONS_BESIDE = 3
GARBAGE_AFTER = 10_000
"""So many more objects must have been made than were given up before Python looks for circles."""


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
    api = api_of(settings, database)
    warming = Warming()
    beside = Database(settings.database_url, CONNECTIONS_BESIDE)  # timers must not wait behind requests
    background = background_of(settings, api, beside)
    routes: list[BaseRoute] = [
        *http.routes(api),
        *maps.routes(api),
        *exports.routes(api),
        *assessment_exports.routes(api),
        *disputes.routes(),
        *attachments.routes(api, FileStore.of(settings)),
        *presses.routes(api),
        *oidc.routes(api, Provider.of(settings)),
        *health.routes(checks(database) | {"search": warmed(warming)}),
        *metrics.routes(),
    ]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        networks.CURRENT.use_folder(settings.data / "networks")
        warming.begin()
        following = asyncio.create_task(networks.follow(database))
        gc.collect()
        gc.freeze()  # what start-up made stays: full collections over it cost 200 ms at the 99th percentile
        gc.set_threshold(GARBAGE_AFTER)  # a hundred requests under way are no garbage, and took a fifth to look through
        async with background.running():
            yield
        await endings.end(following)
        await beside.close()
        await database.close()

    middleware = [*http.cross_origin(api), Middleware(CountRequests, routes=routes)]
    return Starlette(routes=routes, lifespan=lifespan, middleware=middleware)


def api_of(settings: Settings, database: Database) -> Api:
    """What all requests share, as the settings want it."""
    return Api.of(
        database,
        keyring(settings),
        token_secret(settings),
        development=settings.environment == "development",
        limits=Limits(cost=settings.most_cost, seconds=settings.most_seconds, suppress_below=settings.suppress_below),
        allowed_origins=tuple(filter(None, settings.allowed_origins.split(","))),
        rules=call_rules(settings),
        push_key=channels.push_key(settings),
        push_origins=tuple(filter(None, settings.push_origins.split(","))),
    )


def background_of(settings: Settings, api: Api, beside: Database) -> Background:
    """What this process does beside its requests, on connections of its own."""
    postman = Postman(api.platform("post"), api.keyring, channels.of(settings))
    gateways = []
    if settings.mqtt_url is not None:
        parts = (api.keyring, api.dispatcher, api.rules)
        gateways.append(Gateway(settings.mqtt_url, api.platform("intake"), *parts).run)
    shared = (beside.acting_as("background"), api.dispatcher, api.wakeups, postman)
    gateways.append(Rounds(api.platform("casework"), api.keyring, FileStore.of(settings)).run)
    gateways += [api.read_log.keep_anchored, partial(retention.keep_erasing, api.platform("retention"))]
    return Background(*shared, *gateways, rules=api.rules, presences=api.presences)


def checks(database: Database) -> dict[str, Check]:
    """What must hold before this server is sent requests."""
    return {
        "database": answers(database),
        "migrations": migrated(database),
        "network": network_in_use(database),
    }
