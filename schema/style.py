"""`/style.json`: the whole map as a MapLibre style, light or dark, Chinese or English, from our own tiles alone.

No glyphs and no sprite are named: the client draws letters with the fonts of its machine, so nothing is asked outside.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from schema import answers, style_base, style_overlays
from schema.answers import site
from schema.collections import ParameterInvalid
from schema.context import Api
from schema.style_colors import THEMES, Colors
from schema.tiles import address
from services import layers, settings
from services.layers import Layer
from services.settings import Settings

LANGUAGES = ("zh", "en")
BASE = "base"
PICTURES = "pictures"


def routes(api: Api) -> list[BaseRoute]:
    """The style; `?theme=light|dark`, `?language=zh|en`, an outside base map is a setting (see docs/map.md)."""

    async def style(request: Request) -> Response:
        actor = await api.actors.by_token(request.headers.get("authorization"))
        colors = THEMES[_chosen(request, "theme", tuple(THEMES))]
        language = _chosen(request, "language", LANGUAGES)
        async with api.database.read(actor.identity) as session:
            bounds = await layers.extent(session)
        whole = told(layers.shown_to(actor), site(request), colors, language, bounds)
        return answers.kept_json(request, on_pictures(whole, settings.current()))

    return [Route("/style.json", answers.answering(style))]


def told(
    shown: tuple[Layer, ...], here: str, colors: Colors, language: str, bounds: tuple[float, ...] | None
) -> dict[str, Any]:
    """The style for these layers; `here` is the site's address, `bounds` degrees."""
    sources = {layer.id: source((layer,), here) for layer in shown if not layer.base}
    base = tuple(layer for layer in shown if layer.base)
    drawn = [
        *style_base.ground(colors),
        *style_overlays.below(colors),
        *style_base.drawn(colors, language),
        *style_overlays.drawn(colors, language),
    ]
    known = {*sources, BASE}
    style = {
        "version": 8,
        "name": f"Linli {colors.name}",
        "sources": {BASE: source(base, here), **sources},
        "layers": [one for one in drawn if one.get("source", BASE) in known],
    }
    west, south, east, north = bounds or (106.7, 26.1, 106.8, 26.3)
    return {**style, "center": [(west + east) / 2, (south + north) / 2], "zoom": 13}


def on_pictures(style: dict[str, Any], given: Settings) -> dict[str, Any]:
    """The style on the pictures of an outside base map, if one is set: these instead of the own streets and houses.

    Pictures that lie by GCJ-02 have the scheme `gcj02+https`, which our own client fetches and shifts into place.
    """
    if given.base_map_url is None:
        return style
    tiles = given.base_map_url
    if given.base_map_crs == "GCJ02":  # the template goes along unfilled, for it is filled in with shifted places
        tiles = f"gcj02+{tiles.replace('{', '%7B').replace('}', '%7D')}#{{z}}/{{x}}/{{y}}"
    pictures = {"type": "raster", "tiles": [tiles], "tileSize": 256, "maxzoom": 18}
    sources = {name: one for name, one in style["sources"].items() if name != BASE}
    own = [one for one in style["layers"] if one.get("source") != BASE]
    drawn = [own[0], {"id": PICTURES, "type": "raster", "source": PICTURES}, *own[1:]]
    named = {**pictures, "attribution": given.base_map_attribution}
    return {**style, "sources": {PICTURES: named, **sources}, "layers": drawn}


def source(of: tuple[Layer, ...], here: str) -> dict[str, Any]:
    """One source of tiles for these layers together."""
    return {
        "type": "vector",
        "tiles": [address(of, here)],
        "minzoom": min(layer.min_zoom for layer in of),
        "maxzoom": max(layer.max_zoom for layer in of),
        "attribution": next((layer.attribution for layer in of if layer.attribution), ""),
    }


def _chosen(request: Request, name: str, allowed: tuple[str, ...]) -> str:
    given = request.query_params.get(name, allowed[0])
    if given not in allowed:
        raise ParameterInvalid(name, value=given, hint=f"Known are: {', '.join(allowed)}.")
    return given
