"""All that a map asks for beside GraphQL: the page, tiles, the style, and the layers for desktop programs."""

from starlette.routing import BaseRoute

from schema import collections, site, style, tiles
from schema.context import Api


def routes(api: Api) -> list[BaseRoute]:
    """The routes, in one list."""
    return [*site.routes(), *tiles.routes(api), *style.routes(api), *collections.routes(api)]
