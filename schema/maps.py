"""All that a map asks for beside GraphQL: the page, tiles, the style, and the layers for desktop programs."""

from starlette.routing import BaseRoute

from schema import collections, demo_presses, site, style, tiles
from schema.context import Api


def routes(api: Api) -> list[BaseRoute]:
    """The routes, in one list."""
    return [
        *tiles.routes(api),  # before all others, which are asked for one by one: a map asks for tiles by the dozen
        *site.routes(development=api.development),
        *style.routes(api),
        *collections.routes(api),
        *demo_presses.routes(api),
    ]
