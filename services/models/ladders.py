"""Ladders as data: which places and people are asked one after the other, and how long each has."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Identified


class LadderRow(Identified):
    """A community's own ladder for one kind of matter (`CALL`, or a kind of case); without one the default holds."""

    __tablename__ = "ladders"
    __table_args__ = (sa.UniqueConstraint("community_id", "matter"),)

    community_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("areas.id"))
    matter: Mapped[str] = mapped_column(sa.String(40))
    rungs: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    changed_at: Mapped[datetime]
    changed_by: Mapped[uuid.UUID | None]
