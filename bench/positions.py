"""Position reports a second while calls run: phones on sockets of two server processes, each report answered.

Every phone keeps one connection and has one report under way at a time, as a real one does; there are many phones. Then
the time from press to offer is measured as in `bench.offer`, without and with the reports, in turn.
"""

import asyncio
import multiprocessing
import statistics
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from bench import offer
from bench.callplace import CallPlace, opened
from bench.contest import print_ratio

PHONES = 200
SECONDS = 10.0
ROUNDS = 3
OFFERS_A_ROUND = 10
WORKERS = 10_000
TARGET, MOST_SLOWER = 2000.0, 2.0
REPORT = "mutation Report($input: PositionInput!) { reportPosition(input: $input) { id status } }"
PHONES_OF = "SELECT id, ST_X(post), ST_Y(post) FROM workers ORDER BY md5(code || 'phone') LIMIT %s"


def main() -> None:
    """Measure and print."""
    with opened(terminals=offer.HOMES, workers=WORKERS, servers=2) as place:
        place.refresh()
        quiet, loaded, rates = asyncio.run(_rounds(place))
    rate, slower = statistics.median(rates), statistics.median(loaded) / statistics.median(quiet)
    print(f"{rate:,.0f} reports/s; press to offer {statistics.median(quiet) * 1000:.1f} ms quiet, "
          f"{statistics.median(loaded) * 1000:.1f} ms with the reports")  # fmt: skip
    print_ratio("positions", "2000-a-second", rate / TARGET, 1.0)
    print_ratio("positions", "quiet-offer", slower, MOST_SLOWER, at_most=True)


async def _rounds(place: CallPlace) -> tuple[list[float], list[float], list[float]]:
    quiet: list[float] = []
    loaded: list[float] = []
    rates: list[float] = []
    async with AsyncExitStack() as stack:
        offers = await stack.enter_async_context(offer.Offers.among(place))
        for number in range(offer.WARM_ROUNDS):
            await offers.once(number)
        for _ in range(ROUNDS):
            quiet += [await offers.once(number) for number in range(OFFERS_A_ROUND)]
            with _Crowd(place) as crowd:
                await crowd.under_way()
                loaded += [await offers.once(number) for number in range(OFFERS_A_ROUND)]
                rates.append(await crowd.rate())
    return quiet, loaded, rates


class _Crowd:
    """The phones, in a process of their own so that they do not slow down the one that measures offers."""

    def __init__(self, place: CallPlace) -> None:
        self._ours, theirs = multiprocessing.get_context("spawn").Pipe()
        with place.connect() as connection:
            rows = connection.execute(PHONES_OF, (PHONES,)).fetchall()
        phones = [(place.token(worker), longitude, latitude) for worker, longitude, latitude in rows]
        arguments = (theirs, place.sites, phones)
        self._process = multiprocessing.get_context("spawn").Process(target=_phones, args=arguments, daemon=True)

    def __enter__(self) -> "_Crowd":
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.join(30)

    async def under_way(self) -> None:
        """Until all are connected and report."""
        await asyncio.to_thread(self._ours.recv)

    async def rate(self) -> float:
        """Let them report for a while without calls in between as well; the reports a second of the whole time."""
        found: float = await asyncio.to_thread(self._ours.recv)
        return found


def _phones(pipe: Connection, sites: list[str], phones: list[tuple[str, float, float]]) -> None:
    asyncio.run(_report_all(pipe, sites, phones))


async def _report_all(pipe: Connection, sites: list[str], phones: list[tuple[str, float, float]]) -> None:
    async with AsyncExitStack() as stack:
        lines = [await _line(stack, sites[n % len(sites)], phone[0]) for n, phone in enumerate(phones)]
        pipe.send("under way")
        begun = time.perf_counter()
        until = begun + SECONDS
        pairs = zip(lines, phones, strict=True)
        counts = await asyncio.gather(*(_report(line, *phone[1:], until) for line, phone in pairs))
        pipe.send(sum(counts) / (time.perf_counter() - begun))


async def _line(stack: AsyncExitStack, site: str, token: str) -> ClientConnection:
    address = site.replace("http", "ws", 1) + "/graphql"
    line = await stack.enter_async_context(
        connect(address, subprotocols=[Subprotocol("graphql-transport-ws")], compression=None)
    )
    signed = {"Authorization": f"Bearer {token}"}
    await line.send(orjson.dumps({"type": "connection_init", "payload": signed}).decode())
    await line.recv()
    return line


async def _report(line: ClientConnection, longitude: float, latitude: float, until: float) -> int:
    """One report after the other, each answered before the next; how many."""
    count = 0
    while time.perf_counter() < until:
        point = {"longitude": longitude + count % 10 * 1e-5, "latitude": latitude}
        fix = {"point": point, "fixedAt": datetime.now(UTC).isoformat(), "accuracyMeters": 8}
        asked: dict[str, Any] = {"query": REPORT, "variables": {"input": fix}}
        await line.send(orjson.dumps({"id": str(count), "type": "subscribe", "payload": asked}).decode())
        while (answer := orjson.loads(await line.recv()))["type"] != "complete":
            assert answer["type"] in ("next", "ping"), answer
            assert "errors" not in answer.get("payload", {}), answer
        count += 1
    return count


if __name__ == "__main__":
    main()
