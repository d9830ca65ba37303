"""Phones that are told by web push: a browser's subscription, sealed, and the account that registered it.

Nobody reads these but the account itself and the postman: there is no list of them anywhere.
"""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Identified


class Phone(Identified):
    """One browser of one account; the endpoint is a secret of its own, so only its digest is there to find it by."""

    __tablename__ = "phones"
    __table_args__ = (
        sa.UniqueConstraint("endpoint_digest"),
        sa.Index("ix_phones_account_id", "account_id"),
    )

    account_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("accounts.id"))
    endpoint_digest: Mapped[bytes]
    data_key: Mapped[bytes]
    subscription_sealed: Mapped[bytes | None]
    language: Mapped[str] = mapped_column(sa.String(10), default="zh")
    registered_at: Mapped[datetime]
