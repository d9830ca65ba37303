"""Vector tiles: one statement for each tile, however many layers it holds; and what a stored copy is compared by."""

import hashlib
from collections.abc import Mapping
from functools import reduce
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from gis.tiles import BUFFER, EXTENT, Tile
from services import layers, settings
from services.access import Actor
from services.contents import Content
from services.layer_rows import MERCATOR, Rows, View
from services.layers import Layer

FORM = 1
"""Raise it when what a tile tells changes, so that no browser keeps the old form."""


async def tile(session: AsyncSession, actor: Actor, wanted: tuple[Layer, ...], where: Tile) -> bytes:
    """The tile as a Mapbox Vector Tile (version 2.1); empty when nothing stands there."""
    drawn = tuple(layer for layer in wanted if layer.min_zoom <= where.z <= layer.max_zoom)
    if not drawn:
        return b""
    found: bytes | None = await session.scalar(statement(drawn, layers.view(actor, where.z, where.degrees()), where))
    return found or b""


def statement(drawn: tuple[Layer, ...], view: View, where: Tile) -> sa.Select[Any]:
    """The one statement: each layer encoded, and all put behind one another, as the format allows."""
    parts = [_encoded(name, select(view), where) for layer in drawn for name, select in _sheets(layer)]
    return sa.select(reduce(lambda left, right: left.op("||")(right), parts))


def mark(actor: Actor, wanted: tuple[Layer, ...], versions: Mapping[Content, int]) -> str | None:
    """What changes whenever a tile of these layers could change for this actor; None when only the tile can tell.

    `versions` are those of all contents, looked up before the tile is drawn.
    """
    if any(layer.live for layer in wanted):
        return None
    shown = sorted(frozenset[Content]().union(*(layer.contents for layer in wanted)))
    few = settings.current().suppress_below
    told = [layer.id for layer in wanted], [versions[one] for one in shown], few, layers.rights(wanted, actor)
    return digest(repr((FORM, told)).encode())


def digest(content: bytes) -> str:
    """A short fingerprint."""
    return hashlib.blake2b(content, digest_size=12).hexdigest()


def _sheets(layer: Layer) -> list[tuple[str, Any]]:
    sheets = [(layer.id, layer.select)]
    return sheets if layer.labels is None else [*sheets, (f"{layer.id}-labels", layer.labels)]


def _encoded(name: str, rows: Rows, where: Tile) -> Any:
    row = rows.subquery()
    plain = [column for column in row.c if column.name != "geom"]
    bounds = func.ST_MakeEnvelope(*where.mercator(), MERCATOR)
    # What falls outside becomes NULL, which ST_AsMVT leaves out; a condition here would clip everything twice.
    flat = func.ST_AsMVTGeom(func.ST_Transform(row.c.geom, MERCATOR), bounds, EXTENT, BUFFER, True)
    shape = sa.type_coerce(flat, sa.LargeBinary).label("geom")
    fits = sa.select(*plain, shape).subquery()
    encoded = func.ST_AsMVT(fits.table_valued(), name, EXTENT, "geom", "feature_id", type_=sa.LargeBinary)
    return func.coalesce(sa.select(encoded).scalar_subquery(), sa.literal(b""))
