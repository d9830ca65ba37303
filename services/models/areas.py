"""Areas: district, street, community, grid. An area keeps its id through changes; each change makes a dated version."""

import enum
import uuid
from datetime import datetime

import sqlalchemy as sa
from geoalchemy2 import WKBElement
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Identified, multipolygon, names, point


class AreaLevel(enum.StrEnum):
    """The four tiers, each with its part of the statistical code (DB11 / GB/T 2260: 6 + 3 + 3, a grid 3 more)."""

    DISTRICT = "DISTRICT"
    STREET = "STREET"
    COMMUNITY = "COMMUNITY"
    GRID = "GRID"

    @property
    def own_digits(self) -> int:
        """How many leading digits of the code tell this level's areas apart."""
        return {"DISTRICT": 6, "STREET": 9, "COMMUNITY": 12, "GRID": 15}[self.value]


class Area(Identified):
    """An area as it stands today."""

    __tablename__ = "areas"
    __table_args__ = (
        sa.Index("uq_areas_code_standing", "code", unique=True, postgresql_where=sa.text("retired_at IS NULL")),
        sa.CheckConstraint("code ~ '^[0-9]{12}([0-9]{3})?$'", name="code_digits"),
        sa.CheckConstraint("(level = 'GRID') = (length(code) = 15)", name="grid_code_length"),
        sa.CheckConstraint("(level = 'DISTRICT') = (parent_id IS NULL)", name="parent"),
        sa.Index("ix_areas_parent_id", "parent_id"),
    )

    level: Mapped[AreaLevel] = mapped_column(names(AreaLevel))
    code: Mapped[str] = mapped_column(sa.String(15))
    name: Mapped[str] = mapped_column(sa.Text)
    name_en: Mapped[str | None] = mapped_column(sa.Text)
    parent_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("areas.id"))
    boundary: Mapped[WKBElement] = multipolygon()
    label_point: Mapped[WKBElement] = point(index=False)
    area_square_meters: Mapped[float]
    version: Mapped[int] = mapped_column(default=1)
    valid_from: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    feature_id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), unique=True)


class AreaVersion(Identified):
    """An area as it stood from one change to the next; what happened then points here."""

    __tablename__ = "area_versions"
    __table_args__ = (sa.UniqueConstraint("area_id", "version"),)

    area_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("areas.id"))
    version: Mapped[int]
    code: Mapped[str] = mapped_column(sa.String(15))
    name: Mapped[str] = mapped_column(sa.Text)
    parent_id: Mapped[uuid.UUID | None]
    boundary: Mapped[WKBElement] = multipolygon()
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(sa.String(40))
    changed_by: Mapped[uuid.UUID | None]


def standing() -> sa.Select[Area]:
    """The areas that have not been retired."""
    return sa.select(Area).where(Area.retired_at.is_(None))


def grids_within(code: str) -> sa.ColumnElement[bool]:
    """True for the standing grids inside the area with this code (any level)."""
    digits = len(code.rstrip("0")) if len(code) == 12 else 15
    whole = next(d for d in (6, 9, 12, 15) if d >= digits)
    return sa.and_(Area.level == AreaLevel.GRID, Area.retired_at.is_(None), Area.code.startswith(code[:whole]))
