"""Emergency contacts of a household: the children far away, who are told when it matters."""

import enum
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Identified, names


class ContactChannel(enum.StrEnum):
    """How a contact is told."""

    SMS = "SMS"
    VOICE = "VOICE"
    WEB_PUSH = "WEB_PUSH"
    LOG = "LOG"


class EmergencyContact(Identified):
    """One contact; name and address (number, or push endpoint) are sealed."""

    __tablename__ = "emergency_contacts"
    __table_args__ = (sa.Index("ix_emergency_contacts_household_id", "household_id"),)

    household_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("households.id"))
    channel: Mapped[ContactChannel] = mapped_column(names(ContactChannel))
    data_key: Mapped[bytes]
    name_sealed: Mapped[bytes | None]
    address_sealed: Mapped[bytes | None]
    language: Mapped[str] = mapped_column(sa.String(10), default="zh")
