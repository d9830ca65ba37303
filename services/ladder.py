"""The ladder: rungs are places and people, asked one after the other, each with its time. Pure: values in, values out.

Calls count seconds; what comes later counts working days. A rung therefore says how much of which clock it has, and
`due_at` is given the clocks that the caller knows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from services.errors import Refusal
from services.models.workers import WorkerRole


class LadderWrong(Refusal):
    """This ladder cannot be used: {reason}"""


class TimeUnit(StrEnum):
    """What a rung's time is counted in."""

    SECONDS = "SECONDS"
    WORKING_DAYS = "WORKING_DAYS"


class Territory(StrEnum):
    """Whose assignment counts on a rung: anybody's in reach, the own community's, the own grid's."""

    ANYWHERE = "ANYWHERE"
    OWN_COMMUNITY = "OWN_COMMUNITY"
    OWN_GRID = "OWN_GRID"


DUTY_DESK = "DUTY_DESK"
Clock = Callable[[datetime, float], datetime]


@dataclass(frozen=True, slots=True)
class Rung:
    """One step: who is asked (`role` None: the desk), where they serve, within what reach, and for how long."""

    code: str
    role: WorkerRole | None
    time: float
    emergency_time: float
    unit: TimeUnit = TimeUnit.SECONDS
    territory: Territory = Territory.ANYWHERE
    limit_seconds: float | None = None

    @property
    def is_desk(self) -> bool:
        """True for the rung that rings at the duty desk until somebody answers."""
        return self.role is None


DEFAULT_RUNGS = (
    Rung("NEAREST_GRID_WORKER", WorkerRole.GRID_WORKER, 45, 30, limit_seconds=1800),
    Rung("NEXT_GRID_WORKER", WorkerRole.GRID_WORKER, 45, 30, limit_seconds=1800),
    Rung("NEIGHBOURING_VOLUNTEER", WorkerRole.VOLUNTEER, 45, 30, limit_seconds=600),
    Rung("COMMUNITY_STAFF", WorkerRole.COMMUNITY_STAFF, 45, 30, territory=Territory.OWN_COMMUNITY),
    Rung(DUTY_DESK, None, 30, 15),
)


@dataclass(frozen=True, slots=True)
class CallRules:
    """Every number of the calls, with the default that the field's practice gives."""

    join_seconds: float = 180
    answer_seconds: float = 60
    own_grid_advantage_seconds: float = 60
    position_stale_seconds: float = 300
    position_worst_accuracy_meters: float = 2000
    position_ahead_seconds: float = 60
    claim_beat_seconds: float = 15
    claim_stale_seconds: float = 45
    ask_after_seconds: float = 120
    ask_after_eta_factor: float = 1.5
    ask_after_answer_seconds: float = 60
    moved_meters: float = 30
    dispatch_retry_seconds: float = 2
    offline_seconds: float = 10
    presence_beat_seconds: float = 5
    presence_stale_seconds: float = 20
    contacts_unanswered_seconds: float = 180
    follow_up_seconds: float = 86_400
    desk_ring_seconds: float = 30
    sweep_overdue_seconds: float = 60
    surge_calls: int = 5
    surge_unserved_seconds: float = 7200
    emergency_priority: int = 6
    emergency_weight: float = 4
    priority_by_button: Mapping[str, int] = field(
        default_factory=lambda: {"EMERGENCY": 6, "HELP": 3, "SERVICE": 1, "CANCEL": 1}
    )
    care_priority: int = 1
    candidates_searched: int = 16
    detour_factor: float = 1.4
    shift_early_seconds: float = 1800
    unplanned_shift_seconds: float = 14_400
    silent_beats: float = 3
    silent_beats_in_care: float = 2
    silent_beats_in_close_care: float = 1.5
    close_care_days: int = 7
    low_battery_percent: int = 20
    trouble_repeat_seconds: float = 14_400
    trouble_repeat_in_care_seconds: float = 3600
    trouble_repeat_in_close_care_seconds: float = 1800
    timer_retry_seconds: float = 2
    delivery_attempts: int = 12
    delivery_lease_seconds: float = 30
    delivery_retry_seconds: float = 5
    rungs: tuple[Rung, ...] = DEFAULT_RUNGS

    def is_emergency(self, priority: int) -> bool:
        """True from the priority at which a call counts as an emergency."""
        return priority >= self.emergency_priority

    def weight(self, priority: int) -> float:
        """How much a second of waiting counts in a surge."""
        return self.emergency_weight if self.is_emergency(priority) else 1.0


RULES = CallRules()


@dataclass(frozen=True, slots=True)
class Skip:
    """A rung passed over, and why (a code)."""

    rung: int
    code: str
    reason: str


def due_at(rung: Rung, now: datetime, emergency: bool, clocks: Mapping[TimeUnit, Clock] | None = None) -> datetime:
    """When the rung's time is over. Raises LadderWrong when its unit has no clock here."""
    amount = rung.emergency_time if emergency else rung.time
    clock = {TimeUnit.SECONDS: add_seconds, **(clocks or {})}.get(rung.unit)
    if clock is None:
        raise LadderWrong(reason=f"{rung.code} counts {rung.unit.value}, for which no calendar is given.")
    return clock(now, amount)


def add_seconds(start: datetime, seconds: float) -> datetime:
    """The clock of the calls."""
    return start + timedelta(seconds=seconds)


def read(rows: Sequence[Mapping[str, Any]]) -> tuple[Rung, ...]:
    """A ladder from its stored form. Raises LadderWrong unless its last rung, and only that, is the duty desk."""
    rungs = tuple(_read_rung(row) for row in rows)
    if not rungs or not rungs[-1].is_desk or any(rung.is_desk for rung in rungs[:-1]):
        raise LadderWrong(reason="the last rung must be the duty desk, and no other may be.")
    if any(min(rung.time, rung.emergency_time) <= 0 for rung in rungs):
        raise LadderWrong(reason="every rung needs a time above zero.")
    return rungs


def stored(rungs: Sequence[Rung]) -> list[dict[str, Any]]:
    """A ladder as it is stored; `read` gives it back."""
    return [
        {
            "code": rung.code,
            "role": rung.role.value if rung.role else None,
            "time": rung.time,
            "emergency_time": rung.emergency_time,
            "unit": rung.unit.value,
            "territory": rung.territory.value,
            "limit_seconds": rung.limit_seconds,
        }
        for rung in rungs
    ]


def _read_rung(row: Mapping[str, Any]) -> Rung:
    try:
        return Rung(
            code=str(row["code"]),
            role=WorkerRole(row["role"]) if row.get("role") else None,
            time=float(row["time"]),
            emergency_time=float(row.get("emergency_time", row["time"])),
            unit=TimeUnit(row.get("unit", TimeUnit.SECONDS)),
            territory=Territory(row.get("territory", Territory.ANYWHERE)),
            limit_seconds=float(row["limit_seconds"]) if row.get("limit_seconds") is not None else None,
        )
    except (KeyError, ValueError, TypeError) as wrong:
        raise LadderWrong(reason=f"{wrong!s} is not understood.") from None
