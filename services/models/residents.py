"""People: who they are is sealed (see `services.sealing`), where they lived is a dated span in a household."""

import enum
import uuid
from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Identified, names


class Sex(enum.StrEnum):
    """As written on the household register."""

    FEMALE = "FEMALE"
    MALE = "MALE"
    UNSTATED = "UNSTATED"


class Resident(Identified):
    """A person. `*_sealed` is encrypted under the row's own data key; `*_index` finds an exact value unseen.

    `home_id` and `grid_id` (null while the home is restricted) follow from the latest residence by a trigger, so that
    row-level security judges the row by itself. One who was registered twice is merged into the other row and kept for
    the history; one who was erased has no key.
    """

    __tablename__ = "residents"
    __table_args__ = (
        sa.Index("ix_residents_name_index", "name_index"),
        sa.Index("ix_residents_phone_index", "phone_index"),
        sa.Index("ix_residents_identity_index", "identity_index"),
        sa.Index("ix_residents_grid_id", "grid_id"),
    )

    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    data_key: Mapped[bytes | None]
    name_sealed: Mapped[bytes | None]
    name_index: Mapped[bytes | None]
    phone_sealed: Mapped[bytes | None]
    phone_index: Mapped[bytes | None]
    identity_sealed: Mapped[bytes | None]
    identity_index: Mapped[bytes | None]
    sex: Mapped[Sex] = mapped_column(names(Sex))
    birth_date: Mapped[date | None]
    mobile: Mapped[bool] = mapped_column(default=False)
    restricted: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    merged_into_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("residents.id"))
    merged_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    home_id: Mapped[uuid.UUID | None]
    grid_id: Mapped[uuid.UUID | None]


class Residence(Identified):
    """A person belongs to a household from one day to another; at most one household at a time.

    `grid_id` is the household's, by a trigger; null while the household is restricted.
    """

    __tablename__ = "residences"
    __table_args__ = (
        sa.Index("ix_residences_household_id", "household_id", postgresql_where=sa.text("until IS NULL")),
        sa.Index("ix_residences_resident_id", "resident_id"),
        sa.Index(
            "uq_residences_resident_id_now", "resident_id", unique=True, postgresql_where=sa.text("until IS NULL")
        ),
        sa.CheckConstraint("until IS NULL OR until >= since", name="span"),
    )

    resident_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("residents.id"))
    household_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("households.id"))
    relation: Mapped[str] = mapped_column(sa.String(20))
    since: Mapped[date]
    until: Mapped[date | None]
    grid_id: Mapped[uuid.UUID | None]


def living_in(household_ids: Sequence[uuid.UUID]) -> sa.Select[uuid.UUID, Resident]:
    """Who belongs to which of these households today, in the order of joining."""
    return (
        sa.select(Residence.household_id, Resident)
        .join(Resident, Resident.id == Residence.resident_id)
        .where(Residence.household_id.in_(household_ids), Residence.until.is_(None))
        .order_by(Residence.since, Resident.code)
    )


def home_of(resident_ids: Sequence[uuid.UUID]) -> sa.Select[uuid.UUID, Residence]:
    """The residence of today of each of these people."""
    return sa.select(Residence.resident_id, Residence).where(
        Residence.resident_id.in_(resident_ids), Residence.until.is_(None)
    )
