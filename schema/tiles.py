"""`/tiles/{layers}/{z}/{x}/{y}.mvt` and `/tiles/{layers}.json` (TileJSON 3.0): vector tiles for who may have them."""

import asyncio
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gis.tiles import Tile
from schema import answers
from schema.context import Api, id_of
from services import clock, contents, layers, tiles
from services.access import Actor
from services.contents import Content
from services.layers import Layer

TILES_AT_ONCE = 4
"""Fewer than the connections of a server, so that a map never keeps a call waiting."""
REMEMBERED = timedelta(seconds=1)
MVT = "application/vnd.mapbox-vector-tile"


def routes(api: Api) -> list[BaseRoute]:
    """Tiles and their descriptions; `layers` is one name, or several with commas, drawn into one tile."""
    served = Tiles(api)
    return [
        Route("/tiles/{layers}/{z}/{x}/{y}.mvt", answers.answering(served.tile)),
        Route("/tiles/{layers}.json", answers.answering(served.description)),
    ]


class Tiles:
    """The tiles of one server."""

    def __init__(self, api: Api) -> None:
        """Nothing is read yet."""
        self._api = api
        self._drawing = asyncio.Semaphore(TILES_AT_ONCE)
        self._known: dict[Content, int] = {}
        self._known_until = datetime.min.replace(tzinfo=UTC)

    async def tile(self, request: Request) -> Response:
        """One tile: 200, 204 when nothing stands there, 304 when the client has it already."""
        where = Tile(*(_whole(request.path_params[name]) for name in "zxy"))
        actor, wanted = await self._wanted(request)
        audit_id = audit_of(request)
        mark = tiles.mark(actor, wanted, await self._versions())
        if mark and (held := answers.same(request, mark)):
            return held
        async with self._drawing:
            content = await tiles.tile(self._api.database, actor, wanted, where, audit_id)
        mark = mark or tiles.digest(content)
        return answers.same(request, mark) or answers.kept(request, content, MVT, mark)

    async def description(self, request: Request) -> Response:
        """What the tiles of these layers hold."""
        actor, wanted = await self._wanted(request)
        async with self._api.database.read(actor.identity) as session:
            bounds = await layers.extent(session)
        return answers.kept_json(request, tilejson(wanted, answers.site(request), bounds))

    async def _versions(self) -> Mapping[Content, int]:
        """The versions of all contents, as they were a second ago at the latest."""
        now = clock.now()
        if not now < self._known_until <= now + REMEMBERED:
            async with self._api.database.read() as session:
                found = await contents.versions(session, Content)
            self._known, self._known_until = dict(zip(sorted(Content), found, strict=True)), now + REMEMBERED
        return self._known

    async def _wanted(self, request: Request) -> tuple[Actor, tuple[Layer, ...]]:
        actor = await self._api.actors.by_token(request.headers.get("authorization"))
        return actor, layers.named(request.path_params["layers"], actor)


def audit_of(request: Request) -> uuid.UUID | None:
    """The coverage audit that is asked for by `?audit=`; NotFound when it cannot be one of ours."""
    wanted = request.query_params.get("audit")
    return None if wanted is None else id_of(wanted)


def _whole(text: str) -> int:
    """A number of the address; -1, which is in no scheme, for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def address(wanted: tuple[Layer, ...], site: str) -> str:
    """Where the tiles of these layers are, for a client to fill in."""
    return f"{site}/tiles/{','.join(layer.id for layer in wanted)}/{{z}}/{{x}}/{{y}}.mvt"


def tilejson(wanted: tuple[Layer, ...], site: str, bounds: tuple[float, ...] | None) -> dict[str, Any]:
    """The layers as TileJSON 3.0 tells them."""
    told = {
        "tilejson": "3.0.0",
        "name": ", ".join(layer.title.en for layer in wanted),
        "description": "; ".join(layer.description.en for layer in wanted),
        "scheme": "xyz",
        "tiles": [address(wanted, site)],
        "minzoom": min(layer.min_zoom for layer in wanted),
        "maxzoom": max(layer.max_zoom for layer in wanted),
        "attribution": "; ".join(dict.fromkeys(layer.attribution for layer in wanted if layer.attribution)),
        "vector_layers": [sheet for layer in wanted for sheet in _sheets(layer)],
    }
    return told if bounds is None else {**told, "bounds": bounds}


def _sheets(layer: Layer) -> list[dict[str, Any]]:
    names = [layer.id] if layer.labels is None else [layer.id, f"{layer.id}-labels"]
    told = {
        "description": layer.description.en,
        "fields": layers.fields(layer),
        "minzoom": layer.min_zoom,
        "maxzoom": layer.max_zoom,
    }
    return [{"id": name, **told} for name in names]
