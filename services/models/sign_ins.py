"""How accounts are signed in: sign-ins with their chain of refresh tokens, second factors, lock-outs, providers.

Nobody reads these rows over the API. Secrets are kept as hashes; logins and addresses in `lockouts` as keyed hashes.
"""

import enum
import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Base, Identified, names


class SignInMethod(enum.StrEnum):
    """By what somebody signed in."""

    PASSWORD = "PASSWORD"
    OIDC = "OIDC"


class SignInEnd(enum.StrEnum):
    """Why a sign-in ended before its time."""

    SIGNED_OUT = "SIGNED_OUT"
    REUSED = "REUSED"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"
    DISABLED = "DISABLED"


class SignIn(Identified):
    """One sign-in on one device: access tokens name it, refresh tokens continue it, ending it ends them all."""

    __tablename__ = "sign_ins"
    __table_args__ = (sa.Index("ix_sign_ins_account_id", "account_id"),)

    account_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("accounts.id"))
    method: Mapped[SignInMethod] = mapped_column(names(SignInMethod))
    begun_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[SignInEnd | None] = mapped_column(names(SignInEnd))


class RefreshToken(Base):
    """A refresh token by its SHA-256; it is good once, until it expires."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (sa.Index("ix_refresh_tokens_sign_in_id", "sign_in_id"),)

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    sign_in_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("sign_ins.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code that stands in once for a lost second factor, by its SHA-256."""

    __tablename__ = "recovery_codes"

    account_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("accounts.id"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    used_at: Mapped[datetime | None]


class Lockout(Base):
    """How often a login, an address or a second factor was tried in vain; `key` is a keyed hash, there or not."""

    __tablename__ = "lockouts"

    key: Mapped[bytes] = mapped_column(primary_key=True)
    failures: Mapped[int]
    tried_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]


class OutsideIdentity(Base):
    """What an OpenID provider calls the person behind an account."""

    __tablename__ = "outside_identities"
    __table_args__ = (sa.Index("ix_outside_identities_account_id", "account_id"),)

    issuer: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    subject: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("accounts.id"))


class OidcFlow(Base):
    """A sign-in that is away at the provider; taken once, by whoever brings back its state."""

    __tablename__ = "oidc_flows"

    state_hash: Mapped[bytes] = mapped_column(primary_key=True)
    nonce: Mapped[str] = mapped_column(sa.String(64))
    verifier: Mapped[str] = mapped_column(sa.String(128))
    expires_at: Mapped[datetime]
