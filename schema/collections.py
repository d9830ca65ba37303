"""The layers for desktop programs (QGIS, GDAL): OGC API Features part 1, core, as GeoJSON.

`/` answers the landing page to who asks for JSON; the map itself to a browser (see `schema.site`).
"""

from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from schema import answers
from schema.answers import site
from schema.context import Api
from schema.tiles import audit_of
from services import clock, collections, layers
from services.access import Actor
from services.errors import Invalid, NotFound
from services.layers import Layer

GEOJSON = "application/geo+json"
CORE = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
CONFORMS_TO = [f"{CORE}core", f"{CORE}geojson", f"{CORE}oas30"]
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
USUAL, MOST = 100, 10_000
TAKEN = frozenset({"bbox", "limit", "after", "f", "datetime", "audit"})


class ParameterInvalid(Invalid):
    """The parameter {subject} cannot be {value}. {hint}"""


def routes(api: Api) -> list[BaseRoute]:
    """The addresses that the standard names, apart from the landing page."""
    served = Collections(api)
    found = {
        "/conformance": served.conformance,
        "/api": served.definition,
        "/collections": served.all,
        "/collections/{layer}": served.one,
        "/collections/{layer}/items": served.items,
        "/collections/{layer}/items/{feature:int}": served.item,
    }
    return [Route(path, answers.answering(answer)) for path, answer in found.items()]


async def landing(request: Request) -> Response:
    """Where everything is."""
    here = site(request)
    links = [
        link(here + "/", "self", "This page"),
        link(here + "/api", "service-desc", "The definition", "application/vnd.oai.openapi+json;version=3.0"),
        link(here + "/conformance", "conformance", "What it conforms to"),
        link(here + "/collections", "data", "The layers"),
    ]
    return answers.kept_json(request, {"title": "Linli", "description": "The layers of the map.", "links": links})


class Collections:
    """The layers of one server as collections of features."""

    def __init__(self, api: Api) -> None:
        """Nothing is read yet."""
        self._api = api

    async def conformance(self, request: Request) -> Response:
        """The classes of the standard that hold."""
        return answers.kept_json(request, {"conformsTo": CONFORMS_TO})

    async def definition(self, request: Request) -> Response:
        """The addresses as OpenAPI 3.0."""
        return answers.kept_json(request, _openapi(site(request)), "application/vnd.oai.openapi+json;version=3.0")

    async def all(self, request: Request) -> Response:
        """The layers that the asker may have."""
        actor = await self._actor(request)
        extent = await self._extent(actor)
        here = site(request)
        told = [_collection(layer, here, extent) for layer in layers.shown_to(actor)]
        links = [link(f"{here}/collections", "self", "The layers")]
        return answers.kept_json(request, {"links": links, "collections": told})

    async def one(self, request: Request) -> Response:
        """One layer."""
        actor = await self._actor(request)
        layer = _layer(request, actor)
        return answers.kept_json(request, _collection(layer, site(request), await self._extent(actor)))

    async def items(self, request: Request) -> Response:
        """A page of features in the order of their numbers; `next` leads to the following ones."""
        actor = await self._actor(request)
        layer, asked = _layer(request, actor), request.query_params
        for unknown in set(asked) - TAKEN:
            raise ParameterInvalid(unknown, value=asked[unknown], hint=f"Known are: {', '.join(sorted(TAKEN))}.")
        limit = min(_whole(asked, "limit", USUAL, 1), MOST)
        wanted = collections.Wanted(layer, _box(asked), _whole(asked, "after", -1, 0), limit, audit_of(request))
        async with self._api.database.read(actor.identity) as session:
            found = await collections.features(session, actor, wanted)
        return answers.kept_json(request, _page(found, request, limit), GEOJSON)

    async def item(self, request: Request) -> Response:
        """One feature by its number."""
        actor = await self._actor(request)
        layer, number = _layer(request, actor), request.path_params["feature"]
        async with self._api.database.read(actor.identity) as session:
            found = await collections.feature(session, actor, layer, number)
        here = f"{site(request)}/collections/{layer.id}"
        found["links"] = [
            link(f"{here}/items/{number}", "self", "This feature", GEOJSON),
            link(here, "collection", layer.title.en),
        ]
        return answers.kept_json(request, found, GEOJSON)

    async def _actor(self, request: Request) -> Actor:
        return await self._api.actors.by_token(request.headers.get("authorization"))

    async def _extent(self, actor: Actor) -> Any:
        async with self._api.database.read(actor.identity) as session:
            return await layers.extent(session)


