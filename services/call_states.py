"""The states of a call as one table: which event may happen in which state, and what the timeline adds up to.

Nothing here reads or writes the store. `advance` is the only way in which a call changes, so the row is by its making
the fold of its timeline: `rebuild(events)` tells the state again from the events alone.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from services.errors import Refusal
from services.models.calls import CallEventKind as Kind
from services.models.calls import CallOutcome
from services.models.calls import CallStatus as Status
from services.models.service_points import ServiceMode

MOST_URGENT = 9


class NotNow(Refusal):
    """A call that is {status} cannot be {event}. Load the call again and see where it stands."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event as values: what, when, by whom, with which codes and numbers."""

    kind: Kind
    at: datetime
    actor_id: uuid.UUID | None = None
    worker_id: uuid.UUID | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallState:
    """Where a call stands; the columns of `Call` of the same names."""

    status: Status
    priority: int
    press_count: int = 1
    rung: int = 0
    round: int = 1
    offer_id: uuid.UUID | None = None
    holder_id: uuid.UUID | None = None
    claimed_by: uuid.UUID | None = None
    cancel_pressed: bool = False
    asked_after: bool = False
    answered_at: datetime | None = None
    accepted_at: datetime | None = None
    arrived_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: CallOutcome | None = None
    service_mode: ServiceMode | None = None
    provider: str | None = None
    appointment_at: datetime | None = None
    satisfied: bool | None = None
    version: int = 1


_OPEN = tuple(status for status in Status if status.is_open)
_ANYWHERE_OPEN = {status: status for status in _OPEN}

TRANSITIONS: Mapping[Kind, Mapping[Status, Status]] = {
    Kind.PRESSED_AGAIN: _ANYWHERE_OPEN,
    Kind.CANCEL_PRESSED: {status: status for status in Status},
    Kind.RUNG_SKIPPED: {Status.OPEN: Status.OPEN},
    Kind.OFFERED: {Status.OPEN: Status.OFFERED, Status.HELD: Status.OFFERED, Status.RINGING: Status.OFFERED},
    Kind.DECLINED: {Status.OFFERED: Status.OPEN},
    Kind.EXPIRED: {Status.OFFERED: Status.OPEN},
    Kind.WITHDRAWN: {Status.OFFERED: Status.OPEN},
    Kind.ACCEPTED: {Status.OFFERED: Status.ACCEPTED},
    Kind.ASKED_AFTER: {Status.ACCEPTED: Status.ACCEPTED},
    Kind.CONFIRMED: {Status.ACCEPTED: Status.ACCEPTED},
    Kind.HOLDER_LOST: {Status.ACCEPTED: Status.OPEN, Status.ARRIVED: Status.OPEN},
    Kind.ARRIVED: {Status.ACCEPTED: Status.ARRIVED},
    Kind.RANG: {Status.OPEN: Status.RINGING, Status.RINGING: Status.RINGING},
    Kind.CLAIMED: {**_ANYWHERE_OPEN, Status.RINGING: Status.HELD},
    Kind.RELEASED: {**_ANYWHERE_OPEN, Status.HELD: Status.RINGING},
    Kind.CLAIM_LAPSED: {**_ANYWHERE_OPEN, Status.HELD: Status.RINGING},
    Kind.ESCALATED: _ANYWHERE_OPEN,
    Kind.CANCELLED: {status: Status.CANCELLED for status in _OPEN},
    Kind.RESOLVED: {Status.ARRIVED: Status.RESOLVED, Status.HELD: Status.RESOLVED},
    Kind.FOLLOWED_UP: {Status.RESOLVED: Status.CLOSED},
    Kind.REOPENED: {Status.RESOLVED: Status.OPEN, Status.CLOSED: Status.OPEN},
}

Change = Callable[[CallState, Happening], Mapping[str, Any]]


def advance(state: CallState | None, event: Happening) -> CallState:
    """The state after `event`; NotNow when that cannot happen in this state."""
    if state is None:
        return _opened(event)
    after = TRANSITIONS.get(event.kind, {}).get(state.status)
    if after is None:
        raise NotNow(status=state.status.value, event=event.kind.value, current=state.status.value)
    changes = CHANGES.get(event.kind, _nothing)(state, event)
    return replace(state, **{"status": after, "version": state.version + 1, **changes})


def rebuild(events: Iterable[Happening]) -> CallState:
    """The state that a timeline adds up to, first event first; the first must be OPENED."""
    state: CallState | None = None
    for event in events:
        state = advance(state, event)
    if state is None:
        raise ValueError("a timeline has at least its first line")
    return state


def state_of(row: Any) -> CallState:
    """The state in a row's columns."""
    return CallState(**{each.name: getattr(row, each.name) for each in fields(CallState)})


def write_state(row: Any, state: CallState) -> None:
    """Copy the state into a row's columns."""
    for each in fields(CallState):
        setattr(row, each.name, getattr(state, each.name))


