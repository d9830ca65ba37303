"""What the read log costs: the server's own page of 50 homes with names and phones, with the log and without it.

    python -m bench.readlog

500 homes of one person each, a third under special care, on a private cluster that keeps what it commits. Two servers
in this process have the same database; of one the log is taken out, which only this bench can do. Each page is one
request over the whole way: token, document, cost, rights, selects, opening 100 sealed fields, JSON.
"""

import asyncio
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
from starlette.applications import Starlette

from bench.contest import Contestant, interleaved, medians, print_ratio, print_times
from fixtures import makers
from schema.context import Api
from schema.http import routes
from services import database
from services.access import Actor
from services.cluster import OWNER, Cluster
from services.database import Database
from services.models import Account, Role
from services.reading_notes import Notes
from services.readings import ReadLog

ROUNDS, PAGES_A_ROUND = 15, 10
HOMES, PAGE, TARGET = 500, 50, 1.3
QUERY = """query Page($first: Int!) { households(first: $first) {
  edges { node { id code address careCategories { code } residents { name phone } } } pageInfo { hasNextPage } } }"""


class NoLog(ReadLog):
    """Writes nothing: what a page would cost if nobody had to know who read it."""

    async def write(self, actor: Actor, operation: str, notes: Notes) -> None:
        """Forget what was read."""
        notes.take()


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="linli-bench-") as name, asyncio.Runner() as runner:
        Path(name).chmod(0o711)
        cluster = Cluster(Path(name) / "data").start()
        try:
            database.migrate(cluster.url(OWNER))
            runner.run(_contest(cluster.url()))
        finally:
            cluster.stop()


async def _contest(url: str) -> None:
    async with AsyncExitStack() as stack:
        store = Database(url)
        stack.push_async_callback(store.close)
        account = await _fill(store)
        logged = await stack.enter_async_context(_client(_api(store), account))
        bare = await stack.enter_async_context(_client(_api(store, log=False), account))
        loop = asyncio.get_running_loop()
        work = {"with the log": _asking(logged, loop), "without": _asking(bare, loop)}
        seconds = await asyncio.to_thread(interleaved, work, ROUNDS)
        pages = {name: f"{1000 * middle / PAGES_A_ROUND:.1f} ms a page" for name, middle in medians(seconds).items()}
        print_times(seconds, pages)
        middle = medians(seconds)
        print_ratio("readlog", "without", middle["with the log"] / middle["without"], TARGET, at_most=True)


def _api(store: Database, *, log: bool = True) -> Api:
    api = Api.of(store, makers.KEYRING, makers.SECRET)
    if not log:
        object.__setattr__(api, "read_log", NoLog(store, makers.KEYRING.log_key))
    return api


def _client(api: Api, account: Account) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(Starlette(routes=routes(api)))
    headers = makers.authorization(account)
    return httpx.AsyncClient(transport=transport, base_url="http://linli.bench", headers=headers)


def _asking(client: httpx.AsyncClient, loop: asyncio.AbstractEventLoop) -> Contestant:
    async def pages() -> float:
        begun = time.perf_counter()
        for _ in range(PAGES_A_ROUND):
            answer = await client.post("/graphql", json={"query": QUERY, "variables": {"first": PAGE}})
            found = answer.json()["data"]["households"]["edges"]
            assert len(found) == PAGE
            assert found[0]["node"]["residents"][0]["name"]
        return time.perf_counter() - begun

    return lambda: asyncio.run_coroutine_threadsafe(pages(), loop).result()


async def _fill(store: Database) -> Account:
    async with store.acting_as("bench").write() as session:
        community = await makers.make_community(session)
        grid = await makers.make_grid(session, community, makers.box(0, 0, 500, 1000), 1)
        alone = await makers.make_category(session)
        for number in range(HOMES):
            home = await makers.make_household(session, grid, number % 500, 500)
            person = await makers.make_resident(session, home, f"Ping {number}", f"138{number:08}")
            if number % 3 == 0:
                await makers.make_care_record(session, person, alone)
        return await makers.make_account(session, Role.MANAGER, community)


if __name__ == "__main__":
    main()
