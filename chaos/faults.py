"""The faults, by name; each leaves the platform to itself again when it returns."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from chaos.clients import Clients
from chaos.servers import Server, Servers
from chaos.store import Store

FREEZE_SECONDS = 10.0
LOOK_FOR_TIMER_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Stage:
    """What can be broken."""

    servers: Servers
    store: Store
    clients: Clients
    chance: random.Random


async def kill_the_server_that_took_the_press(stage: Stage) -> None:
    """The next press is answered, and the server that answered is gone at once."""
    answered = len(stage.clients.acknowledged)
    while len(stage.clients.acknowledged) == answered:
        await asyncio.sleep(0)
    taker = stage.clients.last_pressed_at
    assert taker is not None
    await _die_and_return(taker)


async def kill_the_server_that_does_a_timer(stage: Stage) -> None:
    """A server dies in the middle of what was due."""
    name = await stage.store.who_holds_a_timer(LOOK_FOR_TIMER_SECONDS)
    holder = next((server for server in stage.servers.members if server.name == name), stage.servers.any())
    await _die_and_return(holder)


async def kill_the_database(stage: Stage) -> None:
    """kill -9 of the main process; the owner of the cluster starts it again."""
    await stage.store.kill()


async def restart_the_database(stage: Stage) -> None:
    """It goes in order, with a farewell on every line, and comes again."""
    await stage.store.restart()


async def freeze_the_database(stage: Stage) -> None:
    """Nothing answers for ten seconds, then all goes on."""
    await stage.store.freeze(FREEZE_SECONDS)


async def drop_sockets(stage: Stage) -> None:
    """Every second connection breaks, without a goodbye."""
    lines = list(stage.clients.lines)
    for line in stage.chance.sample(lines, (len(lines) + 1) // 2):
        line.tear()


async def _die_and_return(server: Server) -> None:
    await asyncio.to_thread(server.kill)
    server.start()
    await server.until_ready()


Fault = Callable[[Stage], Awaitable[None]]

FAULTS: Mapping[str, Fault] = {
    "server killed that took the press": kill_the_server_that_took_the_press,
    "server killed in the middle of a timer": kill_the_server_that_does_a_timer,
    "database killed": kill_the_database,
    "database restarted": restart_the_database,
    "database frozen for 10 s": freeze_the_database,
    "half of the sockets dropped": drop_sockets,
}
