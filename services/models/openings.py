"""Break-glass: a household's file opened outside one's area or role, for a stated reason and a few hours.

Who reads what: who opened it, the supervisors and managers of the household's area, auditors. The reason is sealed,
since people write names into it.
"""

import enum
import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Identified, names


class OpeningVerdict(enum.StrEnum):
    """What the review found."""

    JUSTIFIED = "JUSTIFIED"
    NOT_JUSTIFIED = "NOT_JUSTIFIED"


class Opening(Identified):
    """One opening; it ends by itself, and somebody else reviews it afterwards."""

    __tablename__ = "openings"
    __table_args__ = (
        sa.Index("ix_openings_account_id_expires_at", "account_id", "expires_at"),
        sa.Index("ix_openings_household_id", "household_id"),
        sa.Index("ix_openings_unreviewed", "opened_at", postgresql_where=sa.text("reviewed_at IS NULL")),
    )

    household_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("households.id"))
    grid_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("areas.id"))
    account_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("accounts.id"))
    data_key: Mapped[bytes]
    reason_sealed: Mapped[bytes]
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    reviewed_at: Mapped[datetime | None]
    reviewed_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("accounts.id"))
    verdict: Mapped[OpeningVerdict | None] = mapped_column(names(OpeningVerdict))


def standing_for(account_ids: Sequence[uuid.UUID], now: datetime) -> "sa.Select[uuid.UUID, uuid.UUID]":
    """Account and home of the openings of these accounts that last at `now`."""
    mine = sa.select(Opening.account_id, Opening.household_id).where(Opening.account_id.in_(account_ids))
    return mine.where(Opening.expires_at > now)
