"""What is attached to a case: photos and papers. Who may act on the case may see them; the bytes lie in the file store.

`case_id` is the column by which a row is judged: the rights are those of the case. A photo's place and time are
personal (they tell where somebody was): they are read from the file, kept here, and no longer in the file.
"""

import uuid
from datetime import datetime

import sqlalchemy as sa
from geoalchemy2 import WKBElement
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Identified, point


class Attachment(Identified):
    """One file of a case. `key` names its bytes in the store, `digest` is their SHA-256; `name` is as it was sent."""

    __tablename__ = "attachments"
    __table_args__ = (sa.Index("ix_attachments_case_id", "case_id", "added_at"),)

    case_id: Mapped[uuid.UUID]
    name: Mapped[str] = mapped_column(sa.Text)
    media_type: Mapped[str] = mapped_column(sa.String(80))
    size_bytes: Mapped[int]
    digest: Mapped[bytes]
    key: Mapped[str] = mapped_column(sa.String(160), unique=True)
    taken_at: Mapped[datetime | None]
    location: Mapped[WKBElement | None] = point(index=False, nullable=True)
    added_at: Mapped[datetime]
    added_by: Mapped[uuid.UUID | None]


def of_cases(case_ids: list[uuid.UUID]) -> sa.Select[uuid.UUID, Attachment]:
    """(case, attachment) of these cases, first to last."""
    pairs = sa.select(Attachment.case_id, Attachment).where(Attachment.case_id.in_(case_ids))
    return pairs.order_by(Attachment.added_at, Attachment.id)
