"""Whom to ask: a choice of values, with a reason for everybody."""

import uuid
from dataclasses import replace

import pytest

from services.choosing import Candidate, Reason, choose, judge
from services.ladder import DEFAULT_RUNGS, Rung, Territory
from services.models import WorkerRole, WorkerStatus
from services.reach import Measured, Place, Trip

NEAREST, NEXT, VOLUNTEER, STAFF, DESK = DEFAULT_RUNGS


def candidate(number: int, seconds: float | None, own_grid: bool = False) -> Candidate:
    """A free grid worker so many seconds away."""
    trip = None if seconds is None else Trip(seconds, seconds * 1.3, lambda: [[0.0, 0.0]], Measured.STREETS)
    role, free = WorkerRole.GRID_WORKER, WorkerStatus.AVAILABLE
    return Candidate(uuid.UUID(int=number), role, free, True, Place(0, 0), own_grid=own_grid, trip=trip)


def test_the_nearest_is_asked() -> None:
    choice = choose([candidate(1, 90), candidate(2, 80), candidate(3, 100)], NEAREST)
    assert choice.chosen is not None
    assert (choice.chosen.candidate.worker_id.int, choice.chosen.reason) == (2, Reason.NEAREST)
    assert [verdict.candidate.worker_id.int for verdict in choice.verdicts] == [2, 1, 3]


@pytest.mark.parametrize(("own_seconds", "asked", "reason"), [(140, 2, Reason.OWN_GRID), (140.1, 1, Reason.NEAREST)])
def test_the_own_grid_goes_first_up_to_a_minute_slower(own_seconds: float, asked: int, reason: Reason) -> None:
    choice = choose([candidate(1, 80), candidate(2, own_seconds, own_grid=True)], NEAREST)
    assert choice.chosen is not None
    assert (choice.chosen.candidate.worker_id.int, choice.chosen.reason) == (asked, reason)


def test_equals_are_decided_by_id_and_not_by_order() -> None:
    for order in ([candidate(1, 80), candidate(2, 80)], [candidate(2, 80), candidate(1, 80)]):
        choice = choose(order, NEAREST)
        assert choice.chosen is not None
        assert choice.chosen.candidate.worker_id.int == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": WorkerStatus.OFF_DUTY}, Reason.OFF_DUTY),
        ({"on_duty": False}, Reason.OFF_DUTY),
        ({"status": WorkerStatus.OFFERED}, Reason.BUSY),
        ({"status": WorkerStatus.COMMITTED}, Reason.BUSY),
        ({"asked_before": True}, Reason.ASKED_BEFORE),
        ({"role": WorkerRole.VOLUNTEER}, Reason.OTHER_ROLE),
        ({"trip": None}, Reason.OUT_OF_REACH),
        ({"skills": frozenset({"sign"})}, Reason.MISSING_SKILL),
    ],
)
def test_everybody_who_is_not_asked_has_a_reason(changes: dict[str, object], reason: Reason) -> None:
    able = replace(candidate(1, 80), skills=frozenset({"sign", "language:yue"}))
    choice = choose([replace(able, **changes)], NEAREST, {"sign", "language:yue"})
    assert choice.chosen is None
    assert [verdict.reason for verdict in choice.verdicts] == [reason]
    assert choice.why_nobody == reason.value
    assert choose([able], NEAREST, {"sign", "language:yue"}).chosen is not None


def test_staff_are_asked_in_their_own_community_only() -> None:
    worker = replace(candidate(1, 80), role=WorkerRole.COMMUNITY_STAFF)
    assert judge(worker, STAFF).reason is Reason.OTHER_TERRITORY
    assert judge(replace(worker, own_community=True), STAFF).eligible


def test_a_rung_may_be_for_the_own_grid_alone() -> None:
    rung = Rung("OWN", WorkerRole.GRID_WORKER, 45, 30, territory=Territory.OWN_GRID)
    choice = choose([candidate(1, 10), candidate(2, 500, own_grid=True)], rung)
    assert choice.chosen is not None
    assert choice.chosen.candidate.worker_id.int == 2


def test_an_empty_rung_says_that_nobody_is_there() -> None:
    choice = choose([], NEAREST)
    assert (choice.chosen, choice.verdicts, choice.why_nobody) == (None, (), "NOBODY_THERE")


def test_what_is_kept_names_nobody_and_no_skill() -> None:
    kept = judge(candidate(7, 80), NEAREST, frozenset({"dementia"})).kept()
    assert kept == {
        "worker": str(uuid.UUID(int=7)),
        "eligible": False,
        "reason": "MISSING_SKILL",
        "position": "POSITION",
        "seconds": 80,
        "meters": 104,
        "measured": "STREETS",
    }
