"""What is attached to a case: photos and papers. Who may see the case may see them; the bytes lie in the file store.

`case_id` is the column by which a row is judged: the rights are those of the case. The file and its name are sealed
under `data_key`. Where and when a photo was taken is personal: it is read from the file, kept here, and taken out.
"""

import uuid
from datetime import datetime

import sqlalchemy as sa
from geoalchemy2 import WKBElement
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Identified, point


class Attachment(Identified):
    """One file of a case. `key` names its bytes in the store, `digest` is the keyed hash of what was sent."""

    __tablename__ = "attachments"
    __table_args__ = (sa.UniqueConstraint("case_id", "digest"),)

    case_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cases.id"))
    data_key: Mapped[bytes]
    name_sealed: Mapped[bytes]
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
