"""What a case's timeline adds up to. Pure: each line tells its changes in values, and the fold lays them over each
other.

So a case is told again from its lines alone, however its kind's rules or the calendar have changed since.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import Any, TypeVar

from services.errors import Refusal
from services.workdays import Pause

Value = TypeVar("Value")


class TimelineBroken(Refusal):
    """The timeline of case {subject} does not begin with its opening, or lacks a line."""


@dataclass(frozen=True, slots=True)
class TermState:
    """One term as it stands; the columns of `CaseTerm` of the same names."""

    id: uuid.UUID
    name: str
    rung: int
    round: int
    amount: int
    unit: str
    starts: str
    started_at: datetime
    due_at: datetime | None
    provisional: bool = False
    met_at: datetime | None = None
    ended_at: datetime | None = None
    paused_working_days: int = 0
    looks: int = 0
    next_look_at: datetime | None = field(default=None, compare=False)  # a fault puts it off without a line

    @property
    def is_running(self) -> bool:
        """True until it is met, or ended because the case left its rung."""
        return self.met_at is None and self.ended_at is None

    def is_late(self, now: datetime) -> bool:
        """Derived, never stored: whether it was met, ended or is still running after its due time."""
        return self.due_at is not None and (self.met_at or self.ended_at or now) > self.due_at


@dataclass(frozen=True, slots=True)
class UnitPart:
    """An office called to the spot; the columns of `CaseUnit` of the same names."""

    unit_id: uuid.UUID
    part: str
    joined_at: datetime
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MemberPart:
    """Somebody of the case's team; the columns of `CaseMember` of the same names."""

    account_id: uuid.UUID
    part: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class PausedSpan:
    """The clock stood still, why, and who allowed it."""

    since: datetime
    reason: str
    by: uuid.UUID | None
    until: datetime | None = None

    @property
    def pause(self) -> Pause:
        """As the working days count it."""
        return Pause(self.since, self.until)


@dataclass(frozen=True, slots=True)
class CaseState:
    """Where a case stands; the columns of `Case` of the same names, with its terms, units and team."""

    state: str
    rung: int
    close_starts: str
    round: int = 1
    version: int = 1
    assignee_id: uuid.UUID | None = None
    officer_id: uuid.UUID | None = None
    agent_id: uuid.UUID | None = None
    unit_id: uuid.UUID | None = None
    lead_unit_id: uuid.UUID | None = None
    returns: int = 0
    is_complex: bool = False
    pauses: tuple[PausedSpan, ...] = ()
    reopened_rungs: tuple[int, ...] = ()
    consent_at: datetime | None = None
    accepted_at: datetime | None = None
    rated_at: datetime | None = None
    ended_at: datetime | None = None
    satisfied: bool | None = None
    terms: tuple[TermState, ...] = field(default=())
    units: tuple[UnitPart, ...] = field(default=())
    members: tuple[MemberPart, ...] = field(default=())

    @property
    def is_open(self) -> bool:
        """True until an end was reached."""
        return self.ended_at is None

    @property
    def is_paused(self) -> bool:
        """True while a pause has not ended."""
        return bool(self.pauses) and self.pauses[-1].until is None

    @property
    def running(self) -> list[TermState]:
        """The terms that run."""
        return [term for term in self.terms if term.is_running]


ROW_COLUMNS = tuple(each.name for each in fields(CaseState) if each.name not in ("terms", "units", "members"))
KEYS = {"terms": "id", "units": "unit_id", "members": "account_id"}


def changes_between(before: CaseState | None, after: CaseState) -> dict[str, Any]:
    """What one line has to tell: the columns that differ, and the terms, units and members that are new or differ."""
    told: dict[str, Any] = {}
    for name in ROW_COLUMNS:
        if before is None or getattr(before, name) != getattr(after, name):
            told[name] = plain(getattr(after, name))
    for name in KEYS:
        known = set(getattr(before, name)) if before else set()
        if new := [plain(each) for each in getattr(after, name) if each not in known]:
            told[name] = new
    return told


def rebuilt(changes: Iterable[Mapping[str, Any]], subject: object = None) -> CaseState:
    """The case that a timeline's changes add up to, first line first. Raises TimelineBroken."""
    state: CaseState | None = None
    for number, change in enumerate(changes, start=1):
        state = _laid_over(state, change, subject)
        if state.version != number:
            raise TimelineBroken(subject)
    if state is None:
        raise TimelineBroken(subject)
    return state


def _laid_over(state: CaseState | None, change: Mapping[str, Any], subject: object) -> CaseState:
    columns = {name: _value(name, value) for name, value in change.items() if name not in KEYS}
    if state is None:
        if not {"state", "rung", "close_starts"} <= columns.keys():
            raise TimelineBroken(subject)
        state = CaseState(**columns)
    else:
        state = replace(state, **columns)
    parts: dict[str, Any] = {name: _merged(name, getattr(state, name), change[name]) for name in KEYS if name in change}
    return replace(state, **parts)


def _merged(name: str, known: tuple[Any, ...], told: Iterable[Mapping[str, Any]]) -> tuple[Any, ...]:
    rows = {getattr(each, KEYS[name]): each for each in known}
    for each in told:
        row = _read(PARTS[name], each)
        rows[getattr(row, KEYS[name])] = row
    return tuple(rows.values())


PARTS: Mapping[str, type[Any]] = {"terms": TermState, "units": UnitPart, "members": MemberPart}


def plain(value: Any) -> Any:
    """A value as JSON holds it."""
    if isinstance(value, (uuid.UUID, datetime)):
        return value.isoformat() if isinstance(value, datetime) else str(value)
    if isinstance(value, (TermState, UnitPart, MemberPart, PausedSpan)):
        return {name: plain(each) for name, each in asdict(value).items()}
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    return value


def pauses_of(stored: Iterable[Mapping[str, Any]]) -> tuple[PausedSpan, ...]:
    """Pauses from their stored form."""
    return tuple(_read(PausedSpan, each) for each in stored)


def _read(shape: type[Value], told: Mapping[str, Any]) -> Value:
    return shape(**{name: _value(name, value) for name, value in told.items()})


def _value(name: str, value: Any) -> Any:
    """A value back from JSON, by the name of its column."""
    if value is None:
        return None
    if name == "pauses":
        return pauses_of(value)
    if name == "reopened_rungs":
        return tuple(value)
    if name.endswith("_at") or name in ("since", "until"):
        return datetime.fromisoformat(value)
    if name == "id" or name.endswith("_id") or name == "by":
        return uuid.UUID(value)
    return value
