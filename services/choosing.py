"""Choosing whom to ask: candidates as values in, one choice with a reason for everybody out. Fetches nothing."""

import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from services.ladder import RULES, CallRules, Rung, Territory
from services.models.workers import WorkerRole, WorkerStatus
from services.reach import Place, Trip

LANGUAGE = "language:"
NOBODY_THERE = "NOBODY_THERE"


class Reason(StrEnum):
    """Why somebody is asked, could be asked, or is not."""

    NEAREST = "NEAREST"
    OWN_GRID = "OWN_GRID"
    TOGETHER = "TOGETHER"
    FREE = "FREE"
    OFF_DUTY = "OFF_DUTY"
    BUSY = "BUSY"
    ASKED_BEFORE = "ASKED_BEFORE"
    OTHER_ROLE = "OTHER_ROLE"
    OTHER_TERRITORY = "OTHER_TERRITORY"
    MISSING_SKILL = "MISSING_SKILL"
    OUT_OF_REACH = "OUT_OF_REACH"


class PositionSource(StrEnum):
    """What stands for a worker's place: a fresh position, or the home post when there is none or it is stale."""

    POSITION = "POSITION"
    POST = "POST"
    POST_FOR_STALE_POSITION = "POST_FOR_STALE_POSITION"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A worker as dispatch sees him: what he is, whether he can, where he is and how long it takes (None: too long)."""

    worker_id: uuid.UUID
    role: WorkerRole
    status: WorkerStatus
    on_duty: bool
    place: Place
    source: PositionSource = PositionSource.POSITION
    position_age_seconds: float | None = None
    skills: frozenset[str] = frozenset()
    own_grid: bool = False
    own_community: bool = False
    asked_before: bool = False
    trip: Trip | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided about a candidate, and why."""

    candidate: Candidate
    eligible: bool
    reason: Reason

    def kept(self) -> dict[str, Any]:
        """The verdict as it is kept with the offer: ids, codes, numbers."""
        trip = self.candidate.trip
        return {
            "worker": str(self.candidate.worker_id),
            "eligible": self.eligible,
            "reason": self.reason.value,
            "position": self.candidate.source.value,
            "seconds": round(trip.seconds, 1) if trip else None,
            "meters": round(trip.meters) if trip else None,
            "measured": trip.measured.value if trip else None,
        }


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom to ask (None: nobody), and the verdict on each: the eligible by time first, then the others."""

    chosen: Verdict | None
    verdicts: tuple[Verdict, ...] = field(default=())

    @property
    def why_nobody(self) -> str:
        """One code for an empty rung: what stood in the way of most, NOBODY_THERE when there was no one at all."""
        return why_empty(Counter(verdict.reason.value for verdict in self.verdicts))


def why_empty(reasons: Counter[str]) -> str:
    """What stands in the way of most, of two that are as many always the same; NOBODY_THERE when there is no one."""
    there = [(count, why) for why, count in reasons.items() if count]
    return max(there)[1] if there else NOBODY_THERE


def choose(
    candidates: Sequence[Candidate], rung: Rung, wanted: Collection[str] = (), rules: CallRules = RULES
) -> Choice:
    """The one to ask on a rung: least time; of the own grid when at most a minute slower than the best."""
    judged = [judge(candidate, rung, frozenset(wanted)) for candidate in candidates]
    able = sorted((verdict for verdict in judged if verdict.eligible), key=_by_time)
    unable = [verdict for verdict in judged if not verdict.eligible]
    if not able:
        return Choice(None, tuple(unable))
    chosen = _preferred(able, rules)
    rest = [verdict for verdict in able if verdict.candidate is not chosen.candidate]
    return Choice(chosen, (chosen, *rest, *unable))


def judge(
    candidate: Candidate, rung: Rung | None, wanted: frozenset[str] = frozenset(), *, reach_matters: bool = True
) -> Verdict:
    """Whether a candidate can be asked on a rung (None: any), and if not, the first reason that stands against it."""
    against = (
        (Reason.OTHER_ROLE, rung is not None and candidate.role is not rung.role),
        (Reason.OTHER_TERRITORY, rung is not None and not _serves(candidate, rung.territory)),
        (Reason.BUSY, candidate.status in (WorkerStatus.OFFERED, WorkerStatus.COMMITTED)),
        (Reason.OFF_DUTY, candidate.status is not WorkerStatus.AVAILABLE or not candidate.on_duty),
        (Reason.ASKED_BEFORE, candidate.asked_before),
        (Reason.MISSING_SKILL, not wanted <= candidate.skills),
        (Reason.OUT_OF_REACH, reach_matters and candidate.trip is None),
    )
    reason = next((reason for reason, holds in against if holds), None)
    return Verdict(candidate, reason is None, reason or Reason.FREE)


def _preferred(able: Sequence[Verdict], rules: CallRules) -> Verdict:
    best = able[0]
    near_enough = _by_time(best)[0] + rules.own_grid_advantage_seconds
    own = next((v for v in able if v.candidate.own_grid and _by_time(v)[0] <= near_enough), None)
    if own is not None:
        return Verdict(own.candidate, True, Reason.OWN_GRID)
    return Verdict(best.candidate, True, Reason.NEAREST)


def _by_time(verdict: Verdict) -> tuple[float, uuid.UUID]:
    trip = verdict.candidate.trip
    return (trip.seconds if trip else float("inf"), verdict.candidate.worker_id)


def _serves(candidate: Candidate, territory: Territory) -> bool:
    if territory is Territory.OWN_GRID:
        return candidate.own_grid
    return territory is Territory.ANYWHERE or candidate.own_community
