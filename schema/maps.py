"""All that a map asks for beside GraphQL: the page, tiles, the style, and the layers for desktop programs."""

from starlette.routing import BaseRoute

from schema import collections, demo_presses, site, style, tiles
from schema.context import Api


def routes(api: Api) -> list[BaseRoute]:
    """The routes, in one list."""
    return [
        *site.routes(development=api.development),
        *tiles.routes(api),
        *style.routes(api),
        *collections.routes(api),
        *demo_presses.routes(api),
    ]