def link(href: str, rel: str, title: str, kind: str = answers.JSON) -> dict[str, str]:
    """A link as the standard writes it."""
    return {"href": href, "rel": rel, "type": kind, "title": title}


def _layer(request: Request, actor: Actor) -> Layer:
    found = layers.named(request.path_params["layer"], actor)
    if len(found) > 1:
        raise NotFound(request.path_params["layer"])
    return found[0]


def _collection(layer: Layer, here: str, extent: Any) -> dict[str, Any]:
    own = f"{here}/collections/{layer.id}"
    told = {
        "id": layer.id,
        "title": f"{layer.title.zh} {layer.title.en}",
        "description": f"{layer.description.zh} {layer.description.en}",
        "itemType": "feature",
        "crs": [CRS84],
        "links": [link(own, "self", layer.title.en), link(f"{own}/items", "items", layer.title.en, GEOJSON)],
    }
    return told if extent is None else {**told, "extent": {"spatial": {"bbox": [extent], "crs": CRS84}}}


def _page(found: list[dict[str, Any]], request: Request, limit: int) -> dict[str, Any]:
    links = [link(_again(request), "self", "This page", GEOJSON)]
    if len(found) > limit:
        found = found[:limit]
        links.append(link(_again(request, after=found[-1]["id"]), "next", "The next page", GEOJSON))
    told = {"type": "FeatureCollection", "features": found, "links": links, "numberReturned": len(found)}
    return {**told, "timeStamp": clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")}


def _again(request: Request, **changed: Any) -> str:
    query = QueryParams({**request.query_params, **changed})
    return f"{site(request)}{request.url.path}" + (f"?{query}" if query else "")


def _whole(asked: QueryParams, name: str, usual: int, least: int) -> int:
    given = asked.get(name)
    if given is None:
        return usual
    if not given.isascii() or not given.isdigit() or int(given) < least or len(given) > 18:
        raise ParameterInvalid(name, value=given, hint=f"Send a whole number, {least} or more.")
    return int(given)


def _box(asked: QueryParams) -> tuple[float, float, float, float] | None:
    given = asked.get("bbox")
    if given is None:
        return None
    try:
        numbers = [float(one) for one in given.split(",")]
        west, south, east, north = numbers if len(numbers) == 4 else [*numbers[:2], *numbers[3:5]]
    except ValueError:
        raise ParameterInvalid("bbox", value=given, hint="Send west,south,east,north in degrees.") from None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise ParameterInvalid("bbox", value=given, hint="West and south are the smaller ones, all on the globe.")
    return west, south, east, north


def _openapi(here: str) -> dict[str, Any]:
    layer = {"name": "layer", "in": "path", "required": True, "schema": {"type": "string"}}
    number = {"name": "feature", "in": "path", "required": True, "schema": {"type": "integer"}}
    bbox = {
        "name": "bbox",
        "in": "query",
        "style": "form",
        "explode": False,
        "schema": {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6},
    }
    limit = {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
    }
    after = {"name": "after", "in": "query", "schema": {"type": "integer", "minimum": 0}}
    audit = {"name": "audit", "in": "query", "schema": {"type": "string", "format": "uuid"}}
    paths: dict[str, list[dict[str, Any]]] = {
        "/": [],
        "/conformance": [],
        "/collections": [],
        "/collections/{layer}": [layer],
        "/collections/{layer}/items": [layer, bbox, limit, after, audit],
        "/collections/{layer}/items/{feature}": [layer, number],
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": "Linli: the layers of the map", "version": "1"},
        "servers": [{"url": here}],
        "security": [{"bearer": []}],
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
        "paths": {
            path: {"get": {"parameters": given, "responses": {"200": {"description": "As the standard says."}}}}
            for path, given in paths.items()
        },
    }
