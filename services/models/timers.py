"""Timers: something is due at a time; any server process takes it, and a crash loses none."""

import enum
import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Identified


class TimerKind(enum.StrEnum):
    """What falls due. Kept as plain text in the store, so that casework adds its own."""

    DISPATCH = "DISPATCH"
    OFFER_EXPIRES = "OFFER_EXPIRES"
    ASK_AFTER = "ASK_AFTER"
    REOPEN_FORGOTTEN = "REOPEN_FORGOTTEN"
    RING_AGAIN = "RING_AGAIN"
    CLAIM_LAPSES = "CLAIM_LAPSES"
    CONTACTS_UNANSWERED = "CONTACTS_UNANSWERED"
    FOLLOW_UP_DUE = "FOLLOW_UP_DUE"
    WORKER_LEFT = "WORKER_LEFT"
    ERASE_CARE_RECORD = "ERASE_CARE_RECORD"


class Timer(Identified):
    """A row with a due time; it is deleted in the transaction that does what was due.

    `guard` tells the state for which the timer was set: when that has passed, there is nothing to do. So nobody ever
    has to find and cancel a timer, and no lock is taken out of order.
    """

    __tablename__ = "timers"
    __table_args__ = (sa.Index("ix_timers_due_at", "due_at"), sa.Index("ix_timers_subject_id", "subject_id"))

    kind: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[uuid.UUID]
    due_at: Mapped[datetime]
    guard: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    attempts: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None] = mapped_column(sa.String(80))
