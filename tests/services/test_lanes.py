"""What can wait goes one by one, in its order, and whatever else the process does goes between."""

import asyncio

import pytest

from services.lanes import Lane


async def test_one_turn_each_time_round_and_other_work_between() -> None:
    """The first goes at once. A turn is given in one round and taken in the next, when the one after it is given."""
    lane, done = Lane(), list[str]()

    async def report(name: str) -> None:
        await lane.turn()
        done.append(name)

    async def press() -> None:
        for step in range(3):
            done.append(f"press {step}")
            await asyncio.sleep(0)

    reports = [asyncio.create_task(report(name)) for name in "abcd"]
    await asyncio.gather(asyncio.create_task(press()), *reports)
    # round 1: all begin, a goes at once; round 2: b is given its turn; round 3: b goes, c is given its turn ...
    assert done == ["a", "press 0", "press 1", "b", "press 2", "c", "d"]


async def test_between_two_turns_whoever_hurries_moves_a_step() -> None:
    lane, done = Lane(), list[str]()

    async def report(name: str) -> None:
        await lane.turn()
        done.append(name)

    async def press() -> None:
        while len(done) < 9:
            done.append("press")
            await asyncio.sleep(0)

    await asyncio.gather(*(report(name) for name in "abcd"), press())
    between = "".join(one if one != "press" else "." for one in done).strip(".")
    assert between.replace(".", "") == "abcd"
    assert all(f"{one}{two}" not in between for one, two in ("ab", "bc", "cd"))


async def test_whoever_goes_away_costs_no_turn_and_holds_up_nobody() -> None:
    lane, done = Lane(), list[str]()

    async def report(name: str) -> None:
        await lane.turn()
        done.append(name)

    tasks = {name: asyncio.create_task(report(name)) for name in "abcd"}
    await asyncio.sleep(0)
    tasks["b"].cancel()
    tasks["c"].cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)
    assert done == ["a", "d"]


async def test_a_lane_that_came_to_rest_lets_the_next_go_at_once() -> None:
    lane = Lane()
    await asyncio.gather(*(lane.turn() for _ in range(3)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    with pytest.raises(StopIteration):  # it ends without waiting
        lane.turn().send(None)
