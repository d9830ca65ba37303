"""Streets as imported: pgRouting-shaped edges, barriers, what else a base map shows, and the networks built."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from geoalchemy2 import Geometry, WKBElement
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import SRID, Base, Identified, tile_shape


class Street(Base):
    """One stretch of street; `cost` and `reverse_cost` are seconds on foot, negative where nobody may walk.

    source and target are nodes as a walker meets them, so that pgRouting stops at a closed gate; from_node and to_node
    are the true nodes. flags are `gis.access_tags.StreetFlag`.
    """

    __tablename__ = "streets"

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    source: Mapped[int] = mapped_column(sa.BigInteger, index=True)
    target: Mapped[int] = mapped_column(sa.BigInteger, index=True)
    cost: Mapped[float]
    reverse_cost: Mapped[float]
    length_meters: Mapped[float]
    way: Mapped[int] = mapped_column(sa.BigInteger)
    from_node: Mapped[int] = mapped_column(sa.BigInteger)
    to_node: Mapped[int] = mapped_column(sa.BigInteger)
    road_class: Mapped[str] = mapped_column(sa.Text)
    name: Mapped[str | None] = mapped_column(sa.Text)
    name_en: Mapped[str | None] = mapped_column(sa.Text)
    flags: Mapped[int]
    layer: Mapped[int] = mapped_column(sa.SmallInteger)
    maximum_speed: Mapped[float | None]
    geom: Mapped[WKBElement] = mapped_column(Geometry("LINESTRING", SRID))
    tile_geom: Mapped[WKBElement | None] = tile_shape()


class Barrier(Base):
    """A gate (a point on the street node `osm`) or a wall (a line); `closed` holds the modes' bits, 0 for open."""

    __tablename__ = "barriers"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    osm: Mapped[int] = mapped_column(sa.BigInteger)
    kind: Mapped[str] = mapped_column(sa.Text)
    closed: Mapped[int | None] = mapped_column(sa.SmallInteger)
    geom: Mapped[WKBElement] = mapped_column(Geometry("GEOMETRY", SRID))


class MapFeature(Base):
    """Building, water, river, railway, green: what a base map shows beside streets."""

    __tablename__ = "map_features"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    osm: Mapped[int] = mapped_column(sa.BigInteger)
    kind: Mapped[str] = mapped_column(sa.Text, index=True)
    name: Mapped[str | None] = mapped_column(sa.Text)
    name_en: Mapped[str | None] = mapped_column(sa.Text)
    levels: Mapped[int] = mapped_column(sa.SmallInteger)
    geom: Mapped[WKBElement] = mapped_column(Geometry("GEOMETRY", SRID))
    tile_geom: Mapped[WKBElement | None] = tile_shape()


class Network(Identified):
    """A network built from the streets: the file's bytes are stored, so that every server maps the same one."""

    __tablename__ = "networks"
    __table_args__ = (sa.Index("uq_networks_current", "current", unique=True, postgresql_where=sa.text("current")),)

    version: Mapped[str] = mapped_column(sa.Text, unique=True)
    built_at: Mapped[datetime]
    current: Mapped[bool] = mapped_column(default=False)
    source_name: Mapped[str] = mapped_column(sa.Text)
    report: Mapped[dict[str, Any]] = mapped_column(JSONB)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
