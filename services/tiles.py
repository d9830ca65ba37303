"""Vector tiles: one statement for each tile, however many layers it holds; and what a stored copy is compared by."""

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache, reduce
from typing import Any

import sqlalchemy as sa
from psycopg import AsyncClientCursor
from psycopg import AsyncConnection as PostgresConnection
from sqlalchemy import func
from sqlalchemy.dialects.postgresql.psycopg import PGDialectAsync_psycopg

from gis.tiles import BUFFER, EXTENT, Tile
from services import layers, settings
from services.access import Actor
from services.contents import Content
from services.database import Database
from services.layer_rows import EDGES, MERCATOR, Rows, View, edges
from services.layers import Layer

DIALECT = PGDialectAsync_psycopg()  # type: ignore[no-untyped-call]
FORM = 1
"""Raise it when what a tile tells changes, so that no browser keeps the old form."""


async def tile(database: Database, actor: Actor, wanted: tuple[Layer, ...], where: Tile) -> bytes:
    """The tile as a Mapbox Vector Tile (version 2.1); empty when nothing stands there."""
    drawn = tuple(layer for layer in wanted if layer.min_zoom <= where.z <= layer.max_zoom)
    if not drawn:
        return b""
    view = layers.view(actor, where.z)
    text, fixed = _written(tuple(layer.id for layer in drawn), view)
    given = {**fixed, **view.places(where.degrees()), **edges("tile", where.mercator())}
    return await _asked(database, actor, text, given)


async def _asked(database: Database, actor: Actor, text: str, given: dict[str, Any]) -> bytes:
    """Who asks and what is asked in one message, which PostgreSQL runs as one transaction: a tile is one way there
    and back, where a session needs four, and that is most of its time.
    """
    told = {**given, "actor": json.dumps(actor.identity, default=str)}
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        driver = (await connection.get_raw_connection()).driver_connection
        assert isinstance(driver, PostgresConnection)
        async with AsyncClientCursor(driver) as cursor:
            await cursor.execute(f"SELECT set_config('linli.actor', %(actor)s, true); {text}", told)
            cursor.nextset()
            ((found,),) = await cursor.fetchall()
    return bytes(found)


def statement(drawn: tuple[Layer, ...], view: View) -> sa.Select[Any]:
    """The one statement: each layer encoded, and all put behind one another, as the format allows."""
    parts = [_encoded(name, select(view)) for layer in drawn for name, select in _sheets(layer)]
    return sa.select(reduce(lambda left, right: left.op("||")(right), parts))


@lru_cache(maxsize=2_000)
def _written(ids: tuple[str, ...], view: View) -> tuple[str, dict[str, Any]]:
    """The statement as text with what does not change from tile to tile; kept for each viewer with all rights.

    To build and to compile it takes ten times as long as PostgreSQL takes to draw a small tile.
    """
    drawn = tuple(layers.BY_ID[one] for one in ids)
    compiled = statement(drawn, view).compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    return str(compiled), dict(compiled.params)


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


def _encoded(name: str, rows: Rows) -> Any:
    row = rows.subquery()
    plain = [column for column in row.c if column.name != "geom"]
    bounds = func.ST_MakeEnvelope(*(sa.bindparam(f"tile_{edge}", 0.0, sa.Double) for edge in EDGES), MERCATOR)
    # What falls outside becomes NULL, which ST_AsMVT leaves out; a condition here would clip everything twice.
    flat = func.ST_AsMVTGeom(func.ST_Transform(row.c.geom, MERCATOR), bounds, EXTENT, BUFFER, True)
    shape = sa.type_coerce(flat, sa.LargeBinary).label("geom")
    fits = sa.select(*plain, shape).subquery()
    encoded = func.ST_AsMVT(fits.table_valued(), name, EXTENT, "geom", "feature_id", type_=sa.LargeBinary)
    return func.coalesce(sa.select(encoded).scalar_subquery(), sa.literal(b""))
