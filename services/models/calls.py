"""Calls for help: the press, the call with its state, and the timeline from which the state can be told again."""

import enum
import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from geoalchemy2 import WKBElement
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Identified, names, point
from services.models.service_points import ServiceMode


class TerminalButton(enum.StrEnum):
    """What a one-touch terminal can say."""

    EMERGENCY = "EMERGENCY"
    HELP = "HELP"
    SERVICE = "SERVICE"
    CANCEL = "CANCEL"


class CallStatus(enum.StrEnum):
    """Where a call stands. RINGING is the alarm at the duty desk, HELD a dispatcher who has answered it."""

    OPEN = "OPEN"
    OFFERED = "OFFERED"
    ACCEPTED = "ACCEPTED"
    ARRIVED = "ARRIVED"
    RINGING = "RINGING"
    HELD = "HELD"
    RESOLVED = "RESOLVED"
    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"

    @property
    def is_open(self) -> bool:
        """True until somebody has resolved or cancelled the call."""
        return self not in ENDED


ENDED = (CallStatus.RESOLVED, CallStatus.CLOSED, CallStatus.CANCELLED)


class CallMark(enum.StrEnum):
    """Why an authentic press goes straight to the duty desk."""

    UNKNOWN_SERIAL = "UNKNOWN_SERIAL"
    RETIRED_TERMINAL = "RETIRED_TERMINAL"
    NO_HOUSEHOLD = "NO_HOUSEHOLD"
    HOUSEHOLD_GONE = "HOUSEHOLD_GONE"
    CANCEL_ALONE = "CANCEL_ALONE"


class CallOutcome(enum.StrEnum):
    """How a call ended, coded so that it can be counted."""

    HELP_GIVEN = "HELP_GIVEN"
    SERVICE_ARRANGED = "SERVICE_ARRANGED"
    TAKEN_TO_HOSPITAL = "TAKEN_TO_HOSPITAL"
    HANDED_TO_POLICE_OR_FIRE = "HANDED_TO_POLICE_OR_FIRE"
    NOBODY_FOUND = "NOBODY_FOUND"
    FALSE_ALARM = "FALSE_ALARM"
    TEST = "TEST"


class CallEventKind(enum.StrEnum):
    """What can happen to a call."""

    OPENED = "OPENED"
    PRESSED_AGAIN = "PRESSED_AGAIN"
    CANCEL_PRESSED = "CANCEL_PRESSED"
    RUNG_SKIPPED = "RUNG_SKIPPED"
    OFFERED = "OFFERED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"
    WITHDRAWN = "WITHDRAWN"
    ACCEPTED = "ACCEPTED"
    ASKED_AFTER = "ASKED_AFTER"
    CONFIRMED = "CONFIRMED"
    HOLDER_LOST = "HOLDER_LOST"
    ARRIVED = "ARRIVED"
    RANG = "RANG"
    CLAIMED = "CLAIMED"
    RELEASED = "RELEASED"
    CLAIM_LAPSED = "CLAIM_LAPSED"
    ESCALATED = "ESCALATED"
    CANCELLED = "CANCELLED"
    RESOLVED = "RESOLVED"
    FOLLOWED_UP = "FOLLOWED_UP"
    REOPENED = "REOPENED"


