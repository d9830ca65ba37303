"""Faults on the real thing: two servers, a cluster of their own, clients that go on; after each fault nothing is lost.

How late a call's next step may be is checked by ./dev chaos on a quiet machine (5 seconds). Here the machine may be
busy: with four times more work than it has cores for, the latest was 20 seconds.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from chaos import run
from chaos.faults import FAULTS
from chaos.run import Scene

pytestmark = [pytest.mark.chaos, pytest.mark.slow, pytest.mark.alone]

LATEST_SECONDS = 40.0


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Where the cluster lies; short, for its socket's path, and open to PostgreSQL's own user."""
    with tempfile.TemporaryDirectory(prefix="linli-chaos-", dir="/tmp") as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest_asyncio.fixture(scope="module")
async def scene(folder: Path) -> AsyncIterator[Scene]:
    """A town in which residents press, workers answer and desks watch, while tests break things."""
    async with run.scene(folder, seed=20, count=2, durable=False, latest_seconds=LATEST_SECONDS) as found:
        yield found
    assert found.tally.losses == []


@pytest.mark.parametrize("fault", sorted(FAULTS))
async def test_nothing_is_lost_by(fault: str, scene: Scene) -> None:
    """Every acknowledged press has its call, every call a holder or a next step, every watcher each event once."""
    await run.strike(scene, fault)
    assert scene.tally.losses == []
    assert scene.tally.faults[fault] == 1


async def test_nothing_is_lost_by_a_mix_of_faults(scene: Scene) -> None:
    """Fixed by its seed, so that what it finds is found again; and something was going on meanwhile."""
    await run.mix(scene, seconds=15, once_each=False)
    assert scene.tally.losses == []
    told = scene.tally.counts
    assert min(told["presses acknowledged"], told["offers accepted"], told["events watched"]) > 0


async def test_a_terminal_whose_clock_is_a_day_wrong_is_heard(scene: Scene) -> None:
    """Four of the twelve are a day fast or slow; their presses were answered like the others'."""
    wrong = {terminal.serial for terminal in scene.town.terminals if terminal.clock_error_days}
    assert len(wrong) == 4
    async with asyncio.timeout(LATEST_SECONDS):
        while not wrong <= {press.serial for press in scene.stage.clients.acknowledged}:
            await asyncio.sleep(0.2)
