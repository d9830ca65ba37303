"""The play: all go on duty, homes press, until every call is closed or somebody stops it."""

import asyncio
import random
import signal
import uuid
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

from services import clock, endings
from services.simulation.api import Api
from services.simulation.cast import Cast
from services.simulation.desk import Desk
from services.simulation.pace import Pace
from services.simulation.phones import Phone
from services.simulation.tally import Tally

SIGNALS = (signal.SIGINT, signal.SIGTERM)
Tell = Callable[[str], None]


async def play(url: str, cast: Cast, calls: int, speed: float, seed: int, tell: Tell) -> Tally:
    """Play `calls` presses and what follows; give what came of them. SIGINT and SIGTERM end it in good order.

    Raises NoServer. At the end those whom the play brought on duty go off duty, also when it is stopped.
    """
    pace = Pace(speed, random.Random(seed))
    async with Api(url) as api:
        desk = Desk(api, cast.desk, pace, {player.code for player in cast.workers}, tell)
        phones = [Phone(api, player, pace) for player in cast.workers]
        tell(f"{len(phones)} workers on duty, {len(cast.serials)} homes with a terminal, {speed:g} seconds a second")
        lives = [asyncio.ensure_future(life) for life in (desk.live(), *(phone.live() for phone in phones))]
        try:
            await _until_stopped(_presses(api, cast, calls, pace, desk), lives)
        finally:
            await endings.end(*lives)
            gone = [phone for phone in phones if not phone.player.was_on_duty]
            await asyncio.gather(*(phone.leave() for phone in gone))
            tell(f"{len(gone)} workers went off duty, {len(phones) - len(gone)} stay on duty as they were before")
    return desk.tally


async def require_server(url: str) -> None:
    """Ask before anybody gets an account. Raises NoServer."""
    async with Api(url):
        return


async def _presses(api: Api, cast: Cast, calls: int, pace: Pace, desk: Desk) -> None:
    """Press in one home after the other, then wait for the last call to end."""
    await desk.listening.wait()
    homes: list[str] = []
    ours: set[str] = set()
    for _ in range(calls):
        homes = homes or pace.luck.sample(cast.serials, len(cast.serials))
        await pace.wait_for_press()
        answer = await api.press(cast.gateway, homes.pop(), uuid.uuid4().hex, pace.button())
        desk.tally.hear(answer["call"], "OPENED", clock.now())  # the desk may have begun to listen just after
        ours.add(answer["call"])
    while not desk.tally.all_ended(ours):
        desk.changed.clear()
        await desk.changed.wait()


async def _until_stopped(work: Coroutine[Any, Any, None], lives: Sequence["asyncio.Future[None]"]) -> None:
    """Until the work is done or a signal comes; a life that ends before is a fault, and its fault is raised."""
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)
    for number in SIGNALS:
        loop.add_signal_handler(number, task.cancel)
    try:
        await asyncio.wait([task, *lives], return_when=asyncio.FIRST_COMPLETED)
        for life in lives:
            if life.done():
                life.result()
        with suppress(asyncio.CancelledError):
            await task
    finally:
        task.cancel()
        for number in SIGNALS:
            loop.remove_signal_handler(number)
