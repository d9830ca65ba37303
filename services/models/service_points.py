"""Service points of the ten-minute circle (S4): what kind, when open, by which of the four service modes."""

import enum
import uuid
from typing import Any

import sqlalchemy as sa
from geoalchemy2 import WKBElement
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Identified, names, point


class ServiceMode(enum.StrEnum):
    """How help is given: 社工点对点, 居委会自治, 义工互助, 市场有偿."""

    SOCIAL_WORKER = "SOCIAL_WORKER"
    COMMITTEE = "COMMITTEE"
    VOLUNTEERS = "VOLUNTEERS"
    MARKET = "MARKET"


class ServicePointKind(enum.StrEnum):
    """What a service point is."""

    SERVICE_CENTRE = "SERVICE_CENTRE"
    CLINIC = "CLINIC"
    CANTEEN = "CANTEEN"
    DAY_CARE = "DAY_CARE"
    PHARMACY = "PHARMACY"
    POLICE_POST = "POLICE_POST"
    MARKET_SERVICE = "MARKET_SERVICE"
    ACTIVITY_ROOM = "ACTIVITY_ROOM"


class ServicePoint(Identified):
    """A place that serves. `hours` is a list of [weekdays, "HH:MM", "HH:MM"] in local time; empty means always open."""

    __tablename__ = "service_points"

    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.Text)
    name_en: Mapped[str | None] = mapped_column(sa.Text)
    kind: Mapped[ServicePointKind] = mapped_column(names(ServicePointKind))
    address: Mapped[str | None] = mapped_column(sa.Text)
    location: Mapped[WKBElement] = point()
    grid_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("areas.id"), index=True)
    hours: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    service_modes: Mapped[list[str]] = mapped_column(sa.ARRAY(sa.Text), default=list)
    feature_id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), unique=True)
