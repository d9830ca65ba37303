"""Who signs in: accounts, the roles that an account holds in an area over a span of time, and deputies.

An account's name is shown to itself and to the managers of an area in which it holds a role; its password, second
factor and what it was signed in by (`models.sign_ins`) are shown to nobody.
"""

import enum
import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Identified, names


class Role(enum.StrEnum):
    """What an account may be; rights follow from role and area (see `services.access`)."""

    GRID_WORKER = "GRID_WORKER"
    VOLUNTEER = "VOLUNTEER"
    SOCIAL_WORKER = "SOCIAL_WORKER"
    COMMUNITY_STAFF = "COMMUNITY_STAFF"
    DISPATCHER = "DISPATCHER"
    SUPERVISOR = "SUPERVISOR"
    PLANNER = "PLANNER"
    MANAGER = "MANAGER"
    AUDITOR = "AUDITOR"
    ADMIN = "ADMIN"
    TERMINAL = "TERMINAL"


class Account(Identified):
    """A person or device that signs in."""

    __tablename__ = "accounts"

    login: Mapped[str] = mapped_column(sa.String(80), unique=True)
    name: Mapped[str] = mapped_column(sa.Text)
    worker_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("workers.id"), unique=True)
    terminal_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("terminals.id"), unique=True)
    password_hash: Mapped[str | None] = mapped_column(sa.Text)
    must_change_password: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    data_key: Mapped[bytes | None]
    totp_sealed: Mapped[bytes | None]
    totp_since: Mapped[datetime | None]
    totp_step: Mapped[int | None] = mapped_column(sa.BigInteger)
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class RoleGrant(Identified):
    """An account holds a role in an area (null: everywhere) from one moment to another."""

    __tablename__ = "role_grants"
    __table_args__ = (sa.Index("ix_role_grants_account_id", "account_id"),)

    account_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("accounts.id"))
    role: Mapped[Role] = mapped_column(names(Role))
    area_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("areas.id"))
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    granted_by: Mapped[uuid.UUID | None]
    ended_by: Mapped[uuid.UUID | None]


class Deputy(Identified):
    """One account stands in for another that is away: it holds the other's roles, too, for that span."""

    __tablename__ = "deputies"
    __table_args__ = (
        sa.Index("ix_deputies_deputy_id", "deputy_id"),
        sa.CheckConstraint("deputy_id <> absent_id", name="another"),
        sa.CheckConstraint("valid_from < valid_to", name="span"),
    )

    absent_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("accounts.id"))
    deputy_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("accounts.id"))
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime]
    appointed_by: Mapped[uuid.UUID]
    ended_by: Mapped[uuid.UUID | None]
