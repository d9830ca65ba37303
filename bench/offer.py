"""From the press to the offer on the worker's socket, with 10,000 workers on duty and nothing else going on.

Two server processes; a press is sent over HTTP, and the clock stops when the socket of the worker who was chosen hears
of it. The peer does in the same run what no such system can leave out: a commit, another commit with a notification,
and the notification heard by a listener. Desk and store put everything back before the next round, and the post that
this sets off is waited for: the system is quiet when a round begins.
"""

import asyncio
import statistics
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
import psycopg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from bench.callplace import CallPlace, opened
from bench.contest import print_ratio, print_times
from bench.lines import Line, post

ROUNDS = 60
WARM_ROUNDS = 10
HOMES = 10
WORKERS = 10_000
TARGET = 3.0
PATIENCE_SECONDS = 20
QUIET_AFTER_SECONDS = 0.5
MY_OFFERS = """
subscription { myOffers { id status expiresAt etaSeconds path call { id priority household { address location } } } }
"""
CANCEL = 'mutation ($id: ID!) { cancelCall(id: $id, reason: "bench") { id } }'
BARE = "CREATE TABLE IF NOT EXISTS bench_bare (id bigserial PRIMARY KEY, body text)"


def main() -> None:
    """Measure and print."""
    with opened(terminals=HOMES, workers=WORKERS, servers=2) as place:
        place.refresh()
        seconds = asyncio.run(contest(place, ROUNDS))
    print_times(seconds)
    ratio = statistics.median(seconds["linli"]) / statistics.median(seconds["bare"])
    print_ratio("offer", "two-commits-and-a-notify", ratio, TARGET, at_most=True)


async def contest(place: CallPlace, rounds: int) -> dict[str, list[float]]:
    """Both in turn; the first rounds are not counted."""
    async with AsyncExitStack() as stack:
        offers = await stack.enter_async_context(Offers.among(place))
        bare = await stack.enter_async_context(Bare.on(place))
        seconds: dict[str, list[float]] = {"bare": [], "linli": []}
        for number in range(WARM_ROUNDS + rounds):
            times = {"bare": await bare.once(), "linli": await offers.once(number)}
            if number >= WARM_ROUNDS:
                for name, took in times.items():
                    seconds[name].append(took)
    return seconds


@dataclass
class Offers:
    """The sockets of those who are chosen for the homes of the bench, and the desk that cancels each call again."""

    place: CallPlace
    client: httpx.AsyncClient
    stack: AsyncExitStack
    lines: list[Line] = field(default_factory=list)
    heard: "asyncio.Queue[tuple[float, str]]" = field(default_factory=asyncio.Queue)
    following: set[Any] = field(default_factory=set)
    tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    @classmethod
    def among(cls, place: CallPlace) -> "Offers":
        """Not connected yet."""
        return cls(place, httpx.AsyncClient(timeout=PATIENCE_SECONDS), AsyncExitStack())

    async def __aenter__(self) -> "Offers":
        """Find out who is chosen for each home, and open their sockets."""
        self.lines = [await Line.to(site) for site in self.place.sites]
        for number in range(HOMES):
            call = await self._press(number)
            await self._follow(await self._chosen(call))
            await self._cancel(call)
        await asyncio.sleep(0.5)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close everything."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.stack.aclose()
        await self.client.aclose()
        for line in self.lines:
            line.close()

    async def once(self, number: int) -> float:
        """Press in one home; the seconds until the worker's socket tells of the offer."""
        while not self.heard.empty():
            self.heard.get_nowait()
        await self.lines[number % HOMES % len(self.lines)].stand()
        begun = time.perf_counter()
        call = await self._press(number % HOMES)
        while True:
            at, told = await asyncio.wait_for(self.heard.get(), PATIENCE_SECONDS)
            if told == call:
                break
        await self._cancel(call)
        return at - begun

    async def _press(self, number: int) -> str:
        line = self.lines[number % len(self.lines)]
        request = post("/terminals/press", orjson.dumps(self.place.press(self.place.serials[number])))
        return str(orjson.loads(await line.answered(request))["call"])

    async def _cancel(self, call: str) -> None:
        asked = {"query": CANCEL, "variables": {"id": call}}
        headers = {"Authorization": f"Bearer {self.place.desk}"}
        answer = await self.client.post(f"{self.place.sites[0]}/graphql", json=asked, headers=headers)
        assert "errors" not in answer.json(), answer.text
        await asyncio.sleep(QUIET_AFTER_SECONDS)

    async def _chosen(self, call: str) -> Any:
        until = time.monotonic() + PATIENCE_SECONDS
        with self.place.connect() as connection:
            while time.monotonic() < until:
                row = connection.execute("SELECT worker_id FROM offers WHERE call_id = %s", (call,)).fetchone()
                if row is not None:
                    return row[0]
                await asyncio.sleep(0.05)
        raise RuntimeError("nobody was chosen")

    async def _follow(self, worker_id: Any) -> None:
        if worker_id in self.following:
            return
        self.following.add(worker_id)
        site = self.place.sites[len(self.following) % len(self.place.sites)]
        address = site.replace("http", "ws", 1) + "/graphql"
        line = await self.stack.enter_async_context(
            connect(address, subprotocols=[Subprotocol("graphql-transport-ws")])
        )
        token = {"Authorization": f"Bearer {self.place.token(worker_id)}"}
        await line.send(orjson.dumps({"type": "connection_init", "payload": token}).decode())
        await line.send(orjson.dumps({"id": "1", "type": "subscribe", "payload": {"query": MY_OFFERS}}).decode())
        self.tasks.append(asyncio.create_task(self._listen(line)))

    async def _listen(self, line: ClientConnection) -> None:
        async for text in line:
            at, message = time.perf_counter(), orjson.loads(text)
            if message["type"] == "next" and message["payload"]["data"]["myOffers"]["status"] == "OFFERED":
                self.heard.put_nowait((at, message["payload"]["data"]["myOffers"]["call"]["id"]))


@dataclass
class Bare:
    """A commit, a commit with a notification, and the listener that hears it, all prepared before."""

    writer: psycopg.AsyncConnection[Any]
    listener: psycopg.AsyncConnection[Any]

    @classmethod
    def on(cls, place: CallPlace) -> "_Opening":
        """In the database of the place."""
        return _Opening(place)

    async def once(self) -> float:
        """The seconds until it is heard."""
        begun = time.perf_counter()
        await self.writer.execute("INSERT INTO bench_bare (body) VALUES ('a press and its call')")
        await self.writer.execute("WITH told AS (INSERT INTO bench_bare (body) VALUES ('an offer') RETURNING id)"
                                  " SELECT pg_notify('bench', id::text) FROM told")  # fmt: skip
        async for _ in self.listener.notifies(stop_after=1):
            return time.perf_counter() - begun
        raise AssertionError


@dataclass
class _Opening:
    place: CallPlace
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def __aenter__(self) -> Bare:
        lines = [
            await self.stack.enter_async_context(
                await psycopg.AsyncConnection.connect(self.place.admin_url, autocommit=True)
            )
            for _ in range(2)
        ]
        await lines[0].execute(BARE)
        await lines[1].execute("LISTEN bench")
        return Bare(*lines)

    async def __aexit__(self, *_: object) -> None:
        await self.stack.aclose()


if __name__ == "__main__":
    main()
