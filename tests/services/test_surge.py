"""Many calls at once: assigned together, so that the weighted arrival times sum to the least, emergencies first."""

import itertools
import uuid

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services import surge
from services.models import CallStatus, TerminalButton
from services.surge_plans import assign
from tests.callroom import CallRoom

UNSERVED = 7200.0


def test_together_is_better_than_one_by_one() -> None:
    # one by one the first call takes worker 0 (10 s) and leaves 500 s to the second: 510; together 20 + 30 = 50
    seconds = np.array([[10.0, 20.0], [30.0, 500.0]])
    assert assign(seconds, np.ones(2), UNSERVED) == [1, 0]


def test_when_workers_are_short_the_emergency_goes_first() -> None:
    seconds = np.array([[10.0], [900.0]])
    assert assign(seconds, np.array([1.0, 4.0]), UNSERVED) == [None, 0]


def test_who_cannot_be_asked_is_not_asked() -> None:
    seconds = np.array([[np.inf, 50.0], [np.inf, 20.0]])
    assert assign(seconds, np.ones(2), UNSERVED) == [None, 1]
    assert assign(np.empty((2, 0)), np.ones(2), UNSERVED) == [None, None]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_other_assignment_is_better(data: st.DataObject) -> None:
    calls, workers = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    second = st.one_of(st.floats(1, 3000), st.just(float("inf")))
    seconds = np.array(data.draw(st.lists(second, min_size=calls * workers, max_size=calls * workers)))
    seconds = seconds.reshape(calls, workers)
    weights = np.array(data.draw(st.lists(st.sampled_from([1.0, 4.0]), min_size=calls, max_size=calls)))

    def cost(chosen: tuple[int | None, ...]) -> float:
        times = [UNSERVED if worker is None else seconds[call, worker] for call, worker in enumerate(chosen)]
        return float(np.dot(weights, times))

    everything = itertools.product([None, *range(workers)], repeat=calls)
    valid = [c for c in everything if len({w for w in c if w is not None}) == sum(w is not None for w in c)]
    assert cost(tuple(assign(seconds, weights, UNSERVED))) == pytest.approx(min(map(cost, valid)))


async def test_a_surge_of_calls_is_offered_together(room: CallRoom) -> None:
    # homes at 100, 140, 180, 220, 260; workers at 150, 190, 230, 270, 310: each home one worker, in order
    numbers = [await room.add_home(0, x) for x in (100, 140, 180, 220, 260)]
    crew = [await room.worker(x) for x in (150, 190, 230, 270, 310)]
    pressed = [await room.press(number) for number in numbers]
    assert await surge.attempt(room.database, [press.call.id for press in pressed]) == 5
    asked = {await room.asked(press.call.id) for press in pressed}
    assert asked == {worker.id for worker in crew}
    total = 0.0
    for press in pressed:
        total += (await room.offer((await room.call(press.call.id)).offer_id)).eta_seconds or 0
    # each 50 m: 250 m times 1.4 at 1.3 m/s. One by one would take the nearest first and be longer or equal
    assert total == pytest.approx(250 * 1.4 / 1.3, rel=0.01)


async def test_in_a_surge_the_emergency_gets_the_only_worker_and_the_others_climb(room: CallRoom) -> None:
    numbers = [await room.add_home(0, x) for x in (100, 140, 180, 220)]
    worker = await room.worker(100)
    pressed = [await room.press(number) for number in numbers]
    pressed.append(await room.press(1, button=TerminalButton.EMERGENCY))
    assert await surge.attempt(room.database, [press.call.id for press in pressed]) == 1
    assert await room.asked(pressed[-1].call.id) == worker.id
    assert {(await room.call(press.call.id)).status for press in pressed[:-1]} == {CallStatus.RINGING}


async def test_a_fault_in_the_surge_leaves_the_calls_to_be_dispatched_one_by_one(
    room: CallRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [await room.add_home(0, x) for x in (100, 140, 180, 220, 260)]
    crew = [await room.worker(x) for x in (100, 140, 180, 220, 260)]
    pressed = [await room.press(number) for number in numbers]
    monkeypatch.setattr("services.surge_plans.assign", _broken)
    assert await surge.attempt(room.database, [press.call.id for press in pressed]) == 0
    assert {await room.asked(press.call.id) for press in pressed} == {worker.id for worker in crew}


async def test_a_call_that_is_gone_stops_no_other(room: CallRoom) -> None:
    pressed = await room.press()
    assert await surge.attempt(room.database, [uuid.uuid4(), pressed.call.id]) == 0
    assert (await room.call(pressed.call.id)).status is CallStatus.RINGING


def _broken(*_: object) -> None:
    raise RuntimeError("no assignment today")
