"""The map's layers: to add one, add an entry to `services.layers_community` and its select to `services.layer_rows`."""

import dataclasses
import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from gis.tiles import Box
from services import settings
from services.access import Actor
from services.errors import Invalid, NotAllowed, NotFound
from services.layer import Layer, Sign, Words
from services.layer_rows import SHAPES, Asked, View
from services.layers_base import BASE
from services.layers_community import COMMUNITY, HOMES_SHOWN_TO
from services.models import Area, AreaLevel

__all__ = ["BY_ID", "LAYERS", "Layer", "Sign", "Words"]

MOST_TOGETHER = 20
LAYERS: tuple[Layer, ...] = (*BASE, *COMMUNITY)
NOBODY = Actor(uuid.UUID(int=0), "", frozenset(), (), ())
BY_ID = {layer.id: layer for layer in LAYERS}


class LayersTooMany(Invalid):
    """There are {count} layers in one address; at most {most} are drawn together. Ask in several requests."""


def shown_to(actor: Actor) -> tuple[Layer, ...]:
    """The layers that the actor may have, in drawing order."""
    return tuple(layer for layer in LAYERS if layer.allows(actor))


def named(ids: str, actor: Actor) -> tuple[Layer, ...]:
    """The layers of `a` or `a,b,c`. Raises NotFound, NotAllowed, LayersTooMany."""
    wanted = ids.split(",")
    if len(wanted) > MOST_TOGETHER:
        raise LayersTooMany(count=len(wanted), most=MOST_TOGETHER)
    found = tuple(_named(one) for one in dict.fromkeys(wanted))
    if not all(layer.allows(actor) for layer in found):
        raise NotAllowed
    return found


def view(actor: Actor, zoom: int) -> View:
    """What this actor asks for."""
    few = settings.current().suppress_below
    return View(actor, zoom, homes=bool(HOMES_SHOWN_TO & actor.roles), suppress_below=few)


async def extent(session: AsyncSession) -> Box | None:
    """The box around all districts: west, south, east, north in degrees; None before any is imported."""
    around = sa.func.ST_Extent(Area.boundary)
    edges = (sa.func.ST_XMin, sa.func.ST_YMin, sa.func.ST_XMax, sa.func.ST_YMax)
    found = await session.execute(
        sa.select(*(edge(around) for edge in edges)).where(Area.level == AreaLevel.DISTRICT, Area.retired_at.is_(None))
    )
    west, south, east, north = found.one()
    return None if west is None else (west, south, east, north)


async def found(session: AsyncSession, layers: tuple[Layer, ...], view: View, asked: Asked) -> dict[str, str]:
    """What the statements of these layers want to be filled in with, apart from the box."""
    fetches = [layer.found for layer in layers if layer.found]
    return {name: value for fetch in fetches for name, value in (await fetch(session, view, asked)).items()}


def fields(layer: Layer) -> dict[str, str]:
    """What a feature may tell, to this viewer or that one, by name: `Number`, `String` or `Boolean`."""
    views = (View(NOBODY, layer.max_zoom, homes=homes) for homes in (True, False))
    told = [one for view in views for one in layer.select(view).selected_columns]
    return {one.name: _kind(one.type) for one in told if one.name not in ("feature_id", *SHAPES)}


def rights(layers: tuple[Layer, ...], actor: Actor) -> tuple[object, ...]:
    """What of the actor decides on the rows of these layers: nothing, or all rights, whichever there may be."""
    if not any(layer.own_rows for layer in layers):
        return ()
    rights = [one.name for one in dataclasses.fields(actor) if one.name not in ("name", "roles")]
    held = {name: getattr(actor, name) for name in rights}
    return sorted(actor.roles), held


def _kind(column: sa.types.TypeEngine[Any]) -> str:
    if isinstance(column, sa.Boolean):
        return "Boolean"
    return "Number" if isinstance(column, (sa.Integer, sa.Numeric, sa.Float)) else "String"


def _named(id_: str) -> Layer:
    try:
        return BY_ID[id_]
    except KeyError:
        raise NotFound(id_) from None
