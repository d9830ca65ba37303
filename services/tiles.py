"""Vector tiles: one statement for each tile, however many layers it holds; and what a stored copy is compared by."""

import hashlib
import uuid
from collections.abc import Mapping
from functools import reduce
from typing import Any

import sqlalchemy as sa
from psycopg.sql import Literal
from sqlalchemy import func
from sqlalchemy.dialects.postgresql.psycopg import PGDialectAsync_psycopg

from gis.tiles import BUFFER, EXTENT, Tile
from services import layers, settings
from services.access import Actor
from services.contents import Content
from services.database import Database, Identity, platform, told
from services.direct_lines import Question
from services.layer_rows import EDGES, MERCATOR, SHAPES, Asked, Rows, View, edges
from services.layers import Layer
from services.models.base import TILE_ZOOM

DIALECT = PGDialectAsync_psycopg()  # type: ignore[no-untyped-call]
MOST_WRITTEN = 2_000
LATER = ("box_", "cells_", "tile_", "found_")
"""How the names of values begin that differ from tile to tile."""
ABOUT = 512
"""Steps beyond each side up to which a shape is drawn whole: to cut it costs more than to send its corners."""
FORM = 2
"""Raise it when what a tile tells changes, so that no browser keeps the old form."""
_WRITTEN: dict[tuple[tuple[str, ...], View], tuple[Question, ...]] = {}


async def tile(
    database: Database, actor: Actor, wanted: tuple[Layer, ...], where: Tile, audit_id: uuid.UUID | None = None
) -> bytes:
    """The tile as a Mapbox Vector Tile (version 2.1); empty when nothing stands there.

    Coverage is that of an audit, where one is asked for by its id. Raises NotFound.
    """
    drawn = tuple(layer for layer in wanted if layer.min_zoom <= where.z <= layer.max_zoom)
    if not drawn:
        return b""
    view = layers.view(actor, where.z)
    places = view.places(where.degrees())
    values: dict[str, float | str] = {**places, **_ground(where)}
    values |= await _found(database, drawn, view, Asked(places, audit_id=audit_id))
    return await _asked(database, tuple(layer.id for layer in drawn), view, values)


def _ground(where: Tile) -> dict[str, float]:
    """Where the tile lies: its edges (metres of EPSG:3857); its corner and what is about within it, in kept steps."""
    side = EXTENT * 2.0 ** (TILE_ZOOM - where.z)
    left, top, about = where.x * side, where.y * side, side / EXTENT * ABOUT
    box = (left - about, top - about, left + side + about, top + side + about)
    corner = {"tile_corner_x": -left, "tile_corner_y": -top}
    return {**edges("tile", where.mercator()), **edges("tile_about", box), **corner}


async def _found(database: Database, drawn: tuple[Layer, ...], view: View, asked: Asked) -> Mapping[str, str]:
    """What some layers have to look up first; most have not, and cost no session."""
    if not any(layer.found for layer in drawn):
        return {}
    async with database.read(view.actor.identity) as session:
        return await layers.found(session, drawn, view, asked)


async def _asked(database: Database, ids: tuple[str, ...], view: View, values: dict[str, float | str]) -> bytes:
    """Over a line of its own: a tile is one way there and back, where a session needs four."""
    found = await database.direct.ask(_questions(ids, view), values)
    return b"".join(map(bytes, found))


def statement(drawn: tuple[Layer, ...], view: View) -> sa.Select[Any]:
    """The one statement: each layer encoded, and all put behind one another, as the format allows."""
    parts = [_encoded(name, select(view), view.zoom) for layer in drawn for name, select in _sheets(layer)]
    return sa.select(reduce(lambda left, right: left.op("||")(right), parts))


def _questions(ids: tuple[str, ...], view: View) -> tuple[Question, ...]:
    """What is asked, with all values written in apart from those that differ from tile to tile.

    Kept for each viewer with all rights: to build, compile and write takes longer than PostgreSQL takes to draw.
    """
    known = _WRITTEN.get((ids, view))
    if known is None:
        if len(_WRITTEN) >= MOST_WRITTEN:
            _WRITTEN.clear()
        known = _WRITTEN[ids, view] = _write(tuple(layers.BY_ID[one] for one in ids), view)
    return known


def _write(drawn: tuple[Layer, ...], view: View) -> tuple[Question, ...]:
    """Layers that count everybody's homes are drawn by the platform, which gives numbers; all others by the viewer."""
    counting = tuple(layer for layer in drawn if layer.counts(view))
    own = tuple(layer for layer in drawn if layer not in counting)
    parts = ((own, view.actor.identity), (counting, platform("counts")))
    return tuple(_question(layers_, view, who) for layers_, who in parts if layers_)


def _question(drawn: tuple[Layer, ...], view: View, who: Identity) -> Question:
    compiled = statement(drawn, view).compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    names = sorted(name for name in compiled.params if name.startswith(LATER))
    places = {name: f"${number}" for number, name in enumerate(names, start=1)}
    fixed = {name: Literal(value).as_string() for name, value in compiled.params.items() if name not in places}
    return Question.of(Literal(told(who)).as_string(), str(compiled) % {**fixed, **places}, names)


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


def _encoded(name: str, rows: Rows, zoom: int) -> Any:
    row = rows.subquery()
    plain = [_plain(column) for column in row.c if column.name not in SHAPES]
    # Fenced by OFFSET: else the condition would draw everything twice. What is outside is NULL, which is left out, too.
    drawn = sa.select(*plain, sa.type_coerce(_shape(row, zoom), sa.LargeBinary).label("geom")).offset(0).subquery()
    fits = sa.select(drawn).where(sa.not_(func.ST_IsEmpty(drawn.c.geom))).subquery()
    encoded = func.ST_AsMVT(fits.table_valued(), name, EXTENT, "geom", "feature_id", type_=sa.LargeBinary)
    return func.coalesce(sa.select(encoded).scalar_subquery(), sa.literal(b""))


def _shape(row: sa.Subquery, zoom: int) -> Any:
    """In steps of the tile. What was kept in steps and is about within is only moved; else it is turned and cut."""
    bounds = func.ST_MakeEnvelope(*(sa.bindparam(f"tile_{edge}", 0.0, sa.Double) for edge in EDGES), MERCATOR)
    cut = func.ST_AsMVTGeom(func.ST_Transform(row.c.geom, MERCATOR), bounds, EXTENT, BUFFER, True)
    kept = row.c.get("tile_geom")
    if kept is None or zoom > TILE_ZOOM:
        return cut
    about = func.ST_MakeEnvelope(*(sa.bindparam(f"tile_about_{edge}", 0.0, sa.Double) for edge in EDGES))
    scale = 2.0 ** (zoom - TILE_ZOOM)
    corner = (sa.bindparam(f"tile_corner_{axis}", 0.0, sa.Double) for axis in "xy")
    moved = func.ST_TransScale(kept, *corner, scale, scale)
    return sa.case(
        (kept.op("@", is_comparison=True)(about), func.ST_SnapToGrid(moved, 1) if scale < 1 else moved), else_=cut
    )


def _plain(column: sa.ColumnElement[Any]) -> Any:
    """Words as text: of any other type ST_AsMVT looks the output function up for each row, which takes longer."""
    is_words = not isinstance(column.type, (sa.Boolean, sa.Integer, sa.Numeric, sa.Float))
    return sa.cast(column, sa.Text).label(column.name) if is_words else column
