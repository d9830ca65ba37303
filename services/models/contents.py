"""Content versions: one counter for each body of content that is cached or tiled, raised by whoever changes it."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Base


class ContentVersion(Base):
    """How often the content called `name` has changed."""

    __tablename__ = "content_versions"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    version: Mapped[int] = mapped_column(sa.BigInteger, default=1)