class Call(Identified):
    """A call as it stands: the fold of its timeline, plus where it came from. Every writer locks this row first."""

    __tablename__ = "calls"
    __table_args__ = (
        sa.Index("ix_calls_household_id_opened_at", "household_id", "opened_at"),
        sa.Index("ix_calls_terminal_serial_opened_at", "terminal_serial", "opened_at"),
        sa.Index(
            "ix_calls_open",
            "status",
            "opened_at",
            postgresql_where=sa.text("status NOT IN ('RESOLVED', 'CLOSED', 'CANCELLED')"),
        ),
        sa.CheckConstraint("(status IN ('ACCEPTED', 'ARRIVED')) <= (holder_id IS NOT NULL)", name="held_by_one"),
        sa.CheckConstraint("(status = 'OFFERED') <= (offer_id IS NOT NULL)", name="offered_to_one"),
        sa.CheckConstraint("(status = 'HELD') <= (claimed_by IS NOT NULL)", name="claimed_by_one"),
    )

    terminal_serial: Mapped[str] = mapped_column(sa.String(64))
    terminal_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("terminals.id"))
    household_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("households.id"))
    grid_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("areas.id"))
    community_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("areas.id"))
    area_ids: Mapped[list[uuid.UUID]] = mapped_column(sa.ARRAY(sa.Uuid))
    location: Mapped[WKBElement | None] = point(index=False, nullable=True)
    mark: Mapped[CallMark | None] = mapped_column(names(CallMark))
    opened_at: Mapped[datetime]
    answer_due_at: Mapped[datetime]
    last_pressed_at: Mapped[datetime]
    claim_seen_at: Mapped[datetime | None]
    feature_id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), unique=True)

    # what the timeline tells; see services.call_states
    status: Mapped[CallStatus] = mapped_column(names(CallStatus))
    priority: Mapped[int] = mapped_column(sa.SmallInteger)
    press_count: Mapped[int]
    rung: Mapped[int] = mapped_column(sa.SmallInteger)
    round: Mapped[int] = mapped_column(sa.SmallInteger)
    offer_id: Mapped[uuid.UUID | None]
    holder_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("workers.id"))
    claimed_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("accounts.id"))
    cancel_pressed: Mapped[bool]
    asked_after: Mapped[bool]
    answered_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[CallOutcome | None] = mapped_column(names(CallOutcome))
    service_mode: Mapped[ServiceMode | None] = mapped_column(names(ServiceMode))
    provider: Mapped[str | None] = mapped_column(sa.Text)
    appointment_at: Mapped[datetime | None]
    satisfied: Mapped[bool | None]
    version: Mapped[int]


class CallEvent(Identified):
    """One line of a call's timeline. `detail` holds ids, codes and numbers; never a name, never a diagnosis."""

    __tablename__ = "call_events"
    __table_args__ = (sa.UniqueConstraint("call_id", "number"),)

    call_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("calls.id"))
    number: Mapped[int]
    at: Mapped[datetime]
    kind: Mapped[CallEventKind] = mapped_column(names(CallEventKind))
    actor_id: Mapped[uuid.UUID | None]
    worker_id: Mapped[uuid.UUID | None]
    status: Mapped[CallStatus] = mapped_column(names(CallStatus))
    priority: Mapped[int] = mapped_column(sa.SmallInteger)
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)


class Press(Identified):
    """One press as the terminal numbered it: (serial, reference) is the press, however often it is sent."""

    __tablename__ = "presses"
    __table_args__ = (
        sa.UniqueConstraint("terminal_serial", "reference"),
        sa.Index("ix_presses_call_id", "call_id"),
    )

    terminal_serial: Mapped[str] = mapped_column(sa.String(64))
    reference: Mapped[str] = mapped_column(sa.String(80))
    button: Mapped[TerminalButton] = mapped_column(names(TerminalButton))
    pressed_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    call_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("calls.id", deferrable=True, initially="DEFERRED"))
    joined: Mapped[bool]


class CallNote(Identified):
    """What somebody wrote about a call in own words; sealed, since it may speak of a person."""

    __tablename__ = "call_notes"
    __table_args__ = (sa.Index("ix_call_notes_call_id", "call_id"),)

    call_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("calls.id"))
    at: Mapped[datetime]
    actor_id: Mapped[uuid.UUID | None]
    data_key: Mapped[bytes]
    note_sealed: Mapped[bytes]


def is_open() -> sa.ColumnElement[bool]:
    """True for calls that nobody has ended; written so that the index of open calls serves it."""
    return Call.status.not_in(ENDED)


def timeline(call_id: uuid.UUID) -> sa.Select[CallEvent]:
    """A call's lines, first to last."""
    return sa.select(CallEvent).where(CallEvent.call_id == call_id).order_by(CallEvent.number)


def locked(call_id: uuid.UUID) -> sa.Select[Call]:
    """The call, held against every other writer until the transaction ends."""
    return sa.select(Call).where(Call.id == call_id).with_for_update().execution_options(populate_existing=True)
