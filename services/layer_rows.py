"""The rows behind each map layer: what stands in a box, for whom, at which zoom.

Each select gives `feature_id` (whole number), `geom` (WGS 84) and what else a feature tells; `id` is the global id.
Some give `tile_geom`, too, which a tile is drawn from (`services.models.base.tile_shape`).
"""

import math
import uuid
from dataclasses import dataclass
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy import func

from gis.tiles import WORLD_METERS, Box, degrees_box, mercator_box
from services.access import Actor, counted, visible
from services.call_rights import visible_calls
from services.models import (
    Area,
    AreaLevel,
    Assignment,
    Barrier,
    Call,
    Household,
    MapFeature,
    Position,
    ServicePoint,
    Street,
    Terminal,
    Worker,
    WorkerStatus,
)
from services.models import households as homes
from services.models.areas import standing
from services.models.base import SRID
from services.models.calls import is_open

Rows: TypeAlias = "sa.Select[*tuple[Any, ...]]"

MERCATOR = 3857
EDGES = ("west", "south", "east", "north")
MAIN_ROADS = ("motorway", "trunk", "primary", "secondary", "motorway_link", "trunk_link", "primary_link")
ROADS = (*MAIN_ROADS, "secondary_link", "tertiary", "tertiary_link", "unclassified", "residential")
HOMES_FROM_ZOOM = 16
CELLS_ACROSS = 8
"""Cells of counted homes along the side of a tile: 64 pixels each."""
ROUNDED_TO = 5
SHAPES = ("geom", "tile_geom")
"""The columns that are no property of a feature."""


@dataclass(frozen=True, slots=True)
class View:
    """What is asked for: by whom and at which zoom; `homes` is whether single homes are told.

    The box is filled in when a statement is run, by `places`, so that one statement serves all boxes.
    """

    actor: Actor
    zoom: int
    homes: bool = False
    suppress_below: int = 5

    @property
    def cells_across(self) -> int:
        """How many cells of counted homes go around the world."""
        return CELLS_ACROSS << min(self.zoom, HOMES_FROM_ZOOM)

    def touches(self, column: Any, box: str = "box") -> sa.ColumnElement[bool]:
        """True where the column's box meets the one asked for; answered by its spatial index."""
        edges = (sa.bindparam(f"{box}_{edge}", 0.0, sa.Double) for edge in EDGES)
        touching: sa.ColumnElement[bool] = column.op("&&", is_comparison=True)(func.ST_MakeEnvelope(*edges, SRID))
        return touching

    def places(self, box: Box) -> dict[str, float]:
        """What fills the box (degrees) in: itself, and drawn out to whole cells, for a part of one is never counted."""
        side = WORLD_METERS / self.cells_across
        west, south, east, north = mercator_box(box)
        lower = (math.floor(west / side) * side, math.floor(south / side) * side)
        upper = (math.ceil(east / side) * side, math.ceil(north / side) * side)
        return {**edges("box", box), **edges("cells", degrees_box((*lower, *upper)))}


@dataclass(frozen=True, slots=True)
class Asked:
    """The box that is asked for (by `View.places`), and which features: numbered above `after`, `limit` of them.

    `audit_id` is the coverage audit that is asked for by its id, instead of the newest ones.
    """

    places: dict[str, float]
    after: int = -1
    limit: int | None = None
    audit_id: uuid.UUID | None = None

    def page(self, rows: Rows) -> Rows:
        """The rows in question."""
        number = rows.selected_columns["feature_id"]
        return rows.where(number > self.after).order_by(number).limit(self.limit)


def edges(name: str, box: Box) -> dict[str, float]:
    """The four numbers of a box by the names that statements know them by."""
    return {f"{name}_{edge}": value for edge, value in zip(EDGES, box, strict=True)}


def areas_of(level: AreaLevel, view: View) -> Rows:
    """The standing areas of a level."""
    return (
        standing()
        .where(Area.level == level, view.touches(Area.boundary))
        .with_only_columns(Area.feature_id, Area.boundary.label("geom"), *_named(Area), Area.code)
    )


def area_labels(level: AreaLevel, view: View) -> Rows:
    """A point in each area, for its name; the names are short: what stands after the community's own."""
    parent = sa.orm.aliased(Area)
    own = func.replace(Area.name, parent.name, "")
    own_en = func.trim(func.replace(Area.name_en, parent.name_en, ""))
    return (
        sa.select(Area.feature_id, Area.label_point.label("geom"), *_named(Area), Area.code)
        .add_columns(own.label("short"), own_en.label("short_en"))
        .outerjoin(parent, parent.id == Area.parent_id)
        .where(Area.retired_at.is_(None), Area.level == level, view.touches(Area.label_point))
    )


def households(view: View) -> Rows:
    """Close up the homes that the viewer may find; from afar, and for who may only count, numbers of homes."""
    return _counted_homes(view) if counts_homes(view) else single_homes(view)


def counts_nothing(view: View) -> bool:
    """A layer of single things: each is the viewer's to see, or not."""
    return False


def counts_all(view: View) -> bool:
    """A layer of numbers of people, everybody's, the same to each viewer."""
    return True


def counts_homes(view: View) -> bool:
    """Whether the viewer gets numbers of everybody's homes instead of the own ones."""
    return not view.homes or view.zoom < HOMES_FROM_ZOOM


def single_homes(view: View, *more: Any) -> Rows:
    """The homes that the viewer may find."""
    told = (Household.feature_id, Household.location.label("geom"), Household.id, Household.code, *more)
    return visible(homes.standing().with_only_columns(*told).where(view.touches(Household.location)), view.actor)


