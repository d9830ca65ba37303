"""The story of a run: a town, servers, clients; faults one after another; after each the truth is looked at."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from chaos import faults, town
from chaos.clients import Clients
from chaos.faults import FAULTS, Stage
from chaos.servers import Server, Servers
from chaos.store import Store
from chaos.tally import LATEST_OFFER_SECONDS, Tally
from chaos.town import Town
from chaos.truth import Struck, Truth
from services import clock, database
from services.cluster import OWNER, Cluster
from services.database import Database

SETTLE_SECONDS = 2.0
CATCH_UP_SECONDS = 60.0
OVERLAP = timedelta(seconds=30)


@dataclass(slots=True)
class Scene:
    """Everything of one run."""

    stage: Stage
    town: Town
    tally: Tally
    truth: Truth
    looked_at: datetime
    struck: list[Struck] = field(default_factory=list)


@asynccontextmanager
async def scene(
    data: Path, seed: int = 1, count: int = 3, durable: bool = True, latest_seconds: float = LATEST_OFFER_SECONDS
) -> AsyncIterator[Scene]:
    """A private cluster in `data` with the small town, `count` servers, and clients that act until the block ends.

    A call may wait `latest_seconds` for its next step while the store is there; more counts as lost.
    """
    cluster = await asyncio.to_thread(Cluster(data, durable=durable).start)
    cluster.watch()
    try:
        await asyncio.to_thread(database.migrate, cluster.url(OWNER))
        own, chance = Database(cluster.url(), 3).acting_as("chaos"), random.Random(seed)
        tally = Tally(latest_allowed_seconds=latest_seconds)
        servers = Servers([Server(n, cluster.url(), data, town.secret()) for n in range(1, count + 1)], chance)
        try:
            stored = await town.make(own)
            await _started(servers)
            clients = Clients(stored, servers, tally, chance)
            made = Scene(Stage(servers, Store(cluster), clients, chance), stored, tally, Truth(own, tally), clock.now())
            async with _acting(made):
                yield made
        finally:
            await servers.close()
            await own.close()
    finally:
        await asyncio.to_thread(cluster.stop)


async def strike(scene: Scene, name: str) -> None:
    """One fault, then a little time, then the truth."""
    begun = clock.now()
    await FAULTS[name](scene.stage)
    scene.tally.faults[name] += 1
    await asyncio.sleep(SETTLE_SECONDS)
    scene.struck.append(Struck(name, begun, clock.now()))
    await look(scene)


async def look(scene: Scene) -> None:
    """Check what must hold now, of what has happened since the last look."""
    now = clock.now()
    acknowledged, outages = list(scene.stage.clients.acknowledged), scene.stage.store.outages
    await scene.truth.check(acknowledged, outages, scene.looked_at, scene.struck)
    scene.looked_at = now - OVERLAP


async def mix(
    scene: Scene, seconds: float, tell: Callable[[str], None] = lambda _: None, once_each: bool = True
) -> None:
    """Each fault once in any order (unless told otherwise), then any by chance until the time is over."""
    until = time.monotonic() + seconds
    waiting = scene.stage.chance.sample(sorted(FAULTS), len(FAULTS)) if once_each else []
    while waiting or time.monotonic() < until:
        name = waiting.pop() if waiting else scene.stage.chance.choice(sorted(FAULTS))
        tell(name)
        await strike(scene, name)
        await asyncio.sleep(scene.stage.chance.uniform(0, 2))


@asynccontextmanager
async def _acting(scene: Scene) -> AsyncIterator[None]:
    """Clients act while the block runs; at its end all presses are answered, all events seen, and all is checked."""
    clients = scene.stage.clients
    endless = [asyncio.ensure_future(client) for client in clients.all()]
    pressing = [asyncio.ensure_future(client) for client in clients.pressing()]
    try:
        yield
        clients.calm()
        await asyncio.wait_for(asyncio.gather(*pressing), CATCH_UP_SECONDS)
        await _caught_up(scene)
        await look(scene)
    finally:
        for task in (*endless, *pressing):
            task.cancel()
        await asyncio.gather(*endless, *pressing, return_exceptions=True)
    _refuse_broken_clients(endless)
    await scene.truth.every_state_is_its_timeline()


async def _caught_up(scene: Scene) -> None:
    """Every watcher sees the last event in the end."""
    until = time.monotonic() + CATCH_UP_SECONDS
    last = await scene.truth.last_sequence(scene.town.community_id)
    while any(seen < last for seen in scene.stage.clients.seen) and time.monotonic() < until:
        await asyncio.sleep(0.2)
    for number, seen in enumerate(scene.stage.clients.seen):
        if seen < last:
            scene.tally.lost(f"watcher {number} has seen {seen} of {last} events")


def _refuse_broken_clients(tasks: Sequence["asyncio.Future[None]"]) -> None:
    """A client that ended early has tested nothing."""
    for task in tasks:
        if not task.cancelled() and (problem := task.exception()) is not None:
            raise problem


async def _started(servers: Servers) -> None:
    for server in servers.members:
        server.start()
    await asyncio.gather(*(server.until_ready() for server in servers.members))


__all__ = ["FAULTS", "Scene", "faults", "look", "mix", "scene", "strike"]
