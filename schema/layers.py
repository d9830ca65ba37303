"""The map's layers, as a client lists them: what there is to see, where its tiles are, what its colours say."""

import enum
from dataclasses import dataclass
from typing import Annotated

import strawberry
from strawberry import Parent

from schema.context import Info
from schema.lens import field, lens, listing, shown, words
from schema.tiles import address
from services import layers
from services.layers import Layer as LayerValue
from services.layers import Sign, Words

MOST_LAYERS = 50
MOST_SIGNS = 20
WORLD = (-180.0, -85.0, 180.0, 85.0)


class Language(enum.StrEnum):
    """The language of a text."""

    ZH = "ZH"
    EN = "EN"


class Theme(enum.StrEnum):
    """The style of the map."""

    LIGHT = "LIGHT"
    DARK = "DARK"


words(Language, Theme)

InLanguage = Annotated[Language, strawberry.argument(description="The language of titles and legends.")]


InTheme = Annotated[Theme, strawberry.argument(description="The style whose colours the legend tells.")]


@dataclass(frozen=True)
class Shown:
    """A layer, to be told in one language."""

    of: LayerValue
    language: Language
    theme: Theme
    bounds: tuple[float, ...]

    def said(self, text: Words) -> str:
        """The text in the language asked for."""
        return text.zh if self.language is Language.ZH else text.en

    def color(self, sign: Sign) -> str:
        """The colour in the style asked for."""
        return sign.night if sign.night and self.theme is Theme.DARK else sign.color


@dataclass(frozen=True)
class Entry:
    """A line of a legend in one language."""

    label: str
    color: str


@lens
class LegendEntry:
    """What a colour on the map says."""

    label: str = shown("What it stands for.")
    color: str = shown("The colour in the style asked for, #rrggbb.")


@lens
class MapLayer:
    """A layer of the map that is yours to see."""

    tiles: str = strawberry.field(
        resolver=lambda root: address((root.of,), ""),
        description="Its vector tiles (Mapbox Vector Tile), an address on this server; fill in {z}, {x} and {y}.",
    )
    min_zoom: int = strawberry.field(resolver=lambda root: root.of.min_zoom, description="Smallest zoom with tiles.")
    max_zoom: int = strawberry.field(
        resolver=lambda root: root.of.max_zoom, description="Largest zoom with tiles; draw these larger beyond it."
    )
    attribution: str = strawberry.field(
        resolver=lambda root: root.of.attribution, description="Whom to name on the map; empty for own data."
    )
    base: bool = strawberry.field(
        resolver=lambda root: root.of.base, description="True for what is part of the base map."
    )
    bounds: list[float] = shown("The box around its features: west, south, east, north.", metadata={"at_most": 4})

    @field(graphql_type=strawberry.ID)
    def id(self, row: Parent[Shown]) -> str:
        """Its name, in addresses and inside the tiles."""
        return row.of.id

    @field()
    def title(self, row: Parent[Shown]) -> str:
        """Its title."""
        return row.said(row.of.title)

    @field()
    def description(self, row: Parent[Shown]) -> str:
        """What it shows, and to whom."""
        return row.said(row.of.description)

    @listing(graphql_type=list[LegendEntry], at_most=MOST_SIGNS)
    async def legend(self, row: Parent[Shown]) -> list[Entry]:
        """What its colours say."""
        return [Entry(row.said(sign.label), row.color(sign)) for sign in row.of.legend]


@lens
class LayerQuery:
    """What can be asked of the map."""

    @listing(graphql_type=list[MapLayer] | None, at_most=MOST_LAYERS)
    async def map_layers(
        self, info: Info, language: InLanguage = Language.ZH, theme: InTheme = Theme.LIGHT
    ) -> list[Shown]:
        """The layers that are yours to see, in drawing order."""
        async with info.context.read() as session:
            bounds = await layers.extent(session)
        return [Shown(layer, language, theme, bounds or WORLD) for layer in layers.shown_to(info.context.actor)]
