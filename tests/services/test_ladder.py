"""The ladder as data: read, refused, timed; any unit of time by a clock that is handed in."""

from datetime import UTC, datetime, timedelta

import pytest

from services import ladder
from services.ladder import DEFAULT_RUNGS, CallRules, LadderWrong, Rung, TimeUnit
from services.models import WorkerRole

NOW = datetime(2026, 5, 20, 1, 0, tzinfo=UTC)
DESK = {"code": "DUTY_DESK", "role": None, "time": 30}
WORKER = {"code": "NEAREST", "role": "GRID_WORKER", "time": 45}


def test_the_default_ladder_is_that_of_the_field() -> None:
    told = [(rung.code, rung.role, rung.time, rung.emergency_time, rung.limit_seconds) for rung in DEFAULT_RUNGS]
    assert told == [
        ("NEAREST_GRID_WORKER", WorkerRole.GRID_WORKER, 45, 30, 1800),
        ("NEXT_GRID_WORKER", WorkerRole.GRID_WORKER, 45, 30, 1800),
        ("NEIGHBOURING_VOLUNTEER", WorkerRole.VOLUNTEER, 45, 30, 600),
        ("COMMUNITY_STAFF", WorkerRole.COMMUNITY_STAFF, 45, 30, None),
        ("DUTY_DESK", None, 30, 15, None),
    ]


def test_a_stored_ladder_is_read_as_it_was() -> None:
    assert ladder.read(ladder.stored(DEFAULT_RUNGS)) == DEFAULT_RUNGS


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [WORKER],
        [DESK, WORKER],
        [DESK, DESK],
        [{**WORKER, "role": "KING"}, DESK],
        [{**WORKER, "time": 0}, DESK],
        [{"code": "NEAREST", "role": "GRID_WORKER"}, DESK],
    ],
)
def test_a_ladder_that_would_lose_a_call_is_refused(rows: list[dict[str, object]]) -> None:
    with pytest.raises(LadderWrong):
        ladder.read(rows)


@pytest.mark.parametrize(("emergency", "seconds"), [(False, 45), (True, 30)])
def test_a_rung_has_45_seconds_and_30_in_an_emergency(emergency: bool, seconds: int) -> None:
    assert ladder.due_at(DEFAULT_RUNGS[0], NOW, emergency) == NOW + timedelta(seconds=seconds)


def test_the_same_ladder_counts_working_days_when_given_their_clock() -> None:
    rung = Rung("STREET", WorkerRole.COMMUNITY_STAFF, 3, 1, TimeUnit.WORKING_DAYS)
    clocks = {TimeUnit.WORKING_DAYS: lambda start, days: start + timedelta(days=2 * days)}
    assert ladder.due_at(rung, NOW, False, clocks) == NOW + timedelta(days=6)
    with pytest.raises(LadderWrong):
        ladder.due_at(rung, NOW, False)


def test_from_priority_six_it_is_an_emergency() -> None:
    rules = CallRules()
    assert [rules.is_emergency(priority) for priority in (5, 6, 9)] == [False, True, True]
