"""Organisations of a neighbourhood (S1): volunteer teams, party groups, owners' committees, and who belongs to them."""

import enum
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Base, Identified, names


class OrganisationKind(enum.StrEnum):
    """What an organisation is."""

    VOLUNTEER_TEAM = "VOLUNTEER_TEAM"
    PARTY_GROUP = "PARTY_GROUP"
    OWNERS_COMMITTEE = "OWNERS_COMMITTEE"
    SAFETY_TEAM = "SAFETY_TEAM"


class Organisation(Identified):
    """An organisation and the area in which it works."""

    __tablename__ = "organisations"

    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    kind: Mapped[OrganisationKind] = mapped_column(names(OrganisationKind))
    name: Mapped[str] = mapped_column(sa.Text)
    name_en: Mapped[str | None] = mapped_column(sa.Text)
    area_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("areas.id"), index=True)


class OrganisationMember(Base):
    """A worker belongs to an organisation."""

    __tablename__ = "organisation_members"

    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisations.id"), primary_key=True)
    worker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("workers.id"), primary_key=True)
