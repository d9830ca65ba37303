"""Position reports a second while calls run: phones on sockets of two server processes, each report answered.

Every phone keeps one connection and has one report under way at a time, as a real one does; there are many phones. They
report by the clock, `OFFERED` a second in all; what the servers do not get done in time is not counted. Then the time
from press to offer is measured as in `bench.offer`, without and with the reports, in turn. At last the phones report as
fast as they are answered, with no call beside: that is told, and no part of the line.
"""

import asyncio
import multiprocessing
import statistics
from contextlib import AsyncExitStack
from multiprocessing.connection import Connection

import uvloop

from bench import offer
from bench.callplace import CallPlace, opened
from bench.contest import print_ratio
from bench.phones import Bearer, Phone, reports

PHONES = 200
SECONDS = 10.0
ROUNDS = 3
OFFERS_A_ROUND = 10
WORKERS = 10_000
OFFERED = 2100.0
TARGET, MOST_SLOWER = 2000.0, 2.0
PHONES_OF = "SELECT id, ST_X(post), ST_Y(post) FROM workers ORDER BY md5(code || 'phone') LIMIT %s"


def main() -> None:
    """Measure and print."""
    with opened(terminals=offer.HOMES, workers=WORKERS, servers=2) as place:
        place.refresh()
        quiet, loaded, rates = asyncio.run(_rounds(place))
        most = asyncio.run(_as_fast_as_answered(place))
    rate, slower = statistics.median(rates), statistics.median(loaded) / statistics.median(quiet)
    print(f"{rate:,.0f} reports/s; press to offer {statistics.median(quiet) * 1000:.1f} ms quiet, "
          f"{statistics.median(loaded) * 1000:.1f} ms with the reports; {most:,.0f} reports/s alone")  # fmt: skip
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
            with _Crowd(place, PHONES / OFFERED) as crowd:
                await crowd.under_way()
                loaded += [await offers.once(number) for number in range(OFFERS_A_ROUND)]
                rates.append(await crowd.rate())
    return quiet, loaded, rates


async def _as_fast_as_answered(place: CallPlace) -> float:
    with _Crowd(place, 0.0) as crowd:
        await crowd.under_way()
        return await crowd.rate()


class _Crowd:
    """The phones, in a process of their own so that they do not slow down the one that measures offers."""

    def __init__(self, place: CallPlace, every_seconds: float) -> None:
        self._ours, theirs = multiprocessing.get_context("spawn").Pipe()
        with place.connect() as connection:
            rows = connection.execute(PHONES_OF, (PHONES,)).fetchall()
        bearers = [Bearer(place.token(worker), longitude, latitude) for worker, longitude, latitude in rows]
        arguments = (theirs, place.sites, bearers, every_seconds)
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


def _phones(pipe: Connection, sites: list[str], bearers: list[Bearer], every_seconds: float) -> None:
    uvloop.run(_report_all(pipe, sites, bearers, every_seconds))


async def _report_all(pipe: Connection, sites: list[str], bearers: list[Bearer], every_seconds: float) -> None:
    phones = [await Phone.on(sites[n % len(sites)], bearer, every_seconds) for n, bearer in enumerate(bearers)]
    pipe.send("under way")
    pipe.send(await reports(phones, SECONDS, every_seconds))
    for phone in phones:
        phone.close()


if __name__ == "__main__":
    main()
