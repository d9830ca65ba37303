"""What every table shares: ids made on any node (UUIDv7), stable constraint names, rows that never load unasked."""

import enum
import uuid
from datetime import datetime
from typing import Any, TypeVar

import orjson
import sqlalchemy as sa
import uuid_utils.compat
from geoalchemy2 import Geometry, WKBElement
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SRID = 4326

Names = TypeVar("Names", bound=enum.Enum)


class Base(DeclarativeBase):
    """The declarative base; constraint names are derived so that migrations can name them."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: sa.DateTime(timezone=True), uuid.UUID: sa.Uuid()}  # noqa: RUF012


def new_id() -> uuid.UUID:
    """A UUIDv7: ordered by time, made without asking the database."""
    return uuid_utils.compat.uuid7()


def least_id(made: uuid.UUID, seconds_before: float = 0.0) -> uuid.UUID:
    """The least id that can have been made so many seconds before another, or later: ids begin with their time."""
    milliseconds = (made.int >> 80) - round(seconds_before * 1000)
    return uuid.UUID(int=milliseconds << 80)


class Identified(Base):
    """A row with an opaque id."""

    __abstract__ = True

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)


class Packed(sa.types.TypeDecorator[Any]):
    """A document that only we read: JSON as bytes, which PostgreSQL need not parse, and does not compress."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> bytes | None:
        """To bytes."""
        return None if value is None else orjson.dumps(value)

    def process_result_value(self, value: bytes | None, dialect: sa.Dialect) -> Any:
        """From bytes."""
        return None if value is None else orjson.loads(value)


def names(kind: type[Names]) -> sa.Enum:
    """A column of one of the enum's names, kept as text with a check, so that a new name needs no type change."""
    return sa.Enum(kind, native_enum=False, create_constraint=True, length=40, name=_snake(kind.__name__))


def point(**options: Any) -> Any:
    """A column holding one place, WGS 84."""
    return mapped_column(Geometry("POINT", SRID, spatial_index=options.pop("index", True)), **options)


def multipolygon(**options: Any) -> Any:
    """A column holding an area, WGS 84."""
    return mapped_column(Geometry("MULTIPOLYGON", SRID), **options)


TILE_ZOOM = 16
"""The zoom of whose tiles `tile_shape` counts the steps."""
_WORLD = "-20037508.342789244, -20037508.342789244, 20037508.342789244, 20037508.342789244"
_TILE_SHAPE = f"ST_AsMVTGeom(ST_Transform(geom, 3857), ST_MakeEnvelope({_WORLD}, 3857), 268435456, 0, false)"


def tile_shape() -> Any:
    """A column that PostgreSQL makes of `geom`: the shape in steps of the tiles of zoom 16 (4096 * 2^16 go around the
    world; from the north-western corner, y downward), mended and wound as vector tiles want it.
    """
    made = sa.Computed(f"ST_SetSRID({_TILE_SHAPE}, 0)", persisted=True)
    return mapped_column(Geometry("GEOMETRY", 0, spatial_index=False), made, deferred=True)


def _snake(name: str) -> str:
    return "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")


__all__ = [
    "SRID",
    "TILE_ZOOM",
    "Base",
    "Identified",
    "Packed",
    "WKBElement",
    "multipolygon",
    "names",
    "new_id",
    "point",
    "tile_shape",
]
