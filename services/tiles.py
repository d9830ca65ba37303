"""Vector tiles: one statement for each tile, however many layers it holds; and what a stored copy is compared by."""

import hashlib
from collections.abc import Mapping
from functools import reduce
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
from services.database import Database, Identity, platform, told
from services.layer_rows import EDGES, MERCATOR, Asked, Rows, View, edges
from services.layers import Layer

DIALECT = PGDialectAsync_psycopg()  # type: ignore[no-untyped-call]
MOST_WRITTEN = 2_000
LATER = ("box_", "cells_", "tile_", "found_")
"""How the names of values begin that differ from tile to tile."""
FORM = 1
"""Raise it when what a tile tells changes, so that no browser keeps the old form."""
_WRITTEN: dict[tuple[tuple[str, ...], View], str] = {}


async def tile(database: Database, actor: Actor, wanted: tuple[Layer, ...], where: Tile) -> bytes:
    """The tile as a Mapbox Vector Tile (version 2.1); empty when nothing stands there."""
    drawn = tuple(layer for layer in wanted if layer.min_zoom <= where.z <= layer.max_zoom)
    if not drawn:
        return b""
    view = layers.view(actor, where.z)
    places = view.places(where.degrees())
    values: dict[str, float | str] = {**places, **edges("tile", where.mercator())}
    values |= await _found(database, drawn, view, Asked(places))
    return await _asked(database, tuple(layer.id for layer in drawn), view, values)


async def _found(database: Database, drawn: tuple[Layer, ...], view: View, asked: Asked) -> Mapping[str, str]:
    """What some layers have to look up first; most have not, and cost no session."""
    if not any(layer.found for layer in drawn):
        return {}
    async with database.read(view.actor.identity) as session:
        return await layers.found(session, drawn, view, asked)


async def _asked(database: Database, ids: tuple[str, ...], view: View, values: dict[str, float | str]) -> bytes:
    """Who asks and what is asked in one message, which PostgreSQL runs as one transaction: a tile is one way there
    and back, where a session needs four, and that is most of its time.
    """
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        driver = (await connection.get_raw_connection()).driver_connection
        assert isinstance(driver, PostgresConnection)
        async with AsyncClientCursor(driver) as cursor:
            await cursor.execute(_filled(_written(ids, view, cursor), values))
            found = [await _result(cursor)]
            while cursor.nextset():
                found.append(await _result(cursor))
    return b"".join(bytes(part) for part in found[1::2])  # each part comes after the telling of who asks


async def _result(cursor: AsyncClientCursor[Any]) -> Any:
    ((value,),) = await cursor.fetchall()
    return value


def _filled(text: str, values: Mapping[str, float | str]) -> str:
    for name, value in values.items():
        text = text.replace(_place(name), _literal(value))
    return text


def _literal(value: float | str) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)


def _place(name: str) -> str:
    """Where a number of a box, or what was found, goes in a written statement."""
    return f"<<{name}>>"


def statement(drawn: tuple[Layer, ...], view: View) -> sa.Select[Any]:
    """The one statement: each layer encoded, and all put behind one another, as the format allows."""
    parts = [_encoded(name, select(view)) for layer in drawn for name, select in _sheets(layer)]
    return sa.select(reduce(lambda left, right: left.op("||")(right), parts))


def _written(ids: tuple[str, ...], view: View, cursor: AsyncClientCursor[Any]) -> str:
    """The statements as text, values written in by the driver, with places for the numbers of the boxes.

    Kept for each viewer with all rights: to build, compile and write takes longer than PostgreSQL takes to draw.
    """
    known = _WRITTEN.get((ids, view))
    if known is None:
        if len(_WRITTEN) >= MOST_WRITTEN:
            _WRITTEN.clear()
        known = _WRITTEN[ids, view] = _write(tuple(layers.BY_ID[one] for one in ids), view, cursor)
    return known


def _write(drawn: tuple[Layer, ...], view: View, cursor: AsyncClientCursor[Any]) -> str:
    """Layers that count everybody's homes are drawn by the platform, which gives numbers; all others by the viewer."""
    counting = tuple(layer for layer in drawn if layer.counts(view))
    own = tuple(layer for layer in drawn if layer not in counting)
    parts = ((own, view.actor.identity), (counting, platform("counts")))
    return "; ".join(_part(layers_, view, who, cursor) for layers_, who in parts if layers_)


def _part(drawn: tuple[Layer, ...], view: View, who: Identity, cursor: AsyncClientCursor[Any]) -> str:
    compiled = statement(drawn, view).compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    text, given = str(compiled), {**compiled.params, "actor": told(who)}
    for name in [name for name in given if name.startswith(LATER)]:
        text = text.replace(f"%({name})s", _place(name))
    return cursor.mogrify(f"SELECT set_config('linli.actor', %(actor)s, true); {text}", given)


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
    plain = [_plain(column) for column in row.c if column.name != "geom"]
    bounds = func.ST_MakeEnvelope(*(sa.bindparam(f"tile_{edge}", 0.0, sa.Double) for edge in EDGES), MERCATOR)
    # What falls outside becomes NULL, which ST_AsMVT leaves out; a condition here would clip everything twice.
    flat = func.ST_AsMVTGeom(func.ST_Transform(row.c.geom, MERCATOR), bounds, EXTENT, BUFFER, True)
    shape = sa.type_coerce(flat, sa.LargeBinary).label("geom")
    fits = sa.select(*plain, shape).subquery()
    encoded = func.ST_AsMVT(fits.table_valued(), name, EXTENT, "geom", "feature_id", type_=sa.LargeBinary)
    return func.coalesce(sa.select(encoded).scalar_subquery(), sa.literal(b""))


def _plain(column: sa.ColumnElement[Any]) -> Any:
    """Words as text: of any other type ST_AsMVT looks the output function up for each row, which takes longer."""
    is_words = not isinstance(column.type, (sa.Boolean, sa.Integer, sa.Numeric, sa.Float))
    return sa.cast(column, sa.Text).label(column.name) if is_words else column
