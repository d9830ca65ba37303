"""The rows of a layer as GeoJSON features, page by page."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from gis.tiles import Box
from services import layers
from services.access import Actor
from services.database import speaking_as
from services.errors import NotFound
from services.layer_rows import SHAPES, Asked
from services.layers import Layer

EVERYWHERE: Box = (-180.0, -90.0, 180.0, 90.0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Features of a layer that meet the box (degrees; None: all), numbered above `after`, at most `limit`.

    `audit_id` as in `Asked`.
    """

    layer: Layer
    box: Box | None
    after: int
    limit: int
    audit_id: uuid.UUID | None = None


async def features(session: AsyncSession, actor: Actor, wanted: Wanted) -> list[dict[str, Any]]:
    """The features by number, one more than the limit when there are more."""
    row = _rows(actor, wanted.layer)
    chosen = _told(row).where(row.c.feature_id > wanted.after)
    if wanted.box:
        # Up to here the boxes met; a feature is only wanted when it does itself.
        chosen = chosen.where(func.ST_Intersects(row.c.geom, func.ST_MakeEnvelope(*wanted.box, 4326)))
    places = layers.view(actor, wanted.layer.max_zoom).places(wanted.box or EVERYWHERE)
    asked = Asked(places, wanted.after, wanted.limit + 1, wanted.audit_id)
    chosen = chosen.order_by(row.c.feature_id).limit(asked.limit)
    return [_feature(one) for one in await _asked(session, actor, wanted.layer, chosen, asked)]


async def feature(session: AsyncSession, actor: Actor, layer: Layer, number: int) -> dict[str, Any]:
    """One feature by its number. Raises NotFound, also for what the actor may not find."""
    row, places = _rows(actor, layer), layers.view(actor, layer.max_zoom).places(EVERYWHERE)
    asked = Asked(places, number - 1, 1)
    found = await _asked(session, actor, layer, _told(row).where(row.c.feature_id == number), asked)
    if not found:
        raise NotFound(number)
    return _feature(found[0])


async def _asked(session: AsyncSession, actor: Actor, layer: Layer, chosen: Any, asked: Asked) -> Sequence[Any]:
    """Numbers of everybody's homes are counted by the platform; single rows are asked for by the actor."""
    view = layers.view(actor, layer.max_zoom)
    values = {**asked.places, **await layers.found(session, (layer,), view, asked)}
    if not layer.counts(view):
        return (await session.execute(chosen, values)).mappings().all()
    async with speaking_as(session, "counts"):
        return (await session.execute(chosen, values)).mappings().all()


def _rows(actor: Actor, layer: Layer) -> sa.Subquery:
    return layer.select(layers.view(actor, layer.max_zoom)).subquery()


def _told(row: sa.Subquery) -> Any:
    told = [column for column in row.c if column.name not in SHAPES]
    shape = func.ST_AsGeoJSON(row.c.geom, 7, type_=sa.Text).label("geometry")
    return sa.select(*told, shape)


def _feature(row: Any) -> dict[str, Any]:
    told = {name: value for name, value in row.items() if name not in ("feature_id", "geometry")}
    shape = orjson.Fragment(row["geometry"])
    return {"type": "Feature", "id": row["feature_id"], "geometry": shape, "properties": told}