def _opened(event: Happening) -> CallState:
    if event.kind is not Kind.OPENED:
        raise NotNow(status="not yet open", event=event.kind.value)
    return CallState(status=Status.OPEN, priority=event.detail["priority"], rung=event.detail.get("rung", 0))


def _nothing(state: CallState, event: Happening) -> Mapping[str, Any]:
    return {}


def _pressed_again(state: CallState, event: Happening) -> Mapping[str, Any]:
    risen = max(state.priority + 1, event.detail["priority"])
    return {"press_count": state.press_count + 1, "priority": min(risen, MOST_URGENT)}


def _cancel_pressed(state: CallState, event: Happening) -> Mapping[str, Any]:
    return {"cancel_pressed": True}


def _to_rung(state: CallState, event: Happening) -> Mapping[str, Any]:
    return {"rung": event.detail["next_rung"]}


def _offered(state: CallState, event: Happening) -> Mapping[str, Any]:
    return {"offer_id": uuid.UUID(event.detail["offer"]), "rung": event.detail["next_rung"]}


def _offer_over(state: CallState, event: Happening) -> Mapping[str, Any]:
    return {"offer_id": None}


def _accepted(state: CallState, event: Happening) -> Mapping[str, Any]:
    answered = state.answered_at or event.at
    return {"holder_id": event.worker_id, "accepted_at": event.at, "answered_at": answered, "asked_after": False}


def _holder_lost(state: CallState, event: Happening) -> Mapping[str, Any]:
    gone = {"holder_id": None, "offer_id": None, "accepted_at": None, "arrived_at": None, "asked_after": False}
    return {**gone, "rung": 0, "round": state.round + 1}


def _claimed(state: CallState, event: Happening) -> Mapping[str, Any]:
    answers = state.status is Status.RINGING and state.answered_at is None
    return {"claimed_by": event.actor_id, "answered_at": event.at if answers else state.answered_at}


def _rang(state: CallState, event: Happening) -> Mapping[str, Any]:
    """A desk that still holds the call gets it back in its hands; any other desk has to answer first."""
    return {"status": Status.HELD} if state.claimed_by else {}


def _unclaimed(state: CallState, event: Happening) -> Mapping[str, Any]:
    return {"claimed_by": None}


def _escalated(state: CallState, event: Happening) -> Mapping[str, Any]:
    return {"priority": min(state.priority + 1, MOST_URGENT)}


def _ended(state: CallState, event: Happening) -> Mapping[str, Any]:
    return {"offer_id": None, "holder_id": None, "claimed_by": None, "ended_at": event.at}


def _resolved(state: CallState, event: Happening) -> Mapping[str, Any]:
    told = event.detail
    mode, meeting = told.get("service_mode"), told.get("appointment_at")
    return {
        **_ended(state, event),
        "outcome": CallOutcome(told["outcome"]),
        "service_mode": ServiceMode(mode) if mode else None,
        "provider": told.get("provider"),
        "appointment_at": datetime.fromisoformat(meeting) if meeting else None,
    }


def _followed_up(state: CallState, event: Happening) -> Mapping[str, Any]:
    return {"satisfied": True}


def _reopened(state: CallState, event: Happening) -> Mapping[str, Any]:
    fresh = {"offer_id": None, "holder_id": None, "accepted_at": None, "arrived_at": None, "ended_at": None}
    said = {"satisfied": False, "outcome": None, "service_mode": None, "provider": None, "appointment_at": None}
    return {**fresh, **said, "rung": 0, "round": state.round + 1, "cancel_pressed": False}


CHANGES: Mapping[Kind, Change] = {
    Kind.PRESSED_AGAIN: _pressed_again,
    Kind.CANCEL_PRESSED: _cancel_pressed,
    Kind.RUNG_SKIPPED: _to_rung,
    Kind.OFFERED: _offered,
    Kind.DECLINED: _offer_over,
    Kind.EXPIRED: _offer_over,
    Kind.WITHDRAWN: _offer_over,
    Kind.ACCEPTED: _accepted,
    Kind.ASKED_AFTER: lambda state, event: {"asked_after": True},
    Kind.CONFIRMED: lambda state, event: {"asked_after": False},
    Kind.HOLDER_LOST: _holder_lost,
    Kind.ARRIVED: lambda state, event: {"arrived_at": event.at},
    Kind.RANG: _rang,
    Kind.CLAIMED: _claimed,
    Kind.RELEASED: _unclaimed,
    Kind.CLAIM_LAPSED: _unclaimed,
    Kind.ESCALATED: _escalated,
    Kind.CANCELLED: _ended,
    Kind.RESOLVED: _resolved,
    Kind.FOLLOWED_UP: _followed_up,
    Kind.REOPENED: _reopened,
}
