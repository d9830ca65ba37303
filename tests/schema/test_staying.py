"""Open sockets and streams end with the sign-in, on whichever server they are."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio
import sqlalchemy as sa
from httpx_ws import AsyncWebSocketSession, WebSocketDisconnect, aconnect_ws
from httpx_ws.transport import ASGIWebSocketTransport

from fixtures.makers import SECRET
from schema import staying
from services import accounts, actors, events, tokens
from tests.conftest import StandingClock
from tests.schema.asking import Asking, asking
from tests.schema.entering import CHANGE, NEW_PASSWORD, PASSWORD, REFRESH, SIGN_OUT, WHO, House, entering
from tests.schema.following import PATIENCE_SECONDS, PROTOCOL
from tests.schema.oddities import odd_schema
from tests.schema.test_sign_in import quick_hashing

SILENCE = "subscription { silence }"


@dataclass
class Two:
    """One server where people sign in and out, and another where they have something open."""

    house: House
    other: Asking

    @asynccontextmanager
    async def socket(self, token: str) -> AsyncIterator[AsyncWebSocketSession]:
        """A socket at the other server, acknowledged, with a silent subscription on it."""
        async with (
            httpx.AsyncClient(transport=ASGIWebSocketTransport(self.other.app)) as client,
            aconnect_ws("http://linli.test/graphql", client, subprotocols=[PROTOCOL]) as found,
        ):
            await found.send_json({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}})
            assert await heard(found) == {"type": "connection_ack"}
            await found.send_json({"id": "s", "type": "subscribe", "payload": {"query": SILENCE}})
            yield found


@pytest_asyncio.fixture
async def two(
    fresh_database_url: str, standing_clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Two]:
    """Both listen for wake-ups, and neither looks by itself for an hour: what ends here ends by being told."""
    quick_hashing(monkeypatch)
    monkeypatch.setattr(staying, "LOOK_SECONDS", 3600.0)
    async with entering(fresh_database_url) as house, asking(fresh_database_url, odd_schema()) as other:
        listening = asyncio.create_task(other.api.wakeups.run())
        yield Two(house, other)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def heard(found: AsyncWebSocketSession) -> Any:
    """The next message."""
    return json.loads(await asyncio.wait_for(found.receive_text(), PATIENCE_SECONDS))


async def closed(found: AsyncWebSocketSession) -> int:
    """The code by which the server ends the connection, after whatever it still says."""
    while True:
        try:
            await heard(found)
        except WebSocketDisconnect as ended:
            return ended.code


async def is_open(found: AsyncWebSocketSession) -> bool:
    """Whether the server still answers here."""
    await found.send_json({"type": "ping"})
    return bool(await heard(found) == {"type": "pong"})


async def listens(two: Two) -> None:
    """Wait until the other server hears what is told: whoever is not connected yet is told in vain."""
    with two.other.api.wakeups.bell(events.ACCOUNTS, "the test") as bell:
        while not await bell.wait(0.05):
            async with two.house.ask.database.write() as session:
                await session.execute(sa.select(sa.func.pg_notify(events.ACCOUNTS, "the test")))


async def test_signing_out_closes_the_sockets_of_this_sign_in_only(two: Two) -> None:
    """Told by the database, at another server: 4403; a second sign-in of the same account stays."""
    await listens(two)
    here, there = await two.house.sign_in(), await two.house.sign_in()
    async with two.socket(here["accessToken"]) as one, two.socket(there["accessToken"]) as stays:
        await two.house.data(SIGN_OUT, token=here["accessToken"])
        assert await closed(one) == 4403
        assert await is_open(stays)


async def test_closing_an_account_closes_all_that_it_has_open(two: Two) -> None:
    """A socket by signing in, one by a printed token, and a stream of server-sent events."""
    await listens(two)
    token = (await two.house.sign_in())["accessToken"]
    printed = tokens.issue(two.house.dispatcher.id, SECRET)
    async with two.socket(token) as one, two.socket(printed) as other:
        streaming = asyncio.create_task(stream(two.other, token))
        while len(two.other.api.wakeups._bells[events.ACCOUNTS, str(two.house.dispatcher.id)]) < 3:
            await asyncio.sleep(0.01)
        async with two.house.ask.api.platform("test").write() as session:
            chief = await actors.actor_of(session, two.house.manager.id)
            await accounts.close(session, chief, two.house.dispatcher.id)
        assert (await closed(one), await closed(other)) == (4403, 4403)
        said = await asyncio.wait_for(streaming, PATIENCE_SECONDS)
        assert '"code":"NOT_SIGNED_IN"' in said
        assert said.endswith("event: complete\ndata:\n\n")


async def test_changing_the_password_and_a_stolen_refresh_token_close_sockets_too(two: Two) -> None:
    await listens(two)
    thief, owner = await two.house.sign_in(), await two.house.sign_in()
    async with two.socket(thief["accessToken"]) as one:
        wanted = {"input": {"current": PASSWORD, "password": NEW_PASSWORD}}
        renewed = await two.house.data(CHANGE, wanted, owner["accessToken"])
        assert await closed(one) == 4403
    async with two.socket(renewed["accessToken"]) as one:
        await two.house.data(REFRESH, {"token": renewed["refreshToken"]})
        assert await two.house.code(REFRESH, {"token": renewed["refreshToken"]}) == "REFRESH_REFUSED"
        assert await closed(one) == 4403


async def test_a_wake_up_that_is_lost_costs_some_seconds_only(
    two: Two, standing_clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each server looks by itself: here every 20 ms, once what it remembers is five seconds old."""
    monkeypatch.setattr(staying, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(two.other.api.wakeups, "ring", lambda *_: None)
    found = await two.house.sign_in()
    async with two.socket(found["accessToken"]) as one:
        assert await is_open(one)
        await two.house.data(SIGN_OUT, token=found["accessToken"])
        standing_clock.forward(seconds=5)
        assert await closed(one) == 4403


async def test_a_socket_ends_with_its_token_unless_a_ping_brings_the_next(
    two: Two, standing_clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 15 minutes one closes; the other was renewed at 10 minutes. A token of somebody else closes it at once."""
    monkeypatch.setattr(staying, "LOOK_SECONDS", 0.02)
    left, kept = await two.house.sign_in(), await two.house.sign_in()
    async with two.socket(left["accessToken"]) as one, two.socket(kept["accessToken"]) as renewed:
        standing_clock.forward(minutes=10)
        fresh = (await two.house.data(REFRESH, {"token": kept["refreshToken"]}))["accessToken"]
        await renewed.send_json({"type": "ping", "payload": {"Authorization": f"Bearer {fresh}"}})
        assert await heard(renewed) == {"type": "pong"}
        standing_clock.forward(minutes=5)
        assert await closed(one) == 4403
        assert await is_open(renewed)
        chief = (await two.house.sign_in("chief"))["accessToken"]
        await renewed.send_json({"type": "ping", "payload": {"authorization": f"Bearer {chief}"}})
        assert await closed(renewed) == 4403


async def test_a_token_of_a_sign_in_that_ended_opens_nothing(two: Two) -> None:
    """Neither a socket nor a request, at a server that never saw it before."""
    found = await two.house.sign_in()
    await two.house.data(SIGN_OUT, token=found["accessToken"])
    header = {"Authorization": f"Bearer {found['accessToken']}"}
    assert (await two.other.http.post("/graphql", json={"query": WHO}, headers=header)).status_code == 401
    async with (
        httpx.AsyncClient(transport=ASGIWebSocketTransport(two.other.app)) as client,
        aconnect_ws("http://linli.test/graphql", client, subprotocols=[PROTOCOL]) as refused,
    ):
        await refused.send_json({"type": "connection_init", "payload": header})
        assert await closed(refused) == 4403


async def stream(server: Asking, token: str) -> str:
    """All that a silent stream of server-sent events says."""
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
    response = await server.http.post("/graphql", json={"query": SILENCE}, headers=headers)
    return response.text
