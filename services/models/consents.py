"""Consents: who agreed to a care record, when and for what, and whether it was withdrawn.

Who reads what: whoever may read the care record. The giver's name is sealed. A consent outlives its record, since who
handles personal data must be able to prove it (PIPL, articles 14, 15 and 69); it then holds no name.
"""

import enum
import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Identified, names


class ConsentGiver(enum.StrEnum):
    """Who agreed: the person, a guardian (compulsory under 14, PIPL article 31), or an agent with a mandate."""

    PERSON = "PERSON"
    GUARDIAN = "GUARDIAN"
    AGENT = "AGENT"


class Consent(Identified):
    """One consent to one care record; the latest that is not withdrawn holds."""

    __tablename__ = "consents"
    __table_args__ = (
        sa.Index("ix_consents_care_record_id", "care_record_id"),
        sa.Index("ix_consents_resident_id", "resident_id"),
    )

    care_record_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("care_records.id", ondelete="SET NULL"))
    resident_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("residents.id"))
    category_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("care_categories.id"))
    given_by: Mapped[ConsentGiver] = mapped_column(names(ConsentGiver))
    given_on: Mapped[date]
    purposes: Mapped[list[str]] = mapped_column(sa.ARRAY(sa.Text), default=list)
    data_key: Mapped[bytes | None]
    giver_sealed: Mapped[bytes | None]
    recorded_by: Mapped[uuid.UUID]
    recorded_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_recorded_by: Mapped[uuid.UUID | None]
    erase_after: Mapped[datetime | None]
