"""Votes of homes in a case (S8): who has voted, and of a secret vote the ballots apart from who cast them.

They are seen with their case (`case_id`); a ballot has nothing by which it could be joined to its home.
"""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Base, Identified


class CaseVote(Identified):
    """A household has voted; `choice` is null when the vote is secret: the ballot then lies in `case_ballots`."""

    __tablename__ = "case_votes"
    __table_args__ = (sa.UniqueConstraint("case_id", "household_id"),)

    case_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cases.id"))
    household_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("households.id"))
    choice: Mapped[str | None] = mapped_column(sa.String(80))
    at: Mapped[datetime]
    cast_by: Mapped[uuid.UUID | None]


class CaseBallot(Base):
    """A secret ballot: its id is random and it has no time, so that nothing joins it to its household."""

    __tablename__ = "case_ballots"
    __table_args__ = (sa.Index("ix_case_ballots_case_id", "case_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    case_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cases.id"))
    choice: Mapped[str] = mapped_column(sa.String(80))
