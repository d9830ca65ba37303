"""Streets as imported: pgRouting-shaped edges, barriers, what else a base map shows, and the networks built."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from geoalchemy2 import Geometry, WKBElement
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import SRID, Base, Identified


class Street(Base):
    """One stretch of street between two nodes; `cost` and `reverse_cost` are seconds on foot, negative when closed."""

    __tablename__ = "streets"

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    source: Mapped[int] = mapped_column(sa.BigInteger, index=True)
    target: Mapped[int] = mapped_column(sa.BigInteger, index=True)
    cost: Mapped[float]
    reverse_cost: Mapped[float]
    length_meters: Mapped[float]
    way_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    road_class: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[str | None] = mapped_column(sa.Text)
    name_en: Mapped[str | None] = mapped_column(sa.Text)
    attributes: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    geom: Mapped[WKBElement] = mapped_column(Geometry("LINESTRING", SRID))


class Barrier(Base):
    """A wall, a fence, or a gate on a street; `open_to` names the modes that may pass."""

    __tablename__ = "barriers"

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(sa.String(40))
    open_to: Mapped[list[str]] = mapped_column(sa.ARRAY(sa.Text), default=list)
    geom: Mapped[WKBElement] = mapped_column(Geometry("GEOMETRY", SRID))


class MapFeature(Base):
    """Building, water, rail, green: what a base map shows beside streets."""

    __tablename__ = "map_features"

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(sa.String(40), index=True)
    name: Mapped[str | None] = mapped_column(sa.Text)
    name_en: Mapped[str | None] = mapped_column(sa.Text)
    attributes: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    geom: Mapped[WKBElement] = mapped_column(Geometry("GEOMETRY", SRID))


class Network(Identified):
    """A network built from the streets: the file's bytes are stored so that every server has the same one."""

    __tablename__ = "networks"

    version: Mapped[str] = mapped_column(sa.String(40), unique=True)
    built_at: Mapped[datetime]
    current: Mapped[bool] = mapped_column(default=False)
    source_name: Mapped[str] = mapped_column(sa.Text)
    report: Mapped[dict[str, Any]] = mapped_column(JSONB)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)

    __table_args__ = (sa.Index("uq_networks_current", "current", unique=True, postgresql_where=sa.text("current")),)