def _counted_homes(view: View) -> Rows:
    """Homes by square cells, rounded, so that neighbouring zooms cannot be subtracted; small numbers are withheld."""
    across = view.cells_across
    column = sa.cast(func.floor((func.ST_X(Household.location) + 180.0) / 360.0 * across), sa.BigInteger)
    down = 0.5 - func.asinh(func.tand(func.ST_Y(Household.location))) / (2 * math.pi)
    row = sa.cast(func.floor(down * across), sa.BigInteger)
    cells = (
        homes.standing()
        .with_only_columns(column.label("column"), row.label("row"), func.count().label("homes"))
        .where(view.touches(Household.location, "cells"), Household.restricted.is_(False))
        .group_by(sa.text("1"), sa.text("2"))
    )
    cell = counted(cells, view.actor).subquery()
    side = WORLD_METERS / across
    x, y = (cell.c.column + 0.5) * side - WORLD_METERS / 2, WORLD_METERS / 2 - (cell.c.row + 0.5) * side
    small = cell.c.homes < view.suppress_below
    number = func.round(cell.c.homes / float(ROUNDED_TO)) * ROUNDED_TO
    return sa.select(
        (cell.c.row * across + cell.c.column).label("feature_id"),
        func.ST_Transform(func.ST_SetSRID(func.ST_MakePoint(x, y), MERCATOR), SRID).label("geom"),
        sa.cast(sa.case((sa.not_(small), number)), sa.Integer).label("homes"),
        small.label("suppressed"),
    )


def service_points(view: View) -> Rows:
    """Where help is given."""
    told = (ServicePoint.feature_id, ServicePoint.location.label("geom"), *_named(ServicePoint), ServicePoint.kind)
    return sa.select(*told).where(view.touches(ServicePoint.location))


def terminals(view: View) -> Rows:
    """The terminals in use in homes that the viewer may find, by state."""
    told = (Terminal.feature_id, Household.location.label("geom"), Terminal.id, Terminal.serial, Terminal.status)
    placed = sa.select(*told).join(Household, Household.id == Terminal.household_id)
    return visible(placed.where(Terminal.retired_at.is_(None), view.touches(Household.location)), view.actor)


def workers(view: View) -> Rows:
    """Who is on duty in the viewer's grids, and where last seen; nobody is shown off duty."""
    told = (Worker.feature_id, Position.location.label("geom"), Worker.id, Worker.name, Worker.role, Worker.status)
    on_duty = (
        sa.select(*told, sa.cast(func.extract("epoch", Position.fixed_at), sa.BigInteger).label("fixed_at"))
        .join(Position, Position.worker_id == Worker.id)
        .where(Worker.disabled_at.is_(None), Worker.status != WorkerStatus.OFF_DUTY, view.touches(Position.location))
    )
    return on_duty if view.actor.everywhere else on_duty.where(_serves(view.actor.grid_ids))


def open_calls(view: View) -> Rows:
    """Open calls that the viewer may see, where the homes are; without address or name."""
    told = (Call.feature_id, Call.location.label("geom"), Call.id, Call.status, Call.priority)
    opened = sa.cast(func.extract("epoch", Call.opened_at), sa.BigInteger).label("opened_at")
    return visible_calls(sa.select(*told, opened).where(is_open(), view.touches(Call.location)), view.actor)


def streets(view: View) -> Rows:
    """Streets by class; from afar only the large ones."""
    told = (Street.id.label("feature_id"), Street.geom, Street.road_class, Street.name, Street.name_en)
    found = sa.select(*told, Street.layer.label("level"), Street.flags, Street.tile_geom).where(
        view.touches(Street.geom)
    )
    if view.zoom >= 14:
        return found
    return found.where(Street.road_class.in_(ROADS if view.zoom >= 12 else MAIN_ROADS))


def features(kinds: tuple[str, ...], view: View) -> Rows:
    """What else a base map shows, of these kinds; the smallest are left out from afar."""
    told = (MapFeature.id.label("feature_id"), MapFeature.geom, MapFeature.kind, MapFeature.name, MapFeature.name_en)
    found = sa.select(*told, MapFeature.levels, MapFeature.tile_geom)
    found = found.where(MapFeature.kind.in_(kinds), view.touches(MapFeature.geom))
    if view.zoom >= 14:
        return found
    pixel = 360 / 2**view.zoom / 512
    wide = func.ST_XMax(MapFeature.geom) - func.ST_XMin(MapFeature.geom)
    return found.where(wide > 2 * pixel)


def barriers(view: View) -> Rows:
    """Walls and gates; a gate tells whether it is closed for walkers, for cars only, or open."""
    walkers, anybody = Barrier.closed.op("&")(1) > 0, Barrier.closed > 0
    state = sa.case((walkers, "CLOSED"), (anybody, "FOOT_ONLY"), (Barrier.closed == 0, "OPEN"), else_="WALL")
    told = (Barrier.id.label("feature_id"), Barrier.geom, Barrier.kind, state.label("state"))
    return sa.select(*told).where(view.touches(Barrier.geom))


def _named(model: Any) -> tuple[Any, ...]:
    return model.id, model.name, model.name_en


def _serves(grid_ids: tuple[uuid.UUID, ...]) -> sa.ColumnElement[bool]:
    """True for workers who serve one of the grids or its community."""
    own = sa.literal(list(grid_ids), sa.ARRAY(sa.Uuid))
    around = sa.select(Area.parent_id).where(Area.id == sa.any_(own))
    serving = sa.select(Assignment.worker_id).where(
        Assignment.until.is_(None), sa.or_(Assignment.area_id == sa.any_(own), Assignment.area_id.in_(around))
    )
    return Worker.id.in_(serving)
