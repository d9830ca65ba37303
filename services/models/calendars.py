"""Calendars of working days: what a jurisdiction has decided beside what the nation has published.

Nobody is named in these rows; whoever is signed in may read them.
"""

import uuid
from datetime import datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, distinct_on
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Identified


class CalendarVersion(Identified):
    """One version of an area's own calendar (`area_id` null: of the whole house). A version is never changed.

    `days` is {"2027-02-08": ["OFF" | "WORKED", name]}; `years` are those that this version settles; `counts_make_up`
    false: weekends worked in exchange do not count as working days here.
    """

    __tablename__ = "calendar_versions"
    __table_args__ = (
        sa.UniqueConstraint("area_id", "version", postgresql_nulls_not_distinct=True),
        sa.CheckConstraint("received IN ('SAME_DAY', 'NEXT_WORKING_DAY')", name="received"),
    )

    area_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("areas.id"))
    version: Mapped[int]
    days: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    years: Mapped[list[int]] = mapped_column(sa.ARRAY(sa.Integer), default=list)
    counts_make_up: Mapped[bool] = mapped_column(default=True)
    closes: Mapped[time | None]
    received: Mapped[str] = mapped_column(sa.String(40), default="SAME_DAY")
    reason: Mapped[str] = mapped_column(sa.Text)
    changed_at: Mapped[datetime]
    changed_by: Mapped[uuid.UUID | None]


def newest() -> sa.Select[CalendarVersion]:
    """The version in force of each calendar: the last one."""
    own = sa.select(CalendarVersion).order_by(CalendarVersion.area_id, CalendarVersion.version.desc())
    return own.ext(distinct_on(CalendarVersion.area_id))
